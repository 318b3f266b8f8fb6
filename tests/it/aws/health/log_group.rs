//! Logs Insights: what it is asked, and what is made of its answers.

use std::sync::Mutex;

use serde_json::{Value, json};

use super::*;
use crate::account::contract;

/// What was delivered to the group: when, and what.
type Delivered = Vec<(Timestamp, String)>;

/// The words in quotes of a query.
fn words(query: &str) -> Vec<&str> {
    query.split('\'').skip(1).step_by(2).collect()
}

/// The rows of a query, as far as the adapter asks any: it has to be one of these three.
fn rows(query: &str, delivered: &Delivered) -> Vec<Value> {
    let cell = |field: &str, value: &str| json!({"field": field, "value": value});
    if query == "fields eventTime, @ingestionTime | sort @ingestionTime desc | limit 1000" {
        let mut newest: Vec<_> = delivered.iter().collect();
        newest.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        let row = |(at, text): &(Timestamp, String)| {
            let event: Value = serde_json::from_str(text).unwrap();
            let at = at.strftime("%Y-%m-%d %H:%M:%S.000").to_string();
            json!([cell("eventTime", event["eventTime"].as_str().unwrap()), cell("@ingestionTime", &at)])
        };
        return newest.into_iter().take(1_000).map(row).collect();
    }
    let said = words(query);
    let filter = format!("filter userIdentity.principalId like '{}' and eventTime >= '{}'", said[0], said[1]);
    let events = delivered.iter().filter_map(|(_, text)| {
        let event: Value = serde_json::from_str(text).unwrap();
        let is_of_role = event["userIdentity"]["principalId"].as_str().unwrap().contains(said[0]);
        (is_of_role && event["eventTime"].as_str().unwrap() >= said[1]).then_some((event, text))
    });
    if query == format!("{filter} | stats count(*) as calls by errorCode") {
        let mut counts: BTreeMap<Option<String>, u64> = BTreeMap::new();
        for (event, _) in events {
            *counts.entry(event["errorCode"].as_str().map(str::to_owned)).or_default() += 1;
        }
        let row = |(code, count): (Option<String>, u64)| {
            let code = code.map(|code| cell("errorCode", &code));
            Value::Array(code.into_iter().chain([cell("calls", &count.to_string())]).collect())
        };
        return counts.into_iter().map(row).collect();
    }
    let codes: Vec<String> = said[2..].iter().map(|code| format!("'{code}'")).collect();
    let asked = format!("{filter} and errorCode in [{}] | fields @message | limit 10000", codes.join(", "));
    assert_eq!(query, asked);
    let denied =
        events.filter(|(event, _)| said[2..].contains(&event["errorCode"].as_str().unwrap_or_default()));
    denied.take(10_000).map(|(_, text)| json!([cell("@message", text)])).collect()
}

/// A group that answers after so many questions.
async fn group(delivered: Delivered, patience: usize) -> Wire {
    let wire = Wire::to(None).await;
    let queries: Arc<Mutex<Vec<(String, usize)>>> = Arc::default();
    let started = Arc::clone(&queries);
    wire.rule(
        "StartQuery",
        usize::MAX,
        Act::answer(move |called: &Called| {
            let asked: Value = serde_json::from_str(&called.body).unwrap();
            assert_eq!(asked["logGroupName"], "trail");
            assert!(asked["startTime"].as_i64() <= asked["endTime"].as_i64());
            let mut started = started.lock().unwrap();
            started.push((asked["queryString"].as_str().unwrap().to_owned(), patience));
            (200, json!({"queryId": (started.len() - 1).to_string()}).to_string())
        }),
    );
    wire.rule(
        "GetQueryResults",
        usize::MAX,
        Act::answer(move |called: &Called| {
            let asked: Value = serde_json::from_str(&called.body).unwrap();
            let number: usize = asked["queryId"].as_str().unwrap().parse().unwrap();
            let mut queries = queries.lock().unwrap();
            let (query, left) = &mut queries[number];
            if *left > 0 {
                *left -= 1;
                return (200, json!({"status": "Running", "results": []}).to_string());
            }
            let rows = rows(query, &delivered);
            // Answers come in pages.
            let page = asked["nextToken"].as_str().map_or(0, |page| page.parse().unwrap());
            let mut answer =
                json!({"status": "Complete", "results": rows.chunks(700).nth(page).unwrap_or_default()});
            if rows.len() > (page + 1) * 700 {
                answer["nextToken"] = json!((page + 1).to_string());
            }
            (200, answer.to_string())
        }),
    );
    wire
}

