//! Conditions on tags that actions of the statement don't know, so that they never hold for these.

use std::collections::BTreeSet;

use crate::iam::catalogue::{ActionId, Catalogue};
use crate::iam::document::{Effect, OperatorKind};

use super::Kind;
use super::finding::Report;
use super::issue::Issue;
use super::structure::{Condition, Policy, Statement};
use super::support::knows;

pub(super) fn check(policy: &Policy<'_>, _: &Kind, report: &mut Report) {
    for statement in &policy.statements {
        for condition in &statement.conditions {
            check_condition(statement, condition, report);
        }
    }
}

/// Where the key is missing a positive comparison doesn't hold; with `IfExists`, `ForAllValues` or negated it does.
fn check_condition(statement: &Statement<'_>, condition: &Condition<'_>, report: &mut Report) {
    let is_tag = condition.key.len() > "aws:ResourceTag/".len()
        && condition
            .key
            .get(.."aws:ResourceTag/".len())
            .is_some_and(|start| start.eq_ignore_ascii_case("aws:ResourceTag/"));
    let operator = condition.operator;
    if !is_tag
        || operator.if_exists
        || operator.set.is_some()
        || operator.kind.is_negated()
        || operator.kind == OperatorKind::Null
    {
        return;
    }
    let (Some(actions), Some(effect)) = (&statement.actions, statement.effect) else { return };
    let key = condition.key;
    if actions.negated {
        let (issue, what) = match effect {
            Effect::Allow => (Issue::AllowNotActionWithUnsupportedTag, "allowed"),
            Effect::Deny => (Issue::DenyNotActionWithUnsupportedTag, "denied"),
        };
        let details =
            format!("Actions that don't know {key} aren't {what} here. List the actions with Action.");
        return report.add(issue, &condition.at, details);
    }
    let (issue, what) = match effect {
        Effect::Allow => (Issue::AllowWithUnsupportedTag, "allowed"),
        Effect::Deny => (Issue::DenyWithUnsupportedTag, "denied"),
    };
    let catalogue = Catalogue::embedded();
    let mut services: BTreeSet<String> = BTreeSet::new();
    for action in &actions.items {
        // A wildcard over services speaks of no service in particular.
        let Some((service, _)) = action.text.split_once(':') else { continue };
        if service.contains(['*', '?']) {
            continue;
        }
        // An action that is named has to know the key, and of those behind a wildcard one of them.
        let reached = catalogue.expand(action.text);
        if !reached.is_empty() && !reached.iter().any(|action| takes_resource_tags(catalogue, action)) {
            services.insert(service.to_ascii_lowercase());
        }
    }
    if !services.is_empty() {
        let details = format!(
            "Actions of these services don't know {key}: {}. They are never {what} by this statement; move them to another.",
            services.into_iter().collect::<Vec<_>>().join(", ")
        );
        report.add(issue, &condition.at, details);
    }
}

fn takes_resource_tags(catalogue: &Catalogue, action: ActionId) -> bool {
    knows(catalogue, action, "aws:ResourceTag/${TagKey}")
}
