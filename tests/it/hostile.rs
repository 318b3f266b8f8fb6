//! Policies that nobody would write: each command answers soon, and says what it left out.
//!
//! A debug build is some twenty times slower than what is shipped; nothing here is timed. A command that compared all
//! with all would keep the tests from ending.

use serde_json::{Value, json};

use crate::support::{alpha, scratch};

/// A policy of one statement a value.
fn policy(statements: &[Value]) -> Vec<u8> {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string().into_bytes()
}

fn listed(count: usize, pattern: impl Fn(usize) -> String) -> Vec<String> {
    (0..count).map(pattern).collect()
}

fn actions(patterns: &[String]) -> Vec<u8> {
    policy(&[json!({"Effect": "Allow", "Action": patterns, "Resource": "*"})])
}

#[test]
fn more_wildcards_than_any_service_stores_are_refused_where_each_is_looked_up() {
    let (_folder, path) = scratch("wild.json", &actions(&listed(20_000, |at| format!("*:*{at}*a*"))));
    for command in
        [vec!["canonical", &path], vec!["expand", "--policy", &path], vec!["shrink", "--policy", &path]]
    {
        let run = alpha(&[&["policy"], command.as_slice()].concat(), b"");
        assert_eq!((run.status, run.out.as_str()), (1, ""), "{command:?}: {}", run.err);
        assert!(run.err.contains("no AWS service stores"), "{}", run.err);
    }
    let run = alpha(&["policy", "validate", "--output", "json", &path], b"");
    assert!(run.out.contains("POLICY_SIZE_EXCEEDS"), "{}", run.err);
}

#[test]
fn very_many_unknown_actions_are_all_named_and_the_first_get_suggestions() {
    let unknown = listed(2_000, |at| format!("s3:GetObjekt{at}"));
    let (_folder, path) = scratch("unknown.json", &actions(&unknown));
    let run = alpha(&["policy", "expand", "--policy", &path], b"");
    assert_eq!(run.status, 1);
    assert_eq!(run.err.lines().count(), 2_000);
    assert_eq!(run.err.matches("did you mean").count(), 100);
    let run = alpha(&["policy", "validate", "--output", "json", &path], b"");
    assert_eq!(run.out.matches("INVALID_ACTION").count(), 2_000);
    assert_eq!(run.out.matches("Did you mean").count(), 100);
}

#[test]
fn long_lists_of_long_patterns_are_not_compared_with_themselves() {
    let long = listed(400, |at| format!("arn:aws:s3:::*{at}{}", "*a".repeat(500)));
    let policy = policy(&[json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": long})]);
    let (_folder, path) = scratch("long.json", &policy);
    let run = alpha(&["policy", "canonical", &path], b"");
    assert_eq!(run.status, 0, "{}", run.err);
    assert_eq!(run.out.matches("arn:aws:s3:::").count(), 400);
    assert_eq!(alpha(&["policy", "validate", &path], b"").err, "");
}

#[test]
fn very_many_unknown_condition_keys_are_each_found_out() {
    let mut keys = serde_json::Map::new();
    (0..5_000).for_each(|at| drop(keys.insert(format!("aws:none{at}"), json!("x"))));
    let statement = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*",
        "Condition": {"StringEquals": keys}});
    let (_folder, path) = scratch("keys.json", &policy(&[statement]));
    let run = alpha(&["policy", "validate", "--output", "json", &path], b"");
    assert_eq!(run.out.matches("INVALID_GLOBAL_CONDITION_KEY").count(), 5_000);
    assert_eq!(alpha(&["policy", "canonical", &path], b"").status, 0);
}

#[test]
fn policies_too_heavy_to_be_compared_are_refused_with_the_reason() {
    let except = listed(3_000, |at| format!("arn:aws:s3:::*b{at}*"));
    let many = listed(3_000, |at| format!("arn:aws:s3:::b{at}"));
    let (_one, old) =
        scratch("old.json", &policy(&[json!({"Effect": "Allow", "Action": "s3:*", "NotResource": except})]));
    let (_other, new) =
        scratch("new.json", &policy(&[json!({"Effect": "Allow", "Action": "s3:*", "Resource": many})]));
    let run = alpha(&["policy", "diff", &old, &new], b"");
    assert_eq!((run.status, run.out.as_str()), (1, ""), "{}", run.err);
    assert!(run.err.contains("too many patterns"), "{}", run.err);
}

#[test]
fn a_pattern_as_large_as_a_policy_may_be_is_matched() {
    let mut resource = String::from("arn:aws:s3:::");
    (0..100_000).for_each(|_| resource.push_str("*a"));
    let policy = policy(&[json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": resource})]);
    let request = json!({"action": "s3:GetObject", "principal": "arn:aws:iam::111122223333:role/r",
        "resource": format!("arn:aws:s3:::{}", "a".repeat(200)), "context": {}});
    let (_one, policy) = scratch("policy.json", &policy);
    let (_other, request) = scratch("request.json", request.to_string().as_bytes());
    let run = alpha(&["policy", "evaluate", "--request", &request, "--policy", &policy], b"");
    assert!(run.out.contains("ImplicitlyDenied"), "{}{}", run.out, run.err);
}
