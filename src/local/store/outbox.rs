//! The outbox: rows in the order of their lane, each written once, of each lane one claimed at a time.
//!
//! A row that was claimed and let go without having been settled may have been sent. It comes back as unknown, whoever
//! takes it next.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::lease::{self, Candidate, Lease};
use super::records;
use super::time::{ahead, lease_end};
use crate::domain::delivery::{Posted, Row};
use crate::domain::ids::JobId;
use crate::ports::{Claim, StoreError};
use crate::record;

const INSERT: &str =
    "INSERT INTO outbox (id, job, lane, needs, act, status, attempts, head, due, created, done, record)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT (id) DO NOTHING";
/// Makes heads of the first rows of a job's lanes, as far as what they need is done with.
pub const LIFT: &str = "UPDATE outbox SET head = 1 WHERE head = 0
    AND seq IN (SELECT min(seq) FROM outbox WHERE job = ?1 AND status IN ('pending', 'unknown') GROUP BY lane)
    AND NOT EXISTS (SELECT 1 FROM outbox AS first
        WHERE first.id = outbox.needs AND first.status IN ('pending', 'unknown'))";
pub const FREE: &str = "SELECT seq, id, record FROM outbox
    WHERE head = 1 AND lease_owner IS NULL AND due <= ?1 + 1 ORDER BY due, seq LIMIT ?2";
pub const HELD: &str = "SELECT seq, id, record FROM outbox
    WHERE lease_owner IS NOT NULL AND lease_until <= ?1 AND due <= ?1 + 1 ORDER BY due, seq LIMIT ?2";
pub const TAKE: &str = "UPDATE outbox SET lease_owner = ?2, lease_until = ?3 WHERE seq = ?1";
pub const NOTE: &str = "UPDATE outbox SET status = ?2, record = ?3 WHERE id = ?1";
pub const SETTLE: &str =
    "UPDATE outbox SET status = ?3, attempts = ?4, due = ?5, head = ?6, done = ?7, record = ?8,
    lease_owner = NULL, lease_until = NULL WHERE id = ?1 AND lease_owner = ?2 RETURNING job";
const POSTED: &str = "INSERT INTO posted (job, slot, channel, ts, record) VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (job, slot) DO UPDATE SET channel = excluded.channel, ts = excluded.ts, record = excluded.record";
pub const POSTED_OF: &str = "SELECT record FROM posted WHERE job = ?1 ORDER BY slot";
pub const ROOT_AT: &str = "SELECT job FROM posted WHERE channel = ?1 AND ts = ?2 AND slot = 'root'";
pub const ROWS_OF: &str = "SELECT record FROM outbox WHERE job = ?1 ORDER BY seq";
pub const HELD_BY: &str = "SELECT id, record FROM outbox WHERE lease_owner IS NOT NULL AND lease_owner = ?1";
pub const RELEASE: &str = "UPDATE outbox SET lease_owner = NULL, lease_until = NULL
    WHERE lease_owner IS NOT NULL AND lease_owner = ?1";

/// How many are in each status, in one pass.
pub const CENSUS: &str =
    "SELECT count(*) FILTER (WHERE status = 'pending'), count(*) FILTER (WHERE status = 'unknown'),
    count(*) FILTER (WHERE status = 'sent'), count(*) FILTER (WHERE status = 'dead') FROM outbox";

/// When the first one is due that nobody holds, or that a claim lets go.
pub const NEXT_FREE: &str = "SELECT min(due) FROM outbox WHERE head = 1 AND lease_owner IS NULL";
/// There are few of these: what workers have in hand.
pub const NEXT_HELD: &str = "SELECT min(max(lease_until, due)) FROM outbox WHERE lease_owner IS NOT NULL";

/// A row with its record written down.
pub struct NewRow {
    row: Row,
    record: String,
}

impl NewRow {
    pub fn new(row: Row) -> Result<Self, StoreError> {
        record::write(&row).map(|record| Self { row, record })
    }

    pub fn all(rows: Vec<Row>) -> Result<Vec<Self>, StoreError> {
        rows.into_iter().map(Self::new).collect()
    }
}

/// Adds rows, each after all others of its lane; one that is there already, not again.
pub fn add(connection: &Connection, rows: &[NewRow]) -> Result<(), StoreError> {
    for NewRow { row, record } in rows {
        let Row { id, job, act, status, attempts, due, created, .. } = row;
        connection.prepare_cached(INSERT)?.execute(params![
            id.as_str(),
            job.as_ref().map(JobId::as_str),
            row.lane().map(|lane| lane.name()),
            row.needs().map(|needed| needed.to_string()),
            record::label_of(act),
            status.as_str(),
            attempts,
            job.is_none() && status.is_waiting(),
            ahead(*due),
            ahead(*created),
            done(row),
            record,
        ])?;
    }
    let jobs: BTreeSet<&str> =
        rows.iter().filter_map(|new| new.row.job.as_ref()).map(JobId::as_str).collect();
    jobs.into_iter().try_for_each(|job| lift(connection, job))
}

