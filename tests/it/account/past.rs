//! The past: the same in every run, real records, counted as the engine counts them.

use alpha::iam::cloudtrail::{Filter, Needs, Reader, Seen};
use alpha::iam::evaluate::Target;
use alpha::iam::evidence::Evidence;
use jiff::civil::{Date, date};

use super::*;

const DAY: Date = date(2026, 10, 14);

/// The records of all roles that are to be narrowed.
async fn records(account: &SimulatedAccount, day: Date) -> Vec<String> {
    let mut all = Vec::new();
    for name in account.names().await.unwrap() {
        if let Ok(records) = account.records(&role(&name), day).await {
            all.extend(records);
        }
    }
    all
}

#[tokio::test]
async fn two_runs_agree_on_every_byte_whenever_they_begin() {
    let (one, folder) = (Scene::new(), tempfile::tempdir().unwrap());
    let later = Arc::new(ManualClock::at("2027-01-05T08:00:00Z".parse().unwrap()));
    let other = SimulatedAccount::open(
        folder.path().join("a"),
        id(),
        SimulatedAccount::SEED,
        Arc::clone(&later) as _,
    )
    .unwrap();
    let expected = records(&one.account, DAY).await;
    assert!(expected.len() > 1_000, "{}", expected.len());
    assert_eq!(records(&other, DAY).await, expected);
    let another =
        SimulatedAccount::open(folder.path().join("b"), id(), SimulatedAccount::SEED + 1, later as _)
            .unwrap();
    assert_ne!(records(&another, DAY).await, expected);
}

#[tokio::test]
async fn every_record_is_a_call_whose_needs_are_known_and_whose_resource_is_named() {
    let scene = Scene::new();
    let mut reader = Reader::with_circumstances();
    let mut ids = std::collections::HashSet::new();
    for record in records(&scene.account, DAY).await {
        let Ok(Seen::Call(call)) = reader.read(&record, 0, &Filter::default()) else { panic!("{record}") };
        let Needs::All(needs) = &call.needs else { panic!("{record}") };
        assert!(!needs.is_empty());
        // The records of these don't name the workgroup, and the revision, that they are authorised on.
        let untold = matches!(&*call.name, "GetQueryExecution" | "RegisterTaskDefinition");
        assert!(untold || needs.iter().all(|need| need.resource != Target::Unknown), "{record}");
        assert!(ids.insert(call.id.into_owned()), "an eventID twice: {record}");
        assert!(record.contains(r#""eventVersion":"1.11""#) && !record.contains('@'), "{record}");
        assert_eq!(jiff::tz::Offset::UTC.to_datetime(call.time).date(), DAY);
    }
}

#[tokio::test]
async fn evidence_is_what_reading_all_records_one_by_one_gives() {
    let scene = Scene::new();
    // From the middle of a day to the middle of another, so that both are cut.
    let window = Window {
        since: "2026-10-12T09:17:00Z".parse().unwrap(),
        until: "2026-10-16T16:42:30Z".parse().unwrap(),
    };
    let filter = Filter { since: Some(window.since), until: Some(window.until), ..Filter::default() };
    for name in ["ci-deployer", "web-app", "backup", "legacy-batch"] {
        let (mut expected, mut reader) = (Evidence::new(), Reader::with_circumstances());
        for service in ["dynamodb", "lambda", "s3"] {
            expected.count(&Seen::Filtered { data_event_of: Some(service.to_owned()) });
        }
        for day in 12..=16 {
            for record in scene.account.records(&role(name), date(2026, 10, day)).await.unwrap() {
                let seen = reader.read(&record, 0, &filter).unwrap();
                if matches!(seen, Seen::Call(_)) {
                    expected.count(&seen);
                }
            }
        }
        let snapshot = scene.role(name).await;
        for _ in 0..2 {
            let gathered = scene.account.collect(&errand(), &snapshot, window, &()).await.unwrap();
            assert_eq!(gathered.used, expected, "{name}");
        }
    }
}

#[tokio::test]
async fn the_past_ends_where_the_present_begins() {
    let scene = Scene::new();
    let today = scene.account.records(&role("ci-deployer"), date(2026, 11, 21)).await.unwrap();
    let last = today.last().unwrap();
    assert!(last.contains("\"eventTime\":\"2026-11-21T15:2"), "{last}");
    assert!(scene.account.records(&role("ci-deployer"), date(2026, 11, 22)).await.unwrap().is_empty());
    assert!(scene.account.records(&role("ci-deployer"), date(2024, 1, 1)).await.unwrap().is_empty());
    let monthly = records(&scene.account, date(2026, 10, 31)).await;
    assert!(
        !monthly.iter().any(|record| record.contains("acme-finance-archive")),
        "the rare call was never made"
    );
}
