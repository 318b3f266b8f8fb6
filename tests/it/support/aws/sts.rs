//! STS: sessions of roles, for who the role trusts and who is granted to assume it.
//!
//! From the API reference of STS (`AssumeRole`, `GetCallerIdentity`) and "Using roles: role chaining" of the IAM User
//! Guide. moto isn't asked: it lets anybody in.

use std::time::Duration;

use alpha::iam::document::Document;
use alpha::iam::evaluate::{Context, Decision, Evaluator, PolicySet, Request, Target};
use aws_credential_types::Credentials;

use super::callers::{Caller, Session};
use super::front::Aws;
use super::grants::{self, Need};
use super::moto::Role;
use super::wire::{Answer, Asked, Common, Refusal};

/// The longest that a session lasts that another session asked for, and how long one lasts by default.
const CHAINED: i32 = 3600;

pub fn needs(asked: &Asked) -> Option<Vec<Need>> {
    match &*asked.operation {
        // It needs no permission, and can't be refused one.
        "GetCallerIdentity" => Some(Vec::new()),
        // Decided together with the role's trust, when it is answered.
        "AssumeRole" => Some(Vec::new()),
        _ => None,
    }
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
    let need = Need::new("sts:AssumeRole", arn)
        .with("sts:ExternalId", asked.get("ExternalId"))
        .with("sts:RoleSessionName", Some(name));
    let found = aws.moto.role(&account, &role).await.filter(|found| found.arn == arn);
    let found = admitted(aws, asked, caller, &need, found).await?;
    let seconds: i32 = asked.get("DurationSeconds").and_then(|text| text.parse().ok()).unwrap_or(CHAINED);
    let most = if matches!(caller, Caller::Root { .. }) { found.longest_session } else { CHAINED };
    if !(900..=most).contains(&seconds) {
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

/// The role, where it lets the caller in; a role that isn't there is answered like one that doesn't.
async fn admitted(
    aws: &Aws,
    asked: &Asked,
    caller: &Caller,
    need: &Need,
    found: Option<Role>,
) -> Result<Role, Refusal> {
    let denied = |message| asked.protocol.common(Common::AccessDenied, message);
    let no_role = format!(
        "User: {} is not authorized to perform: sts:AssumeRole on resource: {}",
        caller.arn(),
        need.resource
    );
    let Some(role) = found else { return Err(denied(no_role)) };
    let Caller::Session(session) = caller else {
        return Err(denied("Roles may not be assumed by root accounts.".to_owned()));
    };
    let grants = aws.known.of(&aws.moto, session).await;
    let verdict = grants.judge(session, asked, need, role.trust.as_ref());
    if verdict.decision == Decision::Allowed {
        return Ok(role);
    }
    Err(denied(grants::refusal(session, need, &verdict)))
}

/// Credentials as an AWS service gets them for what runs in it.
pub async fn as_service(aws: &Aws, service: &str, account: &str, role: &str) -> Result<Credentials, String> {
    let session = session_of_service(aws, service, account, role).await?;
    Ok(aws.callers.session(session, Duration::from_secs(6 * 3600)))
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
