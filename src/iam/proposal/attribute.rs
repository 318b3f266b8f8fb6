//! Which statement of the present policies a use belongs to.

use std::collections::{BTreeMap, BTreeSet};

use super::Keep;
use super::grant::{Admits, Grant};
use crate::iam::catalogue::{ActionId, Catalogue};
use crate::iam::evaluate::Target;
use crate::iam::evidence::Evidence;

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
/// speaks of the resource, or else to every conditional one, since which of them granted can't be seen. Where calls may
/// be missing, so may resources be, and the statements' own stay.
pub(super) fn attribute(
    catalogue: &Catalogue,
    grants: &[Grant<'_>],
    evidence: &Evidence,
    kept: &BTreeMap<ActionId, Keep>,
) -> Attributed {
    let mut attributed: Attributed = vec![BTreeMap::new(); grants.len()];
    for (&action, keep) in kept {
        let holders: Vec<usize> =
            (0..grants.len()).filter(|&at| grants[at].actions.contains(action)).collect();
        match keep {
            Keep::Used(_) if !evidence.may_lack(action) => {
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
            Keep::Used(_) | Keep::Attested(_) | Keep::DependentOf(_) | Keep::Unobservable(_) => {
                for at in holders.into_iter().filter(|&at| grants[at].can_grant(catalogue, action)) {
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
    evidence.resources_of(action).any(|target| holders.iter().any(|grant| grant.admits(target) != Admits::No))
}

/// Which statements a use belongs to, each with whether its resources have to stay whole.
fn holders_of(grants: &[Grant<'_>], holders: &[usize], target: &Target) -> Vec<(usize, bool)> {
    let admitting: Vec<(usize, Admits)> = holders
        .iter()
        .map(|&at| (at, grants[at].admits(target)))
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
