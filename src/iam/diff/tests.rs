use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Diff, Kind, headline, render};
use crate::iam::document::{Document, Effect};
use crate::iam::grants::samples;

fn policy(statements: &str) -> Document {
    Document::parse(format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#).as_bytes()).unwrap()
}

fn allow(actions: &str, resources: &str) -> Document {
    policy(&format!(r#"{{"Effect":"Allow","Action":{actions},"Resource":{resources}}}"#))
}

fn between(old: &str, new: &str) -> Diff {
    Diff::between(&[policy(old)], &[policy(new)])
}

/// The kind of change of one action, `kept` or `absent`.
fn fate(diff: &Diff, name: &str) -> &'static str {
    let changed = diff.changes.iter().find(|change| change.actions.iter().any(|action| action.name == name));
    match changed {
        Some(change) => change.kind.as_str(),
        None if diff.kept.iter().any(|action| action.name == name) => "kept",
        None => "absent",
    }
}

#[test]
fn an_action_is_gained_lost_kept_narrowed_widened_or_changed() {
    let on =
        |resource: &str| format!(r#"{{"Effect":"Allow","Action":"s3:GetObject","Resource":{resource}}}"#);
    let when = |resource: &str, condition: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":"s3:GetObject","Resource":"{resource}","Condition":{condition}}}"#
        )
    };
    let b = on(r#""arn:aws:s3:::b/*""#);
    let region = r#"{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}"#;
    let regions = r#"{"StringEquals":{"aws:RequestedRegion":["eu-west-1","eu-central-1"]}}"#;
    let tagged = r#"{"StringEquals":{"aws:PrincipalTag/team":"a"}}"#;
    let but = |resource: &str, condition: &str| {
        format!(
            r#"[{b},{{"Effect":"Deny","Action":"s3:Get*","Resource":"{resource}","Condition":{condition}}}]"#
        )
    };
    let cases = [
        ("[]".to_owned(), b.clone(), "gained"),
        (b.clone(), "[]".to_owned(), "lost"),
        (b.clone(), b.clone(), "kept"),
        (on(r#""*""#), b.clone(), "narrowed"),
        (b.clone(), on(r#"["arn:aws:s3:::b/*","arn:aws:s3:::c/*"]"#), "widened"),
        (b.clone(), on(r#""arn:aws:s3:::c/*""#), "changed"),
        (b.clone(), when("arn:aws:s3:::b/*", region), "narrowed"),
        (when("arn:aws:s3:::b/*", region), when("arn:aws:s3:::b/*", regions), "widened"),
        (when("arn:aws:s3:::b/*", region), when("arn:aws:s3:::b/*", tagged), "changed"),
        (when("*", region), b.clone(), "changed"),
        // Splitting and reordering say nothing.
        (
            on(r#"["arn:aws:s3:::b/*","arn:aws:s3:::c/*"]"#),
            format!("[{},{b}]", on(r#""arn:aws:s3:::c/*""#)),
            "kept",
        ),
        // A Deny takes away; one that denies everything takes all.
        (b.clone(), but("arn:aws:s3:::b/secret/*", "{}"), "narrowed"),
        (but("arn:aws:s3:::b/secret/*", "{}"), b.clone(), "widened"),
        (b.clone(), but("*", "{}"), "lost"),
        (b.clone(), but("arn:aws:s3:::other/*", "{}"), "kept"),
        (b.clone(), but("*", r#"{"Bool":{"aws:SecureTransport":"false"}}"#), "narrowed"),
        // Resources that an action can't be called on don't matter to it.
        (b.clone(), on(r#"["arn:aws:s3:::b/*","arn:aws:ec2:*:*:instance/*"]"#), "kept"),
    ];
    for (old, new, expected) in cases {
        assert_eq!(fate(&between(&old, &new), "s3:GetObject"), expected, "{old} -> {new}");
    }
}

#[test]
fn a_deny_is_not_read_as_an_allow() {
    let deny = r#"{"Effect":"Deny","Action":"iam:*","Resource":"*"}"#;
    let diff = between(deny, "[]");
    assert!(diff.is_empty());
    assert_eq!(diff.before.actions, 0);
}

#[test]
fn not_action_grants_all_but_what_it_names() {
    let old = r#"{"Effect":"Allow","NotAction":["iam:*","S3:getobject"],"Resource":"*"}"#;
    let diff = between(old, r#"{"Effect":"Allow","Action":"iam:PassRole","Resource":"*"}"#);
    assert_eq!(fate(&diff, "iam:PassRole"), "gained");
    assert_eq!(fate(&diff, "s3:GetObject"), "absent");
    assert_eq!(fate(&diff, "s3:PutObject"), "lost");
}

#[test]
fn a_star_beside_other_patterns_is_still_everything() {
    let old = [allow(r#"["*","sts:AssumeRole"]"#, r#""*""#)];
    let diff = Diff::between(&old, &[allow(r#""sts:AssumeRole""#, r#""*""#)]);
    assert_eq!(diff.kept.len(), 1);
    assert_eq!(diff.count(Kind::Lost), diff.before.actions - 1);
    assert!(diff.before.actions > 10_000);
}

#[test]
fn the_case_of_an_action_is_no_difference() {
    let diff =
        Diff::between(&[allow(r#""IAM:passrole""#, r#""*""#)], &[allow(r#""iam:PassRole""#, r#""*""#)]);
    assert!(diff.is_empty());
    assert_eq!(diff.kept[0].name, "iam:PassRole");
}

#[test]
fn actions_that_the_catalogue_does_not_know_are_compared_by_name() {
    let old = [allow(r#"["s3:HeadObject","madeup:*"]"#, r#""*""#)];
    let new = [allow(r#"["S3:headobject","MadeUp:Do"]"#, r#""arn:aws:s3:::b/*""#)];
    let diff = Diff::between(&old, &new);
    assert_eq!(fate(&diff, "s3:HeadObject"), "narrowed");
    assert_eq!(fate(&diff, "madeup:*"), "lost");
    assert_eq!(fate(&diff, "MadeUp:Do"), "narrowed");
    assert_eq!(diff.before.actions, 3);
}

#[test]
fn a_version_without_variables_is_another_grant() {
    let statement =
        r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::${aws:username}/*"}"#;
    let old = Document::parse(format!(r#"{{"Statement":{statement}}}"#).as_bytes()).unwrap();
    let diff = Diff::between(&[old], &[policy(statement)]);
    assert_eq!(fate(&diff, "s3:GetObject"), "changed");
}

#[test]
fn the_headline_counts_and_names_the_levels_that_are_gone() {
    let old = [allow(r#""s3:*""#, r#""*""#)];
    let new = [allow(r#"["s3:GetObject","s3:ListBucket","s3:PutObject"]"#, r#""*""#)];
    let diff = Diff::between(&old, &new);
    let lost = diff.before.actions - 3;
    assert_eq!(headline(&diff), format!("−{lost} actions (all of: Permissions management, Tagging), 3 kept"));
    assert_eq!(headline(&Diff::between(&new, &new)), "No difference: 3 actions kept");
}

#[test]
fn what_was_used_comes_first_and_in_words() {
    let old = [allow(r#"["s3:*","sqs:SendMessage"]"#, r#""*""#)];
    let new = [allow(r#""s3:GetObject""#, r#""arn:aws:s3:::b/*""#)];
    let used = BTreeMap::from([("SQS:sendmessage".to_owned(), 1), ("s3:GetObject".to_owned(), 4812)]);
    let diff = Diff::between(&old, &new).with_use(&used);
    assert_eq!(diff.changes[0].actions[0].name, "sqs:SendMessage");
    let text = anstream::adapter::strip_str(&render(&diff)).to_string();
    let (used, lost) = (text.find("Used, and").unwrap(), text.find("\nLost").unwrap());
    assert!(used < lost, "{text}");
    assert!(text.contains("sqs:SendMessage was used once and is no longer granted"), "{text}");
    assert!(text.contains("s3:GetObject was used 4,812 times and is granted on less"), "{text}");
}

#[test]
fn what_decides_over_access_comes_first_wherever_a_list_is_folded() {
    let diff = Diff::between(&[allow(r#""*""#, r#""*""#)], &[]);
    let ranked = diff.ranked();
    let first: Vec<&str> = ranked.iter().take(5).map(|change| change.service.as_str()).collect();
    assert_eq!(first, ["iam", "sso", "organizations", "kms", "sts"]);
    let names: Vec<&str> = ranked[0].ranked().iter().take(2).map(|action| action.name.as_str()).collect();
    assert_eq!(names, ["iam:AttachGroupPolicy", "iam:AttachRolePolicy"]);
    let text = anstream::adapter::strip_str(&render(&diff)).to_string();
    let place = |part: &str| text.find(part).unwrap_or_else(|| panic!("no {part} in {text}"));
    assert!(place("  sts ") < place("more actions, in"), "{text}");
}

#[test]
fn how_often_something_was_used_reads_as_people_say_it() {
    assert_eq!([1, 2, 4812].map(super::times), ["once", "2 times", "4,812 times"]);
}

#[test]
fn long_lists_are_folded_in_words_and_whole_in_the_model() {
    let diff = Diff::between(&[allow(r#""*""#, r#""*""#)], &[]);
    let text = render(&diff);
    assert!(text.lines().count() < 60, "{text}");
    assert!(text.contains("more actions"), "{text}");
    assert_eq!(diff.count(Kind::Lost), diff.before.actions);
}

proptest! {
    // Each case compares some twenty thousand actions.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(32) })]

    #[test]
    fn policies_differ_in_nothing_from_themselves(policies in samples::policies()) {
        let diff = Diff::between(&policies, &policies);
        prop_assert!(diff.is_empty(), "{:?}", diff.changes);
        prop_assert_eq!(diff.before, diff.after);
    }

    #[test]
    fn what_one_way_gains_the_other_loses(old in samples::policies(), new in samples::policies()) {
        let (forth, back) = (Diff::between(&old, &new), Diff::between(&new, &old));
        let pairs = [
            (Kind::Gained, Kind::Lost),
            (Kind::Widened, Kind::Narrowed),
            (Kind::Changed, Kind::Changed),
            (Kind::Lost, Kind::Gained),
        ];
        for (kind, opposite) in pairs {
            let names = |diff: &Diff, kind| {
                let mut names: Vec<_> =
                    diff.of(kind).flat_map(|change| change.actions.iter().map(|a| a.name.to_lowercase())).collect();
                names.sort();
                names
            };
            prop_assert_eq!(names(&forth, kind), names(&back, opposite));
        }
        prop_assert_eq!(forth.before, back.after);
    }

    #[test]
    fn a_further_deny_never_widens(old in samples::policies(), mut deny in samples::statement()) {
        deny.effect = Effect::Deny;
        let mut new = old.clone();
        new.push(Document { statements: vec![deny], ..old[0].clone() });
        let diff = Diff::between(&old, &new);
        for kind in [Kind::Gained, Kind::Widened, Kind::Changed] {
            prop_assert_eq!(diff.count(kind), 0, "{:?}", diff.changes);
        }
    }
}
