//! Which of today's actions policies grant at all. For counting and showing; a proof never rests on it.

use crate::iam::actions::ActionSet;
use crate::iam::catalogue::{AccessLevel, ActionId, Catalogue};
use crate::iam::document::{Document, Effect, Selection};

/// The actions that are allowed on at least some resource, in some circumstances: all allowed ones, less those that
/// are denied on every resource without a condition.
pub fn granted_actions(policies: &[Document]) -> ActionSet {
    let (mut allowed, mut denied) = (ActionSet::empty(), ActionSet::empty());
    for statement in policies.iter().flat_map(|document| &document.statements) {
        let (Some(actions), Some(resources)) = (&statement.actions, &statement.resources) else { continue };
        match statement.effect {
            Effect::Allow if resources.negated || !resources.patterns.is_empty() => {
                allowed = allowed.union(&selected(actions));
            }
            Effect::Deny if statement.conditions.is_empty() && selects_all(resources) => {
                denied = denied.union(&selected(actions));
            }
            Effect::Allow | Effect::Deny => {}
        }
    }
    allowed.difference(&denied)
}

/// The actions of the catalogue that a selection stands for.
pub(crate) fn selected(actions: &Selection) -> ActionSet {
    let catalogue = Catalogue::embedded();
    let named = actions
        .patterns
        .iter()
        .map(|pattern| catalogue.expand(pattern))
        .fold(ActionSet::empty(), |all, some| all.union(&some));
    if actions.negated { ActionSet::all().difference(&named) } else { named }
}

fn selects_all(resources: &Selection) -> bool {
    if resources.negated {
        resources.patterns.is_empty()
    } else {
        resources.patterns.iter().any(|pattern| pattern == "*")
    }
}

/// Whether an action changes something: content, tags or permissions.
pub fn is_privileged(action: ActionId) -> bool {
    match Catalogue::embedded().level_of(action) {
        AccessLevel::Write | AccessLevel::Tagging | AccessLevel::PermissionsManagement => true,
        AccessLevel::List | AccessLevel::Read => false,
    }
}

/// The privileged ones of a set.
pub fn privileged(actions: &ActionSet) -> ActionSet {
    actions.iter().filter(|&action| is_privileged(action)).collect()
}
