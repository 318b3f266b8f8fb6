//! What is wrong with a configuration, told so that a person can mend it: all of it at once.

use std::fmt;

use super::key::Key;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Something has to be said, and wasn't.
    Missing {
        /// What.
        key: Key,
        /// What was expected.
        expected: String,
    },
    /// What was said makes no sense.
    Wrong {
        /// Who said it: a flag, a variable, a place in the file.
        whence: String,
        /// What was said; never a secret.
        found: Option<String>,
        /// What was expected, or why it can't be.
        why: String,
    },
    /// Something in, or with, the file, or several settings that don't go together.
    Other(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { key, expected } => write!(
                f,
                "{} is missing (or {} in alpha.toml); expected {expected}",
                key.variable(),
                key.in_file()
            ),
            Self::Wrong { whence, found: Some(found), why } => {
                write!(f, "{whence}: found {}; {why}", quoted(found))
            }
            Self::Wrong { whence, found: None, why } => write!(f, "{whence}: {why}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

/// A text in quotation marks, without control characters, and not longer than a line.
fn quoted(text: &str) -> String {
    const MOST: usize = 80;
    if text.chars().count() <= MOST {
        return format!("{text:?}");
    }
    let start: String = text.chars().take(MOST).collect();
    format!("{start:?}...")
}

/// All that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [only] = self.0.as_slice() {
            return write!(f, "{only}");
        }
        write!(f, "{} things are wrong with the configuration:", self.0.len())?;
        // What takes several lines is kept together by its indent.
        let indented = |problem: &Problem| problem.to_string().replace('\n', "\n  ");
        self.0.iter().try_for_each(|problem| write!(f, "\n  {}", indented(problem)))
    }
}

impl std::error::Error for Problems {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_shown_on_one_short_line() {
        let problem = Problem::Wrong {
            whence: "ALPHA_LISTEN".into(),
            found: Some(format!("\u{1b}[31m\n{}", "x".repeat(500))),
            why: "expected an address".into(),
        };
        let text = problem.to_string();
        assert!(text.len() < 200 && !text.contains(['\n', '\u{1b}']), "{text}");
    }

    #[test]
    fn several_problems_are_listed_and_one_stands_alone() {
        let problem = Problem::Missing { key: Key::BotToken, expected: "a token".into() };
        let line = "SLACK_BOT_TOKEN is missing (or slack.bot_token in alpha.toml); expected a token";
        assert_eq!(Problems(vec![problem.clone()]).to_string(), line);
        let two = Problems(vec![problem.clone(), problem]).to_string();
        assert_eq!(two, format!("2 things are wrong with the configuration:\n  {line}\n  {line}"));
    }
}
