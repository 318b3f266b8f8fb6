//! Counting, and looking over everything.

use std::time::Duration;

use alpha::domain::delivery::Tried;
use alpha::domain::job::State;
use alpha::ports::Census;

use crate::store::Place;
use crate::store::samples::{at, job, new, next, receipt, row, worker};

const MINUTE: Duration = Duration::from_mins(1);

pub async fn uses_are_counted_by_key_and_window(place: &Place) {
    let store = place.open();
    for (key, window, now, expected) in [
        ("U1", MINUTE, at(0), 1),
        ("U1", MINUTE, at(59_999), 2),
        ("U2", MINUTE, at(59_999), 1),
        ("U1", Duration::from_hours(1), at(59_999), 1),
        ("U1", MINUTE, at(60_000), 1),
        ("U1", MINUTE, at(60_001), 2),
        // A clock that went back counts where it says that it is.
        ("U1", MINUTE, at(59_000), 3),
        ("U1", Duration::ZERO, at(0), 1),
    ] {
        assert_eq!(store.count(key, window, now).await.unwrap(), expected, "{key} {window:?} {now}");
    }
    drop(store);
    assert_eq!(place.open().count("U1", MINUTE, at(60_002)).await.unwrap(), 3);
}

pub async fn concurrent_uses_are_all_counted(place: &Place) {
    let store = place.open();
    let uses: Vec<_> = (0..40)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.count("U1", MINUTE, at(0)).await.unwrap() })
        })
        .collect();
    let mut counts = Vec::new();
    for one in uses {
        counts.push(one.await.unwrap());
    }
    counts.sort_unstable();
    assert_eq!(counts, (1..=40).collect::<Vec<u32>>());
}

pub async fn the_next_due_is_the_first_that_can_be_claimed(place: &Place) {
    let store = place.open();
    let due = async || store.next_due().await.unwrap();
    assert_eq!(due().await, None);
    let mut job = job(1);
    job.due = Some(at(500));
    let mut change = new(job);
    change.rows[0].due = at(700);
    store.create(change.clone()).await.unwrap();
    assert_eq!(due().await, Some(at(500)));
    // A receipt is due from the moment that it came.
    store.receive(receipt(300)).await.unwrap();
    assert_eq!(due().await, Some(at(300)));
    store.claim_receipts(&worker("a"), at(400), 1).await.unwrap();
    assert_eq!(due().await, Some(at(500)));
    store.claim_jobs(&worker("a"), at(600), 1).await.unwrap();
    assert_eq!(due().await, Some(at(700)));
    let row = store.claim_rows(&worker("a"), at(800), 1).await.unwrap().remove(0);
    assert_eq!(due().await, Some(at(10_400)), "the claim on the receipt ends first");
    store.settle_receipt(&receipt(300).key, vec![]).await.unwrap();
    assert_eq!(due().await, Some(at(10_600)), "then that on the job");
    // What is held is not due before its own time either.
    let mut later = next(&change.job, State::Proposing);
    later.job.due = Some(at(20_000));
    later.rows.clear();
    store.save(later.clone()).await.unwrap();
    assert_eq!(due().await, Some(at(10_800)), "then that on the row");
    store.settle_row(row.after(Tried::Delivered, at(900), 0.0), None, &worker("a")).await.unwrap();
    assert_eq!(due().await, Some(at(20_000)));
    assert_eq!(store.claim_jobs(&worker("b"), at(10_600), 1).await.unwrap(), []);
    let mut ended = next(&later.job, State::Cancelled);
    ended.rows.clear();
    store.save(ended).await.unwrap();
    assert_eq!(due().await, None);
}

pub async fn the_census_counts_jobs_rows_and_receipts(place: &Place) {
    let store = place.open();
    assert_eq!(store.census().await.unwrap(), Census::default());
    for number in 1..=4 {
        store.create(new(job(number))).await.unwrap();
        store.receive(receipt(number)).await.unwrap();
    }
    let first = store.job(&job(1).id).await.unwrap().unwrap();
    store.save(next(&first, State::Stuck { why: "?".to_owned() })).await.unwrap();
    store.claim_receipts(&worker("a"), at(9), 1).await.unwrap();
    store.settle_receipt(&receipt(4).key, vec![row(None, 1, at(9))]).await.unwrap();
    let rows = store.claim_rows(&worker("a"), at(9), 9).await.unwrap();
    let tries = [Tried::Delivered, Tried::Refused("no".to_owned()), Tried::Ambiguous("time-out".to_owned())];
    for (row, tried) in rows.iter().zip(tries) {
        store.settle_row(row.after(tried, at(9), 0.0), None, &worker("a")).await.unwrap();
    }
    let counts = |all: &[(&str, u64)]| all.iter().map(|(word, count)| ((*word).to_owned(), *count)).collect();
    let census = store.census().await.unwrap();
    assert_eq!(census.jobs, counts(&[("Requested", 3), ("Stuck", 1)]));
    assert_eq!(census.rows, counts(&[("dead", 1), ("pending", 3), ("sent", 1), ("unknown", 1)]));
    assert_eq!(census.receipts, 3);
}

pub async fn a_store_that_works_is_ready(place: &Place) {
    let store = place.open();
    store.ready().await.unwrap();
    store.ready().await.unwrap();
}
