//! Two processes with one file, as a service and a command line are: every condition holds between them.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use alpha::domain::job::State;
use alpha::ports::{Created, Saved, Store};

use super::crash::{acknowledge, acknowledged, child};
use super::open;
use crate::store::samples::{at, job, name, new, next, worker};

const JOBS: u64 = 60;

/// Decides on every job, makes a job for every role, and claims what there is; acknowledges what it won.
pub async fn race(path: &Path, me: u64) {
    let store: Arc<dyn Store> = Arc::new(open(path));
    for won in contend(&store, me).await {
        acknowledge(&won);
    }
}

async fn contend(store: &Arc<dyn Store>, me: u64) -> Vec<String> {
    let mut won = Vec::new();
    for number in 1..=JOBS {
        let mut decided = next(&new(job(number)).job, State::Approved);
        decided.job.epoch = u32::try_from(me).unwrap();
        if store.save(decided).await.unwrap() == Saved::Saved {
            won.push(format!("decision {number}"));
        }
        let mut wanted = job(1_000 * me + number);
        wanted.role.name = format!("wanted-{number}");
        if store.create(new(wanted)).await.unwrap() == Created::Created {
            won.push(format!("role {number}"));
        }
        for job in store.claim_jobs(&worker(&format!("p{me}")), at(100), 1).await.unwrap() {
            won.push(format!("claim {}", job.id));
        }
    }
    won
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_never_both_win() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alpha.db");
    let store: Arc<dyn Store> = Arc::new(open(&path));
    for number in 1..=JOBS {
        store.create(new(job(number))).await.unwrap();
    }
    let mut other = child("race", &path, 2);
    let theirs = acknowledged(&mut other);
    let ours = contend(&store, 1).await;
    let theirs: Vec<String> = theirs.collect();
    assert!(other.wait().unwrap().success());
    let all: BTreeSet<&String> = ours.iter().chain(&theirs).collect();
    assert_eq!(all.len(), ours.len() + theirs.len(), "both won something");
    for what in ["decision", "role"] {
        let count = all.iter().filter(|won| won.starts_with(what)).count() as u64;
        assert_eq!(count, JOBS, "{what}");
    }
    let decided = store.job(&name(1)).await.unwrap().unwrap();
    let winner = if ours.contains(&"decision 1".to_owned()) { 1 } else { 2 };
    assert_eq!(decided.epoch, winner);
}
