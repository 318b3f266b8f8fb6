//! Claiming jobs.

use std::collections::BTreeSet;
use std::time::Duration;

use alpha::domain::ids::JobId;
use alpha::domain::job::{Job, State};
use alpha::ports::{Claim, Saved, Store};
use jiff::Timestamp;

use crate::store::Place;
use crate::store::samples::{at, job, name, new, next, receipt, worker};

/// Makes a job of each number, due then.
async fn due(store: &dyn Store, all: &[(u64, Option<Timestamp>)]) {
    for &(number, due) in all {
        let mut job = job(number);
        job.due = due;
        store.create(new(job)).await.unwrap();
    }
}

async fn claim(store: &dyn Store, by: &Claim, now: Timestamp, limit: usize) -> Vec<JobId> {
    let ids = |jobs: Vec<Job>| jobs.into_iter().map(|job| job.id).collect();
    store.claim_jobs(by, now, limit).await.map(ids).unwrap()
}

pub async fn what_is_due_is_claimed_the_longest_due_first(place: &Place) {
    let store = place.open();
    due(
        &*store,
        &[(1, Some(at(300))), (2, Some(at(100))), (3, None), (4, Some(at(200))), (5, Some(at(900)))],
    )
    .await;
    assert_eq!(claim(&*store, &worker("a"), at(99), 9).await, []);
    assert_eq!(claim(&*store, &worker("a"), at(300), 0).await, []);
    assert_eq!(claim(&*store, &worker("a"), at(300), 2).await, [name(2), name(4)]);
    assert_eq!(claim(&*store, &worker("b"), at(300), 9).await, [name(1)]);
    assert_eq!(claim(&*store, &worker("b"), at(899), 9).await, []);
    assert_eq!(claim(&*store, &worker("b"), at(900), 9).await, [name(5)]);
}

pub async fn what_is_claimed_is_nobody_elses_until_the_lease_ends(place: &Place) {
    let store = place.open();
    due(&*store, &[(1, Some(at(0))), (2, Some(at(1)))]).await;
    assert_eq!(claim(&*store, &worker("a"), at(5), 1).await, [name(1)]);
    for by in ["a", "b"] {
        assert_eq!(
            claim(&*store, &worker(by), at(5), 1).await,
            if by == "a" { vec![name(2)] } else { vec![] }
        );
    }
    assert_eq!(claim(&*store, &worker("b"), at(10_004), 9).await, []);
    assert_eq!(claim(&*store, &worker("b"), at(10_005), 9).await, [name(1), name(2)]);
    assert_eq!(claim(&*store, &worker("a"), at(10_006), 9).await, []);
}

pub async fn one_job_is_claimed_by_name_when_it_is_due_and_free(place: &Place) {
    let store = place.open();
    due(&*store, &[(1, Some(at(100))), (2, Some(at(0))), (3, None)]).await;
    let (a, b) = (worker("a"), worker("b"));
    let mine = async |number, by: &Claim, now| {
        store.claim_job(&name(number), by, now).await.unwrap().map(|job| job.id)
    };
    assert_eq!(mine(1, &a, at(99)).await, None, "it isn't due");
    assert_eq!(mine(1, &a, at(100)).await, Some(name(1)));
    for by in [&a, &b] {
        assert_eq!(mine(1, by, at(100)).await, None, "it is held");
    }
    assert_eq!(claim(&*store, &b, at(100), 9).await, [name(2)], "and the other one isn't");
    assert_eq!(mine(1, &b, at(10_100)).await, Some(name(1)), "the lease is over");
    assert_eq!(mine(3, &b, at(10_100)).await, None, "it is never due");
    assert_eq!(mine(9, &b, at(10_100)).await, None, "there is none");
}

pub async fn a_claim_is_renewed_in_time_or_lost(place: &Place) {
    let store = place.open();
    due(&*store, &[(1, Some(at(0)))]).await;
    let (a, b) = (worker("a"), worker("b"));
    assert!(!store.renew_job(&name(1), &a, at(0)).await.unwrap(), "nobody has it");
    claim(&*store, &a, at(0), 1).await;
    assert!(store.renew_job(&name(1), &a, at(9_999)).await.unwrap());
    assert!(!store.renew_job(&name(1), &b, at(9_999)).await.unwrap(), "another one has it");
    assert_eq!(claim(&*store, &b, at(19_998), 1).await, []);
    assert!(!store.renew_job(&name(1), &a, at(19_999)).await.unwrap(), "too late");
    assert_eq!(claim(&*store, &b, at(19_999), 1).await, [name(1)]);
    assert!(!store.renew_job(&name(1), &a, at(20_000)).await.unwrap(), "another one has it");
    assert!(!store.renew_job(&name(9), &a, at(20_000)).await.unwrap(), "there is none");
}

