//! What is asked: as much as another judge can take, the most sensitive first.

use std::cmp::Reverse;
use std::collections::HashSet;

use super::{Questions, Trial};
use crate::domain::proposal::Case;
use crate::iam::catalogue::{AccessLevel, ActionId, Catalogue};
use crate::iam::cloudtrail::{Call, Ending, Need, Needs};
use crate::iam::document::{Document, Version};
use crate::iam::evaluate::{Context, Decision, Evaluator, PolicySet, Request, Target};
use crate::iam::grants::granted_actions;

/// How many removed actions are asked about: as many as one check takes.
const REMOVED: usize = 100;
/// How many calls are tried, each with a request of its own.
const CALLS: usize = 12;
/// The longest policy that is asked about, in characters.
const LONGEST: usize = 100_000;

/// What there is to ask of a case.
pub fn questions(case: &Case, calls: &[(Call<'static>, u64)]) -> Questions {
    let present = case.snapshot.policies();
    Questions {
        merged: merged(&present, &case.proposed),
        removed: removed(&present, &case.proposed),
        calls: trials(case, calls),
        proposed: case.proposed.clone(),
        boundaries: case.snapshot.boundaries(),
    }
}

fn merged(present: &[Document], proposed: &[Document]) -> Result<(Document, Document), &'static str> {
    if proposed.is_empty() {
        return Err("nothing stays granted, so that nothing can be new");
    }
    let (present, proposed) = (merge(present)?, merge(proposed)?);
    if present.size().max(proposed.size()) > LONGEST {
        return Err("the policies together are longer than the check takes");
    }
    Ok((present, proposed))
}

/// Policies as one. Names of statements have to be unique in it, and say nothing.
fn merge(policies: &[Document]) -> Result<Document, &'static str> {
    let is_new = |policy: &Document| policy.version == Some(Version::V2012);
    let has_variables = |policy: &Document| policy.to_string_compact().contains("${");
    if policies.iter().any(|policy| !is_new(policy) && has_variables(policy)) {
        return Err("a policy of the language's older version, in which ${} is no variable, can't be merged");
    }
    let statements = policies.iter().flat_map(|policy| policy.statements.iter().cloned());
    let statements = statements.map(|mut statement| {
        statement.sid = None;
        statement
    });
    Ok(Document { version: Some(Version::V2012), id: None, statements: statements.collect() })
}

fn removed(present: &[Document], proposed: &[Document]) -> Vec<String> {
    let catalogue = Catalogue::embedded();
    let lost = granted_actions(present).difference(&granted_actions(proposed));
    let mut lost: Vec<ActionId> = lost.iter().collect();
    lost.sort_by_key(|action| Reverse(rank(catalogue.level_of(*action))));
    lost.into_iter().take(REMOVED).map(|action| catalogue.full_name(action)).collect()
}

/// How sensitive actions of a level are.
fn rank(level: AccessLevel) -> u8 {
    match level {
        AccessLevel::PermissionsManagement => 4,
        AccessLevel::Write => 3,
        AccessLevel::Tagging => 2,
        AccessLevel::Read => 1,
        AccessLevel::List => 0,
    }
}

fn trials(case: &Case, calls: &[(Call<'static>, u64)]) -> Vec<Trial> {
    let evaluator = Evaluator::from(PolicySet {
        identity: case.proposed.clone(),
        boundaries: case.snapshot.boundaries(),
        ..PolicySet::default()
    });
    let mut found: Vec<(u8, u64, Trial)> = Vec::new();
    let mut known = HashSet::new();
    for (call, times) in calls.iter().filter(|(call, _)| call.ending == Ending::Succeeded) {
        let Needs::All(needs) = &call.needs else { continue };
        for need in needs {
            let Some((rank, trial)) = trial(call, need) else { continue };
            if is_allowed(&evaluator, call, need)
                && known.insert((trial.action.clone(), trial.resource.clone()))
            {
                found.push((rank, *times, trial));
            }
        }
    }
    found.sort_by_key(|(rank, times, _)| Reverse((*rank, *times)));
    found.into_iter().take(CALLS).map(|(_, _, trial)| trial).collect()
}

/// A call as it can be tried: one action on one resource that is known to the letter.
fn trial(call: &Call<'_>, need: &Need) -> Option<(u8, Trial)> {
    let catalogue = Catalogue::embedded();
    let action = catalogue.find(&need.action)?;
    let takes_several = catalogue.resources_of(action).filter(|(_, required)| *required).count() > 1;
    let Target::Named(resource) = &need.resource else { return None };
    let is_exact = resource == "*" || !resource.contains(['*', '?']);
    let takes_none = catalogue.resources_of(action).next().is_none();
    if takes_several || !is_exact || (resource == "*") != takes_none {
        return None;
    }
    let trial =
        Trial { action: need.action.to_string(), resource: resource.clone(), context: call.context.clone() };
    Some((rank(catalogue.level_of(action)), trial))
}

/// Whether we take a call to be allowed, whatever its record doesn't tell.
fn is_allowed(evaluator: &Evaluator, call: &Call<'_>, need: &Need) -> bool {
    let mut context = Context::open();
    call.context.iter().for_each(|(key, values)| context.insert(key, values.clone()));
    let request = Request {
        action: need.action.to_string(),
        principal: call.role.as_deref().or(call.caller.as_deref()).unwrap_or_default().to_owned(),
        resource: need.resource.clone(),
        resource_account: call.account.as_deref().map(str::to_owned),
        context,
    };
    evaluator.evaluate_caller_side(&request).decision == Decision::Allowed
}
