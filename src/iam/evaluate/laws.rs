//! Laws of the evaluation, over random policies and requests from a small vocabulary.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::{Case, Context, Decision, Evaluator, Level, PolicySet, Request, Target};
use crate::iam::document::{
    Condition, Document, Effect, Operator, Principal, Principals, Selection, Statement, Version,
};

const ACTIONS: &[&str] =
    &["s3:GetObject", "s3:PutObject", "sqs:SendMessage", "kms:Decrypt", "sts:AssumeRole"];
const ACTION_PATTERNS: &[&str] =
    &["*", "s3:*", "s3:Get*", "s3:GetObject", "sqs:*", "kms:*", "sts:*", "ec2:*", "*:*Object"];
const RESOURCES: &[&str] = &[
    "arn:aws:s3:::b/k",
    "arn:aws:s3:::b/other",
    "arn:aws:s3:::red/k",
    "arn:aws:sqs:eu-west-1:111122223333:q",
    "arn:aws:kms:eu-west-1:111122223333:key/1",
    "arn:aws:iam::111122223333:role/t",
];
const RESOURCE_PATTERNS: &[&str] = &[
    "*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/k",
    "arn:aws:s3:::${aws:PrincipalTag/team}/*",
    "arn:aws:s3:::${aws:PrincipalTag/team, 'b'}/*",
    "arn:aws:sqs:*",
    "arn:aws:kms:*:*:key/*",
];
const CALLERS: &[&str] = &[
    "arn:aws:iam::111122223333:user/ana",
    "arn:aws:sts::111122223333:assumed-role/web/s1",
    "arn:aws:iam::111122223333:role/web",
    "arn:aws:iam::111122223333:root",
    "arn:aws:sts::111122223333:federated-user/bob",
    "lambda.amazonaws.com",
    "anonymous",
];
const NAMED: &[&str] = &[
    "*",
    "111122223333",
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::111122223333:user/ana",
    "arn:aws:iam::111122223333:role/web",
    "arn:aws:sts::111122223333:assumed-role/web/s1",
    "AIDAEXAMPLE",
    "444455556666",
];
const KEYS: &[&str] = &["aws:principaltag/team", "aws:sourceip", "aws:tagkeys", "s3:max-keys", "aws:userid"];
const VALUES: &[&str] =
    &["red", "b", "10.1.2.3", "11.1.2.3", "5", "20", "true", "AIDAEXAMPLE", "${aws:PrincipalTag/team}", "*"];
const OPERATORS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIfExists",
    "StringNotEqualsIfExists",
    "NumericLessThan",
    "NumericNotEquals",
    "IpAddress",
    "NotIpAddress",
    "Bool",
    "Null",
    "ArnLike",
    "ArnNotLike",
    "DateLessThan",
    "ForAllValues:StringEquals",
    "ForAnyValue:StringEquals",
    "ForAllValues:StringNotLike",
    "ForAnyValue:StringNotEquals",
    "ForAnyValue:StringEqualsIfExists",
];

fn selection(patterns: &'static [&'static str]) -> impl Strategy<Value = Selection> {
    (any::<bool>(), subsequence(patterns, 1..=2)).prop_map(|(negated, patterns)| Selection {
        negated,
        patterns: patterns.into_iter().map(str::to_owned).collect(),
    })
}

fn condition() -> impl Strategy<Value = Condition> {
    (select(OPERATORS), select(KEYS), subsequence(VALUES, 1..=2)).prop_map(|(operator, key, values)| {
        Condition {
            operator: Operator::parse(operator).unwrap(),
            key: key.into(),
            values: values.into_iter().map(str::to_owned).collect(),
        }
    })
}

fn principals() -> impl Strategy<Value = Principals> {
    (prop::bool::weighted(0.2), subsequence(NAMED, 1..=2), any::<bool>()).prop_map(
        |(negated, named, service)| {
            let mut members: Vec<_> = named.into_iter().map(|name| Principal::Aws(name.into())).collect();
            if service {
                members.push(Principal::Service("lambda.amazonaws.com".into()));
            }
            Principals { negated, members }
        },
    )
}

fn statement(effects: &'static [Effect], with_principal: bool) -> impl Strategy<Value = Statement> {
    let principal = prop::option::weighted(if with_principal { 0.95 } else { 0.1 }, principals());
    let conditions = prop::collection::vec(condition(), 0..=2);
    (select(effects), principal, selection(ACTION_PATTERNS), selection(RESOURCE_PATTERNS), conditions)
        .prop_map(|(effect, principal, actions, resources, conditions)| Statement {
            sid: None,
            effect,
            principal,
            actions: Some(actions),
            resources: Some(resources),
            conditions,
        })
}

