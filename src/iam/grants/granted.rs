//! Which of today's actions policies grant at all. For counting and showing; a proof never rests on it.

use crate::iam::actions::ActionSet;
use crate::iam::catalogue::{AccessLevel, Catalogue};
use crate::iam::document::Document;

use super::part::Part;
use super::rules::{Rule, Rules};

/// The actions that are allowed on at least some resource, in some circumstances: all allowed ones, less those that
/// are denied on every resource without a condition.
pub fn granted_actions(policies: &[Document]) -> ActionSet {
    let Rules { allows, denies } = Rules::of(policies);
    let allowed = union(allows.iter().filter(|rule| !rule.scope.resources.is_empty()));
    let denied =
        union(denies.iter().filter(|rule| {
            rule.scope.lines.is_empty() && rule.scope.resources.iter().any(Part::is_everything)
        }));
    allowed.difference(&denied)
}

fn union<'r>(rules: impl Iterator<Item = &'r Rule>) -> ActionSet {
    let mut all = ActionSet::empty();
    rules.for_each(|rule| all.insert_all(&rule.actions_today()));
    all
}

/// Whether actions of an access level change something: content, tags or permissions.
pub fn is_privileged(level: AccessLevel) -> bool {
    match level {
        AccessLevel::Write | AccessLevel::Tagging | AccessLevel::PermissionsManagement => true,
        AccessLevel::List | AccessLevel::Read => false,
    }
}

/// The privileged actions of a set.
pub fn privileged(actions: &ActionSet) -> ActionSet {
    let catalogue = Catalogue::embedded();
    actions.iter().filter(|&action| is_privileged(catalogue.level_of(action))).collect()
}
