//! `alpha policy diff`.

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support;

/// A folder with policies.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn policy(&self, name: &str, statements: Value) -> String {
        self.file(name, json!({"Version": "2012-10-17", "Statement": statements}).to_string().as_bytes())
    }

    fn file(&self, name: &str, content: &[u8]) -> String {
        let path: PathBuf = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

fn diff(arguments: &[&str], input: &str) -> Output {
    support::output(&[&["policy", "diff"], arguments].concat(), input.as_bytes())
}

fn report(arguments: &[&str]) -> Value {
    let output = diff(&[arguments, &["--output", "json"]].concat(), "");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn allow(actions: Value, resources: Value) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": resources})
}

fn text_of(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

#[test]
fn a_narrower_policy_reads_as_what_is_lost_narrowed_and_kept() {
    let folder = Folder::new();
    let old = folder.policy("old.json", allow(json!("s3:*"), json!("*")));
    let new = folder.policy(
        "new.json",
        json!([
            allow(json!("s3:GetObject"), json!("arn:aws:s3:::b/*")),
            allow(json!("s3:ListAllMyBuckets"), json!("*"))
        ]),
    );
    let output = diff(&[&old, &new], "");
    let text = text_of(&output);
    assert_eq!(output.status.code(), Some(0));
    let headline = text.lines().next().unwrap();
    assert!(
        headline.starts_with('−') && headline.contains("(all of: Permissions management, Tagging, Write)"),
        "{text}"
    );
    assert!(headline.ends_with("1 narrowed, 1 kept"), "{text}");
    assert!(text.contains("from *\n      to   arn:aws:s3:::b/*"), "{text}");
    assert!(text.contains("Grants nothing new: proved for each of 2 grants"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colour where there is no terminal");
}

#[test]
fn json_has_every_action_and_its_terms() {
    let folder = Folder::new();
    let old = folder.policy("old.json", allow(json!("s3:*"), json!("*")));
    let new = folder.policy("new.json", allow(json!(["s3:GetObject"]), json!("arn:aws:s3:::b/*")));
    let report = report(&[&old, &new]);
    let before = report["before"]["actions"].as_u64().unwrap();
    assert_eq!(report["after"], json!({"actions": 1, "privileged": 0}));
    assert_eq!(report["counts"]["lost"], before - 1);
    let changes = report["changes"].as_array().unwrap();
    let lost: usize = changes
        .iter()
        .filter(|change| change["kind"] == "lost")
        .map(|change| change["actions"].as_array().unwrap().len())
        .sum();
    assert_eq!(lost as u64, before - 1);
    let narrowed = changes.iter().find(|change| change["kind"] == "narrowed").unwrap();
    assert_eq!(narrowed["actions"], json!([{"name": "s3:GetObject", "level": "Read"}]));
    assert_eq!(narrowed["before"]["allowed"], json!([{"resources": ["*"], "conditions": []}]));
    assert_eq!(narrowed["after"]["allowed"][0]["resources"], json!(["arn:aws:s3:::b/*"]));
    assert_eq!(report["containment"]["proved"], report["containment"]["grants"]);
    assert_eq!(report["risk"]["level"], "medium");
}

#[test]
fn new_access_is_shown_by_a_request_that_evaluate_confirms() {
    let folder = Folder::new();
    let old = folder.policy("old.json", allow(json!("s3:GetObject"), json!("arn:aws:s3:::b/*")));
    let new = folder.policy("new.json", allow(json!("s3:GetObject"), json!("*")));
    let report = report(&[&old, &new]);
    let violation = &report["containment"]["violations"][0];
    assert_eq!(report["risk"]["level"], "high");
    let request = folder.file("request.json", violation["witness"].to_string().as_bytes());
    for (policy, expected) in [(&new, "Allowed"), (&old, "ImplicitlyDenied")] {
        let output = Command::new(env!("CARGO_BIN_EXE_alpha"))
            .args(["policy", "evaluate", "--output", "json", "--request", &request, "--policy", policy])
            .output()
            .unwrap();
        let verdict: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
        assert_eq!(verdict["decision"], expected);
    }
}

#[test]
fn a_policy_does_not_differ_from_itself_however_it_is_split() {
    let folder = Folder::new();
    let (get, put) = (allow(json!("s3:GetObject"), json!("*")), allow(json!("s3:PutObject"), json!("*")));
    let both = folder.policy("both.json", allow(json!(["s3:PutObject", "S3:getobject"]), json!("*")));
    let (get, put) = (folder.policy("get.json", json!([get])), folder.policy("put.json", json!([put])));
    let output = diff(&[&both, &get, "--new", &put], "");
    assert!(text_of(&output).starts_with("No difference: 2 actions kept"), "{output:?}");
    let output = diff(&["--old", &both, "--new", &both], "");
    assert!(text_of(&output).starts_with("No difference"), "{output:?}");
}

#[test]
fn one_side_may_be_standard_input() {
    let folder = Folder::new();
    let old = folder.policy("old.json", allow(json!("s3:GetObject"), json!("*")));
    let output = diff(&[&old, "-"], r#"{"Version":"2012-10-17","Statement":[]}"#);
    assert!(text_of(&output).starts_with("−1 action (all of: Read), 0 kept"), "{output:?}");
}

#[test]
fn bad_use_and_bad_input_get_one_line_and_no_report() {
    let folder = Folder::new();
    let good = folder.policy("good.json", json!([]));
    let bad = folder.file("bad.json", b"{\"Statement\": 5}");
    let cases: [(&[&str], i32, &str); 4] = [
        (&[&good], 2, "two sides are needed"),
        (&["-", "-"], 2, "once only"),
        (&[&good, &bad], 1, "bad.json: at /Statement"),
        (&[&good, "no-such-file.json"], 1, "no-such-file.json could not be read"),
    ];
    for (arguments, status, words) in cases {
        let output = diff(arguments, "");
        let complaint = std::str::from_utf8(&output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(status), "{complaint}");
        assert!(complaint.contains(words) && complaint.trim_end().lines().count() == 1, "{complaint}");
        assert!(output.stdout.is_empty());
    }
}