fn documents(with_principal: bool, most: usize) -> impl Strategy<Value = Vec<Document>> {
    const BOTH: &[Effect] = &[Effect::Allow, Effect::Allow, Effect::Deny];
    let document = prop::collection::vec(statement(BOTH, with_principal), 1..=2)
        .prop_map(|statements| Document { version: Some(Version::V2012), id: None, statements });
    prop::collection::vec(document, 0..=most)
}

fn policies() -> impl Strategy<Value = PolicySet> {
    let levels = || {
        let level = documents(true, 2).prop_map(|policies| Level { name: None, policies });
        prop::collection::vec(level, 0..=1)
    };
    let kinds = (documents(false, 2), documents(true, 2), documents(false, 1), documents(false, 1));
    (kinds, documents(true, 1), levels(), levels()).prop_map(
        |((identity, resource, boundaries, session), endpoint, service_control, resource_control)| {
            PolicySet { identity, resource, boundaries, session, endpoint, service_control, resource_control }
        },
    )
}

/// For each key nothing, no value, one or two.
fn circumstances() -> impl Strategy<Value = Vec<Option<Vec<String>>>> {
    let values = subsequence(VALUES, 0..=2).prop_map(|v| v.into_iter().map(str::to_owned).collect());
    prop::collection::vec(prop::option::of(values), KEYS.len())
}

fn closed(told: &[Option<Vec<String>>]) -> Context {
    let mut context = Context::closed();
    for (key, values) in KEYS.iter().zip(told) {
        if let Some(values) = values {
            context.insert(key, values.clone());
        }
    }
    context
}

fn request() -> impl Strategy<Value = (Request, Vec<Option<Vec<String>>>)> {
    let account = select(&["111122223333", "444455556666"][..]);
    (select(ACTIONS), select(CALLERS), select(RESOURCES), account, circumstances()).prop_map(
        |(action, principal, resource, account, told)| {
            let request = Request {
                action: action.into(),
                principal: principal.into(),
                resource: Target::Named(resource.into()),
                resource_account: Some(account.into()),
                context: closed(&told),
            };
            (request, told)
        },
    )
}

fn kinds(policies: &mut PolicySet) -> [&mut Vec<Document>; 5] {
    let PolicySet { identity, resource, boundaries, session, endpoint, .. } = policies;
    [identity, resource, boundaries, session, endpoint]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn a_closed_context_and_a_named_resource_are_always_decided(policies in policies(), (request, _) in request()) {
        let evaluator = Evaluator::compile(&policies);
        let verdict = evaluator.evaluate(&request);
        prop_assert_ne!(verdict.decision, Decision::Undecided);
        prop_assert_eq!(verdict.blocked_by.is_empty(), verdict.decision == Decision::Allowed);
        prop_assert_eq!(verdict.decision, evaluator.decide(&request));
    }

    #[test]
    fn another_deny_never_widens(
        policies in policies(),
        deny in statement(&[Effect::Deny], true),
        kind in 0_usize..5,
        (request, _) in request(),
    ) {
        let before = Evaluator::compile(&policies).decide(&request);
        let mut narrowed = policies;
        if let Some(document) = kinds(&mut narrowed)[kind].first_mut() {
            document.statements.push(deny);
        }
        let after = Evaluator::compile(&narrowed).decide(&request);
        prop_assert!(after == before || after == Decision::ExplicitlyDenied, "{before:?} {after:?}");
    }

    #[test]
    fn another_allow_never_narrows(
        policies in policies(),
        allow in statement(&[Effect::Allow], true),
        kind in 0_usize..5,
        (request, _) in request(),
    ) {
        let before = Evaluator::compile(&policies).decide(&request);
        let mut widened = policies;
        if let Some(document) = kinds(&mut widened)[kind].first_mut() {
            document.statements.push(allow);
        }
        let after = Evaluator::compile(&widened).decide(&request);
        prop_assert!(after == before || after == Decision::Allowed, "{before:?} {after:?}");
    }

    #[test]
    fn what_an_open_context_decides_holds_for_every_completion(
        policies in policies(),
        (request, told) in request(),
        hidden in prop::collection::vec(any::<bool>(), KEYS.len()),
        completions in prop::collection::vec(circumstances(), 8),
    ) {
        let evaluator = Evaluator::compile(&policies);
        let mut open = Context::open();
        for ((key, values), hidden) in KEYS.iter().zip(&told).zip(&hidden) {
            // An open context can't tell that a key was absent.
            if let (Some(values), false) = (values, hidden) {
                open.insert(key, values.clone());
            }
        }
        let keeps = |i: usize| told[i].is_some() && !hidden[i];
        let under_open = evaluator.decide(&Request { context: open, ..request.clone() });
        for completion in completions.iter().chain([&told]) {
            let full: Vec<_> =
                (0..KEYS.len()).map(|i| if keeps(i) { told[i].clone() } else { completion[i].clone() }).collect();
            let decided = evaluator.decide(&Request { context: closed(&full), ..request.clone() });
            prop_assert!(under_open == Decision::Undecided || under_open == decided, "{under_open:?} {decided:?} {full:?}");
        }
    }

    #[test]
    fn what_an_unnamed_resource_decides_holds_for_every_resource(policies in policies(), (request, _) in request()) {
        let evaluator = Evaluator::compile(&policies);
        let unnamed = evaluator.decide(&Request { resource: Target::Unknown, ..request.clone() });
        for resource in RESOURCES {
            let named = Request { resource: Target::Named((*resource).into()), ..request.clone() };
            let decided = evaluator.decide(&named);
            prop_assert!(unnamed == Decision::Undecided || unnamed == decided, "{resource}: {unnamed:?} {decided:?}");
        }
    }
}

