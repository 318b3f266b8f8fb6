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

/// A change, and what is known of it.
struct Case<'a> {
    old: &'a [Document],
    new: &'a [Document],
    used: &'a [(&'a str, u64)],
    days: Option<u32>,
    earlier: &'a [&'a str],
    sensitivity: RiskLevel,
}

impl<'a> Case<'a> {
    fn of(old: &'a [Document], new: &'a [Document]) -> Self {
        Self { old, new, used: &[], days: Some(90), earlier: &[], sensitivity: RiskLevel::Low }
    }

    /// The level, and the words of all reasons.
    fn risk(&self) -> (RiskLevel, String) {
        let used: BTreeMap<_, _> =
            self.used.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        let diff = Diff::between(self.old, self.new).with_use(&used);
        let seen = ["s3".to_owned(), "sqs".to_owned()];
        let earlier: Vec<_> = self.earlier.iter().map(ToString::to_string).collect();
        let risk = assess(&RiskInput {
            diff: &diff,
            open_before: &open_paths(self.old),
            open_after: &open_paths(self.new),
            containment: Some(&contained(self.new, self.old)),
            coverage: self.days.map(|days| Coverage { days, data_events: &seen }),
            replay: None,
            used_earlier: &earlier,
            sensitivity: self.sensitivity,
        });
        assert_eq!(risk.level, risk.reasons.iter().map(|reason| reason.level).max().unwrap_or_default());
        let words: Vec<_> = risk.reasons.iter().map(|r| format!("{}: {}", r.level, r.text)).collect();
        (risk.level, words.join("\n"))
    }
}

#[test]
fn the_risk_is_the_gravest_of_its_reasons() {
    use RiskLevel::{High, Low, Medium};
    let s3 = allow(r#""Action":"s3:*","Resource":"*""#);
    let get = allow(r#""Action":"s3:GetObject","Resource":"*""#);
    let with_sns = allow(r#""Action":["s3:GetObject","sns:Publish"],"Resource":"*""#);
    let passing = allow(r#""Action":["iam:PassRole","ec2:RunInstances"],"Resource":"*""#);
    let passing_one =
        allow(r#""Action":["iam:PassRole","ec2:RunInstances"],"Resource":"arn:aws:iam::1:role/a""#);
    let more_than_passing = allow(r#""Action":["iam:PassRole","ec2:*"],"Resource":"*""#);
    let dynamo = allow(r#""Action":["s3:GetObject","dynamodb:GetItem"],"Resource":"*""#);
    let to_get = || Case::of(&s3, &get);
    let cases = [
        (Case::of(&get, &get), Low, ""),
        (Case { days: None, ..Case::of(&get, &get) }, Low, ""),
        (Case { used: &[("s3:GetObject", 9)], ..to_get() }, Low, "low: access levels are lost altogether"),
        (
            Case { used: &[("s3:PutObject", 9)], ..to_get() },
            High,
            "used, and no longer granted: s3:PutObject",
        ),
        (Case { days: Some(45), ..to_get() }, Low, "only 45 days"),
        (Case { days: Some(29), ..to_get() }, Medium, "only 29 days"),
        (Case { days: None, ..to_get() }, Medium, "no evidence of use was given"),
        (Case::of(&dynamo, &get), Medium, "use may have gone unnoticed: dynamodb"),
        (Case { earlier: &["sns"], ..Case::of(&with_sns, &get) }, High, "before the time observed: sns"),
        (Case { earlier: &["s3"], ..to_get() }, Low, ""),
        (Case::of(&get, &s3), High, "permissions management is gained or widened"),
        (Case::of(&get, &s3), High, "1 of 1 new grants aren't granted today"),
        (
            Case::of(&more_than_passing, &passing),
            Medium,
            "medium: the privilege-escalation path PassRole + EC2 RunInstances stays open:",
        ),
        (Case::of(&passing, &passing_one), Low, "stays open, confined"),
        (Case::of(&passing_one, &passing), High, "loses its confinement"),
        (Case::of(&get, &passing), High, "the privilege-escalation path PassRole + EC2 RunInstances opens"),
    ];
    for (at, (case, expected, words)) in cases.into_iter().enumerate() {
        let (level, text) = case.risk();
        assert!(text.contains(words), "case {at}: {words:?} in\n{text}");
        assert_eq!(level, expected, "case {at}:\n{text}");
    }
}

#[test]
fn a_sensitive_account_raises_the_risk_of_any_change() {
    let get = allow(r#""Action":"s3:GetObject","Resource":"*""#);
    let (level, text) = Case { sensitivity: RiskLevel::High, ..Case::of(&get, &get) }.risk();
    assert_eq!((level, text.as_str()), (RiskLevel::High, "high: the account's sensitivity is high"));
}
