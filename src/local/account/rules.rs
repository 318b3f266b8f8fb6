//! What IAM refuses: names, sizes, numbers and documents that it would not store.
//!
//! Each refusal bears the code that IAM's API gives it, so that it reads the same from either account.

use super::roles::shown;
use crate::domain::ids::AccountId;
use crate::iam::arn::Arn;
use crate::iam::document::Document;
use crate::iam::validate::{Issue, Kind, PolicyType, validate};
use crate::ports::AccountError;

/// How many characters a role's inline policies have together at most.
pub(super) const INLINE: usize = 10_240;
/// How many characters a version of a managed policy has at most.
pub(super) const MANAGED: usize = 6_144;
/// How many managed policies are attached to a role at most.
pub(super) const ATTACHED: usize = 10;

/// A refusal with IAM's code.
pub(super) fn refused(code: &str, why: impl std::fmt::Display) -> AccountError {
    AccountError::Rejected(format!("{code}: {why}"))
}

/// Whether a policy may be called so.
pub(super) fn name(name: &str) -> Result<(), AccountError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if (1..=128).contains(&name.len()) && name.chars().all(plain) {
        return Ok(());
    }
    Err(refused(
        "ValidationError",
        format_args!("{:?} is no name of a policy: 1 to 128 letters, digits and _+=,.@-", shown(name)),
    ))
}

/// Whether a policy of this account may have such an ARN.
pub(super) fn own_arn(arn: &str, account: &AccountId) -> Result<(), AccountError> {
    let wrong = || {
        refused(
            "ValidationError",
            format_args!("{:?} is no ARN of a managed policy of account {account}", shown(arn)),
        )
    };
    let parsed = Arn::parse(arn).ok_or_else(wrong)?;
    let (path, last) = parsed.resource.strip_prefix("policy/").map(split_path).ok_or_else(wrong)?;
    let ours = parsed.partition == "aws"
        && parsed.service == "iam"
        && parsed.region.is_empty()
        && parsed.account == account.as_str();
    let sound =
        path.len() <= 510 && path.chars().all(|c| c.is_ascii_graphic()) && !parsed.resource.contains("//");
    if ours && sound { name(last) } else { Err(wrong()) }
}

fn split_path(resource: &str) -> (&str, &str) {
    resource.rsplit_once('/').map_or(("", resource), |(path, name)| (path, name))
}

/// Whether a policy belongs to AWS.
pub(super) fn is_of_aws(arn: &str) -> bool {
    arn.starts_with("arn:aws:iam::aws:")
}

/// Whether IAM would store an identity policy. It is laxer than Access Analyzer: an action that doesn't exist is stored.
pub(super) fn document(document: &Document) -> Result<(), AccountError> {
    let malformed = |why: &str| Err(refused("MalformedPolicyDocument", why));
    for statement in &document.statements {
        let (Some(actions), Some(resources)) = (&statement.actions, &statement.resources) else {
            return malformed("each statement needs Action and Resource");
        };
        if actions.patterns.is_empty() || resources.patterns.is_empty() {
            return malformed("neither Action nor Resource may be an empty list");
        }
        if let Some(action) = actions.patterns.iter().find(|action| !has_vendor(action)) {
            return malformed(&format!("action {:?} names no service, as s3:GetObject does", shown(action)));
        }
        if let Some(resource) = resources.patterns.iter().find(|resource| !is_arn_or_star(resource)) {
            return malformed(&format!("resource {:?} is neither an ARN nor *", shown(resource)));
        }
    }
    if document.statements.is_empty() {
        return malformed("a policy needs a statement");
    }
    let kind = Kind::of(PolicyType::Identity);
    match validate(document.to_string_compact().as_bytes(), Some(kind))
        .into_iter()
        .find(|finding| NEVER_STORED.contains(&finding.issue))
    {
        Some(finding) => malformed(&finding.details),
        None => Ok(()),
    }
}

fn has_vendor(action: &str) -> bool {
    action == "*"
        || action.split_once(':').is_some_and(|(vendor, name)| !vendor.is_empty() && !name.is_empty())
}

