//! Wildcard patterns as IAM understands them: matching, containment and overlap.
//!
//! A wildcard has a *reach*: in the first five components of an ARN it stays inside its component, but that in a
//! `Resource` a `*` which ends a component may run on over the colons behind it. Containment is sound, never
//! complete: `covers` answers true only where every text of the one is a text of the other.

use std::borrow::Cow;

/// How far a wildcard may stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Reach {
    /// Over anything.
    Anything,
    /// Over anything but a colon.
    Component,
}

impl Reach {
    fn admits(self, c: char) -> bool {
        self == Self::Anything || c != ':'
    }

    fn includes(self, other: Self) -> bool {
        self == Self::Anything || other == Self::Component
    }
}

/// A policy variable: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Variable {
    /// The condition key, in lower case.
    pub key: Box<str>,
    /// What stands in when the request lacks the key.
    pub default: Option<Box<str>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Token {
    Char(char),
    One(Reach),
    Many(Reach),
    Var(Variable),
}

/// Where a pattern stands, which decides the reach of its wildcards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// An action, `StringLike`, a role path: wildcards stretch over anything.
    Plain,
    /// The `Resource` or `NotResource` element.
    Resource,
    /// A value of `ArnLike` or `ArnEquals`: each of the six components is matched by itself.
    ArnLike,
    /// A value of `StringEquals` and the like: no wildcards, but policy variables.
    Exact,
}

/// The pattern as version 2012-10-17 writes it when `${` means those two characters.
pub fn without_variables(pattern: &str) -> String {
    pattern.replace("${", "${$}{")
}

/// Whether `${...}` is read as a policy variable; version 2008-10-17 takes it literally.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variables {
    /// Read them.
    Substituted,
    /// Leave them as text.
    Literal,
}

/// A token, lent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Symbol<'t> {
    Char(char),
    One(Reach),
    Many(Reach),
    Var(&'t Variable),
}

impl Token {
    fn symbol(&self) -> Symbol<'_> {
        match self {
            Self::Char(c) => Symbol::Char(*c),
            Self::One(reach) => Symbol::One(*reach),
            Self::Many(reach) => Symbol::Many(*reach),
            Self::Var(variable) => Symbol::Var(variable),
        }
    }
}

/// A pattern, ready to be matched.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// The text before the first wildcard or variable, which rules out most candidates at once.
    prefix: Box<str>,
    /// From the first wildcard or variable on.
    rest: Box<[Token]>,
    shape: Shape,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Shape {
    /// No wildcard: equal to the prefix.
    Exact,
    /// The prefix, then anything.
    Prefix,
    /// Wildcards that reach over anything: one way back is enough.
    Greedy,
    /// Anything else.
    General,
}

impl Pattern {
    /// Reads a pattern for where it stands.
    pub fn parse(text: &str, setting: Setting, variables: Variables) -> Self {
        let mut draft = Draft::default();
        tokenize(text, setting, variables, |token| draft.push(token));
        draft.finish()
    }

    /// An action pattern: compared in lower case, without variables.
    pub fn action(text: &str) -> Self {
        Self::parse(&text.to_ascii_lowercase(), Setting::Plain, Variables::Literal)
    }

    /// A `Resource` pattern of a version 2012-10-17 policy.
    pub fn resource(text: &str) -> Self {
        Self::parse(text, Setting::Resource, Variables::Substituted)
    }

    /// A pattern that matches `text` alone, whatever wildcards it seems to hold.
    pub fn literal(text: &str) -> Self {
        Draft { prefix: text.to_owned(), rest: Vec::new() }.finish()
    }

    /// Whether the pattern is one text only: no wildcard and no variable.
    pub fn is_literal(&self) -> bool {
        self.shape == Shape::Exact
    }

    /// Whether the pattern matches every text.
    pub fn is_everything(&self) -> bool {
        self.shape == Shape::Prefix && self.prefix.is_empty()
    }

