//! Why somebody denied a change, in their words: text of anybody's making that is kept for good and shown to many.
//!
//! There is one way to make one, whichever way the words came; what mustn't be kept is gone before anything is stored.

mod secrets;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::iam::legible::is_unseen;

use secrets::redact;

/// A reason: legible, without secrets that anybody would know for such, and not too long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// How many characters one has at most.
    pub const LONGEST: usize = 2_000;

    /// From what was said; none where nothing of it can be seen.
    pub fn parse(said: &str) -> Option<Self> {
        let redacted = without_secrets(said);
        // Where the end is cut off, what is left may look like a secret, and is none the worse for being taken for one.
        let cut = redact(&redacted.trim().chars().take(Self::LONGEST).collect::<String>());
        let text = cut.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// One that a store gives back: it was parsed before it was stored.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text without secrets that anybody would know for such. What can't be seen goes first: it could else hide one from
/// us, and not from whoever copies it.
pub fn without_secrets(text: &str) -> String {
    redact(&seen(text))
}

/// A text without commands to a terminal and without what takes no room or turns the direction of writing.
fn seen(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' => skip_command(&mut rest),
            '\u{9b}' => skip_to_final(&mut rest),
            c if !is_unseen(c) => out.push(c),
            _ => {}
        }
    }
    out
}

/// What follows an escape character: parameters and a final letter, or a text up to its end, or one character.
fn skip_command(rest: &mut std::str::Chars<'_>) {
    let mut ahead = rest.clone();
    match ahead.next() {
        Some('[') => {
            *rest = ahead;
            skip_to_final(rest);
        }
        Some(']' | 'P' | '_' | '^' | 'X') => {
            // One that never ends is no command, and the rest of the text is no part of it.
            let end = ahead.by_ref().find(|c| matches!(c, '\u{7}' | '\u{1b}' | '\u{9c}'));
            if let Some(end) = end {
                if end == '\u{1b}' && ahead.clone().next() == Some('\\') {
                    ahead.next();
                }
                *rest = ahead;
            }
        }
        Some(c) if c.is_ascii_graphic() => *rest = ahead,
        Some(_) | None => {}
    }
}

fn skip_to_final(rest: &mut std::str::Chars<'_>) {
    let mut ahead = rest.clone();
    while let Some(c) = ahead.next() {
        match c {
            ' '..='?' => {}
            '@'..='~' => {
                *rest = ahead;
                return;
            }
            _ => break,
        }
        *rest = ahead.clone();
    }
}
