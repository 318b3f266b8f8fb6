//! Access Analyzer, which moto lacks: what its operations are called and need, and who answers them.
//!
//! From the API reference of IAM Access Analyzer (methods and paths), and "Actions defined by AWS IAM Access Analyzer"
//! of the service authorization reference; that the second versions of findings need the actions of the first is said on
//! their own pages.

use axum::http::Method;

use super::callers::Caller;
use super::grants::Need;
use super::passage::Aws;
use super::wire::{Answer, Asked, Refusal};
use super::{checks, findings, generation};

/// The operation that a method and a path stand for.
pub fn operation(asked: &Asked) -> Option<String> {
    let segments = asked.segments();
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    let name = match (asked.method.clone(), &parts[..]) {
        (Method::PUT, ["policy", "generation"]) => "StartPolicyGeneration",
        (Method::GET, ["policy", "generation"]) => "ListPolicyGenerations",
        (Method::GET, ["policy", "generation", _]) => "GetGeneratedPolicy",
        (Method::PUT, ["policy", "generation", _]) => "CancelPolicyGeneration",
        (Method::POST, ["policy", "validation"]) => "ValidatePolicy",
        (Method::POST, ["policy", "check-no-new-access"]) => "CheckNoNewAccess",
        (Method::POST, ["policy", "check-access-not-granted"]) => "CheckAccessNotGranted",
        (Method::GET, ["analyzer"]) => "ListAnalyzers",
        (Method::POST, ["findingv2"]) => "ListFindingsV2",
        (Method::GET, ["findingv2", _]) => "GetFindingV2",
        _ => return None,
    };
    Some(name.to_owned())
}

pub fn needs(asked: &Asked) -> Option<Vec<Need>> {
    let on = |action: &str, resource: &str| vec![Need::new(&format!("access-analyzer:{action}"), resource)];
    match &*asked.operation {
        "StartPolicyGeneration" => {
            let mut needs = on("StartPolicyGeneration", "*");
            // The role by which the trail is read is passed to the service.
            if let Some(role) = asked.json["cloudTrailDetails"]["accessRole"].as_str() {
                let passed = Need::new("iam:PassRole", role);
                needs.push(passed.with("iam:PassedToService", Some("access-analyzer.amazonaws.com")));
            }
            Some(needs)
        }
        "ListPolicyGenerations"
        | "GetGeneratedPolicy"
        | "CancelPolicyGeneration"
        | "ValidatePolicy"
        | "CheckNoNewAccess"
        | "CheckAccessNotGranted"
        | "ListAnalyzers" => Some(on(&asked.operation, "*")),
        "ListFindingsV2" => Some(on("ListFindings", asked.text("analyzerArn")?)),
        "GetFindingV2" => Some(on("GetFinding", asked.get("analyzerArn")?)),
        _ => None,
    }
}

pub async fn answer(aws: &Aws, asked: &Asked, caller: &Caller) -> Result<Answer, Refusal> {
    match &*asked.operation {
        "StartPolicyGeneration" => generation::start(aws, asked, caller).await,
        "GetGeneratedPolicy" => generation::get(aws, asked, caller),
        "ListPolicyGenerations" => generation::list(aws, asked, caller),
        "CancelPolicyGeneration" => generation::cancel(aws, asked, caller),
        "ValidatePolicy" => checks::validate(asked),
        "CheckNoNewAccess" => checks::no_new_access(aws, asked),
        "CheckAccessNotGranted" => checks::access_not_granted(aws, asked),
        "ListAnalyzers" => findings::analyzers(aws, asked, caller),
        "ListFindingsV2" => findings::list(aws, asked, caller),
        "GetFindingV2" => findings::get(aws, asked, caller),
        other => Err(Refusal::new(404, "UnknownOperationException", other)),
    }
}

/// A request that can't be.
pub fn invalid(why: impl Into<String>) -> Refusal {
    Refusal::new(400, "ValidationException", why)
}
