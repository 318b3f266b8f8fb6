//! The evaluator's hot paths: reading and compiling a policy, deciding, deciding with reasons.

#![expect(clippy::expect_used, reason = "a bench without its input has nothing to measure")]

use std::hint::black_box;

use alpha::iam::document::Document;
use alpha::iam::evaluate::{Evaluator, PolicySet, Request};
use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::json;

/// A policy of the size of a larger managed one: exact names, patterns, resources, variables and conditions.
fn policy() -> String {
    let exact: Vec<_> = (0..60).map(|n| format!("ec2:DescribeThing{n}")).collect();
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": exact, "Resource": "*"},
        {"Effect": "Allow", "Action": ["s3:Get*", "s3:List*", "s3:*Tagging"], "Resource": [
            "arn:aws:s3:::reports", "arn:aws:s3:::reports/*", "arn:aws:s3:::home/${aws:username}/*"
        ]},
        {"Effect": "Allow", "Action": "sqs:*", "Resource": "arn:aws:sqs:*:111122223333:jobs-*", "Condition": {
            "IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]},
            "StringLike": {"aws:PrincipalTag/team": ["red-*", "blue-*"]}
        }},
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    ]})
    .to_string()
}

fn request(action: &str, resource: &str) -> Request {
    let request = json!({
        "action": action,
        "principal": "arn:aws:iam::111122223333:user/ana",
        "resource": resource,
        "context": {
            "aws:SourceIp": "203.0.113.9", "aws:SecureTransport": "true", "aws:username": "ana",
            "aws:PrincipalTag/team": "red-1",
        },
    });
    Request::parse(request.to_string().as_bytes()).expect("a request")
}

fn evaluate(criterion: &mut Criterion) {
    let text = policy();
    let document = Document::parse(text.as_bytes()).expect("a policy");
    let policies = PolicySet { identity: vec![document], ..PolicySet::default() };
    let evaluator = Evaluator::compile(&policies);
    let requests = [
        (
            "no statement",
            request("lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:111122223333:function:f"),
        ),
        (
            "by an exact action",
            request("ec2:DescribeThing42", "arn:aws:ec2:eu-west-1:111122223333:instance/i-1"),
        ),
        ("by a variable", request("s3:GetObject", "arn:aws:s3:::home/ana/notes.txt")),
        ("by conditions", request("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:jobs-1")),
    ];
    criterion.bench_function("evaluate/read", |b| b.iter(|| Document::parse(black_box(text.as_bytes()))));
    criterion.bench_function("evaluate/compile", |b| b.iter(|| Evaluator::compile(black_box(&policies))));
    for (name, request) in &requests {
        criterion.bench_function(&format!("evaluate/decide/{name}"), |b| {
            b.iter(|| evaluator.decide(black_box(request)));
        });
    }
    criterion
        .bench_function("evaluate/explain", |b| b.iter(|| evaluator.evaluate(black_box(&requests[2].1))));
}

criterion_group!(benches, evaluate);
criterion_main!(benches);
