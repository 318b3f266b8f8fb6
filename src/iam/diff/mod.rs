//! The semantic difference of two sets of policies: one model, rendered as text and JSON.
//!
//! Each action is compared by what it is granted on and under which conditions, Denies taken into account; where
//! neither side can be proved to contain the other, the action is *changed*, and no direction is claimed. What a
//! statement looks like plays no part: splitting, merging and reordering statements is no difference.

mod classes;
mod compare;
mod rank;
mod side;
mod text;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::catalogue::{AccessLevel, ActionId, Catalogue};
use super::document::{Condition, Document};
use super::grants::is_privileged;

pub use text::{headline, render, size, times};

/// What changes from some policies to others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diff {
    /// Actions that change alike, together; what was lost though used comes first.
    pub changes: Vec<Change>,
    /// Actions that are granted as before, by name.
    pub kept: Vec<Action>,
    /// How much of each service and access level is granted, before and after.
    pub levels: Vec<Level>,
    /// The size of the old grants.
    pub before: Size,
    /// The size of the new grants.
    pub after: Size,
}

/// Actions of one service that change in one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which way.
    pub kind: Kind,
    /// The service's prefix.
    pub service: String,
    /// The actions, by name.
    pub actions: Vec<Action>,
    /// How they were granted, if they were.
    pub before: Option<Terms>,
    /// How they are granted now, if they are.
    pub after: Option<Terms>,
}

/// The ways in which a grant changes, in the order in which people want to hear of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Granted now, and not before.
    Gained,
    /// Granted on more, or under looser conditions.
    Widened,
    /// Granted otherwise; neither more nor less can be proved.
    Changed,
    /// Granted before, and not now.
    Lost,
    /// Granted on less, or under stricter conditions.
    Narrowed,
}

impl Kind {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [Self::Gained, Self::Widened, Self::Changed, Self::Lost, Self::Narrowed];

    /// As it is written in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gained => "gained",
            Self::Widened => "widened",
            Self::Changed => "changed",
            Self::Lost => "lost",
            Self::Narrowed => "narrowed",
        }
    }

    /// Whether a call that was allowed may be denied now.
    pub fn may_break(self) -> bool {
        match self {
            Self::Lost | Self::Narrowed | Self::Changed => true,
            Self::Gained | Self::Widened => false,
        }
    }
}

/// An action, or a pattern that stands for none of the catalogue's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Action {
    /// `service:Name`
    pub name: String,
    /// Its access level; none where the catalogue doesn't know the action.
    pub level: Option<AccessLevel>,
    /// How often it was used, where that is known.
    pub used: Option<u64>,
}

/// How actions are granted: allowed by any clause, and denied by none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Terms {
    /// Where they are allowed.
    pub allowed: Vec<Clause>,
    /// Where they are denied nevertheless.
    pub denied: Vec<Clause>,
}

/// Some resources, under some conditions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Clause {
    /// The resource patterns, or `all but` the excluded ones.
    pub resources: Vec<String>,
    /// The conditions, as a person reads them.
    pub conditions: Vec<String>,
}

/// How many actions are granted on at least some resource.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size {
    /// All of them.
    pub actions: usize,
    /// Those that write, tag or manage permissions.
    pub privileged: usize,
}

/// The granted actions of one service and access level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// The service's prefix.
    pub service: String,
    /// The access level; none for actions that the catalogue doesn't know.
    pub level: Option<AccessLevel>,
    /// How many were granted.
    pub before: usize,
    /// How many are.
    pub after: usize,
}

impl Diff {
    /// What changes from the identity policies `old` to `new`.
    pub fn between(old: &[Document], new: &[Document]) -> Self {
        compare::compare(&side::Side::of(old), &side::Side::of(new))
    }

    /// The same, with how often actions were used; names are compared without regard to case. What is lost or
    /// narrowed though used comes first.
    #[must_use]
    pub fn with_use(mut self, used: &BTreeMap<String, u64>) -> Self {
        let used: BTreeMap<_, _> =
            used.iter().map(|(name, count)| (name.to_ascii_lowercase(), *count)).collect();
        let actions = self.changes.iter_mut().flat_map(|change| &mut change.actions).chain(&mut self.kept);
        for action in actions {
            action.used = used.get(&action.name.to_ascii_lowercase()).copied();
        }
        for change in &mut self.changes {
            change.actions.sort_by_key(|action| std::cmp::Reverse(action.used));
        }
        self.changes.sort_by_key(|change| !(change.kind.may_break() && change.uses() > 0));
        self
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The changes of one kind.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.kind == kind)
    }

    /// How many actions change in one way.
    pub fn count(&self, kind: Kind) -> usize {
        self.of(kind).map(|change| change.actions.len()).sum()
    }

    /// Access levels of which something was granted before, and nothing is now.
    pub fn levels_lost(&self) -> Vec<AccessLevel> {
        let mut sums: BTreeMap<AccessLevel, (usize, usize)> = BTreeMap::new();
        for level in &self.levels {
            if let Some(name) = level.level {
                let sum = sums.entry(name).or_default();
                *sum = (sum.0 + level.before, sum.1 + level.after);
            }
        }
        sums.into_iter()
            .filter(|(_, (before, after))| *before > 0 && *after == 0)
            .map(|(name, _)| name)
            .collect()
    }

    /// By how many per cent fewer actions are granted; negative where there are more.
    pub fn reduction(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "there are some ten thousand actions")]
        let (before, after) = (self.before.actions as f64, self.after.actions as f64);
        if before > 0.0 { (before - after) / before * 100.0 } else { 0.0 }
    }
}

impl Change {
    /// How often its actions were used, together.
    pub fn uses(&self) -> u64 {
        self.actions.iter().filter_map(|action| action.used).sum()
    }
}

impl Action {
    fn known(id: ActionId) -> Self {
        let catalogue = Catalogue::embedded();
        Self { name: catalogue.full_name(id), level: Some(catalogue.level_of(id)), used: None }
    }

    fn unknown(name: &str) -> Self {
        Self { name: name.to_owned(), level: None, used: None }
    }

    /// Whether it is known to write, tag or manage permissions.
    pub fn is_privileged(&self) -> bool {
        self.level.is_some_and(is_privileged)
    }

    /// The service's prefix.
    pub fn service(&self) -> &str {
        self.name.split(':').next().unwrap_or_default()
    }
}

/// A condition as a person reads it, such as `aws:RequestedRegion StringEquals eu-west-1 or eu-central-1`.
fn in_words(condition: &Condition) -> String {
    let Condition { operator, key, values } = condition;
    format!("{key} {operator} {}", values.join(" or "))
}
