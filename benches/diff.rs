//! Comparing policies, and proving that one set of them grants no more than another.

#![expect(clippy::unwrap_used, missing_docs, reason = "a bench has no reader but criterion")]

use std::hint::black_box;

use alpha::iam::diff::Diff;
use alpha::iam::document::Document;
use alpha::iam::grants::contained;
use alpha::iam::risk::open_paths;
use criterion::{Criterion, criterion_group, criterion_main};

fn policy(statements: &str) -> Vec<Document> {
    vec![
        Document::parse(format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#).as_bytes())
            .unwrap(),
    ]
}

/// A policy as people write them: a statement for each bucket, with a condition.
fn per_bucket(buckets: usize, actions: &str) -> Vec<Document> {
    let statements: Vec<_> = (0..buckets)
        .map(|bucket| {
            format!(
                r#"{{"Effect":"Allow","Action":{actions},
                    "Resource":["arn:aws:s3:::bucket-{bucket}","arn:aws:s3:::bucket-{bucket}/*"],
                    "Condition":{{"StringEquals":{{"aws:RequestedRegion":["eu-west-1","eu-central-1"]}}}}}}"#
            )
        })
        .collect();
    policy(&format!("[{}]", statements.join(",")))
}

fn benches(criterion: &mut Criterion) {
    let everything = policy(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#);
    let few = policy(
        r#"{"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket","sqs:SendMessage"],"Resource":"*"}"#,
    );
    let (wide, narrow) = (per_bucket(50, r#""s3:*""#), per_bucket(50, r#"["s3:GetObject","s3:Put*"]"#));
    criterion.bench_function("diff everything with three actions", |bencher| {
        bencher.iter(|| Diff::between(black_box(&everything), black_box(&few)));
    });
    criterion.bench_function("diff fifty statements", |bencher| {
        bencher.iter(|| Diff::between(black_box(&wide), black_box(&narrow)));
    });
    criterion.bench_function("contain two hundred grants", |bencher| {
        bencher.iter(|| contained(black_box(&narrow), black_box(&wide)));
    });
    criterion.bench_function("escalation paths of fifty statements", |bencher| {
        bencher.iter(|| open_paths(black_box(&wide)));
    });
}

criterion_group!(all, benches);
criterion_main!(all);
