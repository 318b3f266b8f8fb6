//! `alpha blocks`.

use std::process::Output;

use serde_json::Value;

use crate::support;

fn alpha(arguments: &[&str]) -> Output {
    support::output(&[&["blocks"], arguments].concat(), b"")
}

fn names() -> Vec<(String, String)> {
    let listed: Value = serde_json::from_slice(&alpha(&["list", "--output", "json"]).stdout).unwrap();
    let word = |entry: &Value, key: &str| entry[key].as_str().unwrap().to_owned();
    listed.as_array().unwrap().iter().map(|entry| (word(entry, "name"), word(entry, "kind"))).collect()
}

#[test]
fn every_listed_name_is_printed_as_block_kit_builder_takes_it() {
    assert!(names().len() > 20);
    for (name, kind) in names() {
        let output = alpha(&["render", &name, "--output", "json"]);
        assert_eq!(output.status.code(), Some(0));
        let payload: Value = serde_json::from_slice(&output.stdout).unwrap();
        let keys: Vec<&str> = payload.as_object().unwrap().keys().map(String::as_str).collect();
        match kind.as_str() {
            "message" => assert_eq!(keys, ["blocks"], "{name}"),
            _ => assert_eq!(payload["type"], "modal", "{name}"),
        }
        assert!(!payload["blocks"].as_array().unwrap().is_empty(), "{name}");
        assert!(!payload.to_string().contains("{{"), "{name}");
    }
}

#[test]
fn a_message_is_shown_to_people_as_text() {
    let output = alpha(&["render", "card"]);
    let text = std::str::from_utf8(&output.stdout).unwrap();
    assert!(text.starts_with("== Narrow the role ci-deployer ==\n"), "{text}");
    assert!(text.ends_with("[ Approve ] [ Deny ] [ Show whole diff ] [ Withdraw request ]\n"), "{text}");
    let listed = alpha(&["list"]);
    assert_eq!(std::str::from_utf8(&listed.stdout).unwrap().lines().count(), names().len());
}

#[test]
fn an_unknown_name_is_bad_use_and_the_nearest_is_named() {
    for (name, hint) in
        [("cadr", "did you mean card?"), ("zzzzzz", "`alpha blocks list` shows what there is")]
    {
        let output = alpha(&["render", name]);
        let complaint = std::str::from_utf8(&output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
        assert!(complaint.contains(hint), "{complaint}");
    }
}
