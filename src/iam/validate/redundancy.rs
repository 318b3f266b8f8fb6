//! What could go without a change of meaning.
//!
//! An action is redundant where another of its list covers the whole of it; one that is covered in part isn't. Of
//! two that are equal the later one is.

use std::collections::HashMap;

use crate::iam::document::{OperatorKind, is_too_much};
use crate::iam::pattern::{Pattern, Setting, Variables};

use super::Kind;
use super::finding::{Location, Report};
use super::issue::Issue;
use super::structure::{Condition, Element, Policy, Statement};

pub(super) fn check(policy: &Policy<'_>, _: &Kind, report: &mut Report) {
    let variables =
        if policy.version == Some("2012-10-17") { Variables::Substituted } else { Variables::Literal };
    for statement in &policy.statements {
        if let Some(actions) = &statement.actions {
            let (at, names) = redundant(actions, Pattern::action);
            if let Some(first) = names.first() {
                let details = format!(
                    "{} of the actions are covered by others of the list. Remove those such as {first}.",
                    names.len()
                );
                report.add_all(Issue::RedundantAction, at, details);
            }
        }
        if let Some(resources) = &statement.resources {
            let (at, names) = redundant(resources, |text| Pattern::parse(text, Setting::Resource, variables));
            if let Some(first) = names.first() {
                let details = format!(
                    "{} of the resources are covered by others of the list, such as {first}. Review the wildcards.",
                    names.len()
                );
                report.add_all(Issue::RedundantResource, at, details);
            }
        }
        for condition in &statement.conditions {
            check_numbers(condition, report);
        }
    }
    check_statements(policy, report);
}

fn redundant<'n>(element: &Element<'n>, read: impl Fn(&str) -> Pattern) -> (Vec<Location>, Vec<&'n str>) {
    let patterns: Vec<Pattern> = element.items.iter().map(|item| read(item.text)).collect();
    let mut first: HashMap<&Pattern, usize> = HashMap::with_capacity(patterns.len());
    for (at, pattern) in patterns.iter().enumerate() {
        first.entry(pattern).or_insert(at);
    }
    let mut wide: Vec<usize> = (0..patterns.len()).filter(|&at| !patterns[at].is_literal()).collect();
    let texts = || element.items.iter().map(|item| item.text);
    if is_too_much(wide.iter().map(|&at| element.items[at].text), texts()) {
        wide.clear();
    }
    let covered = |at: usize| {
        let own = &patterns[at];
        first.get(own).is_some_and(|&first| first < at)
            || wide.iter().any(|&other| {
                let wider = &patterns[other];
                wider != own
                    && own.prefix().starts_with(wider.prefix())
                    && wider.covers(own)
                    && (other < at || !own.covers(wider))
            })
    };
    let found = element.items.iter().enumerate().filter(|(at, _)| covered(*at));
    found.map(|(_, item)| (item.at.clone(), item.text)).unzip()
}

/// Of several bounds on one side the widest alone counts.
fn check_numbers(condition: &Condition<'_>, report: &mut Report) {
    let widest = match condition.operator.kind {
        OperatorKind::NumericLessThan | OperatorKind::NumericLessThanEquals => "greatest",
        OperatorKind::NumericGreaterThan | OperatorKind::NumericGreaterThanEquals => "least",
        _ => return,
    };
    if condition.values.len() > 1 {
        report.add(
            Issue::RedundantConditionValueNum,
            &condition.at,
            format!("Of several values of {} only the {widest} counts. Leave that.", condition.operator),
        );
    }
}

/// Statements that say the same, their names aside.
fn check_statements(policy: &Policy<'_>, report: &mut Report) {
    let mut groups: HashMap<String, Vec<Location>> = HashMap::new();
    for statement in policy.statements.iter().filter(|statement| statement.effect.is_some()) {
        groups.entry(meaning(statement)).or_default().push(statement.at.clone());
    }
    let mut groups: Vec<_> = groups.into_values().filter(|group| group.len() > 1).collect();
    groups.sort();
    for group in groups {
        report.add_all(
            Issue::RedundantStatement,
            group,
            "These statements say the same. Remove all but one of them.",
        );
    }
}

/// All that a statement says but its name, in one order.
fn meaning(statement: &Statement<'_>) -> String {
    let element = |element: &Option<Element<'_>>, lower: bool| {
        element.as_ref().map(|element| {
            let mut items: Vec<String> = element
                .items
                .iter()
                .map(|item| if lower { item.text.to_ascii_lowercase() } else { item.text.to_owned() })
                .collect();
            items.sort();
            items.dedup();
            (element.negated, items)
        })
    };
    let principal = statement.principal.as_ref().map(|principals| {
        let mut members: Vec<_> = principals.members.iter().map(|(kind, name)| (*kind, name.text)).collect();
        members.sort_unstable();
        (principals.negated, principals.everyone, members)
    });
    let mut conditions: Vec<_> = statement
        .conditions
        .iter()
        .map(|condition| {
            let mut values: Vec<&str> = condition.values.iter().map(|value| value.text.as_ref()).collect();
            values.sort_unstable();
            (condition.operator, condition.key.to_ascii_lowercase(), values)
        })
        .collect();
    conditions.sort();
    let (actions, resources) = (element(&statement.actions, true), element(&statement.resources, false));
    format!("{:?}", (statement.effect, principal, actions, resources, conditions))
}
