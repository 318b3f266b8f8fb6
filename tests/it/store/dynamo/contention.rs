//! Many writers of one item, where single conditional writes decide: at dynalite, which lets them run side by side.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use alpha::aws::store::DynamoStore;
use alpha::ports::Store;
use aws_types::SdkConfig;

use super::{on_a_new_table, table};
use crate::store::samples::{at, job, name, new, receipt, row, worker};
use crate::support::dynalite::Dynalite;

const WRITERS: usize = 16;

/// A table with so many jobs, receipts and rows about none, written at moto, which knows transactions, and carried over.
async fn carried_over(to: &SdkConfig, count: u64) -> String {
    let (sdk, from) = on_a_new_table();
    let store = DynamoStore::open(&sdk, &from);
    for number in 1..=count {
        store.create(new(job(number))).await.unwrap();
        store.receive(receipt(number)).await.unwrap();
    }
    let rows = (1..=count).map(|number| row(None, u32::try_from(number).unwrap(), at(number))).collect();
    store.settle_receipt(&receipt(99).key, rows).await.unwrap();
    let name = table::make(to).await;
    table::put(to, &name, table::items(&sdk, &from).await).await;
    name
}

/// What everybody got, who asked for it at the same time.
async fn all<T: Send + 'static>(ask: impl Fn(usize) -> tokio::task::JoinHandle<T>) -> Vec<T> {
    let asked: Vec<_> = (0..WRITERS).map(ask).collect();
    let mut got = Vec::new();
    for one in asked {
        got.push(one.await.unwrap());
    }
    got
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_has_one_winner_however_many_want_it() {
    const JOBS: u64 = 20;
    let dynalite = Dynalite::start();
    let sdk = dynalite.sdk().await;
    let store = Arc::new(DynamoStore::open(&sdk, &carried_over(&sdk, JOBS).await));
    for number in 1..=JOBS {
        let winners = all(|writer| {
            let store = Arc::clone(&store);
            let by = worker(&format!("w{writer}"));
            tokio::spawn(async move { store.claim_job(&name(number), &by, at(99)).await.unwrap().is_some() })
        })
        .await;
        assert_eq!(winners.iter().filter(|won| **won).count(), 1, "job {number}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_due_goes_to_one_each_of_all_who_look() {
    const THINGS: u64 = 20;
    let dynalite = Dynalite::start();
    let sdk = dynalite.sdk().await;
    let store = Arc::new(DynamoStore::open(&sdk, &carried_over(&sdk, THINGS).await));
    let claimed = all(|writer| {
        let store = Arc::clone(&store);
        let by = worker(&format!("w{writer}"));
        tokio::spawn(async move {
            let mut mine = Vec::new();
            loop {
                let jobs = store.claim_jobs(&by, at(99), 3).await.unwrap();
                let receipts = store.claim_receipts(&by, at(99), 3).await.unwrap();
                let rows = store.claim_rows(&by, at(99), 3).await.unwrap();
                if jobs.is_empty() && receipts.is_empty() && rows.is_empty() {
                    return mine;
                }
                mine.extend(jobs.into_iter().map(|job| format!("job {}", job.id)));
                mine.extend(receipts.into_iter().map(|receipt| format!("receipt {}", receipt.key)));
                mine.extend(rows.into_iter().map(|row| format!("row {}", row.id)));
            }
        })
    })
    .await;
    let claimed: Vec<String> = claimed.into_iter().flatten().collect();
    // A row about each job, and as many about none.
    assert_eq!(claimed.len() as u64, 4 * THINGS);
    assert_eq!(claimed.iter().collect::<BTreeSet<_>>().len(), claimed.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_use_is_counted_once() {
    const EACH: u32 = 25;
    let dynalite = Dynalite::start();
    let sdk = dynalite.sdk().await;
    let store = Arc::new(DynamoStore::open(&sdk, &table::make(&sdk).await));
    let counts = all(|_| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let mut counts = Vec::new();
            for _ in 0..EACH {
                counts.push(store.count("U1", Duration::from_mins(1), at(0)).await.unwrap());
            }
            counts
        })
    })
    .await;
    let mut counts: Vec<u32> = counts.into_iter().flatten().collect();
    counts.sort_unstable();
    assert_eq!(counts, (1..=EACH * u32::try_from(WRITERS).unwrap()).collect::<Vec<_>>());
}