    /// The text before the first wildcard or variable.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The policy variables that the pattern needs.
    pub fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.rest
            .iter()
            .filter_map(|token| if let Token::Var(variable) = token { Some(variable) } else { None })
    }

    /// The pattern with its variables replaced by literal text, or `None` where one has no value.
    pub fn resolve<'v>(
        &self,
        mut value: impl FnMut(&Variable) -> Option<Cow<'v, str>>,
    ) -> Option<Cow<'_, Self>> {
        if self.variables().next().is_none() {
            return Some(Cow::Borrowed(self));
        }
        let mut draft = Draft { prefix: self.prefix.to_string(), rest: Vec::with_capacity(self.rest.len()) };
        for token in &self.rest {
            match token {
                Token::Var(variable) => value(variable)?.chars().for_each(|c| draft.push(Token::Char(c))),
                other => draft.push(other.clone()),
            }
        }
        Some(Cow::Owned(draft.finish()))
    }

    /// One text of the pattern: `star` for each `*`, `x` for each `?`, and what `value` says for each variable.
    pub fn example(&self, star: &str, mut value: impl FnMut(&Variable) -> String) -> String {
        let mut text = self.prefix.to_string();
        for token in &self.rest {
            match token {
                Token::Char(c) => text.push(*c),
                Token::One(_) => text.push('x'),
                Token::Many(_) => text.push_str(star),
                Token::Var(variable) => text.push_str(&value(variable)),
            }
        }
        text
    }

    /// Whether the pattern matches the whole of `text`. An unresolved variable matches nothing.
    pub fn matches(&self, text: &str) -> bool {
        let Some(rest) = text.strip_prefix(&*self.prefix) else { return false };
        match self.shape {
            Shape::Exact => rest.is_empty(),
            Shape::Prefix => true,
            Shape::Greedy => greedy(&self.rest, rest),
            Shape::General => general(&self.rest, rest),
        }
    }

    /// Whether every text that `other` can match is matched by this pattern too. The same variable on both sides
    /// stands for the same text.
    pub fn covers(&self, other: &Self) -> bool {
        let Some(beyond) = other.prefix.strip_prefix(&*self.prefix) else { return false };
        match self.shape {
            Shape::Prefix => return true,
            Shape::Exact => return beyond.is_empty() && other.is_literal(),
            Shape::Greedy | Shape::General if other.is_literal() => return self.matches(&other.prefix),
            Shape::Greedy | Shape::General => {}
        }
        if self == other {
            return true;
        }
        let mut row = vec![false; self.rest.len() + 1];
        let mut next = row.clone();
        row[0] = true;
        skip_many(&self.rest, &mut row);
        for symbol in beyond.chars().map(Symbol::Char).chain(other.rest.iter().map(Token::symbol)) {
            next.fill(false);
            for (at, token) in self.rest.iter().enumerate() {
                if row[at] && absorbs(token.symbol(), symbol) {
                    next[if matches!(token, Token::Many(_)) { at } else { at + 1 }] = true;
                }
            }
            skip_many(&self.rest, &mut next);
            std::mem::swap(&mut row, &mut next);
        }
        row[self.rest.len()]
    }

    /// Whether some text can be matched by both. A variable may stand for any text, so a yes can be too many,
    /// a no is certain.
    pub fn overlaps(&self, other: &Self) -> bool {
        let (shorter, longer) =
            if self.prefix.len() <= other.prefix.len() { (self, other) } else { (other, self) };
        let Some(beyond) = longer.prefix.strip_prefix(&*shorter.prefix) else { return false };
        if shorter.shape == Shape::Prefix {
            return true;
        }
        let theirs: Vec<Symbol<'_>> =
            beyond.chars().map(Symbol::Char).chain(longer.rest.iter().map(Token::symbol)).collect();
        let mut row = vec![false; theirs.len() + 1];
        let mut next = row.clone();
        row[0] = true;
        spread(&theirs, &mut row, None);
        for token in shorter.rest.iter().map(Token::symbol) {
            if let Some(reach) = stretch(token) {
                spread(&theirs, &mut row, Some(reach));
                continue;
            }
            next.fill(false);
            for (at, symbol) in theirs.iter().enumerate() {
                if row[at] && meets(token, *symbol) {
                    next[if stretch(*symbol).is_some() { at } else { at + 1 }] = true;
                }
            }
            spread(&theirs, &mut next, None);
            std::mem::swap(&mut row, &mut next);
        }
        row[theirs.len()]
    }
}

