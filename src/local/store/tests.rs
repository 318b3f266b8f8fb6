//! What can only be seen from within: how statements find their rows, and what the thread that writes does when it
//! can't.

use std::future::Future;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::{SqliteStore, change, inbox, jobs, open, outbox, upkeep};
use crate::domain::ids::{JobId, Person, ReceiptKey, TeamId};
use crate::domain::receipt::{Receipt, Said, Sender};
use crate::ports::{JobQuery, Received, Store, StoreError};

fn scratch() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alpha.db");
    (folder, path)
}

fn receipt(number: u32) -> Receipt {
    Receipt {
        key: ReceiptKey::new(format!("receipt-{number}")),
        at: jiff::Timestamp::UNIX_EPOCH,
        from: Sender {
            person: Person::new("T1", "U1"),
            channel: crate::domain::ids::ChannelId::new("C1"),
            thread: None,
            response_url: None,
            direct: true,
        },
        said: Said::Command { line: "help ".repeat(400) },
    }
}

/// How SQLite goes about a statement.
fn plan(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let mut rows = statement.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        steps.push(row.get::<_, String>(3).unwrap());
    }
    steps
}

/// Every combination of what a listing may ask for.
fn listings() -> Vec<String> {
    let person = Person { enterprise: Some(TeamId::new("E1")), ..Person::new("T1", "U1") };
    let on = |bits: u32, bit: u32| bits >> bit & 1 == 1;
    (0..32)
        .map(|bits| JobQuery {
            role: on(bits, 0).then(|| "a/b".to_owned()),
            states: if on(bits, 1) { vec!["Denied"] } else { vec![] },
            open: on(bits, 2),
            requester: on(bits, 3).then(|| person.clone()),
            before: on(bits, 4).then(|| JobId::new("j")),
            limit: 10,
        })
        .map(|query| jobs::listing(&query).0)
        .collect()
}

#[test]
fn no_statement_looks_at_every_row() {
    let (_folder, path) = scratch();
    let connection = open::writing(&path, Duration::ZERO).unwrap();
    let mut statements: Vec<String> = [
        change::BY_RECEIPT,
        change::OPEN_OF_ROLE,
        change::BY_ID,
        change::UPDATE,
        jobs::CASE,
        jobs::HISTORY,
        jobs::FREE,
        jobs::HELD,
        jobs::TAKE,
        jobs::RENEW,
        jobs::NEXT_FREE,
        jobs::NEXT_HELD,
        jobs::RELEASE,
        inbox::FREE,
        inbox::HELD,
        inbox::TAKE,
        inbox::SETTLE,
        inbox::CENSUS,
        inbox::NEXT_FREE,
        inbox::NEXT_HELD,
        inbox::OLDEST_HELD,
        inbox::RELEASE,
        outbox::FREE,
        outbox::HELD,
        outbox::TAKE,
        outbox::NOTE,
        outbox::SETTLE,
        outbox::LIFT,
        outbox::POSTED_OF,
        outbox::ROOT_AT,
        outbox::ROWS_OF,
        outbox::HELD_BY,
        outbox::RELEASE,
        outbox::NEXT_FREE,
        outbox::NEXT_HELD,
        upkeep::FORGET_RECEIPTS,
        upkeep::FORGET_ROWS,
        upkeep::FORGET_COUNTERS,
    ]
    .map(str::to_owned)
    .to_vec();
    statements.extend(listings());
    for sql in statements {
        for step in plan(&connection, &sql) {
            // What somebody holds, and receipts that wait, are few whatever else there is. The newest jobs of all are
            // the end of the index by name, as far as the limit goes.
            let few = ["_held", "receipts_due", "CONSTANT ROW", "sqlite_autoindex_jobs_1", "jobs_open"];
            let fine = !step.starts_with("SCAN") || few.iter().any(|index| step.contains(index));
            assert!(fine, "{step}\n{sql}");
        }
    }
    for sql in [jobs::FREE, inbox::FREE, outbox::FREE] {
        let sorted = plan(&connection, sql).iter().any(|step| step.contains("TEMP B-TREE"));
        assert!(!sorted, "the order is that of the index: {sql}");
    }
    for sql in [jobs::CENSUS, outbox::CENSUS] {
        assert!(plan(&connection, sql)[0].contains("COVERING INDEX"), "counting reads no record: {sql}");
    }
}

