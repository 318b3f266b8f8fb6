//! `alpha policy propose` and `alpha policy replay`, on the sample role and on logs that don't fit.

use std::fs;

use serde_json::{Value, json};

use crate::support::{alpha, scratch};

const PRESENT: &str = "data/sample/present.json";
const TRAIL: &str = "data/sample/trail";

fn json_of(arguments: &[&str], input: &[u8]) -> (i32, Value) {
    let run = alpha(&[arguments, &["--output", "json"]].concat(), input);
    (
        run.status,
        serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}{}", run.out, run.err)),
    )
}

/// The policies of an answer of `propose`, a file each.
fn written(answer: &Value) -> (tempfile::TempDir, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let policies = answer["proposal"]["policies"].as_array().unwrap();
    let paths = policies.iter().enumerate().map(|(at, policy)| {
        let path = folder.path().join(format!("{at}.json"));
        fs::write(&path, policy["document"].to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    });
    let paths = paths.collect();
    (folder, paths)
}

fn record(event: &str, source: &str, name: &str, role: &str, more: Value) -> Value {
    let mut record = json!({
        "eventVersion": "1.11", "eventID": event, "eventTime": "2026-10-01T12:00:00Z", "eventType": "AwsApiCall",
        "eventSource": source, "eventName": name, "awsRegion": "eu-west-1", "eventCategory": "Management",
        "recipientAccountId": "111122223333",
        "userIdentity": {
            "type": "AssumedRole", "accountId": "111122223333",
            "arn": format!("arn:aws:sts::111122223333:assumed-role/{role}/s"),
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": format!("arn:aws:iam::111122223333:role/{role}")}}
        }
    });
    let members = more.as_object().unwrap().clone();
    record.as_object_mut().unwrap().extend(members);
    record
}

fn log(records: &[Value]) -> (tempfile::TempDir, String) {
    scratch("log.json", json!({ "Records": records }).to_string().as_bytes())
}

#[test]
fn the_sample_role_is_narrowed_with_both_proofs() {
    let (status, answer) = json_of(&["policy", "propose", "--present", PRESENT, "--cloudtrail", TRAIL], b"");
    assert_eq!(status, 0);
    assert_eq!(answer["role"], "arn:aws:iam::111122223333:role/ci/ci-deployer");
    let replay = &answer["proofs"]["replay"];
    assert_eq!((&replay["broken"], &replay["undecided"]), (&json!(0), &json!(0)));
    assert!(replay["calls"].as_u64().unwrap() > 250 && replay["calls"] == replay["allowed"]);
    let access = &answer["proofs"]["noNewAccess"];
    assert!(access["grants"].as_u64().unwrap() > 10 && access["grants"] == access["proved"]);
    assert!(answer["diff"]["reduction_percent"].as_f64().unwrap() > 90.0);
    let text = answer["proposal"].to_string();
    assert!(!text.contains("DescribeInstances"), "a denied call is no use");
    assert!(text.contains("arn:aws:iam::111122223333:role/shop-stack"), "the role that was passed is named");
    assert!(text.contains(r#""aws:RequestedRegion":"eu-west-1""#), "conditions are carried over");
}

#[test]
fn a_proposal_is_valid_replays_whole_and_proposes_itself_again() {
    let (_, answer) = json_of(&["policy", "propose", "--present", PRESENT, "--cloudtrail", TRAIL], b"");
    let (_folder, paths) = written(&answer);
    assert_eq!(alpha(&["policy", "validate", &paths[0]], b"").status, 0);
    let (status, replay) = json_of(&["policy", "replay", "--policy", &paths[0], "--cloudtrail", TRAIL], b"");
    assert_eq!((status, &replay["broken"]), (0, &json!(0)));
    assert_eq!(replay["allowed"], answer["proofs"]["replay"]["allowed"]);
    let (_, again) = json_of(&["policy", "propose", "--present", &paths[0], "--cloudtrail", TRAIL], b"");
    assert_eq!(again["proposal"]["policies"], answer["proposal"]["policies"]);
}

#[test]
fn a_policy_that_breaks_use_is_told_with_the_calls_and_exit_status_4() {
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["s3:*","lambda:*","ecr:*"],"Resource":"*"}}"#;
    let run = ["policy", "replay", "--policy", "-", "--cloudtrail", TRAIL];
    let (status, replay) = json_of(&run, policy.as_bytes());
    assert_eq!(status, 4);
    let names: Vec<&str> = replay["brokenExamples"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|example| example["action"].as_str())
        .collect();
    assert!(names.contains(&"cloudformation:DescribeStacks"), "{names:?}");
    let total: u64 =
        ["allowed", "undecided", "broken"].iter().map(|kind| replay[kind].as_u64().unwrap()).sum();
    assert_eq!(total, replay["calls"].as_u64().unwrap());
}

#[test]
fn a_call_that_today_s_policies_do_not_grant_either_is_undecided_and_not_broken() {
    let nothing = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let (_kept, empty) = scratch("empty.json", nothing.as_bytes());
    let (_log, log) = log(&[record("1", "ec2.amazonaws.com", "DescribeVpcs", "app", json!({}))]);
    let without = ["policy", "replay", "--policy", &empty, "--cloudtrail", &log];
    assert_eq!(json_of(&without, b"").0, 4);
    let (status, replay) = json_of(&[&without[..], &["--present", &empty]].concat(), b"");
    assert_eq!((status, &replay["undecided"]), (0, &json!(1)));
}

#[test]
fn what_the_record_does_not_tell_is_undecided() {
    let conditional = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2:*","Resource":"*",
        "Condition":{"StringEquals":{"aws:PrincipalTag/team":"a"}}}}"#;
    let (_policy, policy) = scratch("policy.json", conditional.as_bytes());
    let records = [
        record("1", "ec2.amazonaws.com", "DescribeVpcs", "app", json!({})),
        record("2", "unheard-of.amazonaws.com", "DoSomething", "app", json!({})),
    ];
    let (_log, log) = log(&records);
    let (status, replay) = json_of(&["policy", "replay", "--policy", &policy, "--cloudtrail", &log], b"");
    assert_eq!((status, &replay["undecided"], &replay["calls"]), (0, &json!(2), &json!(2)));
}