/// A pattern in the making.
#[derive(Default)]
struct Draft {
    prefix: String,
    rest: Vec<Token>,
}

impl Draft {
    /// Adds a token. Runs of wildcards get one order (`?` before `*`, one `*` only), so that equal runs look alike.
    fn push(&mut self, token: Token) {
        match (&token, self.rest.last()) {
            (Token::Char(c), None) => self.prefix.push(*c),
            (Token::Many(new), Some(Token::Many(old))) if old.includes(*new) => {}
            (Token::Many(_), Some(Token::Many(_))) => {
                self.rest.pop();
                self.rest.push(token);
            }
            (Token::One(new), Some(Token::Many(old))) if new == old => {
                let at = self.rest.len() - 1;
                self.rest.insert(at, token);
            }
            _ => self.rest.push(token),
        }
    }

    fn finish(self) -> Pattern {
        let is_greedy =
            |token: &Token| matches!(token, Token::Char(_) | Token::One(_) | Token::Many(Reach::Anything));
        let shape = match &*self.rest {
            [] => Shape::Exact,
            [Token::Many(Reach::Anything)] => Shape::Prefix,
            rest if rest.iter().all(is_greedy) => Shape::Greedy,
            _ => Shape::General,
        };
        Pattern { prefix: self.prefix.into(), rest: self.rest.into(), shape }
    }
}

fn skip_many(tokens: &[Token], row: &mut [bool]) {
    for at in 0..tokens.len() {
        if row[at] && matches!(tokens[at], Token::Many(_)) {
            row[at + 1] = true;
        }
    }
}

/// Whether `token` can stand for all that `symbol` stands for, as one step of containment.
fn absorbs(token: Symbol<'_>, symbol: Symbol<'_>) -> bool {
    match (token, symbol) {
        (Symbol::Char(a), Symbol::Char(b)) => a == b,
        (Symbol::One(reach) | Symbol::Many(reach), Symbol::Char(c)) => reach.admits(c),
        (Symbol::One(reach), Symbol::One(theirs))
        | (Symbol::Many(reach), Symbol::One(theirs) | Symbol::Many(theirs)) => reach.includes(theirs),
        (Symbol::Many(reach), Symbol::Var(_)) => reach == Reach::Anything,
        (Symbol::Var(a), Symbol::Var(b)) => a == b,
        (Symbol::Char(_) | Symbol::One(_) | Symbol::Var(_), _) => false,
    }
}

/// How far a token of any length may stretch; a variable may be any text.
fn stretch(symbol: Symbol<'_>) -> Option<Reach> {
    match symbol {
        Symbol::Many(reach) => Some(reach),
        Symbol::Var(_) => Some(Reach::Anything),
        Symbol::Char(_) | Symbol::One(_) => None,
    }
}

