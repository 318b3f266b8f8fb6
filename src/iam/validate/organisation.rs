//! What service and resource control policies may not say.

use crate::iam::catalogue::Catalogue;
use crate::iam::document::{Effect, OperatorKind};

use super::finding::Report;
use super::issue::Issue;
use super::structure::{Policy, Principals, Statement};
use super::{Kind, PolicyType};

pub(super) fn check(policy: &Policy<'_>, kind: &Kind, report: &mut Report) {
    for statement in &policy.statements {
        match kind.policy {
            PolicyType::Scp => check_scp(statement, report),
            PolicyType::Rcp => check_rcp(statement, report),
            PolicyType::Identity | PolicyType::Resource => {}
        }
    }
}

fn check_scp(statement: &Statement<'_>, report: &mut Report) {
    if let Some(principals) = &statement.principal {
        report.add(
            Issue::ScpSyntaxErrorPrincipal,
            &principals.at,
            "A service control policy names no principals. Use a condition on aws:PrincipalArn.",
        );
    }
    for action in statement.actions.iter().flat_map(|actions| &actions.items) {
        let body = action.text.strip_suffix('*').unwrap_or(action.text);
        if body.contains('*') {
            report.add(
                Issue::ScpSyntaxErrorActionWildcard,
                &action.at,
                format!(
                    "In a service control policy * stands at the end of an action only. Change {}.",
                    action.text
                ),
            );
        }
    }
}

fn check_rcp(statement: &Statement<'_>, report: &mut Report) {
    let everybody = |principals: &Principals<'_>| {
        !principals.negated
            && (principals.everyone
                || principals.members.iter().all(|(kind, name)| *kind == "AWS" && name.text == "*"))
    };
    if let Some(principals) = statement.principal.as_ref().filter(|principals| !everybody(principals)) {
        report.add(
            Issue::RcpSyntaxErrorPrincipal,
            &principals.at,
            "The principal of a resource control policy is \"*\", and NotPrincipal isn't known there.",
        );
    }
    if statement.allows() {
        let all = |element: &super::structure::Element<'_>| {
            !element.negated && element.items.iter().all(|item| item.text == "*")
        };
        if !statement.conditions.is_empty() || !statement.resources.as_ref().is_none_or(all) {
            report.add(
                Issue::RcpSyntaxErrorAllow,
                &statement.at,
                "An Allow of a resource control policy is for all resources and has no conditions.",
            );
        }
    }
    check_rcp_actions(statement, report);
    if statement.effect == Some(Effect::Deny) {
        check_rcp_keys(statement, report);
    }
}

fn check_rcp_actions(statement: &Statement<'_>, report: &mut Report) {
    let Some(actions) = &statement.actions else { return };
    if actions.negated {
        return report.add(
            Issue::RcpSyntaxErrorNotAction,
            &actions.at,
            "Resource control policies don't know NotAction. Use Action.",
        );
    }
    let catalogue = Catalogue::embedded();
    for action in &actions.items {
        let service = action.text.split(':').next().unwrap_or_default();
        // Only the policy that AWS attaches by itself, which allows, is about all services.
        let known = catalogue.takes_rcp(service) || (statement.allows() && action.text == "*");
        if !known {
            report.add(
                Issue::RcpSyntaxErrorAction,
                &action.at,
                format!("Resource control policies don't apply to the service {service:?}."),
            );
        }
    }
}

/// RCPs concern AWS's services too, when these act by themselves.
fn check_rcp_keys(statement: &Statement<'_>, report: &mut Report) {
    let has = |keys: &[&str]| {
        let mut conditions = statement.conditions.iter();
        conditions.find(|condition| {
            condition.operator.kind != OperatorKind::Null
                && keys.iter().any(|key| condition.key.eq_ignore_ascii_case(key))
        })
    };
    let aware = statement.has_key("aws:PrincipalIsAWSService");
    let principal =
        ["aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:PrincipalAccount", "aws:PrincipalArn"];
    let source = ["aws:SourceOrgID", "aws:SourceOrgPaths", "aws:SourceAccount", "aws:SourceArn"];
    if let Some(condition) = has(&principal).filter(|_| !aware) {
        report.add(
            Issue::RcpMissingPrincipalKey,
            &condition.at,
            format!("With {} add \"BoolIfExists\": {{\"aws:PrincipalIsAWSService\": \"false\"}}, or services are hit.", condition.key),
        );
    }
    if let Some(condition) = has(&source).filter(|_| !aware) {
        report.add(
            Issue::RcpMissingServicePrincipalKey,
            &condition.at,
            format!("With {} add \"BoolIfExists\": {{\"aws:PrincipalIsAWSService\": \"true\"}}, or principals are hit.", condition.key),
        );
    }
    let null = statement.conditions.iter().any(|condition| {
        condition.operator.kind == OperatorKind::Null
            && ["aws:SourceAccount", "aws:SourceArn"]
                .iter()
                .any(|key| condition.key.eq_ignore_ascii_case(key))
    });
    if let Some(condition) = has(&source[..2]).filter(|_| !null) {
        report.add(
            Issue::RcpMissingNullCheck,
            &condition.at,
            format!("With {} add \"Null\": {{\"aws:SourceAccount\": \"false\"}}.", condition.key),
        );
    }
}
