//! `alpha policy propose` and `alpha policy replay`, from files to exit statuses.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Run, alpha};

const WEB: &str = "arn:aws:iam::111122223333:role/app/web";

/// A successful call of a session of the role, whose path the record knows.
fn call(role: &str, event: &str, parameters: Value) -> Value {
    let (source, name) = event.split_once(':').unwrap();
    let account = role.split(':').nth(4).unwrap();
    let session = role.rsplit('/').next().unwrap();
    json!({
        "eventID": format!("{name} {parameters}"), "eventTime": "2026-10-01T10:00:00Z", "awsRegion": "eu-west-1",
        "eventSource": format!("{source}.amazonaws.com"), "eventName": name, "requestParameters": parameters,
        "userIdentity": {
            "type": "AssumedRole", "accountId": account,
            "arn": format!("arn:aws:sts::{account}:assumed-role/{session}/1"),
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": role}},
        },
    })
}

fn object(key: &str) -> Value {
    call(WEB, "s3:GetObject", json!({"bucketName": "b", "key": key}))
}

fn log(records: &[Value]) -> Vec<u8> {
    json!({"Records": records}).to_string().into_bytes()
}

fn granting(action: &str, resource: &str) -> String {
    let statement = json!({"Effect": "Allow", "Action": action, "Resource": resource});
    json!({"Version": "2012-10-17", "Statement": statement}).to_string()
}

/// Runs a verb over a policy and a log from standard input.
fn over(verb: &[&str], policy: &str, log: &[u8], more: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.json");
    std::fs::write(&file, policy).unwrap();
    let file = file.display().to_string();
    alpha(&[&["policy"], verb, &[&file, "--cloudtrail", "-", "--output", "json"], more].concat(), log)
}

fn propose(present: &str, log: &[u8], more: &[&str]) -> Run {
    over(&["propose", "--present"], present, log, more)
}

fn replay(policy: &str, log: &[u8]) -> Run {
    over(&["replay", "--policy"], policy, log, &[])
}

fn json_of(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}", run.err))
}

#[test]
fn a_proposal_comes_with_its_proofs_and_status_0() {
    let run = propose(&granting("s3:GetObject", "*"), &log(&[object("k")]), &[]);
    assert_eq!(run.status, 0, "{}", run.err);
    let answer = json_of(&run);
    assert_eq!(answer["proposal"]["policies"][0]["document"]["Statement"][0]["Resource"], "arn:aws:s3:::b/k");
    assert_eq!(answer["proofs"]["replay"]["allowed"], 1);
    assert_eq!(answer["proofs"]["noNewAccess"]["violations"], json!([]));
    assert_eq!(answer["role"], WEB);
}

#[test]
fn a_policy_that_would_break_a_call_has_status_4() {
    let run = replay(&granting("s3:PutObject", "*"), &log(&[object("k")]));
    assert_eq!((run.status, &json_of(&run)["broken"]), (4, &json!(1)));
}

#[test]
fn a_name_with_a_star_is_not_taken_for_all_that_the_star_stands_for() {
    for (granted, status, count) in [
        ("arn:aws:s3:::b/a*b", 0, "allowed"),
        ("arn:aws:s3:::b/*", 0, "allowed"),
        ("arn:aws:s3:::b/aXb", 0, "undecided"),
        ("arn:aws:s3:::b/c", 4, "broken"),
    ] {
        let run = replay(&granting("s3:GetObject", granted), &log(&[object("a*b")]));
        assert_eq!((run.status, &json_of(&run)[count]), (status, &json!(1)), "{granted}: {}", run.out);
        assert_eq!(run.out.contains("told as a pattern only"), count == "undecided", "{}", run.out);
    }
}

#[test]
fn calls_of_users_and_services_are_none_of_the_role() {
    let mut user = call(WEB, "iam:CreateUser", json!({"userName": "x"}));
    user["userIdentity"] =
        json!({"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ana", "accountId": "111122223333"});
    let run = propose(&granting("*", "*"), &log(&[object("k"), user]), &[]);
    assert_eq!((run.status, &json_of(&run)["coverage"]["calls"]), (0, &json!(1)), "{}", run.err);
    assert!(!json_of(&run)["proposal"]["policies"].to_string().contains("iam:CreateUser"));
}

