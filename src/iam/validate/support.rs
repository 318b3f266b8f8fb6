//! Conditions on keys that named actions of the statement don't know.
//!
//! Actions with wildcards aren't judged, nor are keys of which the reference says for no action that it knows them.
//! `aws:` keys are left to others: of those the reference lists for an action only some.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use crate::iam::catalogue::{ActionId, Catalogue};
use crate::iam::document::OperatorKind;

use super::Kind;
use super::finding::Report;
use super::issue::Issue;
use super::structure::{Condition, Policy, Statement};

/// Keys of services that speak of the caller's credentials, and are in requests to any service.
const OF_THE_CALLER: &[&str] = &[
    "ec2:RoleDelivery",
    "ec2:SourceInstanceARN",
    "glue:CredentialIssuingService",
    "glue:RoleAssumedBy",
    "identitystore:UserId",
    "lambda:SourceFunctionArn",
    "ssm:SourceInstanceArn",
];

/// How often a policy's actions are asked for a key; no policy that IAM stores uses it up.
const MOST_QUESTIONS: usize = 200_000;
/// How many actions a finding names.
const MOST_NAMES: usize = 10;

pub(super) fn check(policy: &Policy<'_>, _: &Kind, report: &mut Report) {
    let catalogue = Catalogue::embedded();
    let mut left = MOST_QUESTIONS;
    let mut known_to_some = HashMap::new();
    for statement in &policy.statements {
        let conditions: Vec<_> = statement.conditions.iter().filter(|condition| speaks(condition)).collect();
        if conditions.is_empty() {
            continue;
        }
        let actions = named(statement, catalogue);
        // A key that is there often is looked at once.
        let mut without: HashMap<&str, Vec<ActionId>> = HashMap::new();
        for condition in conditions {
            let Some((key, _)) = catalogue.condition_key(condition.key) else { continue };
            let unknowing = match without.entry(key) {
                Entry::Occupied(judged) => judged.into_mut(),
                Entry::Vacant(new) => {
                    let Some(rest) = left.checked_sub(actions.len()) else { return };
                    left = rest;
                    let unknowing = actions.iter().copied().filter(|action| !knows(catalogue, *action, key));
                    new.insert(unknowing.collect())
                }
            };
            if !unknowing.is_empty()
                && *known_to_some.entry(key).or_insert_with(|| is_known_to_some_action(catalogue, key))
            {
                let details = details(catalogue, key, unknowing);
                report.add(Issue::UnsupportedActionForConditionKey, &condition.at, details);
            }
        }
    }
}

fn details(catalogue: &Catalogue, key: &str, actions: &[ActionId]) -> String {
    let names: Vec<String> =
        actions.iter().take(MOST_NAMES).map(|action| catalogue.full_name(*action)).collect();
    let more = match actions.len() - names.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more} don't know {key}. Move them to a statement without it.", names.join(", "))
}

/// Whether the condition asks for a value of a service's own key. `Null` and `IfExists` allow for its absence.
fn speaks(condition: &Condition<'_>) -> bool {
    let own = condition.key.split_once(':').is_some_and(|(prefix, _)| !prefix.eq_ignore_ascii_case("aws"));
    own && !condition.operator.if_exists
        && condition.operator.kind != OperatorKind::Null
        && !OF_THE_CALLER.iter().any(|key| key.eq_ignore_ascii_case(condition.key))
}

/// The actions that the statement names in full.
fn named(statement: &Statement<'_>, catalogue: &Catalogue) -> BTreeSet<ActionId> {
    let listed = statement.actions.iter().filter(|actions| !actions.negated);
    listed.flat_map(|actions| &actions.items).filter_map(|action| catalogue.find(action.text)).collect()
}

/// Whether the reference lists the key, as the reference writes it, for the action. What a tag's key is called there
/// differs.
pub(super) fn knows(catalogue: &Catalogue, action: ActionId, key: &str) -> bool {
    let beginning = |key: &str| key.split_once('/').map(|(beginning, _)| beginning.to_ascii_lowercase());
    let of_a_tag = beginning(key);
    catalogue.condition_keys_of(action).any(|listed| {
        listed.eq_ignore_ascii_case(key) || (of_a_tag.is_some() && beginning(listed) == of_a_tag)
    })
}

fn is_known_to_some_action(catalogue: &Catalogue, key: &str) -> bool {
    let service = key.split(':').next().unwrap_or_default();
    catalogue.actions_of(service).any(|action| knows(catalogue, action, key))
}
