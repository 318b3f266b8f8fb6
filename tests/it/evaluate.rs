//! `alpha policy evaluate`, and the evaluator behind it, against tables of AWS's documented rules.
//!
//! The tables are in `tests/fixtures/evaluate/`, one file a subject, one case a line in the form of `--jsonl`, each
//! with the rule that it shows, the decision that the documentation asks for and, for some, what blocks.

use std::path::{Path, PathBuf};
use std::process::Output;

use alpha::iam::evaluate::{Case, Evaluator};
use serde_json::{Value, json};

use crate::support;

fn tables() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/evaluate");
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            (path, text)
        })
        .collect()
}

fn alpha(arguments: &[&str], input: &[u8]) -> Output {
    support::output(&[&["policy", "evaluate"], arguments].concat(), input)
}

fn lines(output: &Output) -> Vec<Value> {
    String::from_utf8(output.stdout.clone())
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn every_documented_rule_is_decided_as_documented() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (path, table) in tables() {
        for line in table.lines() {
            count += 1;
            let told: Value = serde_json::from_str(line).unwrap();
            let case =
                Case::parse(line.as_bytes()).unwrap_or_else(|error| panic!("{path:?}: {line}: {error}"));
            let evaluator = Evaluator::compile(&case.policies);
            let verdict = evaluator.evaluate(&case.request);
            let blocked: Vec<_> = verdict.blocked_by.iter().map(|kind| kind.as_str()).collect();
            let as_told = verdict.decision.as_str() == told["expected"]
                && (told["blocked"].is_null() || told["blocked"] == json!(blocked));
            if !as_told {
                let (id, rule) = (&told["id"], &told["rule"]);
                wrong.push(format!(
                    "{id} {rule}: expected {} {}, got {verdict:?}",
                    told["expected"], told["blocked"]
                ));
            }
            assert_eq!(evaluator.decide(&case.request), verdict.decision, "{line}");
            assert!(!verdict.because.is_empty(), "no reason given: {line}");
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 700, "only {count} cases were found");
}

#[test]
fn the_stream_answers_every_case_in_order() {
    for (path, table) in tables() {
        let output = alpha(&["--jsonl"], table.as_bytes());
        assert!(output.status.success(), "{path:?}: {output:?}");
        let answers = lines(&output);
        assert_eq!(answers.len(), table.lines().count(), "{path:?}");
        for (line, answer) in table.lines().zip(answers) {
            let told: Value = serde_json::from_str(line).unwrap();
            assert_eq!((&answer["id"], &answer["decision"]), (&told["id"], &told["expected"]), "{line}");
        }
    }
}

#[test]
fn a_bad_line_is_answered_with_an_error_and_the_run_goes_on() {
    let good = r#"{"id":7,"request":{"action":"s3:GetObject","principal":"arn:aws:iam::111122223333:user/a","resource":"*"}}"#;
    let bad = [
        ("{", Value::Null, "malformed JSON"),
        ("[]", Value::Null, "a case is an object"),
        (r#"{"id":"x"}"#, json!("x"), "request is missing"),
        (r#"{"id":{"a":1},"request":{}}"#, json!({"a":1}), "action is missing"),
        (
            r#"{"id":1,"request":{"action":"GetObject","principal":"a","resource":"*"}}"#,
            json!(1),
            "/request/action",
        ),
        (
            r#"{"id":1,"request":{"action":"a:b","principal":"","resource":"*"}}"#,
            json!(1),
            "/request/principal",
        ),
        (
            r#"{"id":1,"request":{"action":"a:b","principal":"a","resource":5}}"#,
            json!(1),
            "/request/resource",
        ),
        (
            r#"{"id":1,"request":{"action":"a:b","principal":"a","resource":"*","context":{"k":{}}}}"#,
            json!(1),
            "/request/context/k",
        ),
        (
            r#"{"id":1,"request":{"action":"a:b","principal":"a","resource":"*","context":{"k":"1","K":"2"}}}"#,
            json!(1),
            "twice",
        ),
        (
            r#"{"id":1,"request":{"action":"a:b","principal":"a","resource":"*"},"identityPolicies":[{}]}"#,
            json!(1),
            "/identityPolicies/0",
        ),
        (
            r#"{"id":1,"request":{"action":"a:b","principal":"a","resource":"*"},"identityPolicy":[]}"#,
            json!(1),
            "identityPolicy",
        ),
        (
            r#"{"id":1,"request":{"action":"a:b","principal":"a","resource":"*"},"identityPolices":[]}"#,
            json!(1),
            "identityPolices",
        ),
        (
            r#"{"id":1,"request":{"action":"a:b","principal":"a","resource":"*"},"identityPolcies":[]}"#,
            json!(1),
            "identityPolcies",
        ),
        (
            r#"{"id":1,"request":{"action":"a:b","principal":"a","resource":"*"},"identityPloicies":[]}"#,
            json!(1),
            "identityPloicies",
        ),
        (
            r#"{"id":1,"request":{"action":"a:b","principal":"a","resource":"*"},"IdentityPolicies":[]}"#,
            json!(1),
            "IdentityPolicies",
        ),
        (
            r#"{"id":1,"request":{"action":"a:b","principal":"a","resource":"*"},"identity_policies":[]}"#,
            json!(1),
            "identity_policies",
        ),
        (
            r#"{"id":1,"request":{"action":"a:b","principal":"a","resource":"*"},"permissionBoundarys":[]}"#,
            json!(1),
            "permissionBoundarys",
        ),
        (r#"{"id":1,"request":{"action":"a:b","principal":"a","resource":"*"},"scps":[]}"#, json!(1), "scps"),
        (
            r#"{"id":1,"request":{"action":"a:b","principal":"a","resource":"*"},"endpointPolicys":[]}"#,
            json!(1),
            "endpointPolicys",
        ),
        (
            r#"{"id":1,"request":{"action":"a:b","principal":"a","resource":"*"},"endPointPolicie":[]}"#,
            json!(1),
            "endPointPolicie",
        ),
        (
            r#"{"id":1,"request":{"action":"a:b","principal":"a","resource":"*","contxt":null}}"#,
            json!(1),
            "contxt",
        ),
        (
            r#"{"id":1,"request":{"action":"a:b","principal":"a","resource":"*","Context":null}}"#,
            json!(1),
            "Context",
        ),
        (
            r#"{"id":1,"request":{"action":"a:b","principal":"a","resource":"*","resourceAcount":null}}"#,
            json!(1),
            "resourceAcount",
        ),
        (
            r#"{"id":1,"request":{"action":"a:b","principal":"a","resource":"*","resourceAccountId":null}}"#,
            json!(1),
            "resourceAccountId",
        ),
        (
            r#"{"id":1,"request":{"action":"a:b","principal":"a","resource":"*"},"identityPolicies":{"Statement":[]}}"#,
            json!(1),
            "/identityPolicies: expected a list",
        ),
        (
            r#"{"id":1,"request":{"action":"a:b","principal":"a","resource":"*"},"serviceControlPolicies":[{"policies":[{"Statement":[{"Effect":"Maybe"}]}]}]}"#,
            json!(1),
            "/serviceControlPolicies/0/policies/0/Statement/0/Effect",
        ),
    ];
    let input: String = bad.iter().map(|(line, ..)| [line, "\n\n", good, "\n"].concat()).collect();
    let output = alpha(&["--jsonl"], input.as_bytes());
    assert_eq!(output.status.code(), Some(1));
    let answers = lines(&output);
    assert_eq!(answers.len(), bad.len() * 2);
    for (pair, (line, id, expected)) in answers.chunks(2).zip(&bad) {
        assert_eq!(&pair[0]["id"], id, "{line}");
        let error = pair[0]["error"].as_str().unwrap();
        assert!(error.contains(expected), "{line}: {error}");
        assert_eq!((&pair[1]["id"], &pair[1]["decision"]), (&json!(7), &json!("ImplicitlyDenied")));
    }
}

#[test]
fn what_describes_a_case_is_passed_over() {
    let line = r#"{"id":7,"rule":"r","expected":"Allowed","name":"n","comment":"c","description":"d","source":"s","request":{"action":"s3:GetObject","principal":"anonymous","resource":"*","comment":"c","resourceType":"bucket","region":"eu-west-1"}}"#;
    let output = alpha(&["--jsonl"], line.as_bytes());
    assert_eq!(lines(&output)[0]["decision"], "ImplicitlyDenied", "{:?}", lines(&output));
}

#[test]
fn a_line_beyond_the_limit_is_refused_and_passed_over() {
    let good = r#"{"id":7,"request":{"action":"s3:GetObject","principal":"anonymous","resource":"*"}}"#;
    let mut input = vec![b' '; (16 << 20) + 10];
    input.extend_from_slice(format!("\n{good}\n").as_bytes());
    let output = alpha(&["--jsonl"], &input);
    assert_eq!(output.status.code(), Some(1));
    let answers = lines(&output);
    assert_eq!(answers.len(), 2);
    assert!(answers[0]["error"].as_str().unwrap().starts_with("line 1: longer than"));
    assert_eq!(answers[1]["id"], 7);
}

#[test]
fn invalid_utf8_is_an_error_of_its_line() {
    let output = alpha(&["--jsonl"], b"{\"id\":\"\xff\"}\n");
    assert_eq!(output.status.code(), Some(1));
    assert!(lines(&output)[0]["error"].as_str().unwrap().contains("UTF-8"));
}

#[test]
fn one_request_is_decided_from_files() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let request = file(
        "request.json",
        r#"{"action":"s3:GetObject","principal":"arn:aws:iam::111122223333:user/a","resource":"arn:aws:s3:::b/k"}"#,
    );
    let allow = file(
        "allow.json",
        r#"{"Version":"2012-10-17","Statement":{"Sid":"Reads","Effect":"Allow","Action":"s3:Get*","Resource":"*"}}"#,
    );
    let deny = file(
        "deny.json",
        r#"{"Version":"2012-10-17","Statement":{"Sid":"Never","Effect":"Deny","Action":"s3:*","Resource":"*"}}"#,
    );
    let decide = |more: &[&str]| {
        let mut arguments = vec!["--request", &request, "--output", "json"];
        arguments.extend_from_slice(more);
        let output = alpha(&arguments, b"");
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let allowed = decide(&["--policy", &deny.replace("deny", "allow")]);
    assert_eq!((&allowed["decision"], &allowed["blockedBy"]), (&json!("Allowed"), &json!([])));
    assert_eq!(
        (&allowed["because"][0]["kind"], &allowed["because"][0]["name"], &allowed["because"][0]["statement"]),
        (&json!("identity"), &json!("Reads"), &json!(0))
    );
    let denied = decide(&["--policy", &allow, "--policy", &deny]);
    assert_eq!(
        (&denied["decision"], &denied["blockedBy"]),
        (&json!("ExplicitlyDenied"), &json!(["identity"]))
    );
    assert_eq!(
        (&denied["because"][0]["policy"], &denied["because"][0]["name"]),
        (&json!(1), &json!("Never"))
    );
    for flag in ["--boundary", "--scp", "--session"] {
        let narrow =
            file("narrow.json", r#"{"Statement":{"Effect":"Allow","Action":"ec2:*","Resource":"*"}}"#);
        assert_eq!(decide(&["--policy", &allow, flag, &narrow])["decision"], "ImplicitlyDenied", "{flag}");
        // In the levels of an organisation, any policy of the level is enough.
        let both = format!("{narrow},{allow}");
        if flag == "--scp" {
            assert_eq!(decide(&["--policy", &allow, flag, &both])["decision"], "Allowed");
        }
    }
    let text = alpha(&["--request", &request, "--policy", &allow], b"");
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.starts_with("Allowed: s3:GetObject by arn:aws:iam::111122223333:user/a\n"), "{text}");
    assert!(text.contains("statement 0 (Reads) of identity policy 0 allows it"), "{text}");
}

#[test]
fn bad_use_and_bad_files_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.json");
    std::fs::write(&broken, "{\"action\": 1}").unwrap();
    let broken = broken.to_str().unwrap();
    let cases: &[(&[&str], i32, &str)] = &[
        (&[], 2, "--request"),
        (&["--jsonl", "--policy", "x.json"], 2, "cannot be used with"),
        (&["--request", "-", "--policy", "-"], 2, "once only"),
        (&["--request", "missing.json"], 1, "missing.json could not be read"),
        (&["--request", broken], 1, "/action"),
    ];
    for (arguments, status, message) in cases {
        let output = alpha(arguments, b"");
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(*status), "{arguments:?}: {error}");
        assert!(error.contains(message), "{arguments:?}: {error}");
        assert!(output.stdout.is_empty());
    }
}
