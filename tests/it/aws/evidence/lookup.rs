//! CloudTrail's look-up.

use std::time::Duration;

use alpha::domain::role::{LastUsed, Snapshot};
use alpha::iam::evidence::Standing;
use alpha::ports::{AccountError, Evidence as _};
use axum::response::Response;
use serde_json::{Value, json};

use super::scene::{ROLE, Said, Scene, errand, id, record, record_of, role, standing, tells, window};
use super::wire::{Call, Wire, error, ok_json, silence};

/// A page of a look-up.
fn page(records: &[Value], next: Option<&str>) -> Response {
    let event = |record: &Value| {
        json!({
            "EventId": record["eventID"],
            "EventName": record["eventName"],
            "EventTime": 1_795_687_200 + record["n"].as_i64().unwrap_or_default(),
            "Username": "i-1",
            "CloudTrailEvent": record.to_string(),
        })
    };
    ok_json(&json!({ "Events": records.iter().map(event).collect::<Vec<_>>(), "NextToken": next }))
}

/// By which attribute events are asked for.
fn by(call: &Call) -> (&str, &str) {
    let attribute = &call.json["LookupAttributes"][0];
    let text = |name: &str| attribute[name].as_str().unwrap_or_default();
    (text("AttributeKey"), text("AttributeValue"))
}

