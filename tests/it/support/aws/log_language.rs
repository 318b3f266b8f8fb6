//! What filter patterns and queries of `CloudWatch` Logs have in common: tokens, and members of a JSON event.

use serde_json::Value;

/// One piece of a pattern or a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    Word(String),
    /// In quotes.
    Text(String),
    /// Between slashes.
    Expression(String),
    Sign(&'static str),
}

const SIGNS: &[&str] = &["&&", "||", "!=", "<=", ">=", "=", "<", ">", "(", ")", "[", "]", ",", "|"];

fn sign(text: &str) -> Option<&'static str> {
    SIGNS.iter().find(|sign| text.starts_with(**sign)).copied()
}

/// Splits a text; none where it can't be.
pub fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '"' | '\'' => {
                let end = rest[1..].find(first)?;
                (Token::Text(rest[1..=end].to_owned()), end + 2)
            }
            '/' => {
                let end = rest[1..].find('/')?;
                (Token::Expression(rest[1..=end].to_owned()), end + 2)
            }
            _ if sign(rest).is_some() => sign(rest).map(|sign| (Token::Sign(sign), sign.len()))?,
            _ => {
                let ends = |c: char| c.is_whitespace() || "\"'&|!<>=()[],".contains(c);
                let length = rest.find(ends).unwrap_or(rest.len());
                (Token::Word(rest[..length].to_owned()), length)
            }
        };
        if length == 0 {
            return None;
        }
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Some(tokens)
}

/// A member of an event by its path, such as `userIdentity.sessionContext.sessionIssuer.arn`.
pub fn member<'v>(event: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(event, |at, name| at.get(name))
}

/// A value as it is compared and shown.
pub fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// How two values compare: as numbers, where both are.
pub fn compare(sign: &str, one: &str, other: &str) -> Option<bool> {
    let numbers = (one.parse::<f64>(), other.parse::<f64>());
    let order = match numbers {
        (Ok(one), Ok(other)) => one.partial_cmp(&other)?,
        _ => one.cmp(other),
    };
    Some(match sign {
        "=" => order.is_eq(),
        "!=" => order.is_ne(),
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">" => order.is_gt(),
        ">=" => order.is_ge(),
        _ => return None,
    })
}
