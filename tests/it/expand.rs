//! `alpha policy expand` and `alpha policy shrink`.

use std::process::Output;

use serde_json::{Value, json};

use crate::support;

fn alpha(arguments: &[&str], input: &str) -> Output {
    support::output(&[&["policy"], arguments].concat(), input.as_bytes())
}

fn lines(output: &Output) -> Vec<&str> {
    std::str::from_utf8(&output.stdout).unwrap().lines().collect()
}

fn complaint(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

fn parsed(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn patterns_expand_to_one_action_a_line_each_once_and_in_order() {
    let output = alpha(&["expand", "sqs:*Permission", "SQS:addpermission", "s3:GetObject"], "");
    assert_eq!(lines(&output), ["s3:GetObject", "sqs:AddPermission", "sqs:RemovePermission"]);
    assert_eq!((output.status.code(), complaint(&output)), (Some(0), ""));
}

#[test]
fn patterns_are_read_from_standard_input() {
    let output = alpha(&["expand", "-"], "sqs:AddPermission\n  sqs:SendMessage\n");
    assert_eq!(lines(&output), ["sqs:AddPermission", "sqs:SendMessage"]);
    let nothing = alpha(&["expand", "-"], " \n");
    assert_eq!(nothing.status.code(), Some(1));
    assert!(complaint(&nothing).contains("no pattern"), "{}", complaint(&nothing));
}

#[test]
fn json_has_the_access_level_and_with_details_all_that_is_known() {
    let output = alpha(&["expand", "sqs:SendMessage", "--output", "json"], "");
    assert_eq!(parsed(&output), json!([{"action": "sqs:SendMessage", "accessLevel": "Write"}]));
    let output = alpha(&["expand", "lambda:CreateFunction", "--details", "--output", "json"], "");
    let action = &parsed(&output)[0];
    assert_eq!(action["resourceTypes"][0]["name"], "function");
    assert!(action["conditionKeys"].as_array().unwrap().contains(&json!("lambda:Layer")));
    assert!(action["dependentActions"].as_array().unwrap().contains(&json!("iam:PassRole")));
}

#[test]
fn details_can_be_read_by_people() {
    let output = alpha(&["expand", "sqs:SendMessage", "--details"], "");
    let text = lines(&output).join("\n");
    assert!(
        text.starts_with("sqs:SendMessage  Write\n    on queue (required): arn:${Partition}:sqs:"),
        "{text}"
    );
}

#[test]
fn a_pattern_that_stands_for_nothing_is_named_and_nothing_is_printed() {
    let cases = [
        ("s3:GetObjekt", "did you mean s3:GetObject"),
        ("lamda:InvokeFunction", "did you mean lambda:InvokeFunction"),
        ("lambda:Invoke", "lambda:InvokeFunction"),
        ("GetObject", "expected service:Name"),
        ("s*", "expected service:Name"),
        ("nosuchservice:*", "matches no action"),
    ];
    for (pattern, expected) in cases {
        let output = alpha(&["expand", "sqs:SendMessage", pattern], "");
        assert_eq!(output.status.code(), Some(1), "{pattern}");
        assert!(output.stdout.is_empty(), "{pattern}");
        assert!(complaint(&output).contains(expected), "{pattern}: {}", complaint(&output));
        assert_eq!(complaint(&output).lines().count(), 1, "{pattern}");
    }
}

const POLICY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Send", "Effect": "Allow", "Action": ["sqs:AddPermission", "sqs:RemovePermission", "s3:HeadObject"], "Resource": "*"},
    {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}
  ]
}"#;

