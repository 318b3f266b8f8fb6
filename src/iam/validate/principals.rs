//! Principals: where they may stand, and how they are named.

use crate::iam::arn::Arn;

use super::finding::Report;
use super::issue::Issue;
use super::structure::{Policy, Principals, Text};
use super::{Kind, PolicyType};

pub(super) fn check(policy: &Policy<'_>, kind: &Kind, report: &mut Report) {
    for statement in &policy.statements {
        let Some(principals) = &statement.principal else { continue };
        match kind.policy {
            PolicyType::Identity => report.add(
                Issue::UnsupportedPrincipal,
                &principals.at,
                "An identity policy speaks of whom it is attached to, and has no principal. Remove the element.",
            ),
            PolicyType::Resource => {
                if statement.allows() && principals.negated {
                    report.add(
                        Issue::AllowWithNotPrincipal,
                        &principals.at,
                        "Allow with NotPrincipal grants to everybody else, anonymous callers too. Use Principal.",
                    );
                }
                check_names(principals, kind, report);
            }
            PolicyType::Scp | PolicyType::Rcp => {}
        }
    }
}

fn check_names(principals: &Principals<'_>, kind: &Kind, report: &mut Report) {
    for (of, name) in &principals.members {
        let wild = name.text.contains(['*', '?']) && !name.text.contains("${");
        if wild && !(*of == "AWS" && name.text == "*") {
            report.add(
                Issue::UnsupportedWildcardInPrincipal,
                &name.at,
                format!("A wildcard can't be part of a principal of the kind {of}. Write it out."),
            );
            continue;
        }
        match *of {
            "AWS" => check_reference(name, report),
            "Service" if !wild => check_service(name, report),
            "Federated" if kind.resource.is_some() && !kind.is_trust() => report.add(
                Issue::FederatedPrincipalNotSupported,
                &name.at,
                "Federated principals can stand in trust policies of roles only.",
            ),
            _ => {}
        }
    }
}

/// A user or a role by its unique id, which stays behind when the user or the role is deleted.
fn check_reference(name: &Text<'_>, report: &mut Report) {
    let text = name.text;
    let is_id = |prefix: &str| {
        text.starts_with(prefix)
            && (16..=128).contains(&text.len())
            && text.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
    };
    if is_id("AROA") {
        report.add(
            Issue::InvalidRoleReference,
            &name.at,
            format!("{text} is a role's id. Use the role's ARN."),
        );
    } else if is_id("AIDA") {
        report.add(
            Issue::InvalidUserReference,
            &name.at,
            format!("{text} is a user's id. Use the user's ARN."),
        );
    } else if Arn::parse(text).is_none() && text != "*" && !is_account(text) && !text.starts_with('A') {
        report.add(
            Issue::InvalidPrincipalFormat,
            &name.at,
            format!("{text:?} is neither an ARN, nor an account's number of 12 digits, nor \"*\"."),
        );
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|c| c.is_ascii_digit())
}

fn check_service(name: &Text<'_>, report: &mut Report) {
    if !is_service_principal(name.text) {
        report.add(
            Issue::InvalidServicePrincipalFormat,
            &name.at,
            format!("{:?} is no service principal. Use the format service-name.amazonaws.com.", name.text),
        );
    }
}

/// Whether the text has the form of a service principal: a few services are outside `amazonaws.com`.
pub(super) fn is_service_principal(text: &str) -> bool {
    const ENDS: &[&str] =
        &[".amazonaws.com", ".amazonaws.com.cn", ".amazon.com", ".aws.internal", ".amazonaws.eu"];
    let named = |end: &str| text.strip_suffix(end).is_some_and(|name| !name.is_empty());
    ENDS.iter().any(|end| named(end))
        && text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || b".-_".contains(&c))
}
