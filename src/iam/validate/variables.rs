//! Policy variables: their form, and where they may stand.

use crate::iam::document::OperatorKind;

use super::Kind;
use super::conditions::Family;
use super::finding::{Location, Report};
use super::issue::Issue;
use super::structure::Policy;

pub(super) fn check(policy: &Policy<'_>, _: &Kind, report: &mut Report) {
    let understood = policy.version == Some("2012-10-17");
    for statement in &policy.statements {
        for text in statement.actions.iter().flat_map(|actions| &actions.items) {
            check_elsewhere(text.text, &text.at, report);
        }
        for (_, name) in statement.principal.iter().flat_map(|principals| &principals.members) {
            check_elsewhere(name.text, &name.at, report);
        }
        for text in statement.resources.iter().flat_map(|resources| &resources.items) {
            check_text(text.text, &text.at, understood, report);
        }
        for condition in &statement.conditions {
            let family = Family::of_operator(condition.operator.kind);
            let takes = matches!(family, Some(Family::Text | Family::Arn));
            for value in condition.values.iter().filter(|value| value.text.contains("${")) {
                if takes {
                    check_text(&value.text, &value.at, understood, report);
                } else if condition.operator.kind != OperatorKind::BinaryEquals {
                    report.add(
                        Issue::InvalidVariableForOperator,
                        &value.at,
                        format!(
                            "{} takes no variables; operators of strings and ARNs do.",
                            condition.operator
                        ),
                    );
                }
            }
        }
    }
}

fn check_elsewhere(text: &str, at: &Location, report: &mut Report) {
    if let Some(start) = text.find("${") {
        report.add(
            Issue::VariableUnsupportedInElement,
            at,
            format!("Variables such as {:?} can stand in Resource and Condition only.", &text[start..]),
        );
    }
}

fn check_text(text: &str, at: &Location, understood: bool, report: &mut Report) {
    if !understood && names_a_variable(text) {
        report.add(
            Issue::VariableUnsupportedInVersion,
            at,
            "In this version of the language a variable is plain text. Use \"Version\": \"2012-10-17\".",
        );
        return;
    }
    if !understood {
        return;
    }
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let body = &rest[start + 2..];
        let Some(end) = body.find('}') else {
            report.add(
                Issue::MissingBraceInVariable,
                at,
                format!("The variable {:?} has no closing brace.", &rest[start..]),
            );
            return;
        };
        check_variable(&body[..end], at, report);
        rest = &body[end + 1..];
    }
}

/// Whether there is a whole variable in the text, not merely a `${`.
fn names_a_variable(text: &str) -> bool {
    text.find("${").is_some_and(|start| text[start..].contains('}'))
}

fn check_variable(body: &str, at: &Location, report: &mut Report) {
    if ["*", "?", "$"].contains(&body) {
        return;
    }
    let (name, default) = match body.split_once(',') {
        Some((name, default)) => (name, Some(default.trim())),
        None => (body, None),
    };
    if name.trim().is_empty() {
        report.add(Issue::EmptyVariable, at, "There is a variable without a name. Name it, or remove it.");
    } else if name.contains(' ') && !has_named_part(name) {
        report.add(
            Issue::UnsupportedSpaceInVariable,
            at,
            format!("The variable {name:?} can't hold a space. Remove it."),
        );
    }
    let quoted = |text: &str| text.len() > 1 && text.starts_with('\'') && text.ends_with('\'');
    if default.is_some_and(|default| !quoted(default)) {
        report.add(
            Issue::MissingQuoteInVariable,
            at,
            format!("The default of the variable {name:?} has to stand between single quotes."),
        );
    }
}

/// The key of a tag may hold a space.
fn has_named_part(name: &str) -> bool {
    name.split_once('/').is_some_and(|(fixed, _)| !fixed.contains(' '))
}
