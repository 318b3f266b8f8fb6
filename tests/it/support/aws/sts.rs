//! STS: sessions of roles, for who the role trusts and who is granted to assume it.
//!
//! From the API reference of STS (`AssumeRole`, `GetCallerIdentity`) and "Using roles: role chaining" of the IAM User
//! Guide. moto isn't asked: it lets anybody in.

use std::time::Duration;

use alpha::iam::document::Document;
use alpha::iam::evaluate::{Context, Decision, Evaluator, PolicySet, Request, Target};
use aws_credential_types::Credentials;

use super::callers::{Caller, Session};
use super::grants::Need;
use super::moto::Role;
use super::passage::Aws;
use super::wire::{Answer, Asked, Common, Refusal};

/// The longest that a session lasts that another session asked for, which is how long one lasts by default.
const CHAINED: i32 = 3600;

pub fn needs(asked: &Asked) -> Option<Vec<Need>> {
    match &*asked.operation {
        // It needs no permission, and can't be refused one.
        "GetCallerIdentity" => Some(Vec::new()),
        "AssumeRole" => {
            let need = Need::new("sts:AssumeRole", asked.get("RoleArn")?);
            let need = need.with("sts:ExternalId", asked.get("ExternalId"));
            Some(vec![need.with("sts:RoleSessionName", asked.get("RoleSessionName"))])
        }
        _ => None,
    }
}

/// The role that a caller would become, where there is one under that very ARN.
pub async fn role(aws: &Aws, arn: &str) -> Option<Role> {
    let (account, name) = whose(arn)?;
    aws.moto.role(&account, &name).await.filter(|found| found.arn == arn)
}

pub async fn answer(aws: &Aws, asked: &Asked, caller: &Caller) -> Option<Result<Answer, Refusal>> {
    match &*asked.operation {
        "GetCallerIdentity" => Some(Ok(identity(caller))),
        "AssumeRole" => Some(assume(aws, asked, caller).await),
        _ => None,
    }
}

fn identity(caller: &Caller) -> Answer {
    let id = match caller {
        Caller::Root { account } => account.clone(),
        Caller::Session(session) => format!("{}:{}", session.role_id, session.name),
    };
    let (arn, account) = (caller.arn(), caller.account());
    let result = format!("<Arn>{arn}</Arn><UserId>{id}</UserId><Account>{account}</Account>");
    Answer::query("sts", "GetCallerIdentity", &result)
}

async fn assume(aws: &Aws, asked: &Asked, caller: &Caller) -> Result<Answer, Refusal> {
    let invalid = |why: &str| Refusal::new(400, "ValidationError", why);
    let (arn, name) =
        (asked.get("RoleArn").unwrap_or_default(), asked.get("RoleSessionName").unwrap_or_default());
    let fits = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if !(2..=64).contains(&name.len()) || !name.chars().all(fits) {
        return Err(invalid(
            "1 validation error detected: Value at 'roleSessionName' failed to satisfy constraint",
        ));
    }
    let (account, role) = whose(arn).ok_or_else(|| invalid(&format!("{arn} is invalid")))?;
    let found = self::role(aws, arn).await.ok_or_else(|| invalid("the role is gone"))?;
    if matches!(caller, Caller::Root { .. }) {
        let why = "Roles may not be assumed by root accounts.";
        return Err(asked.protocol.common(Common::AccessDenied, why));
    }
    let seconds: i32 = asked.get("DurationSeconds").and_then(|text| text.parse().ok()).unwrap_or(CHAINED);
    if !(900..=CHAINED).contains(&seconds) {
        return Err(invalid(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    let policies = match asked.get("Policy") {
        None => Vec::new(),
        Some(text) => vec![
            Document::parse(text.as_bytes())
                .map_err(|error| Refusal::new(400, "MalformedPolicyDocument", error.to_string()))?,
        ],
    };
    let session = session(&account, &role, &found, name, policies);
    let (arn, id) = (session.arn(), format!("{}:{name}", session.role_id));
    let given = aws.callers.session(session, Duration::from_secs(u64::try_from(seconds).unwrap()));
    let ends = jiff::Timestamp::try_from(given.expiry().unwrap()).unwrap().strftime("%Y-%m-%dT%H:%M:%SZ");
    let credentials = format!(
        "<AccessKeyId>{}</AccessKeyId><SecretAccessKey>{}</SecretAccessKey><SessionToken>{}</SessionToken><Expiration>{ends}</Expiration>",
        given.access_key_id(),
        given.secret_access_key(),
        given.session_token().unwrap_or_default(),
    );
    let user = format!("<Arn>{arn}</Arn><AssumedRoleId>{id}</AssumedRoleId>");
    let result = format!("<AssumedRoleUser>{user}</AssumedRoleUser><Credentials>{credentials}</Credentials>");
    Ok(Answer::query("sts", "AssumeRole", &result))
}

/// Credentials as an AWS service gets them for what runs in it.
pub async fn as_service(aws: &Aws, service: &str, account: &str, role: &str) -> Result<Credentials, String> {
    let session = session_of_service(aws, service, account, role).await?;
    Ok(aws.callers.session(session, Duration::from_hours(6)))
}

/// A session of a role that trusts a service in this account.
pub async fn session_of_service(
    aws: &Aws,
    service: &str,
    account: &str,
    role: &str,
) -> Result<Session, String> {
    let found = aws.moto.role(account, role).await.ok_or_else(|| format!("there is no role {role}"))?;
    let mut context = Context::closed();
    context.insert("aws:SourceAccount", vec![account.to_owned()]);
    context.insert("aws:PrincipalIsAWSService", vec!["true".to_owned()]);
    let request = Request {
        action: "sts:AssumeRole".to_owned(),
        principal: service.to_owned(),
        resource: Target::Named(found.arn.clone()),
        resource_account: None,
        context,
    };
    let trust = PolicySet { resource: found.trust.clone().into_iter().collect(), ..PolicySet::default() };
    if Evaluator::from(trust).decide(&request) != Decision::Allowed {
        return Err(format!("{role} doesn't trust {service}"));
    }
    Ok(session(account, role, &found, &super::callers::random(16), Vec::new()))
}

fn session(account: &str, role: &str, found: &Role, name: &str, policies: Vec<Document>) -> Session {
    Session {
        account: account.to_owned(),
        role: role.to_owned(),
        role_arn: found.arn.clone(),
        role_id: found.id.clone(),
        name: name.to_owned(),
        policies,
    }
}

/// The account and the name in a role's ARN.
fn whose(arn: &str) -> Option<(String, String)> {
    let parsed = alpha::iam::arn::Arn::parse(arn).filter(|arn| arn.resource.starts_with("role/"))?;
    Some((parsed.account.to_owned(), parsed.resource.rsplit('/').next()?.to_owned()))
}
