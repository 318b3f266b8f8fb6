//! The proof itself: one grant of the narrow policies against the rules of the wide ones.
//!
//! Everything in here errs to one side: a grant that is found to be covered *is* covered, for any request, for any
//! action that may come to exist. Where that isn't known the gap says what was missing.

use super::implies::{Line, contradict, implies_all};
use super::part::Part;
use super::rules::{Rule, Rules};

/// One action part on one resource part of an Allow statement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grant<'r> {
    pub rule: &'r Rule,
    pub action: &'r Part,
    pub resource: &'r Part,
}

/// What the proof of a grant lacks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Gap<'w> {
    /// No wide statement allows all of its actions.
    Action,
    /// Wide statements allow its actions, this one for instance, and none does on all of its resources.
    Resource(&'w Rule),
    /// This wide statement allows it under conditions that don't follow from its own.
    Conditions(&'w Rule),
    /// This wide statement denies some of it, and no narrow one as strictly.
    Denied(&'w Rule),
}

impl Rules {
    /// Each grant by itself.
    pub fn grants(&self) -> impl Iterator<Item = Grant<'_>> {
        self.allows.iter().flat_map(|rule| {
            rule.actions.iter().flat_map(move |action| {
                rule.scope.resources.iter().map(move |resource| Grant { rule, action, resource })
            })
        })
    }

    /// Those that aren't wholly forbidden by the same rules.
    pub fn live_grants(&self) -> impl Iterator<Item = Grant<'_>> {
        self.grants().filter(|grant| !self.forbids_all_of(*grant))
    }

    /// Whether one Deny forbids whatever lies in one of `actions`, in one of `resources` and under `given`.
    fn forbids(&self, actions: &[&Part], resources: &[&Part], given: &[&Line]) -> bool {
        self.denies.iter().any(|deny| {
            deny.actions.iter().any(|part| actions.iter().any(|action| part.covers(action)))
                && deny
                    .scope
                    .resources
                    .iter()
                    .any(|part| resources.iter().any(|resource| part.covers(resource)))
                && implies_all(given, &deny.scope.lines)
        })
    }

    /// Whether nothing is left of a grant of these rules, because they forbid all of it.
    pub fn forbids_all_of(&self, grant: Grant<'_>) -> bool {
        let given: Vec<_> = grant.rule.scope.lines.iter().collect();
        self.forbids(&[grant.action], &[grant.resource], &given)
    }
}

/// What is missing to prove that the wide rules grant whatever the narrow ones grant by `grant`; `None` is a proof.
pub(crate) fn gap<'w>(grant: Grant<'_>, narrow: &Rules, wide: &'w Rules) -> Option<Gap<'w>> {
    if narrow.forbids_all_of(grant) {
        return None;
    }
    let given: Vec<_> = grant.rule.scope.lines.iter().collect();
    allowing_gap(grant, narrow, wide, &given).or_else(|| denying_gap(grant, narrow, wide, &given))
}

fn allowing_gap<'w>(grant: Grant<'_>, narrow: &Rules, wide: &'w Rules, given: &[&Line]) -> Option<Gap<'w>> {
    let mut nearest = Gap::Action;
    for rule in &wide.allows {
        // What a wide selection leaves out is no gap where the narrow policies forbid it.
        let on_action = |hole: &&Part| narrow.forbids(&[hole], &[grant.resource], given);
        if !covers(&rule.actions, grant.action, on_action) {
            continue;
        }
        let on_resource = |hole: &&Part| narrow.forbids(&[grant.action], &[hole], given);
        if !covers(&rule.scope.resources, grant.resource, on_resource) {
            if matches!(nearest, Gap::Action) {
                nearest = Gap::Resource(rule);
            }
        } else if implies_all(given, &rule.scope.lines) {
            return None;
        } else {
            nearest = Gap::Conditions(rule);
        }
    }
    Some(nearest)
}

fn covers(parts: &[Part], narrow: &Part, filled: impl Fn(&&Part) -> bool) -> bool {
    parts.iter().any(|part| part.covers_but(narrow).is_some_and(|holes| holes.iter().all(&filled)))
}

fn denying_gap<'w>(grant: Grant<'_>, narrow: &Rules, wide: &'w Rules, given: &[&Line]) -> Option<Gap<'w>> {
    wide.denies.iter().find(|deny| !harmless(deny, grant, narrow, given)).map(Gap::Denied)
}

/// Whether a wide Deny takes nothing of the grant that the narrow policies leave.
fn harmless(deny: &Rule, grant: Grant<'_>, narrow: &Rules, given: &[&Line]) -> bool {
    let touching = |parts: &'_ [Part], part: &Part| -> Vec<usize> {
        (0..parts.len()).filter(|&at| parts[at].overlaps(part)).collect()
    };
    let (actions, resources) =
        (touching(&deny.actions, grant.action), touching(&deny.scope.resources, grant.resource));
    if actions.is_empty() || resources.is_empty() || contradict(&grant.rule.scope.lines, &deny.scope.lines) {
        return true;
    }
    let both: Vec<_> = given.iter().copied().chain(&deny.scope.lines).collect();
    actions.iter().all(|&action| {
        resources.iter().all(|&resource| {
            let (action, resource) = (&deny.actions[action], &deny.scope.resources[resource]);
            narrow.forbids(&[grant.action, action], &[grant.resource, resource], &both)
        })
    })
}
