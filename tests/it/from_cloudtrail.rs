//! `alpha policy from-cloudtrail`: what it reads, what it grants, and what it says about the rest.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use alpha::iam::cloudtrail::framing::Splitter;
use alpha::iam::cloudtrail::{Filter, Needs, Reader, Seen};
use serde_json::{Value, json};

use crate::support;

fn alpha(arguments: &[&str], input: Option<&[u8]>) -> Output {
    support::output(&[&["policy", "from-cloudtrail"], arguments].concat(), input.unwrap_or_default())
}

fn answer(arguments: &[&str], input: Option<&[u8]>) -> (Value, i32, String) {
    let output = alpha(&[arguments, &["--output", "json"]].concat(), input);
    let errors = String::from_utf8(output.stderr).unwrap();
    let json = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"));
    (json, output.status.code().unwrap(), errors)
}

fn record(role: &str, time: &str, event: &str, parameters: Value, code: Option<&str>) -> Value {
    let (source, name) = event.split_once(':').unwrap();
    let mut record = json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "arn": format!("arn:aws:sts::111122223333:assumed-role/{role}/session"),
            "accountId": "111122223333",
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": format!("arn:aws:iam::111122223333:role/app/{role}")}},
        },
        "eventTime": time,
        "eventSource": format!("{source}.amazonaws.com"),
        "eventName": name,
        "awsRegion": "eu-west-1",
        "requestParameters": parameters,
        "eventID": format!("{role}-{name}-{time}"),
        "eventType": "AwsApiCall",
        "recipientAccountId": "111122223333",
    });
    if let Some(code) = code {
        record["errorCode"] = code.into();
    }
    record
}

fn records() -> Vec<Value> {
    vec![
        record("web", "2026-03-01T10:00:00Z", "s3:HeadObject", json!({"bucketName": "b", "key": "k"}), None),
        record(
            "web",
            "2026-03-02T10:00:00Z",
            "s3:PutObject",
            json!({"bucketName": "b", "key": "k"}),
            Some("AccessDenied"),
        ),
        record("web", "2026-03-03T10:00:00Z", "sts:GetCallerIdentity", Value::Null, None),
        record("web", "2026-03-04T10:00:00Z", "brandnew:DoIt", Value::Null, None),
        record("db", "2026-03-05T10:00:00Z", "dynamodb:GetItem", json!({"tableName": "t"}), None),
        record(
            "db",
            "2026-03-06T10:00:00Z",
            "lambda:Invoke",
            json!({"functionName": "f"}),
            Some("ResourceNotFoundException"),
        ),
    ]
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    path.display().to_string()
}

fn log() -> Vec<u8> {
    json!({"Records": records()}).to_string().into_bytes()
}

#[test]
fn of_a_great_many_names_a_part_is_listed_and_the_rest_counted() {
    let log: String = (0..2500)
        .map(|n| record("web", "2026-10-06T00:00:00Z", &format!("nowhere:Event{n:04}"), json!(null), None))
        .fold(String::new(), |log, record| format!("{log}{record}\n"));
    let (json, status, errors) = answer(&["-"], Some(log.as_bytes()));
    assert_eq!(status, 0, "{errors}");
    assert_eq!(json["unknownEvents"].as_array().unwrap().len(), 2000);
    assert_eq!(json["unknownEvents"][1999]["event"], "nowhere.amazonaws.com:Event1999");
    assert_eq!(
        json["unlisted"],
        json!({"denied": 0, "failed": 0, "unknownEvents": 500, "eventsWithoutPermission": 0})
    );
    let text = String::from_utf8(alpha(&["-"], Some(log.as_bytes())).stdout).unwrap();
    assert!(text.contains("\n  and 500 more under other names\n"));
}

#[test]
fn a_record_that_a_file_holds_twice_counts_once() {
    let mut record = record("web", "2026-10-06T00:00:00Z", "ec2:DescribeInstances", json!(null), None);
    record["eventID"] = "0f3a9c1e-6b2d-4c55-8d6e-1a2b3c4d5e6f".into();
    let log = json!({"Records": [record, record, record]}).to_string();
    let (json, ..) = answer(&["-"], Some(log.as_bytes()));
    assert_eq!(json["coverage"]["calls"], 1);
    assert_eq!(json["coverage"]["apart"], json!({"repeated in its file": 2}));
}

#[test]
fn successful_use_is_granted_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "a.json", &log());
    let (answer, status, errors) = answer(&[&path], None);
    assert_eq!((status, errors.as_str()), (0, ""));
    assert_eq!(
        answer["policy"],
        json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "arn:aws:dynamodb:eu-west-1:111122223333:table/t"},
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/k"},
        ]})
    );
    assert_eq!(answer["denied"][0]["action"], "s3:PutObject");
    assert_eq!(answer["failed"][0]["event"], "lambda.amazonaws.com:Invoke");
    assert_eq!(answer["unknownEvents"][0]["event"], "brandnew.amazonaws.com:DoIt");
    assert_eq!(answer["eventsWithoutPermission"][0]["event"], "sts.amazonaws.com:GetCallerIdentity");
    assert_eq!(answer["coverage"]["days"], 6);
    assert_eq!(answer["coverage"]["calls"], 6);
    assert_eq!(answer["complete"], true);
}