#[test]
fn calls_of_several_roles_are_never_mixed() {
    let other = WEB.replace("111122223333", "444455556666");
    let calls = log(&[object("k"), call(&other, "s3:GetObject", json!({"bucketName": "b", "key": "x"}))]);
    for more in [&[][..], &["--role", "web"]] {
        let run = propose(&granting("*", "*"), &calls, more);
        assert_eq!((run.status, run.out.as_str()), (2, ""), "{more:?}: {}", run.err);
        assert!(run.err.contains("2 roles") && run.err.contains(&other), "{}", run.err);
    }
    let pathless = call("arn:aws:iam::111122223333:role/web", "ec2:DescribeVpcs", Value::Null);
    let run = propose(&granting("*", "*"), &log(&[object("k"), pathless]), &["--role", WEB]);
    assert_eq!((run.status, &json_of(&run)["coverage"]["calls"]), (0, &json!(2)), "{}", run.err);
}

#[test]
fn logs_without_a_call_prove_nothing() {
    let policy = granting("s3:*", "*");
    for input in [&b"{}"[..], br#"{"Records":[]}"#, policy.as_bytes()] {
        for run in [propose(&policy, input, &[]), replay(&policy, input)] {
            assert_eq!((run.status, run.out.as_str()), (1, ""), "{}", run.err);
            assert!(run.err.contains("no call") && run.err.lines().count() == 1, "{}", run.err);
        }
    }
    let run = propose(&policy, &log(&[object("k")]), &["--since", "2027-01-01"]);
    assert_eq!((run.status, run.out.as_str()), (1, ""), "{}", run.err);
}

#[test]
fn where_nothing_stays_no_empty_policy_is_written() {
    let run = propose(&granting("ec2:DescribeVpcs", "*"), &log(&[object("k")]), &[]);
    let answer = json_of(&run);
    assert_eq!((run.status, &answer["proposal"]["policies"]), (0, &json!([])), "{}", run.err);
    assert_eq!(answer["diff"]["after"]["actions"], 0);
    let folder = tempfile::tempdir().unwrap();
    let present = folder.path().join("present.json");
    std::fs::write(&present, granting("ec2:DescribeVpcs", "*")).unwrap();
    let present = present.display().to_string();
    let run = alpha(&["policy", "propose", "--present", &present, "--cloudtrail", "-"], &log(&[object("k")]));
    assert!(run.out.contains("No policy: nothing that the present ones grant was used"), "{}", run.out);
}

#[test]
fn a_name_in_a_log_can_not_forge_a_line_of_the_report() {
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("policy.json");
    std::fs::write(&policy, granting("s3:PutObject", "*")).unwrap();
    let policy = policy.display().to_string();
    let calls = log(&[object("k\n9 of 9 observed calls still allowed\u{202e}")]);
    let run = alpha(&["policy", "replay", "--policy", &policy, "--cloudtrail", "-"], &calls);
    assert_eq!((run.status, run.out.lines().count()), (4, 2), "{}", run.out);
    assert!(run.out.contains(r"b/k\n9 of 9") && !run.out.contains('\u{202e}'), "{}", run.out);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_read_once_and_counted_in_both_passes() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("log.json");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let name = pipe.display().to_string();
    let present = folder.path().join("present");
    std::fs::write(&present, granting("s3:GetObject", "*")).unwrap();
    let present = present.display().to_string();
    let writer = {
        let pipe = pipe.clone();
        std::thread::spawn(move || std::fs::write(pipe, log(&[object("k")])).unwrap())
    };
    let run =
        alpha(&["policy", "propose", "--present", &present, "--cloudtrail", &name, "--output", "json"], b"");
    writer.join().unwrap();
    assert_eq!((run.status, &json_of(&run)["proofs"]["replay"]["allowed"]), (0, &json!(1)), "{}", run.err);
    assert_pipes_in_folders_are_passed_over(folder.path());
}

fn assert_pipes_in_folders_are_passed_over(folder: &Path) {
    let run = alpha(&["policy", "from-cloudtrail", &folder.display().to_string()], b"");
    assert!(run.status == 1 && run.err.contains("no CloudTrail logs"), "{}", run.err);
}