pub async fn a_renewed_claim_brings_nothing_up_before_it_is_due(place: &Place) {
    let store = place.open();
    let (a, b) = (worker("a"), worker("b"));
    let mut first = new(job(1));
    first.rows.clear();
    store.create(first.clone()).await.unwrap();
    claim(&*store, &a, at(5), 1).await;
    // Somebody puts it off, while a worker holds it who goes on with what they made of it.
    let mut put_off = next(&first.job, State::Collecting);
    put_off.rows.clear();
    put_off.job.due = Some(at(50_000));
    assert_eq!(store.save(put_off).await.unwrap(), Saved::Saved);
    assert!(store.renew_job(&name(1), &a, at(9_000)).await.unwrap());
    assert!(store.renew_job(&name(1), &a, at(9_500)).await.unwrap());
    assert!(!store.renew_job(&name(1), &b, at(9_500)).await.unwrap(), "another one has it");
    assert_eq!(claim(&*store, &b, at(30_000), 1).await, []);
    // Else whoever looks for what is due finds it all the time, and can't take it.
    assert!(store.next_due().await.unwrap().unwrap() >= at(50_000));
    assert!(!store.renew_job(&name(1), &a, at(30_000)).await.unwrap(), "too late");
    assert_eq!(claim(&*store, &b, at(50_000), 1).await, [name(1)]);
}

pub async fn a_change_ends_the_claim_only_when_it_says_so(place: &Place) {
    let store = place.open();
    due(&*store, &[(1, Some(at(0)))]).await;
    claim(&*store, &worker("a"), at(5), 1).await;
    let first = store.job(&name(1)).await.unwrap().unwrap();
    let kept = next(&first, State::Collecting);
    assert_eq!(store.save(kept.clone()).await.unwrap(), Saved::Saved);
    assert_eq!(claim(&*store, &worker("b"), at(5), 1).await, []);
    let mut released = next(&kept.job, State::Proposing);
    released.release = true;
    assert_eq!(store.save(released).await.unwrap(), Saved::Saved);
    assert!(!store.renew_job(&name(1), &worker("a"), at(5)).await.unwrap());
    assert_eq!(claim(&*store, &worker("b"), at(5), 1).await, [name(1)]);
}

pub async fn a_claim_keeps_nobody_from_deciding(place: &Place) {
    let store = place.open();
    due(&*store, &[(1, Some(at(0)))]).await;
    let held = store.claim_jobs(&worker("a"), at(5), 1).await.unwrap().remove(0);
    let click = next(&held, State::Cancelled);
    assert_eq!(store.save(click.clone()).await.unwrap(), Saved::Saved);
    let late = store.save(next(&held, State::Proposing)).await.unwrap();
    assert_eq!(late, Saved::Conflict(Box::new(click.job)));
}

pub async fn an_owner_lets_everything_go_at_once(place: &Place) {
    let store = place.open();
    due(&*store, &[(1, Some(at(0))), (2, Some(at(0)))]).await;
    store.receive(receipt(1)).await.unwrap();
    let (a, b) = (worker("a"), worker("b"));
    assert_eq!(claim(&*store, &b, at(0), 1).await.len(), 1);
    assert_eq!(claim(&*store, &a, at(0), 9).await.len(), 1);
    assert_eq!(store.claim_receipts(&a, at(0), 9).await.unwrap().len(), 1);
    assert_eq!(store.claim_rows(&a, at(9), 9).await.unwrap().len(), 2);
    store.release("nobody").await.unwrap();
    assert_eq!(claim(&*store, &worker("c"), at(9), 9).await, []);
    store.release("a").await.unwrap();
    assert_eq!(claim(&*store, &worker("c"), at(9), 9).await.len(), 1);
    assert_eq!(store.claim_receipts(&worker("c"), at(9), 9).await.unwrap().len(), 1);
    assert_eq!(store.claim_rows(&worker("c"), at(9), 9).await.unwrap().len(), 2);
}

pub async fn many_workers_never_hold_the_same_job(place: &Place) {
    let store = place.open();
    let all: Vec<_> = (1..=60).map(|number| (number, Some(at(0)))).collect();
    due(&*store, &all).await;
    let workers: Vec<_> = (0..12)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut held = Vec::new();
                loop {
                    let some = claim(&*store, &worker(&format!("w{number}")), at(9), 4).await;
                    if some.is_empty() {
                        return held;
                    }
                    held.extend(some);
                }
            })
        })
        .collect();
    let mut held = Vec::new();
    for worker in workers {
        held.extend(worker.await.unwrap());
    }
    assert_eq!(held.len(), 60);
    assert_eq!(held.into_iter().collect::<BTreeSet<_>>().len(), 60);
}

pub async fn what_is_due_within_the_same_millisecond_is_not_claimed_early(place: &Place) {
    let store = place.open();
    let (early, late) = (at(5) + Duration::from_micros(10), at(5) + Duration::from_micros(20));
    let mut change = new(Job { due: Some(late), ..job(1) });
    change.rows.clear();
    store.create(change).await.unwrap();
    assert_eq!(claim(&*store, &worker("a"), early, 1).await, []);
    assert!(store.next_due().await.unwrap().unwrap() >= late);
    assert_eq!(claim(&*store, &worker("a"), late, 1).await, [name(1)]);
}