#[test]
fn a_policy_expands_statement_by_statement_and_not_action_to_all_the_others() {
    let output = alpha(&["expand", "--policy", "-", "--output", "json"], POLICY);
    assert_eq!(output.status.code(), Some(1), "s3:HeadObject doesn't exist");
    assert!(
        complaint(&output).contains("/Statement/0: s3:HeadObject matches no action"),
        "{}",
        complaint(&output)
    );
    let statements = parsed(&output);
    assert_eq!(
        (&statements[0]["sid"], &statements[0]["effect"], &statements[0]["element"]),
        (&json!("Send"), &json!("Allow"), &json!("Action"))
    );
    let names = |statement: &Value| -> Vec<String> {
        let actions = statement["actions"].as_array().unwrap();
        actions.iter().map(|action| action["action"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&statements[0]), ["sqs:AddPermission", "sqs:RemovePermission"]);
    assert_eq!(statements[0]["unknown"][0]["pattern"], "s3:HeadObject");
    assert_eq!(statements[1]["element"], "NotAction");
    let others = names(&statements[1]);
    assert!(others.len() > 20_000 && !others.iter().any(|name| name.starts_with("iam:")));
}

#[test]
fn a_policy_that_isnt_one_is_refused_in_one_line() {
    for policy in ["", "{", "[]", r#"{"Statement": [{"Effect": "Allow", "Action": 1}]}"#] {
        for verb in ["expand", "shrink"] {
            let output = alpha(&[verb, "--policy", "-"], policy);
            assert_eq!(output.status.code(), Some(1), "{verb} {policy}");
            assert!(output.stdout.is_empty(), "{verb} {policy}");
            assert_eq!(complaint(&output).lines().count(), 1, "{verb} {policy}: {}", complaint(&output));
        }
    }
}

#[test]
fn to_say_nothing_or_two_things_at_once_is_bad_use() {
    for arguments in
        [&["expand"][..], &["shrink"], &["expand", "s3:*", "--policy", "x.json"], &["expand", "-", "-"]]
    {
        let output = alpha(arguments, "");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn actions_shrink_to_patterns_that_expand_to_them() {
    let reads = alpha(&["expand", "s3:Get*", "s3:*Tagging", "kms:CreateGrant"], "");
    let reads = String::from_utf8(reads.stdout).unwrap();
    let shrunk = alpha(&["shrink", "-"], &reads);
    assert_eq!(shrunk.status.code(), Some(0));
    assert!(lines(&shrunk).len() < 20, "{:?}", lines(&shrunk));
    assert!(lines(&shrunk).contains(&"kms:CreateGrant"));
    let again = alpha(&["expand", "-"], std::str::from_utf8(&shrunk.stdout).unwrap());
    assert_eq!(String::from_utf8(again.stdout).unwrap(), reads);
}

#[test]
fn what_doesnt_exist_is_kept_and_pointed_out() {
    let output = alpha(
        &["shrink", "s3:HeadObject", "sqs:AddPermission", "sqs:RemovePermission", "--output", "json"],
        "",
    );
    assert_eq!(parsed(&output), json!(["s3:HeadObject", "sqs:*Permission"]));
    assert_eq!(output.status.code(), Some(0));
    assert!(complaint(&output).contains("s3:HeadObject matches no action"), "{}", complaint(&output));
}

#[test]
fn a_policys_lists_shrink_and_the_rest_stays_as_it_is() {
    let mut expected: Value = serde_json::from_str(POLICY).unwrap();
    expected["Statement"][0]["Action"] = json!(["s3:HeadObject", "sqs:*Permission"]);
    let output = alpha(&["shrink", "--policy", "-"], POLICY);
    assert_eq!(parsed(&output).to_string(), expected.to_string());
    let encoded =
        percent_encoding::percent_encode(POLICY.as_bytes(), percent_encoding::NON_ALPHANUMERIC).to_string();
    assert_eq!(parsed(&alpha(&["shrink", "--policy", "-"], &encoded)), expected);
}

#[test]
fn a_list_that_fits_its_budget_isnt_generalised() {
    let arguments = ["shrink", "sqs:AddPermission", "sqs:RemovePermission", "--max-chars"];
    let with = |budget| alpha(&[&arguments[..], &[budget]].concat(), "");
    assert_eq!(lines(&with("1000")), ["sqs:AddPermission", "sqs:RemovePermission"]);
    assert_eq!(lines(&with("30")), ["sqs:*Permission"]);
}
