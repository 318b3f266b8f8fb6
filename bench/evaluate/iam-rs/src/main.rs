//! The crate `iam-rs` over the same policies and requests: policies read once and reused, then read for each decision.

use std::time::{Duration, Instant};

use iam_rs::{
    Arn, Context, ContextValue, Decision, IAMPolicy, IAMRequest, PolicyEvaluator, Principal, PrincipalId,
};
use serde_json::Value;

const TIME: Duration = Duration::from_secs(3);

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let texts: Vec<String> = std::fs::read_to_string(&arguments[1])
        .expect("the policies")
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("a policy")["document"].to_string())
        .collect();
    let requests: Vec<Value> =
        serde_json::from_str(&std::fs::read_to_string(&arguments[2]).expect("the requests")).expect("requests");
    let requests: Vec<IAMRequest> = requests.iter().map(request).collect();
    let evaluators: Vec<Option<PolicyEvaluator>> = texts.iter().map(|text| read(text)).collect();

    let mut letters = String::new();
    for evaluator in &evaluators {
        letters.extend(requests.iter().map(|request| evaluator.as_ref().map_or('x', |own| letter(own, request))));
        letters.push('\n');
    }
    std::fs::write(&arguments[3], letters).expect("the decisions");

    let compiled = rate(|| {
        let mut count = 0;
        for evaluator in evaluators.iter().flatten() {
            for request in &requests {
                std::hint::black_box(evaluator.evaluate(request).is_ok());
                count += 1;
            }
        }
        count
    });
    let mut turn = 0;
    let parsed = rate(|| {
        let mut count = 0;
        for text in &texts {
            if let Some(evaluator) = read(text) {
                std::hint::black_box(evaluator.evaluate(&requests[turn % requests.len()]).is_ok());
                turn += 1;
                count += 1;
            }
        }
        count
    });
    println!("{{\"name\":\"iam-rs 0.8\",\"compiled\":{compiled},\"parsed\":{parsed}}}");
}

fn read(text: &str) -> Option<PolicyEvaluator> {
    IAMPolicy::from_json(text).ok().map(|policy| PolicyEvaluator::with_policies(vec![policy]))
}

fn request(value: &Value) -> IAMRequest {
    let text = |key: &str| value[key].as_str().expect("text").to_owned();
    let mut context = Context::new();
    for (key, value) in value["context"].as_object().expect("a context") {
        let value = match value {
            Value::Array(items) => {
                ContextValue::StringList(items.iter().map(|item| item.as_str().expect("text").into()).collect())
            }
            single => ContextValue::String(single.as_str().expect("text").into()),
        };
        context.insert(key.clone(), value);
    }
    let principal = Principal::Aws(PrincipalId::String(text("principal")));
    IAMRequest::new_with_context(principal, text("action"), Arn::parse(&text("resource")).expect("an ARN"), context)
}

fn letter(evaluator: &PolicyEvaluator, request: &IAMRequest) -> char {
    match evaluator.evaluate(request).map(|result| result.decision) {
        Ok(Decision::Allow) => 'A',
        Ok(Decision::Deny) => 'E',
        Ok(Decision::NotApplicable) => 'I',
        Err(_) => 'x',
    }
}

fn rate(mut round: impl FnMut() -> u64) -> f64 {
    let (start, mut count) = (Instant::now(), 0);
    while start.elapsed() < TIME {
        count += round();
    }
    count as f64 / start.elapsed().as_secs_f64()
}
