//! Access Analyzer's checks of policies: second opinions in form, of the policy engine in substance, or scripted.
//!
//! From the API reference of `ValidatePolicy`, `CheckNoNewAccess` and `CheckAccessNotGranted`, and the sentences of
//! their answers from "Validate policies with custom policy checks" of the user guide.

use std::collections::VecDeque;
use std::sync::Mutex;

use alpha::iam::catalogue::Catalogue;
use alpha::iam::document::Document;
use alpha::iam::evaluate::{Context, Decision, Evaluator, PolicySet, Request, Target};
use alpha::iam::grants::{contained, granted_actions};
use alpha::iam::validate::{self, Kind, PolicyType};
use serde_json::{Value, json};

use super::access_analyzer::invalid;
use super::pages::page;
use super::passage::Aws;
use super::wire::{Answer, Asked, Refusal};

/// Verdicts that don't follow from the policies: for rehearsing a disagreement.
#[derive(Debug, Default)]
pub struct Opinions(Mutex<VecDeque<(String, bool, String)>>);

impl Opinions {
    /// What the next check by an operation comes to, and why.
    pub fn next(&self, operation: &str, passes: bool, why: &str) {
        self.0.lock().unwrap().push_back((operation.to_owned(), passes, why.to_owned()));
    }

    fn of(&self, operation: &str) -> Option<(bool, String)> {
        let mut all = self.0.lock().unwrap();
        let place = all.iter().position(|(own, ..)| own == operation)?;
        all.remove(place).map(|(_, passes, why)| (passes, why))
    }
}

pub fn validate(asked: &Asked) -> Result<Answer, Refusal> {
    let kind = match asked.text("policyType") {
        Some("IDENTITY_POLICY") => PolicyType::Identity,
        Some("RESOURCE_POLICY") => PolicyType::Resource,
        Some("SERVICE_CONTROL_POLICY") => PolicyType::Scp,
        Some("RESOURCE_CONTROL_POLICY") => PolicyType::Rcp,
        other => return Err(invalid(format!("policyType: {other:?}"))),
    };
    let text = asked.text("policyDocument").unwrap_or_default();
    let resource = asked.text("validatePolicyResourceType").map(str::to_owned);
    let found = validate::validate(text.as_bytes(), Some(Kind { policy: kind, resource }));
    let shown = found.iter().map(|finding| {
        let place = |offset: usize| json!({"line": 1, "column": offset, "offset": offset});
        let span = json!({"start": place(0), "end": place(text.len())});
        let locations = finding.locations.iter().map(|at| json!({"path": at.path, "span": span}));
        json!({
            "findingType": finding.issue.weight().as_str(),
            "issueCode": finding.issue.code(),
            "findingDetails": finding.details,
            "learnMoreLink": finding.issue.learn_more(),
            "locations": locations.collect::<Vec<_>>(),
        })
    });
    let most = asked.get("maxResults").and_then(|text| text.parse().ok()).unwrap_or(100);
    let (shown, next) =
        page(shown.collect(), asked.get("nextToken"), most).ok_or_else(|| invalid("Invalid nextToken"))?;
    Ok(Answer::json(&json!({"findings": shown, "nextToken": next})))
}

pub fn no_new_access(aws: &Aws, asked: &Asked) -> Result<Answer, Refusal> {
    let (new, existing) = (policy(asked, "newPolicyDocument")?, policy(asked, "existingPolicyDocument")?);
    if let Some((passes, why)) = aws.opinions.of("CheckNoNewAccess") {
        return Ok(no_new_access_says(passes, vec![json!({"description": why})]));
    }
    let answer = contained(&[new], &[existing]);
    let reasons = answer.violations.iter().map(|violation| {
        let at = violation.grant.place.statement;
        json!({"description": format!("New access in the statement with index: {at}."), "statementIndex": at})
    });
    if answer.violations.is_empty() && !answer.holds() {
        return Err(Refusal::new(422, "UnprocessableEntityException", "The policies could not be compared."));
    }
    Ok(no_new_access_says(answer.holds(), reasons.collect()))
}

fn no_new_access_says(passes: bool, reasons: Vec<Value>) -> Answer {
    let verb = if passes { "do not grant" } else { "grant" };
    let message = format!("The modified permissions {verb} new access compared to your existing policy.");
    said(passes, message, reasons)
}

fn said(passes: bool, message: String, reasons: Vec<Value>) -> Answer {
    let reasons = if passes { Vec::new() } else { reasons };
    Answer::json(
        &json!({"result": if passes { "PASS" } else { "FAIL" }, "message": message, "reasons": reasons}),
    )
}

pub fn access_not_granted(aws: &Aws, asked: &Asked) -> Result<Answer, Refusal> {
    let document = policy(asked, "policyDocument")?;
    let access = asked.json["access"].as_array().filter(|list| !list.is_empty());
    let access = access.ok_or_else(|| parameter("access is missing"))?;
    let granted = match aws.opinions.of("CheckAccessNotGranted") {
        Some((passes, why)) => (!passes).then_some(why),
        None => access.iter().find_map(|asked| granted(&document, asked)),
    };
    let verb = if granted.is_some() { "grants" } else { "does not grant" };
    let message = format!(
        "The policy document {verb} access to perform one or more of the listed actions or resources."
    );
    let reasons = granted.iter().map(|why| json!({"description": why}));
    Ok(said(granted.is_none(), message, reasons.collect()))
}

/// The first of the listed that is granted, or may be.
fn granted(document: &Document, access: &Value) -> Option<String> {
    let list = |name: &str| -> Vec<String> {
        access[name]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|text| Some(text.as_str()?.to_owned()))
            .collect()
    };
    let (mut actions, resources) = (list("actions"), list("resources"));
    if actions.is_empty() {
        let all = granted_actions(std::slice::from_ref(document));
        actions = all.iter().map(|action| Catalogue::embedded().full_name(action)).collect();
    }
    let targets: Vec<Target> = if resources.is_empty() {
        vec![Target::Unknown]
    } else {
        resources.into_iter().map(Target::Named).collect()
    };
    let policies = PolicySet { identity: vec![document.clone()], ..PolicySet::default() };
    let evaluator = Evaluator::from(policies);
    actions.into_iter().find(|action| {
        targets.iter().any(|target| {
            let request = Request {
                action: action.clone(),
                principal: "arn:aws:iam::123456789012:role/checked".to_owned(),
                resource: target.clone(),
                resource_account: None,
                context: Context::open(),
            };
            let decision = evaluator.evaluate_caller_side(&request).decision;
            matches!(decision, Decision::Allowed | Decision::Undecided)
        })
    })
}

fn policy(asked: &Asked, name: &str) -> Result<Document, Refusal> {
    let text = asked.text(name).unwrap_or_default();
    Document::parse(text.as_bytes()).map_err(|error| parameter(&format!("{name}: {error}")))
}

fn parameter(why: &str) -> Refusal {
    Refusal::new(400, "InvalidParameterException", why)
}