fn is_arn_or_star(resource: &str) -> bool {
    resource.starts_with('*')
        || resource.starts_with("arn:") && resource.matches(':').count() >= 5
        || resource.starts_with("${")
}

/// Of what Access Analyzer reports, what IAM refuses to store as well.
const NEVER_STORED: &[Issue] = &[
    Issue::DataTypeMismatch,
    Issue::DuplicateKeysWithDifferentCase,
    Issue::InvalidConditionKeyFormat,
    Issue::InvalidConditionOperator,
    Issue::InvalidEffect,
    Issue::InvalidPolicyElement,
    Issue::InvalidVersion,
    Issue::JsonSyntaxError,
    Issue::MissingAction,
    Issue::MissingEffect,
    Issue::MissingResource,
    Issue::MissingStatement,
    Issue::UniqueSidsRequired,
    Issue::UnsupportedElementCombination,
    Issue::UnsupportedPrincipal,
    Issue::UnsupportedSid,
];

/// Whether all inline policies together fit.
pub(super) fn inline_size(size: usize) -> Result<(), AccountError> {
    if size <= INLINE {
        return Ok(());
    }
    Err(refused(
        "LimitExceeded",
        format_args!("the role's inline policies would have {size} characters, and {INLINE} are allowed"),
    ))
}

/// Whether a managed policy fits.
pub(super) fn managed_size(size: usize) -> Result<(), AccountError> {
    if size <= MANAGED {
        return Ok(());
    }
    Err(refused(
        "LimitExceeded",
        format_args!("the managed policy would have {size} characters, and {MANAGED} are allowed"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<(), AccountError> {
        document(&Document::parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn names_and_arns_are_those_that_iam_takes() {
        let account = AccountId::new("111122223333");
        for good in ["a", "Deploy_web+shop=1,2.3@4-5", &"x".repeat(128)] {
            assert!(name(good).is_ok(), "{good}");
        }
        for bad in ["", "a b", "a/b", "ä", "a\u{202e}", &"x".repeat(129), "<!channel>"] {
            assert!(name(bad).is_err(), "{bad}");
        }
        for good in ["arn:aws:iam::111122223333:policy/x", "arn:aws:iam::111122223333:policy/a/b/x"] {
            assert!(own_arn(good, &account).is_ok(), "{good}");
        }
        for bad in [
            "x",
            "arn:aws:iam::aws:policy/AdministratorAccess",
            "arn:aws:iam::444455556666:policy/x",
            "arn:aws:iam::111122223333:role/x",
            "arn:aws:iam::111122223333:policy/",
            "arn:aws:iam::111122223333:policy/a//x",
            "arn:aws:iam::111122223333:policy/a b/x",
            "arn:aws:s3::111122223333:policy/x",
        ] {
            assert!(own_arn(bad, &account).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_document_that_iam_would_not_store_is_malformed() {
        let good = [
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
            r#"{"Statement":[{"Effect":"Allow","Action":"s3:HeadObject","Resource":"arn:aws:s3:::b/*"}]}"#,
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":"iam:*","NotResource":"arn:aws:s3:::b"}}"#,
        ];
        for text in good {
            assert_eq!(check(text), Ok(()), "{text}");
        }
        let bad = [
            r#"{"Version":"2012-10-17","Statement":[]}"#,
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":[],"Resource":"*"}}"#,
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":[]}}"#,
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*"}}"#,
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Resource":"*"}}"#,
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"GetObject","Resource":"*"}}"#,
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"bucket"}}"#,
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Principal":"*"}}"#,
            r#"{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":"s3:*","Resource":"*"},{"Sid":"A","Effect":"Allow","Action":"sqs:*","Resource":"*"}]}"#,
            r#"{"Version":"2012-10-17","Statement":{"Sid":"not plain","Effect":"Allow","Action":"s3:*","Resource":"*"}}"#,
        ];
        for text in bad {
            let error = check(text).unwrap_err().to_string();
            assert!(error.starts_with("MalformedPolicyDocument: "), "{text}: {error}");
        }
    }
}
