//! The look-up of events: for small accounts, and saying so in larger ones.

use serde_json::{Value, json};

use super::*;
use crate::account::contract;

/// Long enough for some pages, and not for four hundred.
const HURRY: Duration = Duration::from_secs(3);

/// A Region's events, the newest first, in pages.
async fn events(records: Vec<(i64, String)>) -> Wire {
    let wire = Wire::to(None).await;
    let answer = move |called: &Called| {
        let asked: Value = serde_json::from_str(&called.body).unwrap();
        assert_eq!(asked["MaxResults"], 50);
        let start: i64 = asked["StartTime"].to_string().trim_end_matches(".0").parse().unwrap();
        assert!(at(0).as_second() <= start && start <= at(20_000).as_second());
        let page = asked["NextToken"].as_str().map_or(0, |page| page.parse().unwrap());
        let event = |(second, text): &(i64, String)| json!({"EventId": "e", "EventTime": at(*second).as_second(), "CloudTrailEvent": text});
        let shown: Vec<Value> = records.chunks(50).nth(page).unwrap_or_default().iter().map(event).collect();
        let mut answer = json!({"Events": shown});
        if records.len() > (page + 1) * 50 {
            answer["NextToken"] = json!((page + 1).to_string());
        }
        (200, answer.to_string())
    };
    wire.rule("LookupEvents", usize::MAX, Act::answer(answer));
    wire
}

fn some(count: i64, code: impl Fn(i64) -> Option<&'static str>) -> Vec<(i64, String)> {
    let text = |second: i64| {
        let id = u32::try_from(second).unwrap();
        record(id, at(second), second % 2 == 0, code(second))
    };
    (0..count).rev().map(|second| (second, text(second))).collect()
}

#[tokio::test]
async fn a_small_accounts_events_are_gone_through_and_taken_for_late() {
    let wire = events(some(1_200, |second| (second == 100 || second == 101).then_some("AccessDenied"))).await;
    let health = health(&wire.url, Trail::default(), &["eu-west-1"], at(1_300)).await;
    let reading = since(&health, at(0)).await.unwrap();
    assert_eq!((reading.calls, denied(&reading)), (600, 1));
    // Nothing says when an event was delivered: a quarter of an hour is what CloudTrail says it needs.
    assert_eq!(reading.complete_until, at(1_199 - 900));
    // Twice twenty-four pages: calls of services without Regions are recorded in us-east-1.
    assert_eq!(wire.operations().len(), 48);
    contract::a_reading_is_bounded_by_what_was_seen(&health, &web(), at(0), at(1_300)).await;
}

#[tokio::test]
async fn all_regions_are_looked_at_and_an_event_that_both_tell_counts_once() {
    let wire = events(some(10, |_| None)).await;
    let health = health(&wire.url, Trail::default(), &["eu-west-1", "us-east-1"], at(20)).await;
    let reading = since(&health, at(0)).await.unwrap();
    assert_eq!(reading.calls, 5);
    assert_eq!(wire.operations().len(), 2);
}

#[tokio::test]
async fn an_account_with_more_events_than_a_look_goes_through_is_told_what_to_configure() {
    let wire = events(some(20_000, |_| None)).await;
    let large = health_within(HURRY, &wire.url, Trail::default(), &["eu-west-1"], at(20_000)).await;
    match since(&large, at(0)).await {
        Err(AccountError::Rejected(why)) => {
            assert!(
                why.contains("events of eu-west-1") && why.contains("trail_log_group or trail_bucket"),
                "{why}"
            );
        }
        answer => panic!("{answer:?}"),
    }
    // Denials among what was seen still stop the change.
    let wire = events(some(20_000, |second| (second == 19_000).then_some("AccessDenied"))).await;
    let hurt = health_within(HURRY, &wire.url, Trail::default(), &["eu-west-1"], at(20_000)).await;
    let reading = since(&hurt, at(0)).await.unwrap();
    assert_eq!(denied(&reading), 1);
    assert!(reading.complete_until < at(0));
}

#[tokio::test]
async fn no_events_and_refusals_are_no_health() {
    let wire = events(Vec::new()).await;
    let silent = health(&wire.url, Trail::default(), &["eu-west-1"], at(900)).await;
    let reading = since(&silent, at(0)).await.unwrap();
    assert_eq!(reading.calls, 0);
    assert!(reading.complete_until < at(0));
    for (code, denied) in [("AccessDeniedException", true), ("ThrottlingException", false)] {
        let wire = Wire::to(None).await;
        let refusal = json!({"__type": code, "message": "no"}).to_string();
        wire.rule("LookupEvents", usize::MAX, Act::answer(move |_| (400, refusal.clone())));
        let refused = health(&wire.url, Trail::default(), &["eu-west-1"], at(900)).await;
        match since(&refused, at(0)).await {
            Err(AccountError::Denied(why)) => {
                assert!(denied && why.contains("cloudtrail:LookupEvents"), "{why}");
            }
            Err(AccountError::Unavailable(why)) => assert!(!denied, "{why}"),
            answer => panic!("{code}: {answer:?}"),
        }
    }
}
