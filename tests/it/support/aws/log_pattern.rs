//! Filter patterns: `{ $.a.b = "x*" && ... }` over JSON, and plain terms.
//!
//! From "Filter pattern syntax for metric filters, subscription filters and filter log events".

use serde_json::Value;

use super::log_language::{Token, compare, member, text_of, tokens};

#[derive(Debug)]
pub enum Pattern {
    Everything,
    Terms(Vec<String>),
    Json(Test),
}

#[derive(Debug)]
pub enum Test {
    All(Vec<Test>),
    Any(Vec<Test>),
    Compared(String, &'static str, String),
    Null(String),
    Missing(String),
}

struct Parser {
    tokens: std::vec::IntoIter<Token>,
    ahead: Option<Token>,
}

impl Pattern {
    /// Reads a pattern; none where it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() {
            return Some(Self::Everything);
        }
        if let Some(inner) = text.strip_prefix('{') {
            let mut tokens = tokens(inner.strip_suffix('}')?)?.into_iter();
            let ahead = tokens.next();
            let mut parser = Parser { tokens, ahead };
            let test = parser.any()?;
            return parser.ahead.is_none().then_some(Self::Json(test));
        }
        let term = |token| match token {
            Token::Word(word) if !word.starts_with(['-', '?', '%', '[']) => Some(word),
            Token::Text(text) => Some(text),
            _ => None,
        };
        tokens(text)?.into_iter().map(term).collect::<Option<_>>().map(Self::Terms)
    }

    pub fn matches(&self, event: &Value, text: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Terms(terms) => terms.iter().all(|term| text.contains(term)),
            Self::Json(test) => test.holds(event),
        }
    }
}

impl Test {
    fn holds(&self, event: &Value) -> bool {
        match self {
            Self::All(tests) => tests.iter().all(|test| test.holds(event)),
            Self::Any(tests) => tests.iter().any(|test| test.holds(event)),
            Self::Null(path) => member(event, path).is_some_and(Value::is_null),
            Self::Missing(path) => member(event, path).is_none(),
            Self::Compared(path, sign, wanted) => {
                let Some(found) = member(event, path).filter(|found| !found.is_null()) else { return false };
                let found = text_of(found);
                match *sign {
                    "=" | "!=" if wanted.contains('*') => glob(wanted, &found) == (*sign == "="),
                    sign => compare(sign, &found, wanted).unwrap_or(false),
                }
            }
        }
    }
}

/// Whether a text is a pattern with `*`, over everything that it may hold.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

impl Parser {
    fn next(&mut self) -> Option<Token> {
        std::mem::replace(&mut self.ahead, self.tokens.next())
    }

    fn takes(&mut self, token: &Token) -> bool {
        let is_it = self.ahead.as_ref() == Some(token);
        if is_it {
            self.next();
        }
        is_it
    }

    fn any(&mut self) -> Option<Test> {
        let mut tests = vec![self.all()?];
        while self.takes(&Token::Sign("||")) {
            tests.push(self.all()?);
        }
        Some(Test::Any(tests))
    }

    fn all(&mut self) -> Option<Test> {
        let mut tests = vec![self.one()?];
        while self.takes(&Token::Sign("&&")) {
            tests.push(self.one()?);
        }
        Some(Test::All(tests))
    }

    fn one(&mut self) -> Option<Test> {
        if self.takes(&Token::Sign("(")) {
            let inner = self.any()?;
            return self.takes(&Token::Sign(")")).then_some(inner);
        }
        let Token::Word(selector) = self.next()? else { return None };
        let path = selector.strip_prefix("$.")?.to_owned();
        let sign = match self.next()? {
            Token::Sign(sign) => sign,
            Token::Word(word) if word == "IS" => {
                return self.takes(&Token::Word("NULL".to_owned())).then_some(Test::Null(path));
            }
            Token::Word(word) if word == "NOT" => {
                return self.takes(&Token::Word("EXISTS".to_owned())).then_some(Test::Missing(path));
            }
            _ => return None,
        };
        match self.next()? {
            Token::Word(value) | Token::Text(value) => {
                compare(sign, "", "").map(|_| Test::Compared(path, sign, value))
            }
            Token::Sign(_) | Token::Expression(_) => None,
        }
    }
}
