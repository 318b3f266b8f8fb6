//! From the present policies and the evidence to the least policy.
//!
//! The proposal is built statement by statement out of what is granted now, so it can't grant anything new: an action
//! stays in a statement because it was used there, because a used action depends on it, or because its use can't be
//! observed; a resource pattern is taken over or replaced by one that it covers; conditions and explicit denies are
//! carried over as they are. Nothing in here proves anything: the proofs ([`crate::iam::proof`]) look at the result
//! alone.

mod attribute;
mod fit;
mod grant;
mod group;
mod narrow;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use grant::Grant;

use crate::iam::actions::ActionSet;
use crate::iam::catalogue::{ActionId, Catalogue};
use crate::iam::document::{Document, Effect, Version};
use crate::iam::evidence::{Evidence, Witness};
use crate::iam::pattern::Pattern;

pub use fit::{Fitted, Form, INLINE_LIMIT, MANAGED_COUNT, MANAGED_LIMIT, PolicyPart};

/// What a proposal is made from.
#[derive(Debug)]
pub struct Material<'a> {
    /// All policies that grant to the role now, inline and attached.
    pub present: &'a [Document],
    /// What it used.
    pub evidence: &'a Evidence,
    /// Action patterns that a person takes away although nothing observes their use.
    pub removed: &'a [String],
}

/// The least policy, with the reason for each action that stays.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The policies, within IAM's limits, or as near to them as they could be brought.
    pub fitted: Fitted,
    /// Why each action stays, in the catalogue's order.
    pub kept: BTreeMap<ActionId, Keep>,
    /// Patterns that stay as written, because the catalogue knows no action of that name.
    pub unknown: Vec<String>,
    /// Names in the present policies that are API or event names, and no action: they grant nothing and are left out.
    pub no_actions: Vec<(String, Vec<String>)>,
    /// Actions that a person wanted to take away, and that stay because they were used.
    pub not_removed: Vec<ActionId>,
    /// Granted now, and no longer.
    pub dropped: ActionSet,
}

impl Proposal {
    /// The documents of the proposal.
    pub fn documents(&self) -> Vec<Document> {
        self.fitted.parts.iter().map(|part| part.document.clone()).collect()
    }
}

/// Why an action stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keep {
    /// It was used so many times.
    Used(u64),
    /// No call shows it, and something else says that it was used, or tried.
    Attested(Witness),
    /// A used action may call it.
    DependentOf(ActionId),
    /// Its use shows in nothing that was looked at; the reason.
    Unobservable(&'static str),
}

/// Works the proposal out.
pub fn propose(material: &Material<'_>) -> Proposal {
    let catalogue = Catalogue::embedded();
    let granted = grant::grants(material.present);
    let all = grant::all_actions(&granted);
    let mut taken = ActionSet::empty();
    material.removed.iter().for_each(|pattern| catalogue.expand_into(pattern, &mut taken));
    let kept = keeps(catalogue, material.evidence, &granted, &taken);
    let attributed = attribute::attribute(catalogue, &granted, material.evidence, &kept);

    let removed: Vec<Pattern> = material.removed.iter().map(|pattern| Pattern::action(pattern)).collect();
    let unknown: BTreeSet<&str> =
        granted.iter().flat_map(|grant| write::unknown_of(catalogue, grant, &removed)).collect();
    let unknown = unknown.into_iter().map(str::to_owned).collect();
    let not_removed = taken.iter().filter(|action| kept.contains_key(action)).collect();

    let mut document =
        Document { version: Some(Version::V2012), id: None, statements: denies(material.present) };
    document.statements.extend(group::statements(catalogue, &granted, &attributed, &removed));
    write::unique_sids(&mut document.statements);
    let covers: Vec<Pattern> = granted.iter().flat_map(Grant::action_patterns).collect();
    Proposal {
        fitted: fit::fit(document, &covers),
        dropped: all.difference(&kept.keys().copied().collect()),
        no_actions: write::no_actions(catalogue, &granted),
        kept,
        unknown,
        not_removed,
    }
}

/// Explicit denies are carried over, in the words of version 2012-10-17.
fn denies(present: &[Document]) -> Vec<crate::iam::document::Statement> {
    present
        .iter()
        .flat_map(|document| document.statements.iter().map(move |statement| (document, statement)))
        .filter(|(_, statement)| statement.effect == Effect::Deny)
        .map(|(document, statement)| write::in_version_2012(document.variables(), statement))
        .collect()
}

/// Which of the granted actions stay, and why. Used beats attested beats dependent beats unobservable. What was used only where no
/// statement grants it wasn't granted by these policies, and its dependents need nothing of them.
fn keeps(
    catalogue: &Catalogue,
    evidence: &Evidence,
    grants: &[Grant<'_>],
    removed: &ActionSet,
) -> BTreeMap<ActionId, Keep> {
    let granted = grant::all_actions(grants);
    let mut kept = BTreeMap::new();
    for action in granted.iter() {
        let uses = evidence.uses_of(action);
        let stays = || !removed.contains(action) && is_grantable(catalogue, grants, action);
        if uses > 0 {
            if attribute::any_admits(grants, evidence, action) || (evidence.may_lack(action) && stays()) {
                kept.insert(action, Keep::Used(uses));
            }
        } else if let Some(witness) = evidence.witness_of(action) {
            if stays() {
                kept.insert(action, Keep::Attested(witness));
            }
        } else if let Some(reason) = evidence.unobservable(action)
            && stays()
        {
            kept.insert(action, Keep::Unobservable(reason));
        }
    }
    let is_used = |keep: &Keep| matches!(keep, Keep::Used(_) | Keep::Attested(_));
    let used: Vec<ActionId> =
        kept.iter().filter(|(_, keep)| is_used(keep)).map(|(action, _)| *action).collect();
    for action in used {
        for dependent in catalogue.dependents_of(action) {
            let stays = granted.contains(dependent)
                && !removed.contains(dependent)
                && is_grantable(catalogue, grants, dependent);
            if stays
                && !kept
                    .get(&dependent)
                    .is_some_and(|keep| is_used(keep) || matches!(keep, Keep::DependentOf(_)))
            {
                kept.insert(dependent, Keep::DependentOf(action));
            }
        }
    }
    kept
}

/// Whether any of the statements grants the action on something that it can be done to.
fn is_grantable(catalogue: &Catalogue, grants: &[Grant<'_>], action: ActionId) -> bool {
    grants.iter().any(|grant| grant.actions.contains(action) && grant.can_grant(catalogue, action))
}
