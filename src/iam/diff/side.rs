//! One side of a comparison: the rules of some policies, and what they name that the catalogue doesn't know.

use crate::iam::document::Document;
use crate::iam::grants::{Part, Rules};

/// The rules of one side.
#[derive(Debug)]
pub(super) struct Side {
    pub rules: Rules,
}

impl Side {
    /// Reads identity policies.
    pub fn of(policies: &[Document]) -> Self {
        Self { rules: Rules::of(policies) }
    }

    /// What the policies name and the catalogue doesn't know.
    pub fn strangers(&self) -> impl Iterator<Item = &Part> {
        self.rules
            .allows
            .iter()
            .flat_map(|rule| &rule.actions)
            .filter(|part| part.except.is_empty() && part.actions_today().is_empty())
    }
}