fn trail() -> Trail {
    Trail { log_group: Some("trail".to_owned()), bucket: Some("unused".to_owned()), ..Trail::default() }
}

/// Two minutes' lag: events of others each second, and some of the role.
fn delivered(until: i64, ours: &[(i64, Option<&str>)]) -> Delivered {
    let others = (-300..until).map(|second| (second, record(u32::MAX, at(second), false, None)));
    let ours = (0..).zip(ours).map(|(id, (second, code))| (*second, record(id, at(*second), true, *code)));
    others.chain(ours).map(|(second, text)| (at(second + 120), text)).collect()
}

#[tokio::test]
async fn calls_and_denials_since_the_change_are_counted_and_the_lag_is_measured() {
    let ours = [
        (-5, Some("AccessDenied")),
        (0, None),
        (1, None),
        (2, Some("ThrottlingException")),
        (3, Some("AccessDenied")),
        (4, Some("AccessDenied")),
        (5, Some("Client.UnauthorizedOperation")),
        (6, None),
    ];
    let wire = group(delivered(600, &ours), 2).await;
    let health = health(&wire.url, trail(), &["eu-west-1"], at(720)).await;
    let reading = since(&health, at(0)).await.unwrap();
    assert_eq!((reading.calls, denied(&reading)), (7, 3));
    let mut kinds: Vec<u64> = reading.denied.iter().map(|(_, count)| *count).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, [1, 2]);
    // The last delivery is from 719, and each took two minutes.
    assert_eq!(reading.complete_until, at(599));
    assert_eq!(wire.operations().iter().filter(|name| *name == "StartQuery").count(), 3);
    contract::a_reading_is_bounded_by_what_was_seen(&health, &web(), at(0), at(720)).await;
}

#[tokio::test]
async fn a_role_that_does_well_costs_two_questions_and_its_identifier_must_be_a_word() {
    let wire = group(delivered(600, &[(1, None), (2, None)]), 0).await;
    let health = health(&wire.url, trail(), &["eu-west-1"], at(720)).await;
    let reading = since(&health, at(0)).await.unwrap();
    assert_eq!((reading.calls, denied(&reading)), (2, 0));
    assert_eq!(wire.operations().iter().filter(|name| *name == "StartQuery").count(), 2);
    let odd = Snapshot { role_id: "x' | limit 0".to_owned(), ..web() };
    let answer = health.since(&errand(), &odd, at(0)).await;
    assert!(matches!(answer, Err(AccountError::Rejected(_))), "{answer:?}");
}

#[tokio::test]
async fn a_group_to_which_nothing_is_delivered_tells_of_no_health() {
    let wire = group(Vec::new(), 0).await;
    let silent = health(&wire.url, trail(), &["eu-west-1"], at(720)).await;
    let answer = since(&silent, at(0)).await;
    assert!(
        matches!(&answer, Err(AccountError::Unavailable(why)) if why.contains("nothing was delivered")),
        "{answer:?}"
    );
    // What was delivered stops at the change: nothing since is known.
    let wire = group(delivered(0, &[]), 0).await;
    let stopped = health(&wire.url, trail(), &["eu-west-1"], at(720)).await;
    assert!(since(&stopped, at(0)).await.unwrap().complete_until < at(0));
}

#[tokio::test]
async fn a_query_that_takes_longer_than_a_look_is_not_asked_again() {
    let wire = group(delivered(600, &[(1, None)]), 120).await;
    let health = health_within(Duration::from_secs(1), &wire.url, trail(), &["eu-west-1"], at(720)).await;
    let mut late = 0;
    let reading = loop {
        match since(&health, at(0)).await {
            Err(AccountError::Unavailable(why)) => {
                assert!(why.contains("no answer yet"), "{why}");
                late += 1;
            }
            answer => break answer.unwrap(),
        }
        assert!(late < 20);
    };
    assert!(late > 0);
    assert_eq!(reading.calls, 1);
    assert_eq!(wire.operations().iter().filter(|name| *name == "StartQuery").count(), 2);
}

