//! What a role is granted, as it stands in moto, and whether that is enough: decided by the policy engine.
//!
//! The keys of a request's context are those of "AWS global condition context keys" in the IAM User Guide.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use alpha::iam::document::Document;
use alpha::iam::evaluate::{Context, Decision, Evaluator, PolicyKind, PolicySet, Request, Target, Verdict};
use jiff::Timestamp;

use super::callers::Session;
use super::moto::Moto;
use super::wire::Asked;

/// An authorisation that a call needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    pub action: String,
    pub resource: String,
    /// Keys beside the global ones.
    pub context: Vec<(String, String)>,
}

/// What a role is granted.
#[derive(Debug, Clone, Default)]
pub struct Grants {
    pub identity: Vec<Document>,
    pub boundary: Option<Document>,
    pub tags: BTreeMap<String, String>,
}

/// Grants by account and role, until somebody writes to IAM.
#[derive(Debug, Default)]
pub struct Known(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    grants: HashMap<(String, String), Arc<Grants>>,
    /// How often something was forgotten: what was read before that isn't kept.
    writes: u64,
}

impl Need {
    pub fn new(action: &str, resource: impl Into<String>) -> Self {
        Self { action: action.to_owned(), resource: resource.into(), context: Vec::new() }
    }

    /// With a condition key, where there is a value for it.
    #[must_use]
    pub fn with(mut self, key: &str, value: Option<&str>) -> Self {
        self.context.extend(value.map(|value| (key.to_owned(), value.to_owned())));
        self
    }

    /// With the tags of the resource.
    #[must_use]
    pub fn tagged(mut self, tags: &BTreeMap<String, String>) -> Self {
        for (key, value) in tags {
            for prefix in ["aws:ResourceTag", "iam:ResourceTag"] {
                self.context.push((format!("{prefix}/{key}"), value.clone()));
            }
        }
        self
    }
}

impl Known {
    /// What a session's role is granted; nothing, where it is gone.
    pub async fn of(&self, moto: &Moto, session: &Session) -> Arc<Grants> {
        let key = (session.account.clone(), session.role.clone());
        let writes = {
            let kept = self.0.lock().unwrap();
            if let Some(known) = kept.grants.get(&key) {
                return Arc::clone(known);
            }
            kept.writes
        };
        let grants = Arc::new(moto.grants(&session.account, &session.role).await.unwrap_or_default());
        let mut kept = self.0.lock().unwrap();
        if kept.writes == writes {
            kept.grants.insert(key, Arc::clone(&grants));
        }
        grants
    }

    /// Forgets what a call to IAM has changed.
    pub fn heed(&self, account: &str, asked: &Asked) {
        let reads = ["Describe", "Get", "List"].iter().any(|verb| asked.operation.starts_with(verb));
        if !["cloudformation", "iam"].contains(&&*asked.service) || reads {
            return;
        }
        let Some(role) = asked.get("RoleName") else { return self.forget() };
        let mut kept = self.0.lock().unwrap();
        kept.writes += 1;
        kept.grants.remove(&(account.to_owned(), role.to_owned()));
    }

    /// Forgets all: somebody wrote past the front, or what many roles have.
    pub fn forget(&self) {
        let mut kept = self.0.lock().unwrap();
        kept.writes += 1;
        kept.grants.clear();
    }
}

impl Grants {
    /// What they say to one need of a call. A resource policy, as a role's trust is one, has its say where it is given.
    pub fn judge(&self, session: &Session, asked: &Asked, need: &Need, trust: Option<&Document>) -> Verdict {
        let evaluator = Evaluator::from(PolicySet {
            identity: self.identity.clone(),
            resource: trust.cloned().into_iter().collect(),
            boundaries: self.boundary.clone().into_iter().collect(),
            session: session.policies.clone(),
            ..PolicySet::default()
        });
        let request = Request {
            action: need.action.clone(),
            principal: session.arn(),
            resource: Target::Named(need.resource.clone()),
            resource_account: None,
            context: self.context(session, asked, need),
        };
        if trust.is_some() { evaluator.evaluate(&request) } else { evaluator.evaluate_caller_side(&request) }
    }

    fn context(&self, session: &Session, asked: &Asked, need: &Need) -> Context {
        let mut context = Context::closed();
        let mut add = |key: &str, value: &str| context.insert(key, vec![value.to_owned()]);
        let now = Timestamp::now();
        add("aws:CurrentTime", &now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        add("aws:EpochTime", &now.as_second().to_string());
        add("aws:PrincipalAccount", &session.account);
        add("aws:PrincipalArn", &session.role_arn);
        add("aws:PrincipalType", "AssumedRole");
        add("aws:PrincipalIsAWSService", "false");
        add("aws:RequestedRegion", &asked.region);
        // AWS's own ends of the wire have TLS; this one is on loopback.
        add("aws:SecureTransport", "true");
        add("aws:SourceIp", "192.0.2.1");
        add("aws:UserAgent", asked.header("user-agent").unwrap_or_default());
        add("aws:ViaAWSService", "false");
        add("aws:userid", &format!("{}:{}", session.role_id, session.name));
        for (key, value) in &self.tags {
            add(&format!("aws:PrincipalTag/{key}"), value);
        }
        for (key, value) in &need.context {
            add(key, value);
        }
        context
    }
}

/// A no, in AWS's words ("Access denied error message format").
pub fn refusal(session: &Session, need: &Need, verdict: &Verdict) -> String {
    let Need { action, resource, .. } = need;
    let kind = match verdict.blocked_by.first() {
        Some(PolicyKind::Boundary) => "permissions boundary",
        Some(PolicyKind::Session) => "session policy",
        Some(PolicyKind::Resource) => "resource-based policy",
        _ => "identity-based policy",
    };
    let why = match verdict.decision {
        Decision::ExplicitlyDenied => format!("with an explicit deny in an {kind}"),
        _ => format!("because no {kind} allows the {action} action"),
    };
    format!("User: {} is not authorized to perform: {action} on resource: {resource} {why}", session.arn())
}
