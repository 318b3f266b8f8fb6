//! Counting, looking over everything, and forgetting what is old.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::time::{instant, present};
use super::{inbox, jobs, outbox};
use crate::ports::{Census, StoreError};

/// How long a settled receipt and a sent message are remembered, so that a repetition is known for one.
const MEMORY: Duration = Duration::from_hours(7 * 24);
/// How long a message that was given up is: somebody may ask what became of it.
const MEMORY_OF_LOSSES: Duration = Duration::from_hours(90 * 24);

/// How much is forgotten in one go, between which others get their turn.
pub const PORTION: usize = 2000;

const COUNT: &str = "INSERT INTO counters (key, width, start, ends, uses) VALUES (?1, ?2, ?3, ?3 + ?2, 1)
    ON CONFLICT (key, width, start) DO UPDATE SET uses = uses + 1 RETURNING uses";
const PROBE: &str = "UPDATE probe SET writes = writes + 1 WHERE one = 1";
pub const FORGET_RECEIPTS: &str = "DELETE FROM receipts WHERE seq IN
    (SELECT seq FROM receipts WHERE settled = 1 AND at < ?1 ORDER BY at LIMIT ?2)";
pub const FORGET_ROWS: &str = "DELETE FROM outbox WHERE seq IN
    (SELECT seq FROM outbox WHERE status = ?3 AND done < ?1 AND (job IS NULL OR EXISTS
        (SELECT 1 FROM jobs WHERE jobs.id = outbox.job AND jobs.open = 0 AND jobs.updated < ?1)) LIMIT ?2)";
pub const FORGET_COUNTERS: &str = "DELETE FROM counters WHERE (key, width, start) IN
    (SELECT key, width, start FROM counters WHERE ends < ?1 LIMIT ?2)";

/// How much was forgotten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Receipts that were settled more than a week ago.
    pub receipts: usize,
    /// Rows that were sent more than a week ago, or given up more than ninety days ago, of jobs that ended as long ago,
    /// or of none.
    pub rows: usize,
    /// Counters whose window is over.
    pub counters: usize,
}

/// One more use of a key in the present window.
pub fn count(
    connection: &Connection,
    key: &str,
    window: Duration,
    now: Timestamp,
) -> Result<u32, StoreError> {
    let width = i64::try_from(window.as_millis()).unwrap_or(i64::MAX).max(1);
    let now = present(now);
    let start = now - now.rem_euclid(width);
    let mut statement = connection.prepare_cached(COUNT)?;
    let uses: i64 = statement.query_row(params![key, width, start], |row| row.get(0))?;
    Ok(u32::try_from(uses).unwrap_or(u32::MAX))
}

/// Fails where nothing can be written.
pub fn probe(connection: &Connection) -> Result<(), StoreError> {
    match connection.prepare_cached(PROBE)?.execute([])? {
        1 => Ok(()),
        _ => Err(StoreError::Corrupt("the table probe has lost its only row".to_owned())),
    }
}

/// How many there are of what.
pub fn census(connection: &Connection) -> Result<Census, StoreError> {
    let by_word = |sql: &str| -> Result<BTreeMap<String, u64>, StoreError> {
        let mut statement = connection.prepare_cached(sql)?;
        let found = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))?;
        found.map(|one| one.map(|(word, count)| (word, count.unsigned_abs())).map_err(Into::into)).collect()
    };
    let receipts: i64 = connection.prepare_cached(inbox::CENSUS)?.query_row([], |row| row.get(0))?;
    Ok(Census {
        jobs: by_word(jobs::CENSUS)?,
        rows: outbox::census(connection)?,
        receipts: receipts.unsigned_abs(),
    })
}

/// When somebody has to look again.
pub fn next_due(connection: &Connection) -> Result<Option<Timestamp>, StoreError> {
    let mut earliest: Option<i64> = None;
    for sql in [
        jobs::NEXT_FREE,
        jobs::NEXT_HELD,
        inbox::NEXT_FREE,
        inbox::NEXT_HELD,
        outbox::NEXT_FREE,
        outbox::NEXT_HELD,
    ] {
        let found: Option<i64> = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        earliest = earliest.into_iter().chain(found).min();
    }
    Ok(earliest.map(instant))
}

/// Forgets one portion of what is older than it has to be.
pub fn prune(connection: &Connection, now: Timestamp) -> Result<Pruned, StoreError> {
    let before = |memory: Duration| present(now.saturating_sub(memory).unwrap_or(Timestamp::MIN));
    let portion = i64::try_from(PORTION).unwrap_or(i64::MAX);
    let forget = |sql: &str, before: i64| -> Result<usize, StoreError> {
        Ok(connection.prepare_cached(sql)?.execute(params![before, portion])?)
    };
    let rows = |status: &str, memory: Duration| -> Result<usize, StoreError> {
        Ok(connection.prepare_cached(FORGET_ROWS)?.execute(params![before(memory), portion, status])?)
    };
    Ok(Pruned {
        receipts: forget(FORGET_RECEIPTS, before(MEMORY))?,
        rows: rows("sent", MEMORY)? + rows("dead", MEMORY_OF_LOSSES)?,
        counters: forget(FORGET_COUNTERS, present(now))?,
    })
}
