//! Resource policies of a known kind: trust policies of roles, and what goes with the resource of others.

use crate::iam::arn::Arn;
use crate::iam::pattern::Pattern;

use super::finding::Report;
use super::issue::Issue;
use super::structure::{Policy, Principals, Statement};
use super::{Kind, PolicyType};

/// The service whose actions and ARNs a policy of a resource type may hold.
const SERVICES: &[(&str, &str)] = &[
    ("AWS::S3::Bucket", "s3"),
    ("AWS::S3::AccessPoint", "s3"),
    ("AWS::S3::MultiRegionAccessPoint", "s3"),
    ("AWS::S3ObjectLambda::AccessPoint", "s3-object-lambda"),
    ("AWS::KMS::Key", "kms"),
    ("AWS::SQS::Queue", "sqs"),
    ("AWS::SNS::Topic", "sns"),
    ("AWS::SecretsManager::Secret", "secretsmanager"),
    ("AWS::Lambda::Function", "lambda"),
    ("AWS::ECR::Repository", "ecr"),
    ("AWS::DynamoDB::Table", "dynamodb"),
    ("AWS::EFS::FileSystem", "elasticfilesystem"),
];

const GITHUB: &str = "token.actions.githubusercontent.com";

pub(super) fn check(policy: &Policy<'_>, kind: &Kind, report: &mut Report) {
    if kind.policy != PolicyType::Resource {
        return;
    }
    let service = SERVICES.iter().find(|(name, _)| Some(*name) == kind.resource.as_deref());
    for statement in &policy.statements {
        if kind.is_trust() {
            check_trust(statement, report);
        } else if let Some((resource, service)) = service {
            check_service(statement, resource, service, report);
        }
    }
}

fn check_service(statement: &Statement<'_>, resource: &str, service: &str, report: &mut Report) {
    for action in statement.actions.iter().flat_map(|actions| &actions.items) {
        let own =
            action.text.split_once(':').is_none_or(|(prefix, _)| Pattern::action(prefix).matches(service));
        if !own {
            let details = format!("{} is no action on {resource}, to which the policy belongs.", action.text);
            report.add(Issue::UnsupportedActionInPolicy, &action.at, details);
        }
    }
    for item in statement.resources.iter().flat_map(|resources| &resources.items) {
        let own = Arn::parse(item.text).is_none_or(|arn| Pattern::action(arn.service).matches(service));
        if !own {
            let details = format!("{} isn't {resource}, to which the policy belongs.", item.text);
            report.add(Issue::UnsupportedResourceArnInPolicy, &item.at, details);
        }
    }
    let sources = ["aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths"];
    let Some(principals) = statement.principal.as_ref().filter(|p| !p.negated) else { return };
    if statement.allows() && !sources.iter().any(|key| statement.has_key(key)) {
        for (_, name) in principals.members.iter().filter(|(kind, _)| *kind == "Service") {
            report.add(
                Issue::RestrictAccessToServicePrincipal,
                &name.at,
                format!(
                    "{} may act here for anybody. Add a condition on aws:SourceArn or aws:SourceAccount.",
                    name.text
                ),
            );
        }
    }
}

fn check_trust(statement: &Statement<'_>, report: &mut Report) {
    if let Some(resources) = &statement.resources {
        let details = "A trust policy is about its own role. Remove Resource or NotResource.";
        report.add(Issue::RoleTrustResource, &resources.at, details);
    }
    let Some(principals) = &statement.principal else { return };
    if principals.negated {
        report.add(
            Issue::RoleTrustNotPrincipal,
            &principals.at,
            "Trust policies don't know NotPrincipal. Use Principal.",
        );
        return;
    }
    if principals.everyone {
        let details = "A trust policy can't have \"*\" as principal. Name whom you trust.";
        report.add(Issue::RoleTrustWildcardPrincipal, &principals.at, details);
    }
    check_sessions(principals, report);
    if statement.allows() {
        check_federated(statement, principals, report);
        check_roles_anywhere(statement, principals, report);
    }
}

