//! Files of an older alpha: they are brought up to date when they are opened, with all that is in them.

use std::path::Path;

use alpha::domain::delivery::Status;
use alpha::domain::ids::DeliveryId;
use alpha::local::store::SCHEMA;
use alpha::ports::Store;
use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

use super::open;
use crate::store::samples::{at, job, name, new, row, worker};

const FIRST: &str = include_str!("../../../../src/local/store/schema/1.sql");

/// Writes a file as the first layout had it, with what is in another one; of each job's rows the first is the head.
fn first_layout(path: &Path, from: &Path) {
    let old = Connection::open(path).unwrap();
    old.execute_batch("PRAGMA journal_mode = WAL; PRAGMA foreign_keys = OFF;").unwrap();
    old.execute_batch(FIRST).unwrap();
    old.execute("ATTACH ?1 AS new", [from.to_str().unwrap()]).unwrap();
    old.execute_batch(
        "INSERT INTO jobs SELECT * FROM new.jobs;
        INSERT INTO history SELECT * FROM new.history;
        INSERT INTO outbox SELECT seq, id, job, act, status, attempts,
            job IS NULL OR seq = (SELECT min(seq) FROM new.outbox AS first WHERE first.job = row.job),
            due, lease_owner, lease_until, created, record FROM new.outbox AS row;
        PRAGMA application_id = 1095520328;
        PRAGMA user_version = 1;",
    )
    .unwrap();
}

/// The tables' columns and the indexes, however they came to be.
fn layout(path: &Path) -> Vec<String> {
    let connection = Connection::open(path).unwrap();
    let mut statement = connection
        .prepare(
            "SELECT m.name || ' ' || c.name || ' ' || c.type || ' ' || c.pk FROM sqlite_schema AS m
                JOIN pragma_table_info(m.name) AS c WHERE m.type = 'table'
            UNION ALL SELECT type || ' ' || name FROM sqlite_schema WHERE type <> 'table' ORDER BY 1",
        )
        .unwrap();
    let found = statement.query_map([], |row| row.get(0)).unwrap();
    found.collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn a_file_of_the_first_layout_is_brought_up_to_date_with_all_that_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let [new_path, old_path] = ["new.db", "old.db"].map(|file| folder.path().join(file));
    let fresh = open(&new_path);
    for number in [1, 2] {
        let job = job(number);
        let mut change = new(job.clone());
        change.rows = (1..=3).map(|number| row(Some(&job), number, at(0))).collect();
        fresh.create(change).await.unwrap();
    }
    let histories = [fresh.history(&name(1)).await.unwrap(), fresh.history(&name(2)).await.unwrap()];
    let rows = fresh.rows(&name(1)).await.unwrap();
    drop(fresh);
    first_layout(&old_path, &new_path);

    let store = open(&old_path);
    assert_eq!(layout(&old_path), layout(&new_path));
    let version: i64 =
        Connection::open(&old_path).unwrap().query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, SCHEMA);
    assert_eq!(store.job(&name(1)).await.unwrap(), Some(job(1)).map(|job| new(job).job));
    assert_eq!([store.history(&name(1)).await.unwrap(), store.history(&name(2)).await.unwrap()], histories);
    assert_eq!(store.rows(&name(1)).await.unwrap(), rows);
    // What waited in one queue goes out in the order of that queue.
    for number in 1..=3 {
        let claim = worker("w");
        let claimed = store.claim_rows(&claim, at(1_000), 10).await.unwrap();
        let ids: Vec<DeliveryId> = claimed.iter().map(|row| row.id.clone()).collect();
        let of = |job: u64| DeliveryId::new(format!("{}/{number}", name(job)));
        assert_eq!(ids, [of(1), of(2)], "{number}");
        for row in claimed {
            store
                .settle_row(alpha::domain::delivery::Row { status: Status::Sent, ..row }, None, &claim)
                .await
                .unwrap();
        }
    }
}

/// A step that was taken somewhere is never changed: the next one is.
#[test]
fn the_steps_to_each_layout_stay_as_they_are() {
    let hash = |step: &str| hex::encode(Sha256::digest(step));
    assert_eq!(hash(FIRST), "54ccf45d9bc2468cf94bdcd94e1864c0a833e89648b4b7c2a2b466361639e34f");
    let second = include_str!("../../../../src/local/store/schema/2.sql");
    assert_eq!(hash(second), "5ab120f215554955e2032ac0486c5c2345f23c766b3b90f7ef096c6462135f62");
    let third = include_str!("../../../../src/local/store/schema/3.sql");
    assert_eq!(hash(third), "e796252191d008f3a8c875593b2c694e335215d713d43c977578acf1dc8cea0f");
}