#[test]
fn a_call_needs_everything_it_needs() {
    let copy = json!({"eventCategory": "Data", "managementEvent": false, "requestParameters": {
        "bucketName": "to", "key": "k", "x-amz-copy-source": "from/k"}});
    let (_log, log) = log(&[record("1", "s3.amazonaws.com", "CopyObject", "app", copy)]);
    let half = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::to/*"}}"#;
    let (status, replay) =
        json_of(&["policy", "replay", "--policy", "-", "--cloudtrail", &log], half.as_bytes());
    assert_eq!(
        (status, &replay["broken"], &replay["brokenExamples"][0]["action"]),
        (4, &json!(1), &json!("s3:GetObject"))
    );
}

#[test]
fn logs_of_several_roles_need_the_role_to_be_named() {
    let records = [
        record("1", "ec2.amazonaws.com", "DescribeVpcs", "app", json!({})),
        record("2", "ec2.amazonaws.com", "DescribeImages", "other", json!({})),
    ];
    let (_log, log) = log(&records);
    let present =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2:*","Resource":"*"}}"#;
    let run = ["policy", "propose", "--present", "-", "--cloudtrail", &log];
    let refused = alpha(&run, present.as_bytes());
    assert_eq!((refused.status, refused.out.as_str()), (2, ""));
    assert!(refused.err.contains("--role"), "{}", refused.err);
    let named = [&run[..], &["--role", "arn:aws:iam::111122223333:role/app"]].concat();
    let (status, answer) = json_of(&named, present.as_bytes());
    let text = answer["proposal"]["policies"].to_string();
    assert!(status == 0 && text.contains("DescribeVpcs") && !text.contains("DescribeImages"), "{text}");
}

#[test]
fn a_role_without_calls_is_no_reason_to_take_everything_away() {
    let run = alpha(
        &[
            "policy",
            "propose",
            "--present",
            PRESENT,
            "--cloudtrail",
            TRAIL,
            "--role",
            "arn:aws:iam::111122223333:role/nobody",
        ],
        b"",
    );
    assert_eq!((run.status, run.out.as_str()), (1, ""));
    assert!(run.err.contains("no call"), "{}", run.err);
}

#[test]
fn logs_may_come_from_standard_input_although_they_are_read_twice() {
    let logs = json!({ "Records": [record("1", "ec2.amazonaws.com", "DescribeVpcs", "app", json!({}))] })
        .to_string();
    let (_present, present) = scratch(
        "present.json",
        br#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2:*","Resource":"*"}}"#,
    );
    let (status, answer) =
        json_of(&["policy", "propose", "--present", &present, "--cloudtrail", "-"], logs.as_bytes());
    assert_eq!((status, &answer["proofs"]["replay"]["allowed"]), (0, &json!(1)));
    let twice = alpha(&["policy", "propose", "--present", "-", "--cloudtrail", "-"], logs.as_bytes());
    assert_eq!(twice.status, 2);
}

#[test]
fn a_broken_log_is_named_and_the_answer_says_that_it_is_incomplete() {
    let (folder, good) = log(&[record("1", "ec2.amazonaws.com", "DescribeVpcs", "app", json!({}))]);
    let bad = folder.path().join("bad.json.gz");
    fs::write(&bad, [0x1f, 0x8b, 8, 0, 0, 0]).unwrap();
    let present =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2:*","Resource":"*"}}"#;
    let folder = folder.path().to_str().unwrap();
    let (status, answer) =
        json_of(&["policy", "propose", "--present", "-", "--cloudtrail", folder], present.as_bytes());
    assert_eq!((status, &answer["complete"]), (1, &json!(false)), "{good}");
    assert!(answer["skipped"][0]["file"].as_str().unwrap().ends_with("bad.json.gz"));
    let text = alpha(&["policy", "propose", "--present", "-", "--cloudtrail", folder], present.as_bytes());
    assert!(text.out.contains("INCOMPLETE") && text.err.contains("bad.json.gz"), "{}{}", text.out, text.err);
}
