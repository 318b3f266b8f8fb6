//! Action patterns that stand for nothing: how they are told from the others, and what is said of them.

use std::fmt;

use crate::iam::catalogue::Catalogue;

/// A pattern that stands for no action, with the nearest names that exist.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Unknown {
    pattern: String,
    suggestions: Vec<String>,
}

impl Unknown {
    /// Whether IAM would take `pattern` for one, and some action matches it.
    pub fn check(pattern: &str) -> Option<Self> {
        let catalogue = Catalogue::embedded();
        let known = is_well_formed(pattern) && catalogue.matches_any(pattern);
        (!known).then(|| Self { pattern: pattern.to_owned(), suggestions: catalogue.suggest(pattern) })
    }

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
