//! What people want to hear of first. Wherever a difference is folded, it is folded in this order.

use std::cmp::Reverse;

use super::{Action, Change, Diff};
use crate::iam::catalogue::AccessLevel;

/// The services that decide who may do anything at all.
const OF_ACCESS: [&str; 5] = ["iam", "kms", "organizations", "sso", "sts"];

impl Diff {
    /// The changes: first what was used and may break, then by kind; within a kind, the most important first.
    pub fn ranked(&self) -> Vec<&Change> {
        let mut changes: Vec<&Change> = self.changes.iter().collect();
        changes.sort_by_cached_key(|change| {
            let breaks = change.kind.may_break() && change.uses() > 0;
            (!breaks, change.kind, change.rank())
        });
        changes
    }
}

impl Change {
    /// Its actions, the most important first: what was used, then what manages permissions, then what changes things.
    pub fn ranked(&self) -> Vec<&Action> {
        let mut actions: Vec<&Action> = self.actions.iter().collect();
        actions.sort_by_key(|action| (Reverse(action.used), Reverse(action.level), &action.name));
        actions
    }

    /// The least comes first: what was used most, what decides over access, what holds the most of the highest level.
    fn rank(&self) -> impl Ord + use<> {
        let decides = OF_ACCESS.contains(&self.service.as_str());
        let of_level = |level| self.actions.iter().filter(|action| action.level == Some(level)).count();
        let top = self.actions.iter().filter_map(|action| action.level).max();
        (
            Reverse(self.uses()),
            Reverse(decides),
            Reverse(of_level(AccessLevel::PermissionsManagement)),
            Reverse(top),
            Reverse(self.actions.len()),
        )
    }
}
