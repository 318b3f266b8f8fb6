use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::iam::catalogue::Catalogue;
use crate::iam::document::Document;
use crate::iam::grants::contained;

fn policy(statements: &str) -> Vec<Document> {
    vec![
        Document::parse(format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#).as_bytes())
            .unwrap(),
    ]
}

fn allow(element: &str) -> Vec<Document> {
    policy(&format!(r#"{{"Effect":"Allow",{element}}}"#))
}

fn names(open: &[OpenPath]) -> BTreeSet<&'static str> {
    open.iter().map(|open| open.path.name).collect()
}

#[test]
fn paths_have_names_of_their_own_and_actions_that_exist() {
    let names: BTreeSet<_> = PATHS.iter().map(|path| path.name).collect();
    assert_eq!(names.len(), PATHS.len());
    for path in PATHS {
        for action in path.needs {
            // CodeStar's projects and Data Pipeline may leave the catalogue before they leave old policies.
            assert!(Catalogue::embedded().find(action).is_some(), "{}: {action}", path.name);
        }
    }
}

#[test]
fn a_path_is_open_where_all_that_it_needs_is_granted() {
    let run = "PassRole + EC2 RunInstances";
    let cases = [
        (
            r#"{"Effect":"Allow","Action":["iam:PassRole","ec2:RunInstances"],"Resource":"*"}"#,
            Some(Breadth::Unconfined),
        ),
        (
            r#"{"Effect":"Allow","Action":["IAM:passrole","ec2:Run*"],"Resource":"*"}"#,
            Some(Breadth::Unconfined),
        ),
        (r#"{"Effect":"Allow","Action":["*","sts:AssumeRole"],"Resource":"*"}"#, Some(Breadth::Unconfined)),
        (r#"{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}"#, Some(Breadth::Unconfined)),
        (r#"{"Effect":"Allow","Action":"iam:PassRole","Resource":"*"}"#, None),
        (r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#, None),
        (
            r#"[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"iam:Pass*","Resource":"*"}]"#,
            None,
        ),
        (
            r#"[{"Effect":"Allow","Action":"ec2:*","Resource":"*"},
                {"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::111122223333:role/a"}]"#,
            Some(Breadth::Confined),
        ),
        (
            r#"[{"Effect":"Allow","Action":"*","Resource":"*"},
                {"Effect":"Deny","Action":"iam:PassRole","Resource":"arn:aws:iam::*:role/admin"}]"#,
            Some(Breadth::Confined),
        ),
        (
            r#"{"Effect":"Allow","Action":["iam:PassRole","ec2:*"],"Resource":"*",
                "Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}}"#,
            Some(Breadth::Confined),
        ),
    ];
    for (statements, expected) in cases {
        let open = open_paths(&policy(statements));
        let found = open.iter().find(|open| open.path.name == run).map(|open| open.breadth);
        assert_eq!(found, expected, "{statements}");
    }
}

#[test]
fn assuming_one_role_is_no_path_and_assuming_any_is() {
    let assume = |resource: &str| {
        names(&open_paths(&allow(&format!(r#""Action":"sts:AssumeRole","Resource":"{resource}""#))))
            .contains("AssumeRole on everything")
    };
    assert!(assume("*"));
    assert!(!assume("arn:aws:iam::111122223333:role/a"));
}

#[test]
fn an_administrator_has_every_path() {
    assert_eq!(open_paths(&allow(r#""Action":"*","Resource":"*""#)).len(), PATHS.len());
}

/// The level, and the words of all reasons.
fn risk(
    old: &[Document],
    new: &[Document],
    used: &[(&str, u64)],
    days: Option<u32>,
    sensitivity: RiskLevel,
) -> (RiskLevel, String) {
    let used: BTreeMap<_, _> = used.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
    let diff = Diff::between(old, new).with_use(&used);
    let (seen, earlier) = (["s3".to_owned(), "sqs".to_owned()], ["sns".to_owned()]);
    let risk = assess(&RiskInput {
        diff: &diff,
        open_before: &open_paths(old),
        open_after: &open_paths(new),
        containment: Some(&contained(new, old)),
        coverage: days.map(|days| Coverage { days, data_events: &seen }),
        used_earlier: &earlier,
        sensitivity,
    });
    assert_eq!(risk.level, risk.reasons.iter().map(|reason| reason.level).max().unwrap_or_default());
    let words: Vec<_> = risk.reasons.iter().map(|r| format!("{}: {}", r.level, r.text)).collect();
    (risk.level, words.join("\n"))
}

#[test]
fn the_risk_is_the_gravest_of_its_reasons() {
    let s3 = allow(r#""Action":"s3:*","Resource":"*""#);
    let get = allow(r#""Action":"s3:GetObject","Resource":"*""#);
    let with_sns = allow(r#""Action":["s3:GetObject","sns:Publish"],"Resource":"*""#);
    let admin = allow(r#""Action":"*","Resource":"*""#);
    let passing = allow(r#""Action":["iam:PassRole","ec2:RunInstances"],"Resource":"*""#);
    let passing_one =
        allow(r#""Action":["iam:PassRole","ec2:RunInstances"],"Resource":"arn:aws:iam::1:role/a""#);
    let dynamo = allow(r#""Action":["s3:GetObject","dynamodb:GetItem"],"Resource":"*""#);
    use RiskLevel::{High, Low, Medium};
    let cases: Vec<(&[Document], &[Document], &[(&str, u64)], Option<u32>, RiskLevel, &str)> = vec![
        (&get, &get, &[], None, Low, ""),
        (&s3, &get, &[("s3:GetObject", 9)], Some(90), Low, "low: access levels are lost altogether"),
        (&s3, &get, &[("s3:PutObject", 9)], Some(90), High, "used, and no longer granted: s3:PutObject"),
        (&s3, &get, &[], Some(45), Low, "only 45 days"),
        (&s3, &get, &[], Some(29), Medium, "only 29 days"),
        (&s3, &get, &[], None, Medium, "no evidence of use was given"),
        (
            &dynamo,
            &get,
            &[],
            Some(90),
            Medium,
            "data events were not seen, so use may have gone unnoticed: dynamodb",
        ),
        (&with_sns, &get, &[], Some(90), High, "used before the time observed: sns"),
        (&get, &s3, &[], Some(90), High, "permissions management is gained or widened"),
        (&get, &s3, &[], Some(90), High, "1 of 1 new grants aren't granted today"),
        (
            &admin,
            &passing,
            &[],
            Some(90),
            Medium,
            "medium: the privilege-escalation path PassRole + EC2 RunInstances stays open:",
        ),
        (&passing, &passing_one, &[], Some(90), Low, "stays open, confined"),
        (&passing_one, &passing, &[], Some(90), High, "loses its confinement"),
        (
            &get,
            &passing,
            &[],
            Some(90),
            High,
            "the privilege-escalation path PassRole + EC2 RunInstances opens",
        ),
    ];
    for (at, (old, new, used, days, expected, words)) in cases.into_iter().enumerate() {
        // Taking services away that were used earlier is a case of its own.
        let (level, text) = risk(old, new, used, days, Low);
        assert!(text.contains(words), "case {at}: {words:?} in\n{text}");
        if !text.contains("before the time observed") || expected == High {
            assert_eq!(level, expected, "case {at}:\n{text}");
        }
    }
}

#[test]
fn a_sensitive_account_raises_the_risk_of_any_change() {
    let get = allow(r#""Action":"s3:GetObject","Resource":"*""#);
    let (level, text) = risk(&get, &get, &[], Some(90), RiskLevel::High);
    assert_eq!((level, text.as_str()), (RiskLevel::High, "high: the account's sensitivity is high"));
}