#[tokio::test]
async fn more_denials_than_an_answer_holds_are_told_and_complete_nothing() {
    let ours: Vec<(i64, Option<&str>)> = (0..10_050).map(|second| (second, Some("AccessDenied"))).collect();
    let wire = group(delivered(600, &ours), 0).await;
    let health = health(&wire.url, trail(), &["eu-west-1"], at(12_000)).await;
    let reading = since(&health, at(0)).await.unwrap();
    assert_eq!((reading.calls, denied(&reading)), (10_050, 10_000));
    assert!(reading.complete_until < at(0));
}

#[tokio::test]
async fn a_query_that_fails_is_told_and_never_taken_for_health() {
    let answers: [(&'static str, u16, Value, &str); 5] = [
        ("GetQueryResults", 200, json!({"status": "Failed", "results": []}), "the query ended Failed"),
        ("GetQueryResults", 200, json!({"status": "Timeout", "results": []}), "the query ended Timeout"),
        (
            "StartQuery",
            400,
            json!({"__type": "LimitExceededException", "message": "concurrent"}),
            "LimitExceeded",
        ),
        ("StartQuery", 400, json!({"__type": "ThrottlingException", "message": "rate"}), "Throttling"),
        ("StartQuery", 500, json!({"__type": "ServiceUnavailableException", "message": "later"}), "later"),
    ];
    for (operation, status, answer, word) in answers {
        let wire = Wire::to(None).await;
        wire.rule(operation, usize::MAX, Act::answer(move |_| (status, answer.to_string())));
        wire.rule("StartQuery", usize::MAX, Act::answer(|_| (200, json!({"queryId": "q"}).to_string())));
        let health = health(&wire.url, trail(), &["eu-west-1"], at(720)).await;
        let answer = since(&health, at(0)).await;
        assert!(matches!(&answer, Err(AccountError::Unavailable(why)) if why.contains(word)), "{answer:?}");
    }
    for (operation, action) in
        [("StartQuery", "logs:StartQuery"), ("GetQueryResults", "logs:GetQueryResults")]
    {
        let wire = Wire::to(None).await;
        let refusal = json!({"__type": "AccessDeniedException", "message": "no"}).to_string();
        wire.rule(operation, usize::MAX, Act::answer(move |_| (400, refusal.clone())));
        wire.rule("StartQuery", usize::MAX, Act::answer(|_| (200, json!({"queryId": "q"}).to_string())));
        let health = health(&wire.url, trail(), &["eu-west-1"], at(720)).await;
        let answer = since(&health, at(0)).await;
        assert!(matches!(&answer, Err(AccountError::Denied(why)) if why.contains(action)), "{answer:?}");
    }
    let wire = Wire::to(None).await;
    let missing = json!({"__type": "ResourceNotFoundException", "message": "no such group"}).to_string();
    wire.rule("StartQuery", usize::MAX, Act::answer(move |_| (400, missing.clone())));
    let health = health(&wire.url, trail(), &["eu-west-1"], at(720)).await;
    assert!(matches!(since(&health, at(0)).await, Err(AccountError::Rejected(_))));
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_no_event_that_does_no_harm() {
    let wire = Wire::to(None).await;
    let answers = |called: &Called| {
        let row = |cells: Value| json!({"status": "Complete", "results": [cells]}).to_string();
        let cell = |field: &str, value: &str| json!({"field": field, "value": value});
        let asked: Value = serde_json::from_str(&called.body).unwrap();
        let cells = match asked["queryId"].as_str().unwrap() {
            "counts" => json!([cell("calls", "1"), cell("errorCode", "AccessDenied")]),
            "pulse" => json!([
                cell("eventTime", "2026-11-27T12:00:00Z"),
                cell("@ingestionTime", "2026-11-27 12:01:00.000")
            ]),
            _ => json!([cell("@message", "{\"eventVersion\":\"1.11\",\"userIdentity\":{")]),
        };
        (200, row(cells))
    };
    wire.rule("GetQueryResults", usize::MAX, Act::answer(answers));
    let start = |called: &Called| {
        let id = match &called.body {
            body if body.contains("stats") => "counts",
            body if body.contains("sort") => "pulse",
            _ => "denials",
        };
        (200, json!({"queryId": id}).to_string())
    };
    wire.rule("StartQuery", usize::MAX, Act::answer(start));
    let health = health(&wire.url, trail(), &["eu-west-1"], at(720)).await;
    let answer = since(&health, at(0)).await;
    assert!(
        matches!(&answer, Err(AccountError::Rejected(why)) if why.contains("can't be read")),
        "{answer:?}"
    );
}
