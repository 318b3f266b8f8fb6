//! `alpha policy canonical`: one document for all that mean the same, and nothing half written.

use crate::support::{alpha, scratch};

const SPREAD: &str = r#"{"Statement":[{"Resource":["*"],"Action":["s3:putobject","S3:GetObject","s3:GetObject"],"Effect":"Allow"}]}"#;

#[test]
fn two_spellings_of_one_policy_are_written_alike() {
    let other = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"*"}}"#;
    let first = alpha(&["policy", "canonical", "-"], SPREAD.as_bytes());
    let second = alpha(&["policy", "canonical", "-"], other.as_bytes());
    assert_eq!(first.status, 0, "{}", first.err);
    assert_eq!(first.out, second.out);
    assert!(first.out.contains("\"s3:GetObject\""), "{}", first.out);
}

#[test]
fn canonical_output_is_its_own_canonical_form() {
    let once = alpha(&["policy", "canonical", "-"], SPREAD.as_bytes());
    let twice = alpha(&["policy", "canonical", "-"], once.out.as_bytes());
    assert_eq!(once.out, twice.out);
}

#[test]
fn json_is_one_document_for_one_file_and_a_list_for_several() {
    let (_folder, path) = scratch("p.json", SPREAD.as_bytes());
    let one = alpha(&["policy", "canonical", "--output", "json", &path], b"");
    let two = alpha(&["policy", "canonical", "--output", "json", &path, "-"], SPREAD.as_bytes());
    let one: serde_json::Value = serde_json::from_str(&one.out).unwrap();
    let two: serde_json::Value = serde_json::from_str(&two.out).unwrap();
    assert_eq!(two, serde_json::json!([one, one]));
}

#[test]
fn one_bad_file_leaves_nothing_on_standard_output() {
    let (_folder, bad) = scratch("bad.json", br#"{"Statement":[{"Effect":"Perhaps"}]}"#);
    let run = alpha(&["policy", "canonical", "-", &bad], SPREAD.as_bytes());
    assert_eq!((run.status, run.out.as_str()), (1, ""));
    assert!(run.err.contains("bad.json") && run.err.contains("/Statement/0/Effect"), "{}", run.err);
    assert_eq!(run.err.lines().count(), 1, "{}", run.err);
}

#[test]
fn bad_input_is_named_in_one_line_and_a_status() {
    let deep = "[".repeat(10_000);
    let large = vec![b' '; 10 << 20];
    let cases: &[(&[u8], &str)] = &[
        (b"", "empty"),
        (b"{\"Statement\":", "malformed JSON"),
        (b"{\"Statement\":[],\"Statement\":[]}", "duplicate key"),
        (b"{\"Statement\xff", "invalid UTF-8 at byte 11"),
        (deep.as_bytes(), "recursion limit"),
        (&large, "larger than"),
        (br#"{"Statement":{"Effect":"Deny","Condition":{"Like":{}}}}"#, "/Statement/Condition/Like"),
    ];
    for (input, expected) in cases {
        let run = alpha(&["policy", "canonical", "-"], input);
        assert_eq!((run.status, run.out.as_str()), (1, ""), "{expected}");
        assert!(run.err.contains(expected) && run.err.lines().count() == 1, "{expected}: {}", run.err);
    }
    let gone = alpha(&["policy", "canonical", "/no/such/file.json"], b"");
    assert_eq!(gone.status, 1);
    assert!(gone.err.contains("/no/such/file.json"), "{}", gone.err);
    assert_eq!(alpha(&["policy", "canonical", "-", "-"], b"").status, 2);
    assert_eq!(alpha(&["policy", "canonical"], b"").status, 2);
}