proptest! {
    #[test]
    fn whatever_the_bytes_are_they_are_refused_or_decided(cut in 0_usize..600, byte in any::<u8>(), noise in any::<Vec<u8>>()) {
        let mut bytes = br#"{"request":{"action":"s3:GetObject","principal":"arn:aws:iam::111122223333:user/ana","resource":
            "arn:aws:s3:::b/*","context":{"aws:TagKeys":["a","b"],"s3:max-keys":5,"aws:x":null}},"identityPolicies":[{"Version":
            "2012-10-17","Statement":{"Effect":"Allow","Action":["s3:*","*:Get?bject"],"NotResource":"arn:aws:s3:::${aws:x, 'y'}/*",
            "Condition":{"DateLessThan":{"aws:x":"2020-01-01T00:00:00.5+01:00"},"IpAddress":{"aws:y":"10.0.0.0/8"}}}}]}"#
            .to_vec();
        if let Some(place) = bytes.get_mut(cut) {
            *place = byte;
        }
        for bytes in [&bytes, &noise] {
            if let Ok(case) = Case::parse(bytes) {
                prop_assert_ne!(Evaluator::from(case.policies).decide(&case.request), Decision::Undecided);
            }
        }
    }
}

#[test]
fn an_open_context_decides_where_the_answer_does_not_depend_on_it() {
    let decide = |policy: &str, resource: Target| {
        let document = Document::parse(policy.as_bytes()).unwrap();
        let policies = PolicySet { identity: vec![document], ..PolicySet::default() };
        let request = Request {
            action: "s3:GetObject".into(),
            principal: CALLERS[0].into(),
            resource,
            resource_account: None,
            context: Context::open(),
        };
        Evaluator::compile(&policies).evaluate(&request)
    };
    let named = || Target::Named("arn:aws:s3:::b/k".into());
    let allow = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#;
    let on_ip = r#"{"Effect":"EFFECT","Action":"s3:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}"#;
    let (maybe_allow, maybe_deny) = (on_ip.replace("EFFECT", "Allow"), on_ip.replace("EFFECT", "Deny"));
    let home = r#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::home/${aws:username}/*"}"#;
    let home = home.to_owned();
    let cases = [
        (vec![allow.to_owned()], named(), Decision::Allowed),
        (vec![allow.to_owned(), maybe_allow.clone()], named(), Decision::Allowed),
        (vec![maybe_allow.clone()], named(), Decision::Undecided),
        (vec![allow.to_owned(), maybe_deny], named(), Decision::Undecided),
        (vec![], named(), Decision::ImplicitlyDenied),
        (vec![allow.to_owned()], Target::Unknown, Decision::Allowed),
        (vec![home.clone()], Target::Unknown, Decision::Undecided),
        (vec![home.clone()], named(), Decision::ImplicitlyDenied),
        (vec![home], Target::Named("arn:aws:s3:::home/ana/x".into()), Decision::Undecided),
    ];
    for (statements, resource, expected) in cases {
        let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
        let verdict = decide(&policy, resource.clone());
        assert_eq!(verdict.decision, expected, "{policy} {resource:?}");
        if expected == Decision::Undecided {
            assert!(!verdict.because.is_empty() && !verdict.blocked_by.is_empty(), "{verdict:?}");
        }
    }
}