/// Moves on over symbols of any length, and over all symbols that `reach` may stretch over.
fn spread(symbols: &[Symbol<'_>], row: &mut [bool], reach: Option<Reach>) {
    for (at, symbol) in symbols.iter().enumerate() {
        let passes = stretch(*symbol).is_some()
            || reach.is_some_and(|reach| match symbol {
                Symbol::Char(c) => reach.admits(*c),
                _ => true,
            });
        if row[at] && passes {
            row[at + 1] = true;
        }
    }
}

/// Whether one character can be both.
fn meets(one: Symbol<'_>, theirs: Symbol<'_>) -> bool {
    match (one, theirs) {
        (Symbol::Char(a), Symbol::Char(b)) => a == b,
        (Symbol::Char(c), Symbol::One(reach) | Symbol::Many(reach))
        | (Symbol::One(reach), Symbol::Char(c)) => reach.admits(c),
        _ => true,
    }
}

fn greedy(tokens: &[Token], text: &str) -> bool {
    let (mut at, mut rest) = (0, text.chars());
    let mut back: Option<(usize, std::str::Chars<'_>)> = None;
    loop {
        match tokens.get(at) {
            Some(Token::Many(_)) => {
                at += 1;
                back = Some((at, rest.clone()));
                continue;
            }
            Some(token) => {
                let mut ahead = rest.clone();
                if ahead.next().is_some_and(|c| fits(token, c)) {
                    (at, rest) = (at + 1, ahead);
                    continue;
                }
            }
            None if rest.as_str().is_empty() => return true,
            None => {}
        }
        let Some((star, from)) = &mut back else { return false };
        if from.next().is_none() {
            return false;
        }
        (at, rest) = (*star, from.clone());
    }
}

fn general(tokens: &[Token], text: &str) -> bool {
    let mut row = vec![false; tokens.len() + 1];
    row[0] = true;
    skip_many(tokens, &mut row);
    for c in text.chars() {
        let mut next = vec![false; tokens.len() + 1];
        for (at, token) in tokens.iter().enumerate() {
            if row[at] && fits(token, c) {
                next[if matches!(token, Token::Many(_)) { at } else { at + 1 }] = true;
            }
        }
        skip_many(tokens, &mut next);
        row = next;
    }
    row[tokens.len()]
}

fn fits(token: &Token, c: char) -> bool {
    match token {
        Token::Char(own) => *own == c,
        Token::One(reach) | Token::Many(reach) => reach.admits(c),
        Token::Var(_) => false,
    }
}

fn tokenize(text: &str, setting: Setting, variables: Variables, mut found: impl FnMut(Token)) {
    let (mut colons, mut rest) = (0, text);
    while let Some(c) = rest.chars().next() {
        if c == '$'
            && variables == Variables::Substituted
            && let Some((token, after)) = variable(rest)
        {
            found(token);
            rest = after;
            continue;
        }
        rest = &rest[c.len_utf8()..];
        let inside = matches!(setting, Setting::Resource | Setting::ArnLike) && colons < 5;
        let ends_component = rest.is_empty() || rest.starts_with(':');
        found(match c {
            other if setting == Setting::Exact => Token::Char(other),
            '*' if inside && !(setting == Setting::Resource && ends_component) => {
                Token::Many(Reach::Component)
            }
            '*' => Token::Many(Reach::Anything),
            '?' if inside => Token::One(Reach::Component),
            '?' => Token::One(Reach::Anything),
            other => Token::Char(other),
        });
        colons += usize::from(c == ':');
    }
}

/// Reads `${...}` at the start of `text`: a variable, or one of the escapes `${*}`, `${?}`, `${$}`.
fn variable(text: &str) -> Option<(Token, &str)> {
    let body = text.strip_prefix("${")?;
    let end = body.find('}')?;
    let (inner, after) = (&body[..end], &body[end + 1..]);
    let token = match inner {
        "*" => Token::Char('*'),
        "?" => Token::Char('?'),
        "$" => Token::Char('$'),
        _ => {
            let (key, default) = match inner.split_once(',') {
                Some((key, default)) => {
                    let default = default.trim();
                    (key, Some(default.strip_prefix('\'')?.strip_suffix('\'')?.into()))
                }
                None => (inner, None),
            };
            Token::Var(Variable { key: key.trim().to_ascii_lowercase().into(), default })
        }
    };
    Some((token, after))
}

#[cfg(test)]
mod tests;
