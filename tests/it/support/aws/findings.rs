//! Analyzers and what they found, as a test puts it here.
//!
//! From the API reference of `ListAnalyzers`, `ListFindingsV2` and `GetFindingV2`.

use std::sync::Mutex;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::access_analyzer::invalid;
use super::callers::Caller;
use super::pages::page;
use super::passage::Aws;
use super::wire::{Answer, Asked, Refusal};

/// An analyzer, such as one of type `ACCOUNT_UNUSED_ACCESS`.
#[derive(Debug, Clone)]
pub struct Analyzer {
    pub arn: String,
    pub kind: &'static str,
    pub status: &'static str,
}

/// A finding of an analyzer.
#[derive(Debug, Clone)]
pub struct Finding {
    pub id: String,
    pub analyzer: String,
    /// The ARN of what it is about.
    pub resource: String,
    /// Such as `UnusedPermission`.
    pub kind: &'static str,
    pub status: &'static str,
    /// Such as `{"unusedPermissionDetails": {"serviceNamespace": "s3", "actions": [{"action": "GetObject"}]}}`.
    pub details: Vec<Value>,
}

/// All of them.
#[derive(Debug, Default)]
pub struct Findings {
    analyzers: Mutex<Vec<Analyzer>>,
    found: Mutex<Vec<Finding>>,
}

impl Findings {
    pub fn analyzer(&self, analyzer: Analyzer) {
        self.analyzers.lock().unwrap().push(analyzer);
    }

    pub fn finding(&self, finding: Finding) {
        self.found.lock().unwrap().push(finding);
    }
}

fn most(asked: &Asked, said: Option<u64>) -> usize {
    let said = said.or_else(|| asked.get("maxResults")?.parse().ok());
    said.map_or(50, |most| usize::try_from(most).unwrap())
}

pub fn analyzers(aws: &Aws, asked: &Asked, caller: &Caller) -> Result<Answer, Refusal> {
    let here = format!("arn:aws:access-analyzer:{}:{}:", asked.region, caller.account());
    let all = aws.findings.analyzers.lock().unwrap().clone();
    let own = all.into_iter().filter(|own| own.arn.starts_with(&here));
    let own = own.filter(|own| asked.get("type").is_none_or(|kind| kind == own.kind));
    let shown = own.map(|own| {
        let name = own.arn.rsplit('/').next().unwrap_or_default();
        json!({"arn": own.arn, "name": name, "type": own.kind, "status": own.status, "createdAt": time()})
    });
    let (shown, next) = page(shown.collect(), asked.get("nextToken"), most(asked, None))
        .ok_or_else(|| invalid("Invalid nextToken"))?;
    Ok(Answer::json(&json!({"analyzers": shown, "nextToken": next})))
}

fn time() -> String {
    Timestamp::UNIX_EPOCH.to_string()
}

fn known(aws: &Aws, arn: &str, caller: &Caller) -> Result<(), Refusal> {
    let is_it = |own: &Analyzer| own.arn == arn && arn.contains(&format!(":{}:", caller.account()));
    if aws.findings.analyzers.lock().unwrap().iter().any(is_it) {
        return Ok(());
    }
    let missing = Refusal::new(404, "ResourceNotFoundException", "Analyzer not found");
    Err(missing.about("AWS::AccessAnalyzer::Analyzer", arn))
}

pub fn list(aws: &Aws, asked: &Asked, caller: &Caller) -> Result<Answer, Refusal> {
    let analyzer = asked.text("analyzerArn").unwrap_or_default();
    known(aws, analyzer, caller)?;
    let filters = asked.json["filter"].as_object();
    if filters.is_some_and(|all| all.values().any(|filter| filter["eq"].is_null())) {
        return Err(invalid("the stand-in filters by eq alone"));
    }
    let wanted = |key: &str, value: &str| {
        let eq = filters.and_then(|all| all.get(key)?["eq"].as_array());
        eq.is_none_or(|values| values.iter().any(|own| own == value))
    };
    let all = aws.findings.found.lock().unwrap().clone();
    let own = all.into_iter().filter(|own| {
        own.analyzer == analyzer
            && wanted("resource", &own.resource)
            && wanted("findingType", own.kind)
            && wanted("status", own.status)
    });
    let shown = own.map(|own| summary(&own, caller));
    let most = most(asked, asked.json["maxResults"].as_u64());
    let (shown, next) =
        page(shown.collect(), asked.text("nextToken"), most).ok_or_else(|| invalid("Invalid nextToken"))?;
    Ok(Answer::json(&json!({"findings": shown, "nextToken": next})))
}

fn summary(finding: &Finding, caller: &Caller) -> Value {
    json!({
        "id": finding.id, "resource": finding.resource, "resourceType": "AWS::IAM::Role",
        "resourceOwnerAccount": caller.account(), "status": finding.status, "findingType": finding.kind,
        "analyzedAt": time(), "createdAt": time(), "updatedAt": time(),
    })
}

pub fn get(aws: &Aws, asked: &Asked, caller: &Caller) -> Result<Answer, Refusal> {
    let analyzer = asked.get("analyzerArn").unwrap_or_default();
    known(aws, analyzer, caller)?;
    let id = asked.segments().pop().unwrap_or_default();
    let all = aws.findings.found.lock().unwrap().clone();
    let found = all.into_iter().find(|own| own.id == id && own.analyzer == analyzer);
    let missing =
        || Refusal::new(404, "ResourceNotFoundException", "Finding not found").about("Finding", &id);
    let found = found.ok_or_else(missing)?;
    let (details, next) = page(found.details.clone(), asked.get("nextToken"), most(asked, None))
        .ok_or_else(|| invalid("Invalid nextToken"))?;
    let mut shown = summary(&found, caller);
    (shown["findingDetails"], shown["nextToken"]) = (details.into(), next.into());
    Ok(Answer::json(&shown))
}
