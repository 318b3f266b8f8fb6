//! The specialities that AWS documents: calls without permission, resources that need a grant of their own, resources
//! that belong to AWS.

use super::caller::Caller;
use super::resource::{Subject, has_no_resource_types};
use super::rule::Question;
use super::truth::Truth;
use crate::iam::arn::Arn;
use crate::iam::catalogue::{AccessLevel, Catalogue};

/// `sts:GetCallerIdentity` is open to whoever has credentials, even where a policy denies it.
pub(super) fn needs_no_permission(question: &Question<'_>) -> bool {
    &*question.action.name == "sts:getcalleridentity" && question.caller != Caller::Anonymous
}

/// What the identity is granted without a policy: everything to the root user, its own session to a user.
pub(super) fn is_granted_by_nature(question: &Question<'_>) -> bool {
    match question.caller {
        Caller::Root { .. } => true,
        Caller::User { .. } => &*question.action.name == "sts:getsessiontoken",
        _ => false,
    }
}

/// Whether the resource's policy has to grant even within an account: roles and KMS keys.
pub(super) fn needs_grant_of_resource(question: &Question<'_>) -> Truth {
    match question.action.service() {
        "sts" => is_trust(&question.action.name).into(),
        "kms" => match question.subject.text() {
            None if has_no_resource_types(&question.action.name) => Truth::No,
            None => Truth::Unknown,
            Some("*") => matches!(question.subject, Subject::Many(..) | Subject::OneOf(..)).into(),
            Some(text) => Arn::parse(text)
                .is_some_and(|arn| arn.service == "kms" && arn.resource.starts_with("key/"))
                .into(),
        },
        _ => Truth::No,
    }
}

fn is_trust(action: &str) -> bool {
    matches!(
        action,
        "sts:assumerole"
            | "sts:assumerolewithsaml"
            | "sts:assumerolewithwebidentity"
            | "sts:setcontext"
            | "sts:setsourceidentity"
            | "sts:tagsession"
    )
}

/// Whether the call would change what AWS keeps for itself: its managed policies, its reserved roles, the aliases of
/// its keys. Nobody is granted that, whatever policies say.
pub(super) fn changes_what_aws_owns(question: &Question<'_>) -> bool {
    let Some(arn) = question.subject.text().and_then(Arn::parse) else { return false };
    let kept = match arn.service {
        "iam" => {
            (arn.account == "aws" && arn.resource.starts_with("policy/"))
                || arn.resource.starts_with("role/aws-reserved/")
        }
        "kms" => arn.resource.starts_with("alias/aws/"),
        _ => false,
    };
    kept && question.action.service() == arn.service && changes(&question.action.name)
}

fn changes(action: &str) -> bool {
    let catalogue = Catalogue::embedded();
    catalogue.find(action).is_some_and(|id| match catalogue.level_of(id) {
        AccessLevel::List | AccessLevel::Read => false,
        AccessLevel::Write | AccessLevel::Tagging | AccessLevel::PermissionsManagement => true,
    })
}
