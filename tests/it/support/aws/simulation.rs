//! `SimulateCustomPolicy` of IAM, which moto lacks: decided by the policy engine, for the policies and the circumstances
//! that are given.
//!
//! From the API reference of `SimulateCustomPolicy` and of `EvaluationResult`, and their forms and XML in the SDK.

use alpha::iam::document::Document;
use alpha::iam::evaluate::{Context, Decision, Evaluator, PolicyKind, PolicySet, Request, Target};

use super::pages::page;
use super::wire::{Answer, Asked, Refusal, escaped};

pub fn simulate(asked: &Asked) -> Result<Answer, Refusal> {
    let invalid = |why: String| Refusal::new(400, "InvalidInput", why);
    let documents = |name: &str| -> Result<Vec<Document>, Refusal> {
        let read = |text: &&str| Document::parse(text.as_bytes()).map_err(|error| invalid(error.to_string()));
        asked.list(name).iter().map(read).collect()
    };
    let (identity, boundaries) =
        (documents("PolicyInputList")?, documents("PermissionsBoundaryPolicyInputList")?);
    if asked.get("ResourcePolicy").is_some() || !asked.list("OrderedOrganizationPolicyInputList").is_empty() {
        return Err(Refusal::new(
            501,
            "NotImplemented",
            "the stand-in simulates identity policies and boundaries",
        ));
    }
    let given = context(asked);
    let required = identity.iter().chain(&boundaries).flat_map(|document| &document.statements);
    let required =
        required.flat_map(|statement| &statement.conditions).map(|condition| condition.key.clone());
    let mut missing: Vec<String> =
        required.filter(|key| given.get(&key.to_ascii_lowercase()).is_none()).collect();
    missing.sort();
    missing.dedup();
    let evaluator = Evaluator::from(PolicySet { identity, boundaries, ..PolicySet::default() });
    let resources = Some(asked.list("ResourceArns")).filter(|list| !list.is_empty()).unwrap_or(vec!["*"]);
    let mut results = Vec::new();
    for action in asked.list("ActionNames") {
        if action.contains('*') || !action.contains(':') {
            return Err(invalid(format!("Invalid action: {action}")));
        }
        for resource in &resources {
            let request = Request {
                action: action.to_owned(),
                principal: asked
                    .get("CallerArn")
                    .unwrap_or("arn:aws:iam::123456789012:user/simulated")
                    .to_owned(),
                resource: Target::Named((*resource).to_owned()),
                resource_account: None,
                context: given.clone(),
            };
            let has_boundary = asked.get("PermissionsBoundaryPolicyInputList.member.1").is_some();
            results.push(result(&evaluator, &request, resource, &missing, has_boundary));
        }
    }
    let most = asked.get("MaxItems").and_then(|text| text.parse().ok()).unwrap_or(100);
    let (results, next) =
        page(results, asked.get("Marker"), most).ok_or_else(|| invalid("Invalid marker".to_owned()))?;
    let more = next.map_or("<IsTruncated>false</IsTruncated>".to_owned(), |next| {
        format!("<IsTruncated>true</IsTruncated><Marker>{next}</Marker>")
    });
    let result = format!("<EvaluationResults>{}</EvaluationResults>{more}", results.concat());
    Ok(Answer::query("iam", "SimulateCustomPolicy", &result))
}

/// The context that was given, and no more: what is missing is taken for absent, and named.
fn context(asked: &Asked) -> Context {
    let mut context = Context::closed();
    for number in 1.. {
        let entry = format!("ContextEntries.member.{number}");
        let Some(key) = asked.get(&format!("{entry}.ContextKeyName")) else { break };
        let values = asked.list(&format!("{entry}.ContextKeyValues"));
        context.insert(key, values.into_iter().map(str::to_owned).collect());
    }
    context
}

fn result(
    evaluator: &Evaluator,
    request: &Request,
    resource: &str,
    missing: &[String],
    has_boundary: bool,
) -> String {
    let verdict = evaluator.evaluate_caller_side(request);
    let decision = match verdict.decision {
        Decision::Allowed => "allowed",
        Decision::ExplicitlyDenied => "explicitDeny",
        Decision::ImplicitlyDenied | Decision::Undecided => "implicitDeny",
    };
    let missing = missing.iter().map(|key| format!("<member>{key}</member>")).collect::<Vec<_>>().concat();
    let within = !verdict.blocked_by.contains(&PolicyKind::Boundary);
    let boundary = if has_boundary {
        format!(
            "<PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary>{within}</AllowedByPermissionsBoundary></PermissionsBoundaryDecisionDetail>"
        )
    } else {
        String::new()
    };
    format!(
        "<member><EvalActionName>{}</EvalActionName><EvalResourceName>{}</EvalResourceName><EvalDecision>{decision}</EvalDecision><MatchedStatements/><MissingContextValues>{missing}</MissingContextValues>{boundary}</member>",
        escaped(&request.action),
        escaped(resource),
    )
}