#[tokio::test]
async fn a_full_disk_is_told_and_writing_goes_on_once_there_is_room() {
    let (_folder, path) = scratch();
    let store = SqliteStore::open(&path).unwrap();
    let set = |pages: i64| {
        move |connection: &Connection| {
            Ok(connection
                .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |row| row.get::<_, i64>(0))?)
        }
    };
    let smallest = store.writer.write(set(1)).await.unwrap();
    store.writer.write(set(smallest + 4)).await.unwrap();
    let mut stored = 0;
    let error = loop {
        match store.receive(receipt(stored)).await {
            Ok(_) => stored += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(error, StoreError::ReadOnly("the disk is full; make room".to_owned()));
    assert!(stored > 0);
    assert_eq!(store.census().await.unwrap().receipts, u64::from(stored));
    store.writer.write(set(100_000)).await.unwrap();
    assert_eq!(store.receive(receipt(stored)).await.unwrap(), Received::Stored);
    assert_eq!(store.census().await.unwrap().receipts, u64::from(stored) + 1);
}

#[tokio::test]
async fn writes_that_wait_share_a_transaction_and_one_that_fails_takes_nothing_of_the_others() {
    let (_folder, path) = scratch();
    let store = SqliteStore::open(&path).unwrap();
    let (hold, held) = std::sync::mpsc::channel::<()>();
    // While the first one is at work the others queue up behind it.
    let mut first = pin!(store.writer.write(move |_| Ok(held.recv().is_ok())));
    assert!(first.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    let insert = |number: u32, fails: bool| {
        move |connection: &Connection| {
            inbox::receive(connection, &receipt(number), "{}")?;
            if fails { Err(StoreError::Corrupt("on purpose".to_owned())) } else { Ok(()) }
        }
    };
    let mut good = pin!(store.writer.write(insert(1, false)));
    let mut bad = pin!(store.writer.write(insert(2, true)));
    let mut panicked = pin!(store.writer.write(|_| -> Result<(), _> { panic!("on purpose") }));
    let mut last = pin!(store.writer.write(insert(3, false)));
    let mut context = Context::from_waker(Waker::noop());
    assert!(good.as_mut().poll(&mut context).is_pending());
    assert!(bad.as_mut().poll(&mut context).is_pending());
    assert!(panicked.as_mut().poll(&mut context).is_pending());
    assert!(last.as_mut().poll(&mut context).is_pending());
    drop(hold);
    first.await.unwrap();
    good.await.unwrap();
    assert_eq!(bad.await.unwrap_err(), StoreError::Corrupt("on purpose".to_owned()));
    assert!(matches!(panicked.await.unwrap_err(), StoreError::Unavailable(_)));
    last.await.unwrap();
    assert_eq!(store.census().await.unwrap().receipts, 2);
    store.ready().await.unwrap();
}

#[tokio::test]
async fn a_write_that_nobody_waits_for_any_more_is_not_begun() {
    let (_folder, path) = scratch();
    let store = SqliteStore::open(&path).unwrap();
    let (hold, held) = std::sync::mpsc::channel::<()>();
    let mut first = pin!(store.writer.write(move |_| Ok(held.recv().is_ok())));
    let mut context = Context::from_waker(Waker::noop());
    assert!(first.as_mut().poll(&mut context).is_pending());
    for number in 1..=3 {
        let mut given_up = Box::pin(store.receive(receipt(number)));
        assert!(given_up.as_mut().poll(&mut context).is_pending());
    }
    drop(hold);
    first.await.unwrap();
    assert_eq!(store.receive(receipt(4)).await.unwrap(), Received::Stored);
    assert_eq!(store.census().await.unwrap().receipts, 1);
}

#[tokio::test]
async fn while_another_process_writes_each_write_waits_for_its_own_time_and_is_then_not_done() {
    let (_folder, path) = scratch();
    let patience = Duration::from_secs(1);
    let store = Arc::new(SqliteStore::open_with(&path, patience).unwrap());
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut waiting = Vec::new();
    for number in 0..4 {
        let store = Arc::clone(&store);
        waiting.push(tokio::spawn(async move {
            let since = Instant::now();
            (store.receive(receipt(number)).await, since.elapsed())
        }));
        // So that they come while the ones before them are being tried.
        tokio::time::sleep(patience / 10).await;
    }
    for answered in waiting {
        let (answer, took) = answered.await.unwrap();
        assert_eq!(
            answer.unwrap_err(),
            StoreError::Unavailable("another process holds the database file".to_owned())
        );
        assert!(took >= patience && took < patience * 3 / 2, "{took:?}");
    }
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(store.receive(receipt(4)).await.unwrap(), Received::Stored);
    assert_eq!(store.census().await.unwrap().receipts, 1, "what was refused is never done");
}

#[tokio::test]
async fn a_commit_that_fails_is_everybodys_error() {
    let (_folder, path) = scratch();
    let store = SqliteStore::open(&path).unwrap();
    let (hold, held) = std::sync::mpsc::channel::<()>();
    let mut first = pin!(store.writer.write(move |_| Ok(held.recv().is_ok())));
    let mut good = pin!(store.writer.write(|connection| inbox::receive(connection, &receipt(1), "{}")));
    // A reference to a job that doesn't exist, looked at only at the end.
    let mut bad = pin!(store.writer.write(|connection| {
        connection.execute_batch(
            "PRAGMA defer_foreign_keys = ON; INSERT INTO cases VALUES ('nobody', 1, 0, '{}')",
        )?;
        Ok(())
    }));
    let mut context = Context::from_waker(Waker::noop());
    assert!(first.as_mut().poll(&mut context).is_pending());
    assert!(good.as_mut().poll(&mut context).is_pending());
    assert!(bad.as_mut().poll(&mut context).is_pending());
    drop(hold);
    // The first may have been taken alone; the others came while it ran, and are together.
    let _ = first.await;
    let error = good.await.unwrap_err();
    assert!(matches!(&error, StoreError::Corrupt(why) if why.contains("FOREIGN KEY")), "{error:?}");
    assert_eq!(bad.await.unwrap_err(), error);
    assert_eq!(store.census().await.unwrap().receipts, 0);
    assert_eq!(store.receive(receipt(1)).await.unwrap(), Received::Stored);
}

#[tokio::test]
async fn a_read_that_breaks_off_is_an_error_and_the_next_one_works() {
    let (_folder, path) = scratch();
    let store = SqliteStore::open(&path).unwrap();
    for _ in 0..5 {
        let broken = store.readers.read(|_| -> Result<(), _> { panic!("on purpose") }).await;
        assert!(matches!(broken.unwrap_err(), StoreError::Unavailable(_)));
    }
    assert_eq!(store.next_due().await.unwrap(), None);
}

#[tokio::test]
async fn readers_cannot_write() {
    let (_folder, path) = scratch();
    let store = SqliteStore::open(&path).unwrap();
    let wrote = store.readers.read(|connection| Ok(connection.execute("DELETE FROM jobs", [])?)).await;
    assert!(matches!(wrote.unwrap_err(), StoreError::ReadOnly(_)));
}
