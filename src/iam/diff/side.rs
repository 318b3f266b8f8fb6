//! One side of a comparison: the rules of some policies, and the actions that each speaks of.

use crate::iam::actions::ActionSet;
use crate::iam::document::Document;
use crate::iam::grants::{Part, Rule, Rules, today};

/// The rules of one side.
#[derive(Debug)]
pub(super) struct Side {
    rules: Rules,
}

impl Side {
    /// Reads identity policies.
    pub fn of(policies: &[Document]) -> Self {
        Self { rules: Rules::of(policies) }
    }

    /// All rules, Allows first.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.allows.iter().chain(&self.rules.denies)
    }

    /// How many of the rules are Allows.
    pub fn allows(&self) -> usize {
        self.rules.allows.len()
    }

    /// What the policies name and the catalogue doesn't know.
    pub fn strangers(&self) -> impl Iterator<Item = &Part> {
        self.rules.allows.iter().flat_map(|rule| &rule.actions).filter(|part| {
            part.except.is_empty() && !part.pattern.is_everything() && today(part).is_empty()
        })
    }
}

/// The actions of the catalogue that a rule speaks of.
pub(super) fn actions_of(rule: &Rule) -> ActionSet {
    rule.actions.iter().map(today).fold(ActionSet::empty(), |all, some| all.union(&some))
}
