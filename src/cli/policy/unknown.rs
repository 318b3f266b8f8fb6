//! Action patterns that stand for nothing: how they are told from the others, and what is said of them.

use std::fmt;

use crate::iam::catalogue::Catalogue;

/// A pattern that stands for no action, with the nearest names that exist.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Unknown {
    pattern: String,
    suggestions: Vec<String>,
}

/// How many unknown patterns of one run get suggestions, which take long to find.
const MOST_SUGGESTIONS: usize = 100;

/// Looks for patterns that stand for nothing.
#[derive(Debug)]
pub struct Seeker {
    suggestions_left: usize,
}

impl Seeker {
    /// One that has found none yet.
    pub fn new() -> Self {
        Self { suggestions_left: MOST_SUGGESTIONS }
    }

    /// What is to be said of `pattern` where IAM would not take it for one, or no action matches it.
    pub fn check(&mut self, pattern: &str) -> Option<Unknown> {
        let catalogue = Catalogue::embedded();
        if is_well_formed(pattern) && catalogue.matches_any(pattern) {
            return None;
        }
        let left = self.suggestions_left.checked_sub(1);
        self.suggestions_left = left.unwrap_or(0);
        let suggestions = left.map(|_| catalogue.suggest(pattern)).unwrap_or_default();
        Some(Unknown { pattern: pattern.to_owned(), suggestions })
    }
}

impl Unknown {
    /// Says so on standard error.
    pub fn point_out(&self, place: &str) {
        anstream::eprintln!("alpha: {place}{self}");
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pattern, suggestions } = self;
        if !is_well_formed(pattern) {
            return write!(
                f,
                "{pattern:?} is no action pattern; expected service:Name, such as s3:Get*, or *"
            );
        }
        write!(f, "{pattern} matches no action that exists")?;
        if !suggestions.is_empty() {
            write!(f, "; did you mean {}?", suggestions.join(" or "))?;
        }
        Ok(())
    }
}

/// `*`, or a service and a name.
fn is_well_formed(pattern: &str) -> bool {
    pattern == "*"
        || pattern.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty())
}
