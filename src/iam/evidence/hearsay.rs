//! What is said of actions by sources that show no calls: a generated policy, last-accessed data, a finding.
//!
//! It keeps what is granted already and grants nothing: a witness tells attempts and successes not always apart, and
//! names no resources. And where a log is known to lack calls, that an action isn't in it says nothing.

use std::collections::BTreeMap;

use super::observable::Observability;
use crate::iam::catalogue::ActionId;

/// Why an action that nobody saw used stays, where the log is known to be incomplete.
pub(super) const LACKING: &str =
    "calls are missing from what was looked at, and nothing else says that it is unused";

/// Who says that an action was used, or tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Witness {
    /// A policy that Access Analyzer generated.
    GeneratedPolicy,
    /// Last-accessed data, in which an attempt counts whatever came of it.
    LastAccessed,
    /// A finding on unused access, which says when the rest was used last.
    UnusedAccess,
}

impl Witness {
    /// In a person's words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GeneratedPolicy => "a policy that Access Analyzer generated names it",
            Self::LastAccessed => "last-accessed data say that it was used, or tried",
            Self::UnusedAccess => "a finding on unused access says when it was used last",
        }
    }
}

/// What is said of an action. That it was used beats that it wasn't, and of witnesses the first counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Said {
    /// It was used, or tried.
    Used(Witness),
    /// It wasn't used.
    Unused,
}

/// Which calls are missing that there are, or may be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lacks {
    /// Some management events.
    pub management: bool,
    /// Some data events of services of which there are any.
    pub data: bool,
}

/// All that is said, and what is missing.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Hearsay {
    said: BTreeMap<ActionId, Said>,
    lacks: Lacks,
}

impl Hearsay {
    pub(super) fn hear(&mut self, action: ActionId, said: Said) {
        self.said.entry(action).and_modify(|known| *known = said.min(*known)).or_insert(said);
    }

    pub(super) fn lack(&mut self, lacks: Lacks) {
        self.lacks.management |= lacks.management;
        self.lacks.data |= lacks.data;
    }

    pub(super) fn missing(&self) -> Lacks {
        self.lacks
    }

    pub(super) fn lacks(&self, shows: Observability) -> bool {
        match shows {
            Observability::Management => self.lacks.management,
            Observability::Data => self.lacks.data,
            Observability::Never(_) => false,
        }
    }

    pub(super) fn witness_of(&self, action: ActionId) -> Option<Witness> {
        match self.said.get(&action) {
            Some(Said::Used(witness)) => Some(*witness),
            Some(Said::Unused) | None => None,
        }
    }

    pub(super) fn denies(&self, action: ActionId) -> bool {
        self.said.get(&action) == Some(&Said::Unused)
    }

    pub(super) fn attested(&self) -> usize {
        self.said.values().filter(|said| matches!(said, Said::Used(_))).count()
    }

    pub(super) fn merge(&mut self, other: Self) {
        other.said.into_iter().for_each(|(action, said)| self.hear(action, said));
        self.lack(other.lacks);
    }
}
