//! Which statement of the present policies a use belongs to.

use std::collections::{BTreeMap, BTreeSet};

use super::Keep;
use crate::iam::actions::ActionSet;
use crate::iam::catalogue::{ActionId, Catalogue};
use crate::iam::document::{Document, Effect, Statement};
use crate::iam::evaluate::Target;
use crate::iam::evidence::Evidence;
use crate::iam::pattern::{Pattern, Setting, Variables};

/// One Allow statement of the present policies, prepared for questions.
#[derive(Debug)]
pub(super) struct Grant<'a> {
    pub(super) statement: &'a Statement,
    pub(super) variables: Variables,
    /// The actions of the catalogue that it grants on at least some resource.
    pub(super) actions: ActionSet,
    /// The patterns of `Resource` or `NotResource`.
    pub(super) resources: Vec<Pattern>,
}

/// Whether a statement speaks of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Admits {
    Yes,
    /// It depends on a policy variable.
    Maybe,
    No,
}

impl Grant<'_> {
    /// Whether the statement lists resources that it does *not* speak of.
    pub(super) fn excludes(&self) -> bool {
        self.statement.resources.as_ref().is_some_and(|selection| selection.negated)
    }

    /// Whether the statement lists actions that it does *not* grant.
    pub(super) fn says_not_action(&self) -> bool {
        self.statement.actions.as_ref().is_some_and(|selection| selection.negated)
    }

    /// The patterns of `Action` as written; none where the statement says `NotAction`.
    pub(super) fn written_actions(&self) -> &[String] {
        match &self.statement.actions {
            Some(selection) if !selection.negated => &selection.patterns,
            Some(_) | None => &[],
        }
    }

    /// The patterns of `Action`, ready to be compared.
    pub(super) fn action_patterns(&self) -> impl Iterator<Item = Pattern> {
        self.written_actions().iter().map(|pattern| Pattern::action(pattern))
    }

    /// Patterns that stand for no action of the catalogue.
    pub(super) fn unknown_actions(&self) -> impl Iterator<Item = &str> {
        self.written_actions()
            .iter()
            .map(String::as_str)
            .filter(|pattern| !Catalogue::embedded().matches_any(pattern))
    }

    fn admits(&self, seen: &Pattern) -> Admits {
        let covered = self.resources.iter().any(|pattern| pattern.covers(seen));
        let touched = self.resources.iter().any(|pattern| pattern.overlaps(seen));
        match (self.excludes(), covered, touched) {
            (false, true, _) | (true, _, false) => Admits::Yes,
            (false | true, false, true) => Admits::Maybe,
            (false, _, false) | (true, true, _) => Admits::No,
        }
    }
}

/// The Allow statements that can grant anything at all.
pub(super) fn grants(present: &[Document]) -> Vec<Grant<'_>> {
    let mut grants = Vec::new();
    for document in present {
        for statement in document.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
            let (Some(actions), Some(resources)) = (&statement.actions, &statement.resources) else {
                continue;
            };
            let variables = document.variables();
            grants.push(Grant {
                statement,
                variables,
                actions: selected(actions.negated, &actions.patterns),
                resources: resources
                    .patterns
                    .iter()
                    .map(|pattern| Pattern::parse(pattern, Setting::Resource, variables))
                    .collect(),
            });
        }
    }
    grants
}

fn selected(negated: bool, patterns: &[String]) -> ActionSet {
    let mut named = ActionSet::empty();
    patterns.iter().for_each(|pattern| Catalogue::embedded().expand_into(pattern, &mut named));
    if negated { named.complement() } else { named }
}

/// All actions that any of the statements grants.
pub(super) fn all_actions(grants: &[Grant<'_>]) -> ActionSet {
    grants.iter().fold(ActionSet::empty(), |all, grant| all.union(&grant.actions))
}

/// What stays of one action in one statement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Share {
    /// The resources of the statement stay as they are.
    pub(super) whole: bool,
    /// Otherwise those that were seen.
    pub(super) seen: BTreeSet<String>,
}

/// For each statement, the actions that stay in it.
pub(super) type Attributed = Vec<BTreeMap<ActionId, Share>>;

/// Gives each action that stays to the statements that grant it: a use to the first statement without conditions that
/// speaks of the resource, or else to every conditional one, since which of them granted can't be seen.
pub(super) fn attribute(
    grants: &[Grant<'_>],
    evidence: &Evidence,
    kept: &BTreeMap<ActionId, Keep>,
) -> Attributed {
    let mut attributed: Attributed = vec![BTreeMap::new(); grants.len()];
    for (&action, keep) in kept {
        let holders: Vec<usize> =
            (0..grants.len()).filter(|&at| grants[at].actions.contains(action)).collect();
        match keep {
            Keep::Used(_) => {
                for target in evidence.resources_of(action) {
                    for (at, whole) in holders_of(grants, &holders, target) {
                        let share = attributed[at].entry(action).or_default();
                        match target {
                            Target::Named(seen) if !whole => {
                                share.seen.insert(seen.clone());
                            }
                            Target::Named(_) | Target::Unknown => share.whole = true,
                        }
                    }
                }
            }
            Keep::DependentOf(_) | Keep::Unobservable(_) => {
                for at in holders {
                    attributed[at].entry(action).or_default().whole = true;
                }
            }
        }
    }
    attributed
}

/// Whether any use of an action was on what some statement grants it on, or may be.
pub(super) fn any_admits(grants: &[Grant<'_>], evidence: &Evidence, action: ActionId) -> bool {
    let holders: Vec<&Grant<'_>> = grants.iter().filter(|grant| grant.actions.contains(action)).collect();
    evidence
        .resources_of(action)
        .any(|target| holders.iter().any(|grant| admission(grant, target) != Admits::No))
}

/// Which statements a use belongs to, each with whether its resources have to stay whole.
fn holders_of(grants: &[Grant<'_>], holders: &[usize], target: &Target) -> Vec<(usize, bool)> {
    let admitting: Vec<(usize, Admits)> = holders
        .iter()
        .map(|&at| (at, admission(&grants[at], target)))
        .filter(|(_, admits)| *admits != Admits::No)
        .collect();
    let certain = admitting
        .iter()
        .find(|(at, admits)| *admits == Admits::Yes && grants[*at].statement.conditions.is_empty());
    match certain {
        Some(&(at, _)) => vec![(at, false)],
        None => admitting.into_iter().map(|(at, admits)| (at, admits == Admits::Maybe)).collect(),
    }
}

fn admission(grant: &Grant<'_>, target: &Target) -> Admits {
    match target {
        Target::Named(name) => grant.admits(&super::narrow::seen(name)),
        Target::Unknown => Admits::Maybe,
    }
}