/// A session beside its own role adds nothing.
fn check_sessions(principals: &Principals<'_>, report: &mut Report) {
    for (_, name) in &principals.members {
        let Some(session) = Arn::parse(name.text) else { continue };
        let Some(role) =
            session.resource.strip_prefix("assumed-role/").and_then(|rest| rest.split('/').next())
        else {
            continue;
        };
        let parent = principals.members.iter().find(|(_, other)| {
            Arn::parse(other.text).is_some_and(|arn| {
                arn.account == session.account
                    && arn.resource.starts_with("role/")
                    && arn.resource.rsplit('/').next() == Some(role)
            })
        });
        if let Some((_, parent)) = parent {
            let details =
                format!("{} is a session of {}, which stands here too. Remove it.", name.text, parent.text);
            report.add(Issue::RedundantPrincipalInTrustPolicy, &name.at, details);
        }
    }
}

fn check_federated(statement: &Statement<'_>, principals: &Principals<'_>, report: &mut Report) {
    let does = |action: &str| {
        statement.actions.iter().flat_map(|a| &a.items).find(|item| item.text.eq_ignore_ascii_case(action))
    };
    for (kind, name) in &principals.members {
        let saml = name.text.contains(":saml-provider/");
        let federated = *kind == "Federated";
        for (action, fits) in [
            ("sts:AssumeRoleWithSAML", federated && saml),
            ("sts:AssumeRoleWithWebIdentity", federated && !saml),
        ] {
            if let Some(found) = does(action).filter(|_| !fits) {
                let details = format!(
                    "{} isn't for {}: SAML providers and identity providers each have their own action.",
                    found.text, name.text
                );
                report.add(Issue::MismatchedActionForPrincipal, &found.at, details);
            }
        }
        if !federated {
            continue;
        }
        let host = name.text.split_once(":oidc-provider/").map_or(name.text, |(_, host)| host);
        if !saml && (host.is_empty() || !host.contains('.')) {
            let details = format!("{:?} is neither a provider's host nor a provider's ARN.", name.text);
            report.add(Issue::InvalidFederatedPrincipal, &name.at, details);
        } else if !saml {
            check_provider(statement, host, name, report);
        }
    }
}

/// Whoever has an account with the provider could take the role, unless a condition on its keys says who may.
fn check_provider(
    statement: &Statement<'_>,
    host: &str,
    name: &super::structure::Text<'_>,
    report: &mut Report,
) {
    let own = |key: &str| key.rsplit_once(':').is_some_and(|(prefix, _)| prefix.eq_ignore_ascii_case(host));
    if host.eq_ignore_ascii_case(GITHUB) {
        let subject = format!("{GITHUB}:sub");
        let mut subjects =
            statement.conditions.iter().filter(|c| c.key.eq_ignore_ascii_case(&subject)).peekable();
        if subjects.peek().is_none() {
            let details =
                format!("Any repository of GitHub can take this role. Add a condition on {subject}.");
            return report.add(Issue::MissingGithubRepoConditionKey, &name.at, details);
        }
        for value in subjects.flat_map(|condition| &condition.values) {
            let repository = value.text.strip_prefix("repo:").and_then(|rest| rest.split(':').next());
            if repository.is_none_or(|repository| repository.contains('*')) {
                report.add(
                    Issue::SpecificGithubRepoRecommended,
                    &value.at,
                    format!(
                        "{:?} lets in more repositories than one. Name the repository and the branch.",
                        value.text
                    ),
                );
            }
        }
    } else if !statement.conditions.iter().any(|condition| own(condition.key)) {
        report.add(
            Issue::MissingConditionKeyForOidc,
            &name.at,
            format!("Anybody whom {host} knows can take this role. Add a condition on its keys, such as {host}:aud."),
        );
    }
}

fn check_roles_anywhere(statement: &Statement<'_>, principals: &Principals<'_>, report: &mut Report) {
    let anywhere = principals.members.iter().find(|(_, name)| name.text == "rolesanywhere.amazonaws.com");
    let (Some((_, name)), Some(actions)) = (anywhere, &statement.actions) else { return };
    let missing = ["sts:assumerole", "sts:setsourceidentity", "sts:tagsession"]
        .iter()
        .any(|needed| !actions.items.iter().any(|item| Pattern::action(item.text).matches(needed)));
    if missing && !actions.negated {
        report.add(
            Issue::MissingActionForRolesAnywhere,
            &name.at,
            "IAM Roles Anywhere needs sts:AssumeRole, sts:SetSourceIdentity and sts:TagSession.",
        );
    }
}
