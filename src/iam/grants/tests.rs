use proptest::prelude::*;

use super::*;
use crate::iam::document::Effect;
use crate::iam::evaluate::{Decision, Evaluator, PolicySet, Target};

fn policy(statements: &str) -> Vec<Document> {
    vec![
        Document::parse(format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#).as_bytes())
            .unwrap(),
    ]
}

/// `proved`, `violated` or `unproved`: the worst of the grants.
fn answer(narrow: &str, wide: &str) -> &'static str {
    let found = contained(&policy(narrow), &policy(wide));
    assert_eq!(found.grants, found.proved + found.violations.len() + found.unproved.len());
    match (found.violations.len(), found.unproved.len()) {
        (0, 0) => "proved",
        (0, _) => "unproved",
        _ => "violated",
    }
}

fn allow(element: &str) -> String {
    format!(r#"{{"Effect":"Allow",{element}}}"#)
}

fn deny(element: &str) -> String {
    format!(r#"{{"Effect":"Deny",{element}}}"#)
}

#[test]
fn a_grant_is_proved_violated_or_unproved() {
    let s3 = allow(r#""Action":"s3:*","Resource":"*""#);
    let get = allow(r#""Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*""#);
    let all_but_iam = allow(r#""NotAction":["IAM:*"],"Resource":"*""#);
    let everything = allow(r#""Action":["*","sts:AssumeRole"],"Resource":"*""#);
    let no_iam = deny(r#""Action":"iam:*","Resource":"*""#);
    let in_region = |effect: fn(&str) -> String, action: &str, operator: &str, region: &str| {
        effect(&format!(
            r#""Action":"{action}","Resource":"*","Condition":{{"{operator}":{{"aws:RequestedRegion":"{region}"}}}}"#
        ))
    };
    let cases: Vec<(String, String, &str)> = vec![
        // Patterns.
        (get.clone(), s3.clone(), "proved"),
        (s3.clone(), get.clone(), "violated"),
        ("[]".into(), "[]".into(), "proved"),
        (get.clone(), "[]".into(), "violated"),
        (allow(r#""Action":"s3:getobject","Resource":"arn:aws:s3:::b/x""#), get.clone(), "proved"),
        (get.clone(), allow(r#""Action":"s3:GetObject","Resource":"arn:aws:s3:::B/*""#), "violated"),
        (allow(r#""Action":"s3:GetObject","Resource":"arn:aws:s3:::b*""#), get.clone(), "violated"),
        // An action that the catalogue doesn't know is compared by name.
        (allow(r#""Action":"madeup:Do","Resource":"*""#), everything.clone(), "proved"),
        (allow(r#""Action":"madeup:Do","Resource":"*""#), s3.clone(), "violated"),
        // A wildcard is more than what it stands for today.
        (
            allow(r#""Action":"sqs:SendMessag*","Resource":"*""#),
            allow(r#""Action":["sqs:SendMessage","sqs:SendMessageBatch"],"Resource":"*""#),
            "unproved",
        ),
        // All but.
        (s3.clone(), all_but_iam.clone(), "proved"),
        (allow(r#""Action":"iam:PassRole","Resource":"*""#), all_but_iam.clone(), "violated"),
        (all_but_iam.clone(), all_but_iam.clone(), "proved"),
        (all_but_iam.clone(), everything.clone(), "proved"),
        (everything.clone(), all_but_iam.clone(), "violated"),
        (allow(r#""NotAction":["iam:*","s3:*"],"Resource":"*""#), all_but_iam.clone(), "proved"),
        (allow(r#""NotAction":"iam:PassRole","Resource":"*""#), all_but_iam.clone(), "violated"),
        (format!("[{everything},{no_iam}]"), all_but_iam.clone(), "proved"),
        (all_but_iam.clone(), format!("[{everything},{no_iam}]"), "proved"),
        (
            allow(r#""Action":"s3:GetObject","Resource":"arn:aws:s3:::b/x""#),
            allow(r#""Action":"s3:GetObject","NotResource":"arn:aws:s3:::b/secret/*""#),
            "proved",
        ),
        (
            get.clone(),
            allow(r#""Action":"s3:GetObject","NotResource":"arn:aws:s3:::b/secret/*""#),
            "violated",
        ),
        // A negated element whose variable has no value matches nothing, where the rest of its pattern fits.
        (
            allow(r#""Action":"s3:GetObject","Resource":"arn:aws:s3:::b/x""#),
            allow(r#""Action":"s3:GetObject","NotResource":"arn:aws:s3:::b/${aws:username}/*""#),
            "proved",
        ),
        (
            allow(r#""Action":"s3:GetObject","Resource":"arn:aws:s3:::b/x/y""#),
            allow(r#""Action":"s3:GetObject","NotResource":"arn:aws:s3:::b/${aws:username}/*""#),
            "violated",
        ),
        // Denies.
        (everything.clone(), format!("[{everything},{no_iam}]"), "violated"),
        (s3.clone(), format!("[{everything},{no_iam}]"), "proved"),
        (format!("[{everything},{no_iam}]"), format!("[{everything},{no_iam}]"), "proved"),
        (
            format!("[{everything},{}]", deny(r#""Action":["iam:Get*","iam:*"],"Resource":"*""#)),
            format!(
                "[{everything},{}]",
                deny(r#""Action":"iam:PassRole","Resource":"arn:aws:iam::*:role/a""#)
            ),
            "proved",
        ),
        (
            format!(
                "[{everything},{}]",
                deny(r#""Action":"iam:PassRole","Resource":"arn:aws:iam::*:role/a""#)
            ),
            format!("[{everything},{}]", deny(r#""Action":"iam:PassRole","Resource":"*""#)),
            "violated",
        ),
        (no_iam.clone(), "[]".into(), "proved"),
        (format!("[{get},{}]", deny(r#""Action":"s3:*","Resource":"*""#)), "[]".into(), "proved"),
        // Conditions.
        (in_region(allow, "s3:*", "StringEquals", "eu-west-1"), s3.clone(), "proved"),
        (s3.clone(), in_region(allow, "s3:*", "StringEquals", "eu-west-1"), "violated"),
        (
            in_region(allow, "s3:*", "StringEquals", "eu-west-1"),
            in_region(allow, "s3:*", "StringLike", "eu-*"),
            "proved",
        ),
        (
            in_region(allow, "s3:*", "StringLike", "eu-*"),
            in_region(allow, "s3:*", "StringEquals", "eu-west-1"),
            "violated",
        ),
        (
            in_region(allow, "s3:*", "StringEqualsIfExists", "eu-west-1"),
            in_region(allow, "s3:*", "StringEquals", "eu-west-1"),
            "violated",
        ),
        // A Deny outside the region, and an Allow inside it.
        (
            in_region(allow, "s3:*", "StringEquals", "eu-west-1"),
            format!("[{s3},{}]", in_region(deny, "*", "StringNotEquals", "eu-west-1")),
            "proved",
        ),
        (s3.clone(), format!("[{s3},{}]", in_region(deny, "*", "StringNotEquals", "eu-west-1")), "violated"),
        (
            format!("[{s3},{}]", in_region(deny, "s3:*", "StringNotEquals", "eu-west-1")),
            format!("[{s3},{}]", in_region(deny, "*", "StringNotEquals", "eu-west-1")),
            "proved",
        ),
    ];
    for (narrow, wide, expected) in cases {
        assert_eq!(answer(&narrow, &wide), expected, "{narrow}\n within {wide}");
    }
}

#[test]
fn a_witness_is_a_request_that_a_person_can_try() {
    let narrow = policy(&allow(r#""Action":["s3:GetObject","s3:Put*"],"Resource":"arn:aws:s3:::b/*""#));
    let wide = policy(&allow(r#""Action":"s3:GetObject","Resource":"*""#));
    let found = contained(&narrow, &wide);
    assert_eq!((found.grants, found.proved, found.violations.len()), (2, 1, 1));
    let violation = &found.violations[0];
    assert_eq!(violation.grant.to_string(), "s3:Put* on arn:aws:s3:::b/*");
    assert!(violation.witness.action.starts_with("s3:Put"), "{:?}", violation.witness);
    let Target::Named(resource) = &violation.witness.resource else { panic!("a named resource") };
    assert!(resource.starts_with("arn:aws:s3:::b/"), "{resource}");
}

#[test]
fn granted_actions_are_what_is_allowed_somewhere() {
    let granted = |statements: &str| granted_actions(&policy(statements)).len();
    let s3 = granted(&allow(r#""Action":"s3:*","Resource":"arn:aws:s3:::b/*""#));
    assert!(s3 > 100);
    assert_eq!(granted(&allow(r#""Action":["S3:getobject","s3:GetObject"],"Resource":"*""#)), 1);
    assert_eq!(granted(&deny(r#""Action":"s3:*","Resource":"*""#)), 0);
    let both = |deny: &str| granted(&format!("[{},{deny}]", allow(r#""Action":"s3:*","Resource":"*""#)));
    assert_eq!(both(&deny(r#""NotAction":"s3:GetObject","Resource":"*""#)), 1);
    assert_eq!(both(&deny(r#""Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*""#)), s3);
    assert_eq!(
        both(&deny(r#""Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}"#)),
        s3
    );
    let all = granted(&allow(r#""NotAction":"s3:*","Resource":"*""#));
    assert_eq!(all + s3, crate::iam::catalogue::Catalogue::embedded().len());
}

fn decide(policies: &[Document], request: &Request) -> Decision {
    let set = PolicySet { identity: policies.to_vec(), ..PolicySet::default() };
    Evaluator::compile(&set).evaluate(request).decision
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    /// The law that everything rests on: what is proved holds for every request.
    #[test]
    fn no_request_escapes_a_proof(
        narrow in samples::policies(),
        wide in samples::policies(),
        requests in prop::collection::vec(samples::request(), 64),
    ) {
        let found = contained(&narrow, &wide);
        for violation in &found.violations {
            prop_assert_eq!(decide(&narrow, &violation.witness), Decision::Allowed);
            prop_assert_ne!(decide(&wide, &violation.witness), Decision::Allowed);
        }
        if found.holds() {
            for request in requests {
                if decide(&narrow, &request) == Decision::Allowed {
                    prop_assert_eq!(decide(&wide, &request), Decision::Allowed, "{:?}", request);
                }
            }
        }
    }

    /// Single statements are proved more often than whole policies, and leave conditions less place to hide.
    #[test]
    fn no_request_escapes_a_proof_of_one_statement(
        mut narrow in samples::statement(),
        mut wide in samples::statement(),
        requests in prop::collection::vec(samples::request(), 64),
    ) {
        (narrow.effect, wide.effect) = (Effect::Allow, Effect::Allow);
        if narrow.conditions.len() < 2 {
            wide.actions.clone_from(&narrow.actions);
            wide.resources.clone_from(&narrow.resources);
        }
        let document = |statement| {
            let version = Some(crate::iam::document::Version::V2012);
            vec![Document { version, id: None, statements: vec![statement] }]
        };
        let (narrow, wide) = (document(narrow), document(wide));
        if proved(&Rules::of(&narrow), &Rules::of(&wide)) {
            for request in requests {
                if decide(&narrow, &request) == Decision::Allowed {
                    prop_assert_eq!(decide(&wide, &request), Decision::Allowed, "{:?}", request);
                }
            }
        }
    }

    #[test]
    fn policies_contain_themselves(policies in samples::policies()) {
        let found = contained(&policies, &policies);
        prop_assert!(found.holds(), "{:?}", found.unproved);
    }

    #[test]
    fn a_further_deny_is_contained(wide in samples::policies(), mut deny in samples::statement()) {
        deny.effect = Effect::Deny;
        let mut narrow = wide.clone();
        narrow[0].statements.insert(0, deny);
        prop_assert!(contained(&narrow, &wide).holds());
    }
}
