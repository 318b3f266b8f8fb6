//! AWS: which accounts there are, where their calls are recorded, which model puts a case into words.
//!
//! Where ALPHA's own credentials and Region come from is AWS's own business: its SDK reads them.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::accounts::{Account, Trail};
use crate::domain::ids::AccountId;

/// The model that is asked where nobody names one.
pub const MODEL: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

/// What ALPHA knows of AWS before it asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aws {
    /// The account that ALPHA runs in; none where its credentials tell.
    pub home: Option<AccountId>,
    /// What is configured of that account; without Regions where ALPHA's own one is meant.
    pub own: Account,
    /// The other accounts.
    pub members: BTreeMap<AccountId, Account>,
    /// The model; none where facts alone are told.
    pub model: Option<String>,
    /// What the model's answers go through.
    pub guardrail: Option<ModelGuardrail>,
    /// How many second opinions, which are billed, may be asked for in a day.
    pub checks: u32,
    /// How long the evidence for one job may take.
    pub collect: Duration,
}

/// A guardrail of Bedrock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelGuardrail {
    /// Its id or ARN.
    pub id: String,
    /// Which version.
    pub version: String,
}

/// Reads an account's number.
pub fn account(text: &str) -> Result<AccountId, String> {
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(AccountId::new(text))
    } else {
        Err("expected the twelve digits of an AWS account".to_owned())
    }
}

/// Reads Regions, one or several with commas between.
pub fn regions(text: &str) -> Result<Vec<String>, String> {
    let is_one = |name: &str| {
        let mut parts = name.split('-');
        let letters = |part: Option<&str>| {
            part.is_some_and(|part| part.len() > 1 && part.bytes().all(|byte| byte.is_ascii_lowercase()))
        };
        letters(parts.next())
            && letters(parts.next())
            && name.ends_with(|end: char| end.is_ascii_digit())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    listed(text, is_one, "expected the names of AWS Regions with commas between, such as eu-west-1,us-east-1")
}

/// Reads the ARNs of trails, one or several with commas between.
pub fn trails(text: &str) -> Result<Vec<String>, String> {
    let is_one = |arn: &str| matches!(parts(arn), Some(("cloudtrail", rest)) if rest.starts_with("trail/"));
    listed(
        text,
        is_one,
        "expected the ARN of a trail, such as arn:aws:cloudtrail:eu-west-1:111122223333:trail/all",
    )
}

/// Reads the ARN of a role.
pub fn role(text: &str) -> Result<String, String> {
    match parts(text) {
        Some(("iam", rest)) if rest.starts_with("role/") => Ok(text.to_owned()),
        _ => Err("expected the ARN of a role, such as arn:aws:iam::111122223333:role/alpha-service/evidence"
            .to_owned()),
    }
}

/// Reads the roles to be assumed in other accounts, each of which says which account it is of.
pub fn member_roles(text: &str) -> Result<BTreeMap<AccountId, Account>, String> {
    let mut members = BTreeMap::new();
    for arn in text.split(',').map(str::trim) {
        let arn = role(arn)?;
        let id = account(arn.split(':').nth(4).unwrap_or_default())?;
        let member = Account { role: Some(arn), ..Account::default() };
        if members.insert(id.clone(), member).is_some() {
            return Err(format!("two roles of account {id}; expected one for each account"));
        }
    }
    Ok(members)
}

/// Reads what a member role's trust policy asks for.
pub fn external_id(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "+=,.@:/-_".contains(c);
    if (2..=1224).contains(&text.len()) && text.chars().all(fits) {
        Ok(text.to_owned())
    } else {
        Err("expected from 2 to 1224 letters, digits and any of + = , . @ : / - _".to_owned())
    }
}

/// Reads where a trail's files are: the bucket, and what stands before `AWSLogs/` in their keys.
pub fn bucket(text: &str) -> Result<(String, String), String> {
    const EXPECTED: &str =
        "expected s3://BUCKET, or s3://BUCKET/PREFIX where the trail has one (what stands before AWSLogs/)";
    let rest = text.strip_prefix("s3://").ok_or(EXPECTED)?;
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let prefix = prefix.trim_end_matches('/');
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
    if !(3..=63).contains(&bucket.len()) || !bucket.chars().all(fits) || prefix.contains("AWSLogs") {
        return Err(EXPECTED.to_owned());
    }
    Ok((bucket.to_owned(), prefix.to_owned()))
}

/// Reads the id of an organisation.
pub fn organisation(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("o-").unwrap_or_default();
    if rest.len() >= 10 && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err("expected the id of an organisation, such as o-exampleorgid".to_owned())
    }
}

/// Reads the name of a log group.
pub fn log_group(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_-/.#".contains(c);
    if !text.is_empty() && text.len() <= 512 && text.chars().all(fits) {
        Ok(text.to_owned())
    } else {
        Err("expected the name of a log group, without ARN".to_owned())
    }
}

/// Reads which model is asked; none where nobody is.
pub fn model(text: &str) -> Result<Option<String>, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || ".-:/_".contains(c);
    match text {
        "none" => Ok(None),
        _ if !text.is_empty() && text.len() <= 2048 && text.chars().all(fits) => Ok(Some(text.to_owned())),
        _ => Err(format!(
            "expected the id or ARN of a model or an inference profile, such as {MODEL}, or none"
        )),
    }
}