#[test]
fn filters_choose_by_role_time_region_and_account() {
    let log = log();
    for (arguments, calls) in [
        (vec!["--role", "arn:aws:iam::111122223333:role/app/web"], 4),
        (vec!["--role", "arn:aws:iam::111122223333:role/web"], 4),
        (vec!["--role", "db"], 2),
        (vec!["--role", "arn:aws:sts::111122223333:assumed-role/db/session"], 2),
        (vec!["--role", "arn:aws:iam::444455556666:role/web"], 0),
        (vec!["--since", "2026-03-03"], 4),
        (vec!["--until", "2026-03-03"], 2),
        (vec!["--since", "2026-03-02T10:00:00Z", "--until", "2026-03-03T10:00:00Z"], 1),
        (vec!["--region", "eu-west-1"], 6),
        (vec!["--region", "us-east-1"], 0),
        (vec!["--account", "111122223333"], 6),
        (vec!["--account", "444455556666"], 0),
    ] {
        let arguments = [&["-"], arguments.as_slice()].concat();
        assert_eq!(answer(&arguments, Some(&log)).0["coverage"]["calls"], calls, "{arguments:?}");
    }
}

#[test]
fn every_form_of_a_log_gives_the_same_answer() {
    let lines = records().iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    let looked_up: Vec<Value> = records()
        .iter()
        .map(|record| json!({"EventId": record["eventID"], "EventName": record["eventName"], "CloudTrailEvent": record.to_string()}))
        .collect();
    let expected = answer(&["-"], Some(&log())).0;
    for form in [
        json!(records()).to_string(),
        lines,
        json!({"Events": looked_up, "NextToken": "x"}).to_string(),
        json!({"NextToken": "x", "Events": looked_up}).to_string(),
        looked_up.iter().map(Value::to_string).collect::<String>(),
        serde_json::to_string_pretty(&json!({"Records": records()})).unwrap(),
    ] {
        assert_eq!(answer(&["-"], Some(form.as_bytes())).0, expected, "{form}");
    }
}

#[test]
fn a_broken_file_is_named_and_the_answer_marked() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.json", &log());
    let whole = log();
    let broken = write(folder.path(), "b.json", &whole[..whole.len() - 20]);
    let (answer, status, errors) = answer(&[&folder.path().display().to_string()], None);
    assert_eq!(status, 1);
    assert_eq!(answer["complete"], false);
    assert_eq!(answer["skipped"][0]["file"], broken.as_str());
    assert_eq!(answer["skipped"][0]["records"], 5);
    assert!(errors.contains(&broken) && errors.lines().count() == 1, "{errors}");
}

#[test]
fn what_cannot_be_read_or_understood_is_one_clear_line() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().display().to_string();
    for (arguments, status, message) in [
        (vec![empty.as_str()], 1, "no CloudTrail logs in this folder"),
        (vec!["/nowhere/at/all"], 1, "/nowhere/at/all: "),
        (vec!["-", "-"], 2, "once only"),
        (vec!["-", "--role", "arn:aws:iam::1:user/x"], 2, "names no role"),
        (vec!["-", "--since", "yesterday"], 2, "--since yesterday: expected"),
        (vec!["-", "--since", "2026-02-01", "--until", "2026-01-01"], 2, "isn't before"),
    ] {
        let output = alpha(&arguments, None);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {errors}");
        assert!(errors.contains(message) && errors.lines().count() == 1, "{arguments:?}: {errors}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn hostile_input_is_refused_without_a_panic() {
    for input in [
        b"".to_vec(),
        b"\xff\xfe\x00".to_vec(),
        vec![b'['; 10_000],
        format!("[{{\"a\":{}", "{\"a\":".repeat(10_000)).into_bytes(),
        format!(r#"{{"CloudTrailEvent":"{}"}}"#, "[".repeat(200_000)).into_bytes(),
        b"\x1f\x8b\x08\x00garbage".to_vec(),
        br#"{"Records":[{"eventName":nul}]}"#.to_vec(),
    ] {
        let (answer, status, errors) = answer(&["-"], Some(&input));
        assert_eq!((status, &answer["complete"]), (1, &json!(false)));
        assert_eq!(errors.lines().count(), 1, "{errors}");
    }
}

#[test]
fn text_shows_the_policy_and_what_it_rests_on() {
    let output = alpha(&["-"], Some(&log()));
    let text = String::from_utf8(output.stdout).unwrap();
    for part in [
        "\"s3:GetObject\"",
        "Coverage",
        "6 calls among 6 records in 1 files",
        "s3:PutObject: 1 times AccessDenied",
        "brandnew.amazonaws.com:DoIt",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// Real events of attacks in a laboratory account, where they are at hand.
#[test]
fn real_events_are_read_and_mapped() {
    let shared = std::env::var_os("ALPHA_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    let folder = shared.join("cloudtrail-stratus");
    let Ok(entries) = fs::read_dir(&folder) else {
        println!("skipped real_events_are_read_and_mapped: no {}", folder.display());
        return;
    };
    let (mut calls, mut unknown, mut reader) = (0, Vec::new(), Reader::with_circumstances());
    for entry in entries {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        let mut splitter = Splitter::new();
        let mut rest = bytes.as_slice();
        loop {
            let room = splitter.room();
            let count = rest.len().min(room.len());
            room[..count].copy_from_slice(&rest[..count]);
            rest = &rest[count..];
            splitter.filled(count);
            splitter
                .drain(|record, at| {
                    match reader.read(record, at, &Filter::default())? {
                        Seen::Call(call) => {
                            calls += 1;
                            assert!(!call.context.is_empty());
                            if call.needs == Needs::Unknown {
                                unknown.push(format!("{}:{}", call.source, call.name));
                            }
                        }
                        other => panic!("no call: {other:?}"),
                    }
                    Ok(())
                })
                .unwrap();
            if count == 0 {
                break;
            }
        }
    }
    assert_eq!(calls, 310);
    unknown.sort();
    unknown.dedup();
    assert_eq!(unknown, UNKNOWN, "events that no action of the catalogue stands for");
}

/// Events of the real logs that no documented action stands for.
const UNKNOWN: [&str; 0] = [];
