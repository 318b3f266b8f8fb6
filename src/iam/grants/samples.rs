//! Random policies and requests over a small world, in which much of what is written meets.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::iam::document::{Condition, Document, Effect, Operator, Selection, Statement, Version};
use crate::iam::evaluate::{Context, Request, Target};

const ACTIONS: &[&str] = &[
    "*",
    "s3:*",
    "s3:Get*",
    "S3:getobject",
    "s3:*Object",
    "s3:PutObject",
    "s3:GetObject?cl",
    "sqs:SendMessage",
    "sqs:*",
    "s3:List*",
    "iam:PassRole",
];
const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/x",
    "arn:aws:s3:::b/${aws:username}/*",
    "arn:aws:s3:::b/${aws:username, 'x'}",
    "arn:aws:s3:::?/x*",
    "arn:aws:*:b/x",
    "arn:aws:sqs:*:111122223333:q",
];
const CALLED: &[&str] =
    &["s3:GetObject", "s3:PutObject", "s3:GetObjectAcl", "sqs:SendMessage", "iam:PassRole", "s3:ListBucket"];
const NAMED: &[&str] = &[
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/x",
    "arn:aws:s3:::b/ana/x",
    "arn:aws:s3:::c/x",
    "arn:aws:s3:::b/${aws:username}/x",
    "arn:aws:sqs:eu-west-1:111122223333:q",
    "*",
    "arn:aws:iam::111122223333:role/r",
];
/// Keys with the operators that are used on them and values of policies and of requests.
const KEYS: &[(&str, &[&str], &[&str], &[&str])] = &[
    (
        "aws:RequestedRegion",
        &["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase"],
        &["eu-west-1", "EU-West-1", "eu-*", "*", "${aws:username}", "arn:aws:sns:*:1:t"],
        &["eu-west-1", "eu-west-2", "EU-WEST-1", "us-east-1", "ana", "arn:aws:sns:x:1:t"],
    ),
    (
        "aws:SourceArn",
        &[
            "ArnLike",
            "ArnEquals",
            "ArnNotLike",
            "ArnNotEquals",
            "StringLike",
            "StringNotLike",
            "StringEquals",
        ],
        &["arn:aws:sns:*:1:t", "arn:aws:sns:x:1:*", "arn:aws:sns:x:1:t", "arn:aws:*", "none"],
        &["arn:aws:sns:x:1:t", "arn:aws:sns:y:1:t", "arn:aws:sns:x:1:u", "none"],
    ),
    (
        "s3:max-keys",
        &[
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
            "NumericEquals",
            "NumericNotEquals",
        ],
        &["5", "5.0", "10", "-1", "many", "1e3"],
        &["4", "5", "6", "10", "-1", "many"],
    ),
    (
        "aws:CurrentTime",
        &["DateLessThan", "DateGreaterThanEquals", "DateEquals", "DateNotEquals"],
        &["2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "2026", "soon"],
        &["2025-06-01T00:00:00Z", "2026-01-01T00:00:00Z", "2028-01-01T00:00:00Z"],
    ),
    (
        "aws:SourceIp",
        &["IpAddress", "NotIpAddress"],
        &["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "2001:db8::/32", "here"],
        &["10.1.2.3", "10.2.0.1", "192.0.2.1", "2001:db8::1"],
    ),
    ("aws:SecureTransport", &["Bool", "Null"], &["true", "false"], &["true", "false"]),
    (
        "aws:TagKeys",
        &[
            "ForAllValues:StringEquals",
            "ForAnyValue:StringEquals",
            "ForAllValues:StringNotLike",
            "ForAnyValue:StringNotEquals",
            "ForAnyValue:StringLike",
            "Null",
            "StringEquals",
            "StringNotEquals",
        ],
        &["team", "t*", "owner", "*", "true", "false"],
        &["team", "owner", "tmp"],
    ),
];

/// One line of a condition block.
fn condition() -> impl Strategy<Value = Condition> {
    select(KEYS).prop_flat_map(|(key, operators, values, _)| {
        let spelt = select(vec![key.to_string(), key.to_uppercase()]);
        (spelt, select(operators), any::<bool>(), subsequence(values, 0..=values.len().min(3))).prop_map(
            |(key, operator, if_exists, values)| {
                let mut operator = Operator::parse(operator).unwrap();
                operator.if_exists = if_exists && operator.kind != crate::iam::document::OperatorKind::Null;
                Condition { operator, key, values: values.iter().map(ToString::to_string).collect() }
            },
        )
    })
}

fn selection(all: &'static [&'static str]) -> impl Strategy<Value = Selection> {
    (prop::bool::weighted(0.25), subsequence(all, 0..=3)).prop_map(|(negated, patterns)| Selection {
        negated,
        patterns: patterns.iter().map(ToString::to_string).collect(),
    })
}

/// One statement, more often an Allow.
pub(crate) fn statement() -> impl Strategy<Value = Statement> {
    let effect = prop::bool::weighted(0.7).prop_map(|allow| if allow { Effect::Allow } else { Effect::Deny });
    (effect, selection(ACTIONS), selection(RESOURCES), vec(condition(), 0..=2)).prop_map(
        |(effect, actions, resources, conditions)| Statement {
            sid: None,
            effect,
            principal: None,
            actions: Some(actions),
            resources: Some(resources),
            conditions,
        },
    )
}

fn document() -> impl Strategy<Value = Document> {
    let version = select(vec![Some(Version::V2012), Some(Version::V2012), None]);
    (version, vec(statement(), 0..=3)).prop_map(|(version, statements)| Document {
        version,
        id: None,
        statements,
    })
}

/// One or two policies.
pub(crate) fn policies() -> impl Strategy<Value = Vec<Document>> {
    vec(document(), 1..=2)
}

/// A request with a closed context and one resource. An action without resource types goes with `*`, which is then
/// literal; where `*` stands for many resources a proof says nothing.
pub(crate) fn request() -> impl Strategy<Value = Request> {
    let username = prop::option::of(select(vec!["ana", "x"]));
    let values: Vec<_> = KEYS
        .iter()
        .map(|(key, _, _, values)| {
            let most = if *key == "aws:TagKeys" { 2 } else { 1 };
            prop::option::of(subsequence(*values, 0..=most)).prop_map(move |values| (*key, values))
        })
        .collect();
    (select(CALLED), select(NAMED), username, values).prop_map(|(action, resource, username, values)| {
        let mut context = Context::closed();
        for (key, values) in values {
            if let Some(values) = values {
                context.insert(key, values.iter().map(ToString::to_string).collect());
            }
        }
        if let Some(name) = username {
            context.insert("aws:username", vec![name.to_owned()]);
        }
        Request {
            action: if resource == "*" { "s3:ListAllMyBuckets" } else { action }.to_owned(),
            principal: "arn:aws:iam::111122223333:role/r".to_owned(),
            resource: Target::Named(resource.to_owned()),
            resource_account: Some("111122223333".to_owned()),
            context,
        }
    })
}