/// Lets those of a job's rows be claimed whose turn has come.
fn lift(connection: &Connection, job: &str) -> Result<(), StoreError> {
    connection.prepare_cached(LIFT)?.execute([job])?;
    Ok(())
}

/// When it was sent or given up, if it was.
fn done(row: &Row) -> Option<i64> {
    (!row.status.is_waiting()).then(|| ahead(row.due))
}

/// Takes the heads that are due.
pub fn claim(
    connection: &Connection,
    claim: &Claim,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Row>, StoreError> {
    let found: Vec<Candidate<Row>> = lease::candidates(connection, [FREE, HELD], now, limit)?;
    let doubt = |row: Row, was_held| if was_held { row.doubted() } else { row };
    let mut found: Vec<_> = found
        .into_iter()
        .filter(|one| one.is_unreadable() || one.kept().is_some_and(|row| row.due <= now))
        .map(|one| one.map(doubt))
        .collect();
    found.sort_by_key(|one| one.kept().map(|row| row.due));
    found.truncate(limit);
    for row in found.iter().filter(|one| one.was_held).filter_map(Candidate::kept) {
        note(connection, row)?;
    }
    let lease = Lease { owner: &claim.owner, until: lease_end(now, claim.lease) };
    lease::take(connection, TAKE, found, &lease)
}

/// Stores what came of a try, if the claim still holds. If it doesn't, whoever holds the row now finds out for himself.
pub fn settle(
    connection: &Connection,
    NewRow { row, record }: &NewRow,
    posted: Option<&(Posted, String)>,
    owner: &str,
) -> Result<(), StoreError> {
    let waits = row.status.is_waiting();
    let values = params![
        row.id.as_str(),
        owner,
        row.status.as_str(),
        row.attempts,
        ahead(row.due),
        waits,
        done(row),
        record
    ];
    let held = connection
        .prepare_cached(SETTLE)?
        .query_row(values, |held| held.get::<_, Option<String>>(0))
        .optional()?;
    let Some(Some(job)) = held else { return Ok(()) };
    if !waits {
        lift(connection, &job)?;
    }
    if let Some((Posted { slot, channel, ts, link: _ }, record)) = posted {
        let values = params![job, record::word_of(slot), channel.as_str(), ts.as_str(), record];
        connection.prepare_cached(POSTED)?.execute(values)?;
    }
    Ok(())
}

/// Lets go of all that an owner holds.
pub fn release(connection: &Connection, owner: &str) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(HELD_BY)?;
    let held =
        statement.query_map([owner], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let held: Vec<_> = held.collect::<Result<_, _>>()?;
    for (id, text) in held {
        // One that can't be read is let go as it is; taking it says why.
        if let Ok(row) = record::read::<Row>(&id, &text) {
            note(connection, &row.doubted())?;
        }
    }
    connection.prepare_cached(RELEASE)?.execute([owner])?;
    Ok(())
}

fn note(connection: &Connection, row: &Row) -> Result<(), StoreError> {
    let values = params![row.id.as_str(), row.status.as_str(), record::write(row)?];
    connection.prepare_cached(NOTE)?.execute(values)?;
    Ok(())
}

/// How many are in each status.
pub fn census(connection: &Connection) -> Result<BTreeMap<String, u64>, StoreError> {
    const WORDS: [&str; 4] = ["pending", "unknown", "sent", "dead"];
    let mut statement = connection.prepare_cached(CENSUS)?;
    let count = |row: &rusqlite::Row<'_>| {
        let counted = WORDS.iter().enumerate().map(|(at, word)| {
            let count: i64 = row.get(at)?;
            Ok(((*word).to_owned(), count.unsigned_abs()))
        });
        counted.filter(|one| one.as_ref().map_or(true, |(_, count)| *count > 0)).collect()
    };
    Ok(statement.query_row([], count)?)
}

/// The records of where a job's messages are.
pub fn posted(connection: &Connection, job: &str) -> Result<Vec<String>, StoreError> {
    records(connection, POSTED_OF, [job])
}

/// Which job's root message that is.
pub fn root_at(connection: &Connection, channel: &str, ts: &str) -> Result<Option<String>, StoreError> {
    let mut statement = connection.prepare_cached(ROOT_AT)?;
    Ok(statement.query_row([channel, ts], |row| row.get(0)).optional()?)
}

/// The records of a job's rows, in order.
pub fn rows(connection: &Connection, job: &str) -> Result<Vec<String>, StoreError> {
    records(connection, ROWS_OF, [job])
}
