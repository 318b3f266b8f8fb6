//! What IAM refuses: names, sizes and documents that it would not store, and roles that are none of ours to change.
//!
//! Each refusal bears the code that IAM's API gives it, so that it reads the same from every account, and from those
//! that are asked no more than once.

use std::fmt;

use super::ids::AccountId;
use super::role::Write;
use crate::iam::arn::Arn;
use crate::iam::document::Document;
use crate::iam::legible::legible;
use crate::iam::proposal::{INLINE_LIMIT, MANAGED_LIMIT};
use crate::iam::validate::{Issue, Kind, PolicyType, validate};

/// The longest name of a role.
pub const LONGEST: usize = 64;
/// The path of the managed policies that jobs make.
pub const OWN_PATH: &str = "/alpha/";

/// A refusal with IAM's code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {why}")]
pub struct Refusal {
    code: &'static str,
    why: String,
}

/// A refusal with IAM's code.
pub fn refused(code: &'static str, why: impl fmt::Display) -> Refusal {
    Refusal { code, why: why.to_string() }
}

/// A name from outside, fit to be shown.
pub fn shown(name: &str) -> String {
    let cut = name.floor_char_boundary(LONGEST);
    let more = if cut < name.len() { "…" } else { "" };
    format!("{}{more}", legible(&name[..cut]))
}

/// Whether a role could be called so: what can't be needs no asking for.
pub fn is_role_name(name: &str) -> bool {
    (1..=LONGEST).contains(&name.len()) && name.chars().all(is_plain)
}

/// Why a role is none to be changed, by where it lies.
pub fn reserved(path: &str, name: &str) -> Option<String> {
    let name = shown(name);
    if path.starts_with("/aws-service-role/") {
        Some(format!("{name} is linked to a service of AWS, which alone changes it"))
    } else if path.starts_with("/aws-reserved/") {
        Some(format!("{name} belongs to IAM Identity Center: change its permission set there"))
    } else if path.starts_with("/alpha-service/") || path.starts_with(OWN_PATH) {
        Some(own(&name))
    } else {
        None
    }
}

/// Why ALPHA doesn't change its own roles.
pub fn own(name: &str) -> String {
    format!("{} is alpha's own role, and alpha doesn't change what it may do itself", shown(name))
}

/// Whether a managed policy was made by a job: those of this version lie under a path of their own, those of the
/// version before it are told by their names.
pub fn is_made_by_a_job(arn: &str) -> bool {
    place(arn)
        .is_some_and(|(path, name)| path.starts_with(OWN_PATH) || (path == "/" && name.starts_with("alpha-")))
}

/// The path and the name of a managed policy.
pub fn place(arn: &str) -> Option<(String, &str)> {
    let rest = Arn::parse(arn)?.resource.strip_prefix("policy")?;
    let (path, name) = rest.rsplit_once('/')?;
    Some((format!("{path}/"), name))
}

/// What IAM would refuse of a write to a role of an account, as far as names, ARNs and sizes show it. What a document
/// says is left to [`document`]: what IAM stored once has to be put back, whatever is thought of it here.
pub fn check(write: &Write, account: &AccountId) -> Result<(), Refusal> {
    match write {
        Write::CreatePolicy(policy) => {
            own_arn(&policy.arn, account)?;
            if policy.version != "v1" {
                let version = shown(&policy.version);
                let why = format_args!("the first version of a managed policy is v1, not {version}");
                return Err(refused("ValidationError", why));
            }
            managed_size(policy.document.size())
        }
        Write::DeletePolicy { arn } if is_of_aws(arn) => {
            Err(refused("AccessDenied", format_args!("{} belongs to AWS", shown(arn))))
        }
        Write::PutInline { name, document } => {
            self::name(name)?;
            inline_size(document.size())
        }
        Write::DeletePolicy { .. }
        | Write::PutBoundary(_)
        | Write::RemoveBoundary
        | Write::DeleteInline { .. }
        | Write::Attach(_)
        | Write::Detach { .. } => Ok(()),
    }
}

/// Whether a policy may be called so.
pub fn name(name: &str) -> Result<(), Refusal> {
    if (1..=128).contains(&name.len()) && name.chars().all(is_plain) {
        return Ok(());
    }
    Err(refused(
        "ValidationError",
        format_args!("{:?} is no name of a policy: 1 to 128 letters, digits and _+=,.@-", shown(name)),
    ))
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)
}

/// Whether a policy of this account may have such an ARN.
pub fn own_arn(arn: &str, account: &AccountId) -> Result<(), Refusal> {
    let wrong = || {
        refused(
            "ValidationError",
            format_args!("{:?} is no ARN of a managed policy of account {account}", shown(arn)),
        )
    };
    let parsed = Arn::parse(arn).ok_or_else(wrong)?;
    let (path, last) = parsed.resource.strip_prefix("policy/").map(split_path).ok_or_else(wrong)?;
    let ours = parsed.partition.starts_with("aws")
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
pub fn is_of_aws(arn: &str) -> bool {
    Arn::parse(arn).is_some_and(|arn| arn.account == "aws")
}

/// Whether IAM would store an identity policy. It is laxer than Access Analyzer: an action that doesn't exist is stored.
pub fn document(document: &Document) -> Result<(), Refusal> {
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
pub fn inline_size(size: usize) -> Result<(), Refusal> {
    if size <= INLINE_LIMIT {
        return Ok(());
    }
    Err(refused(
        "LimitExceeded",
        format_args!(
            "the role's inline policies would have {size} characters, and {INLINE_LIMIT} are allowed"
        ),
    ))
}

/// Whether a managed policy fits.
pub fn managed_size(size: usize) -> Result<(), Refusal> {
    if size <= MANAGED_LIMIT {
        return Ok(());
    }
    Err(refused(
        "LimitExceeded",
        format_args!("the managed policy would have {size} characters, and {MANAGED_LIMIT} are allowed"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<(), Refusal> {
        document(&Document::parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn what_a_job_makes_lies_under_its_path_or_is_of_the_version_before() {
        for (arn, made) in [
            ("arn:aws:iam::111122223333:policy/alpha/alpha-canary-j-1", true),
            ("arn:aws-cn:iam::111122223333:policy/alpha/alpha-j-1-1", true),
            ("arn:aws:iam::111122223333:policy/alpha-canary-j-1", true),
            ("arn:aws:iam::111122223333:policy/alphabet/x", false),
            ("arn:aws:iam::111122223333:policy/team/alpha-canary-j-1", false),
            ("arn:aws:iam::111122223333:policy/queues", false),
            ("arn:aws:iam::aws:policy/AdministratorAccess", false),
            ("arn:aws:iam::111122223333:role/alpha/x", false),
            ("", false),
        ] {
            assert_eq!(is_made_by_a_job(arn), made, "{arn}");
        }
    }

    #[test]
    fn roles_of_aws_and_of_alpha_are_told_by_their_path() {
        for (path, word) in [
            ("/aws-service-role/support.amazonaws.com/", Some("linked to a service")),
            ("/aws-reserved/sso.amazonaws.com/eu-west-1/", Some("Identity Center")),
            ("/alpha-service/", Some("alpha's own role")),
            ("/alpha/", Some("alpha's own role")),
            ("/", None),
            ("/app/", None),
            ("/alphabet/", None),
        ] {
            let why = reserved(path, "x");
            assert_eq!(why.is_some(), word.is_some(), "{path}: {why:?}");
            assert!(why.unwrap_or_default().contains(word.unwrap_or_default()), "{path}");
        }
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