/// Reads a guardrail and its version.
pub fn guardrail(text: &str) -> Result<ModelGuardrail, String> {
    let (id, version) = text.rsplit_once(':').unwrap_or_default();
    let numbered = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
    let named =
        !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":/-".contains(&byte));
    if named && (numbered || version == "DRAFT") {
        Ok(ModelGuardrail { id: id.to_owned(), version: version.to_owned() })
    } else {
        Err("expected the id or ARN of a Bedrock guardrail, a colon and its version, such as abcdef123456:1"
            .to_owned())
    }
}

/// The members, each with what it has of its own; what it doesn't say of a trail is the home account's, whose trail
/// may be that of the organisation.
pub fn with_trail(mut member: Account, own: &Trail) -> Account {
    let silent = member.trail.bucket.is_none() && member.trail.log_group.is_none();
    if silent {
        member.trail = Trail {
            central: true,
            bucket: own.bucket.clone(),
            prefix: own.prefix.clone(),
            organisation: member.trail.organisation.take().or_else(|| own.organisation.clone()),
            log_group: own.log_group.clone(),
            ..member.trail
        };
    }
    member
}

fn listed(text: &str, is_one: impl Fn(&str) -> bool, expected: &str) -> Result<Vec<String>, String> {
    let all: Vec<String> = text.split(',').map(|one| one.trim().to_owned()).collect();
    if all.iter().all(|one| is_one(one)) { Ok(all) } else { Err(expected.to_owned()) }
}

/// The service and what stands behind the account in an ARN.
fn parts(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.splitn(6, ':');
    let (head, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
    let (_, id, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let plain = arn.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',');
    (head == "arn" && partition.starts_with("aws") && account(id).is_ok() && plain).then_some((service, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_aws_is_told_in_is_checked_for_its_form() {
        assert_eq!(regions("eu-west-1, us-gov-east-1").unwrap(), ["eu-west-1", "us-gov-east-1"]);
        for text in ["", "eu-west-1,", "Europe", "eu-west", "eu_west-1"] {
            assert!(regions(text).is_err(), "{text}");
        }
        assert!(account("111122223333").is_ok());
        for text in ["", "1111", "11112222333x", "1111222233334"] {
            assert!(account(text).is_err(), "{text}");
        }
        assert!(trails("arn:aws:cloudtrail:eu-west-1:111122223333:trail/all").is_ok());
        for text in ["all", "arn:aws:iam::111122223333:role/x", "arn:aws:cloudtrail:eu-west-1:1:trail/x"] {
            assert!(trails(text).is_err(), "{text}");
        }
        assert!(role("arn:aws-us-gov:iam::111122223333:role/a/b").is_ok());
        assert!(role("arn:aws:iam::111122223333:user/a").is_err());
        assert!(external_id("a b").is_err() && external_id("ab:1").is_ok());
        assert!(organisation("o-exampleorgid").is_ok() && organisation("exampleorgid").is_err());
        assert!(log_group("/aws/trail").is_ok() && log_group("a b").is_err());
        assert_eq!(model("none"), Ok(None));
        assert_eq!(model(MODEL), Ok(Some(MODEL.to_owned())));
        assert!(model("").is_err() && model("a b").is_err());
    }

    #[test]
    fn a_bucket_is_told_with_what_stands_before_the_logs() {
        let told = |text: &str| bucket(text).unwrap();
        assert_eq!(told("s3://logs"), ("logs".to_owned(), String::new()));
        assert_eq!(told("s3://my.logs/a/b/"), ("my.logs".to_owned(), "a/b".to_owned()));
        for text in ["logs", "s3://", "s3://No", "s3://logs/AWSLogs/111122223333"] {
            assert!(bucket(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_guardrail_has_a_version() {
        let one = guardrail("abcdef123456:12").unwrap();
        assert_eq!((one.id.as_str(), one.version.as_str()), ("abcdef123456", "12"));
        let arn = "arn:aws:bedrock:us-east-1:111122223333:guardrail/abc:DRAFT";
        assert_eq!(guardrail(arn).unwrap().version, "DRAFT");
        for text in ["abcdef123456", ":1", "abc:", "abc:one", "a b:1"] {
            assert!(guardrail(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_role_in_another_account_says_which_account_that_is() {
        let members =
            member_roles("arn:aws:iam::111122223333:role/x, arn:aws:iam::444455556666:role/y").unwrap();
        assert_eq!(
            members.keys().map(AccountId::as_str).collect::<Vec<_>>(),
            ["111122223333", "444455556666"]
        );
        let twice = member_roles("arn:aws:iam::111122223333:role/x,arn:aws:iam::111122223333:role/y");
        assert!(twice.unwrap_err().contains("two roles of account 111122223333"));
        assert!(member_roles("").is_err());
    }

    #[test]
    fn a_member_without_a_trail_of_its_own_is_recorded_by_the_home_accounts() {
        let own = Trail {
            bucket: Some("logs".to_owned()),
            evidence_role: Some("e".to_owned()),
            ..Trail::default()
        };
        let silent = with_trail(Account::default(), &own).trail;
        assert_eq!(
            (silent.bucket.as_deref(), silent.central, silent.evidence_role),
            (Some("logs"), true, None)
        );
        let trail = Trail { log_group: Some("g".to_owned()), ..Trail::default() };
        let spoken = with_trail(Account { trail: trail.clone(), ..Account::default() }, &own).trail;
        assert_eq!(spoken, trail);
    }
}
