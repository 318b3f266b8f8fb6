//! Many jobs: what is asked all the time stays quick, and so does the start.

use std::time::{Duration, Instant};

use alpha::domain::job::State;
use alpha::ports::{JobQuery, Store};
use rusqlite::Connection;

use super::open;
use crate::store::samples::{at, job, new, next, worker};

/// Copies the only job, its entry and its row so many times, as fast as SQLite can.
const MULTIPLY: &str = "
    PRAGMA synchronous = OFF;
    BEGIN;
    CREATE TEMP TABLE numbers AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
        SELECT i, printf('j-%016d', i) AS id FROM n;
    INSERT INTO jobs (id, receipt, role, state, open, version, requester_team, requester_user, due, created, updated,
        record) SELECT numbers.id, 'r' || i, 'a/role-' || i, state, 1, version, requester_team, requester_user,
        due + 3600000 + i, created, updated, replace(record, jobs.id, numbers.id) FROM jobs, numbers;
    INSERT INTO outbox (id, job, lane, act, status, attempts, head, due, created, record) SELECT numbers.id || '/1',
        numbers.id, lane, act, status, attempts, 1, due + 3600000 + i, created, record FROM outbox, numbers;
    COMMIT;";

#[tokio::test]
async fn a_hundred_thousand_waiting_jobs_slow_nothing_down() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alpha.db");
    let first = new(job(1));
    let store = open(&path);
    store.create(first.clone()).await.unwrap();
    drop(store);
    Connection::open(&path).unwrap().execute_batch(MULTIPLY).unwrap();

    let since = Instant::now();
    let store = open(&path);
    assert_eq!(store.next_due().await.unwrap(), Some(at(1)));
    assert_eq!(store.claim_jobs(&worker("a"), at(9), 64).await.unwrap().len(), 1);
    assert_eq!(store.claim_rows(&worker("a"), at(9), 64).await.unwrap().len(), 1);
    assert!(since.elapsed() < Duration::from_secs(5), "start: {:?}", since.elapsed());

    // A scan of them all takes some tens of milliseconds; a hundred of each of these would be felt.
    let since = Instant::now();
    let open = JobQuery { open: true, limit: 10, ..JobQuery::default() };
    let mut job = first.job;
    for turn in 0..100 {
        store.next_due().await.unwrap();
        assert!(store.claim_jobs(&worker("b"), at(9), 64).await.unwrap().is_empty());
        assert!(store.claim_rows(&worker("b"), at(9), 64).await.unwrap().is_empty());
        assert_eq!(store.jobs(&open).await.unwrap().jobs.len(), 10);
        let change = next(&job, if turn % 2 == 0 { State::Collecting } else { State::Proposing });
        store.save(change.clone()).await.unwrap();
        job = change.job;
    }
    assert!(since.elapsed() < Duration::from_secs(5), "a hundred rounds: {:?}", since.elapsed());
    assert_eq!(store.census().await.unwrap().jobs.values().sum::<u64>(), 100_001);
}