fn begun(session: &str) -> Value {
    json!({
        "eventID": "e", "eventTime": "2026-11-25T10:00:00Z", "eventSource": "sts.amazonaws.com",
        "eventName": "AssumeRole", "awsRegion": "us-east-1",
        "requestParameters": {"roleArn": ROLE, "roleSessionName": session},
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_events_of_the_role_s_sessions_are_asked_for_page_by_page_in_every_region() {
    let wire = Wire::start().await;
    wire.on("LookupEvents", |call| match (by(call), call.json["NextToken"].as_str()) {
        (("ResourceName", ROLE), None) => page(&[begun("i-1")], Some("more")),
        (("ResourceName", ROLE), Some("more")) => page(&[begun("i-1")], None),
        (("Username", "i-1"), None) => {
            page(&[record(1, "iam:GetRole"), record_of("other", 2, "iam:GetUser")], Some("2"))
        }
        (("Username", "i-1"), Some("2")) => {
            page(&[record(3, "iam:GetRole"), record(4, "sqs:ListQueues")], None)
        }
        other => panic!("{other:?}"),
    });
    super::accessed::reported(&wire, "eu-west-1", "us-east-1");
    let scene = Scene::new(&wire.url);
    let said = Said::default();
    let gathered = scene.start().await.collect(&errand(1), &role(), window(), &said).await.unwrap();
    // Both Regions hold the same events, which count once.
    assert_eq!(gathered.used.coverage().calls, 3);
    assert_eq!(standing(&gathered, "iam:GetRole"), Standing::Used);
    assert_eq!(standing(&gathered, "iam:GetUser"), Standing::Unused, "another role's");
    assert!(!gathered.used.may_lack(id("iam:GetRole")), "nothing is missing");
    assert!(matches!(standing(&gathered, "s3:GetObject"), Standing::Unobservable(_)), "no data events");
    assert!(!tells(&gathered.gaps, &["CloudTrail look-up"]), "{:?}", gathered.gaps);
    let only = ["calls were looked up in us-east-1, eu-west-1 only: those in other Regions"];
    assert!(tells(&gathered.gaps, &only), "nobody else saw the others: {:?}", gathered.gaps);
    let times: u64 = gathered.calls.iter().map(|(_, times)| times).sum();
    assert_eq!((times, wire.calls("LookupEvents").len()), (3, 8));
    let lines = said.lines();
    assert!(lines.contains(&"CloudTrail look-up: 8 events so far".to_owned()), "{lines:?}");
    assert_eq!(lines.iter().filter(|line| *line == "CloudTrail look-up: done").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_known_sessions_all_events_are_gone_through_up_to_a_limit_and_that_is_told() {
    let wire = Wire::start().await;
    let mut number = 0;
    wire.on("LookupEvents", move |call| {
        if by(call).0 == "ResourceName" {
            return page(&[], None);
        }
        assert_eq!(by(call), ("", ""));
        let records: Vec<Value> = (number..number + 50).map(|number| record(number, "iam:GetRole")).collect();
        number += 50;
        page(&records, Some("there is always more"))
    });
    let mut scene = Scene::new(&wire.url);
    scene.limits.events = 120;
    scene.account.regions.truncate(1);
    let gathered = scene.gathered().await;
    assert_eq!(gathered.used.coverage().calls, 120);
    assert!(
        tells(&gathered.gaps, &["look-up in us-east-1 stopped at 120 events, back to 2026-"]),
        "{:?}",
        gathered.gaps
    );
    assert!(tells(&gathered.gaps, &["the record of calls isn't complete"]), "{:?}", gathered.gaps);
    assert!(gathered.used.may_lack(id("iam:GetRole")));
    assert!(
        matches!(standing(&gathered, "iam:DeleteRole"), Standing::Unobservable(_)),
        "it may be in the rest"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn throttling_is_waited_out() {
    let wire = Wire::start().await;
    let mut calls = 0;
    wire.on("LookupEvents", move |_| {
        calls += 1;
        if calls % 2 == 1 {
            return error("LookupEvents", 400, "ThrottlingException", "Rate exceeded");
        }
        page(&[record(1, "iam:GetRole")], None)
    });
    let mut scene = Scene::new(&wire.url);
    scene.account.regions.truncate(1);
    let gathered = scene.gathered().await;
    assert_eq!(gathered.used.coverage().calls, 1);
    assert!(!tells(&gathered.gaps, &["CloudTrail look-up"]), "{:?}", gathered.gaps);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_midway_keeps_what_was_found_and_is_told() {
    let wire = Wire::start().await;
    wire.on("LookupEvents", |call| match call.json["NextToken"].as_str() {
        None => page(&[record(1, "iam:GetRole")], Some("2")),
        Some(_) => error("LookupEvents", 400, "InvalidNextTokenException", "no such page"),
    });
    let gathered = Scene::new(&wire.url).gathered().await;
    assert_eq!(gathered.used.coverage().calls, 1);
    assert!(
        tells(&gathered.gaps, &["look-up in eu-west-1", "InvalidNextTokenException"]),
        "{:?}",
        gathered.gaps
    );
    assert!(gathered.used.may_lack(id("iam:GetRole")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_up_that_never_ends_is_stopped_and_told_and_the_others_count() {
    let wire = Wire::start().await;
    wire.on("LookupEvents", |_| silence());
    wire.on("ListAnalyzers", |_| ok_json(&json!({ "analyzers": [] })));
    wire.on("GenerateServiceLastAccessedDetails", |_| super::accessed::started());
    wire.on("GetServiceLastAccessedDetails", |_| {
        super::accessed::report(&super::accessed::service("sqs", None, ""), None)
    });
    let mut scene = Scene::new(&wire.url);
    scene.limits.lookup = Duration::from_millis(300);
    let gathered = scene.gathered().await;
    assert!(tells(&gathered.gaps, &["CloudTrail look-up was stopped after 1 s"]), "{:?}", gathered.gaps);
    assert_eq!(gathered.used.coverage().calls, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_is_allowed_the_error_names_each_action_and_a_statement() {
    let wire = Wire::start().await;
    let scene = Scene::new(&wire.url).with_trail().with_bucket("logs");
    let error = scene.collect().await.unwrap_err();
    let AccountError::Denied(why) = &error else { panic!("{error:?}") };
    for action in [
        "cloudtrail:LookupEvents",
        "s3:ListBucket",
        "iam:GenerateServiceLastAccessedDetails",
        "access-analyzer:StartPolicyGeneration",
        "access-analyzer:ListAnalyzers",
    ] {
        assert!(why.contains(&format!("needs {action}")), "{action}: {why}");
        assert!(why.contains(&format!("\"Action\": \"{action}\"")), "{action}: {why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_source_that_is_denied_is_a_gap_and_no_error() {
    let wire = Wire::start().await;
    wire.on("LookupEvents", |_| page(&[record(1, "iam:GetRole")], None));
    let gathered = Scene::new(&wire.url).with_trail().with_bucket("logs").gathered().await;
    assert_eq!(gathered.used.coverage().calls, 1);
    for parts in [
        ["last-accessed report", "needs iam:GenerateServiceLastAccessedDetails"],
        ["policy generation", "needs access-analyzer:StartPolicyGeneration and iam:PassRole"],
        ["log files", "needs s3:ListBucket"],
        ["findings on unused access", "needs access-analyzer:ListAnalyzers"],
    ] {
        assert!(tells(&gathered.gaps, &parts), "{parts:?} {:?}", gathered.gaps);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_trail_is_no_calls_and_no_error() {
    let wire = Wire::start().await;
    wire.on("LookupEvents", |_| page(&[], None));
    let gathered = Scene::new(&wire.url).gathered().await;
    assert_eq!((gathered.used.coverage().calls, gathered.calls.len()), (0, 0));
    assert!(!tells(&gathered.gaps, &["CloudTrail look-up"]), "{:?}", gathered.gaps);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_can_not_be_read_are_told_and_nothing_is_taken_for_complete() {
    let wire = Wire::start().await;
    wire.on("LookupEvents", |_| {
        let whole = record(1, "iam:GetRole").to_string();
        let events = [
            json!({ "EventId": "1", "CloudTrailEvent": whole }),
            json!({ "EventId": "2", "CloudTrailEvent": whole[..whole.len() / 2] }),
            json!({ "EventId": "3" }),
        ];
        ok_json(&json!({ "Events": events }))
    });
    let mut scene = Scene::new(&wire.url);
    scene.account.regions.truncate(1);
    let gathered = scene.gathered().await;
    assert_eq!(gathered.used.coverage().calls, 1);
    assert!(
        tells(&gathered.gaps, &["CloudTrail look-up: 2 events could not be read"]),
        "{:?}",
        gathered.gaps
    );
    assert!(gathered.used.may_lack(id("iam:GetRole")));
    assert!(matches!(standing(&gathered, "iam:DeleteRole"), Standing::Unobservable(_)), "it may be in those");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_was_used_where_nothing_is_looked_up_lacks_calls() {
    const HERE: &str = "eu-west-1";
    const THERE: &str = "ap-southeast-2";
    // Where the role was used last and how many days ago; where its service and one of its actions were.
    for (last, report, is_lacking) in [
        ((HERE, 1), Some((HERE, "us-east-1")), false),
        ((THERE, 40), Some((HERE, HERE)), false),
        ((THERE, 1), Some((HERE, HERE)), true),
        ((HERE, 1), Some((THERE, HERE)), true),
        ((HERE, 1), Some((HERE, THERE)), true),
        ((HERE, 1), None, true),
    ] {
        let wire = Wire::start().await;
        wire.on("LookupEvents", |call| match by(call) {
            ("ResourceName", ROLE) => page(&[begun("i-1")], None),
            _ => page(&[record(1, "iam:GetRole")], None),
        });
        if let Some((service, action)) = report {
            super::accessed::reported(&wire, service, action);
        }
        let at = window().until - jiff::SignedDuration::from_hours(24 * last.1);
        let role = Snapshot { last_used: Some(LastUsed { at, region: last.0.to_owned() }), ..role() };
        let scene = Scene::new(&wire.url);
        let gathered = scene.start().await.collect(&errand(1), &role, window(), &()).await.unwrap();
        assert_eq!(gathered.used.may_lack(id("iam:GetRole")), is_lacking, "{last:?} {report:?}");
        let told = tells(&gathered.gaps, &["AWS says that the role was used in ap-southeast-2"]);
        assert_eq!(told, is_lacking && report.is_some(), "{:?}", gathered.gaps);
    }
}
