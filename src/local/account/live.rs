//! What the workload did: every call as an event, and counts of them that outlive the events.
//!
//! Events are kept one by one for some hours, counts by the hour for some days, and by the day for more than a year. So
//! the file stays small however long the workload runs, evidence reaches back, and a judgement of the last hours is
//! exact.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use super::chance::mix;
use super::failure;
use super::gather::Times;
use super::profile::{DAY, HOUR};
use super::record::{Kind, Moment};
use crate::ports::AccountError;

/// How long events are kept one by one.
pub(super) const DETAIL: i64 = 2 * HOUR;
/// How long counts are kept by the hour.
const HOURS: i64 = 48 * HOUR;
/// How long counts are kept at all.
const DAYS: i64 = 400 * DAY;

/// One call to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) role: i64,
    pub(super) at: i64,
    pub(super) kind: i64,
}

/// The calls of a kind since some time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lately {
    pub(super) kind: i64,
    pub(super) denied: bool,
    pub(super) count: Times,
}

/// The number of a kind of a role's calls, made where it is new.
pub(super) fn kind(
    connection: &Connection,
    role: i64,
    kind: &Kind,
    denied: bool,
) -> Result<i64, AccountError> {
    let mark = kind.mark.cast_signed();
    let find = "SELECT id FROM kinds WHERE role = ?1 AND mark = ?2";
    let known = connection.query_row(find, params![role, mark], |row| row.get(0)).optional();
    if let Some(id) = known.map_err(failure::of)? {
        return Ok(id);
    }
    let make = "INSERT INTO kinds (role, mark, denied, record) VALUES (?1, ?2, ?3, ?4) RETURNING id";
    connection
        .query_row(make, params![role, mark, denied, kind.template], |row| row.get(0))
        .map_err(failure::of)
}

/// The text of a kind, by its number.
pub(super) fn kind_of(connection: &Connection, id: i64) -> Result<Kind, AccountError> {
    let mut query =
        connection.prepare_cached("SELECT mark, record FROM kinds WHERE id = ?1").map_err(failure::of)?;
    query
        .query_row([id], |row| {
            Ok(Kind { mark: row.get::<_, i64>(0)?.cast_unsigned(), template: row.get(1)? })
        })
        .map_err(failure::of)
}

/// Stores events and counts them, all or none.
pub(super) fn store(connection: &mut Connection, events: &[Event]) -> Result<(), AccountError> {
    if events.is_empty() {
        return Ok(());
    }
    let put = |connection: &mut Connection| -> rusqlite::Result<()> {
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut event = change.prepare_cached("INSERT OR IGNORE INTO events VALUES (?1, ?2, ?3)")?;
            let mut tally = change.prepare_cached(
                "INSERT INTO tallies VALUES (0, ?1 / 3600000 * 3600000, ?2, ?3, ?1, ?1, 1) \
                 ON CONFLICT (span, start, role, kind) DO UPDATE SET \
                 first = min(first, excluded.first), last = max(last, excluded.last), count = count + 1",
            )?;
            for Event { role, at, kind } in events {
                if event.execute(params![at, role, kind])? > 0 {
                    tally.execute(params![at, role, kind])?;
                }
            }
        }
        change.commit()
    };
    put(connection).map_err(failure::of)
}

/// Lets go of what is too old to be kept as it is.
pub(super) fn prune(connection: &mut Connection, now: i64) -> Result<(), AccountError> {
    let put = |connection: &mut Connection| -> rusqlite::Result<()> {
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        change.execute("DELETE FROM events WHERE at < ?1", params![now - DETAIL])?;
        let hours = (now - HOURS).div_euclid(DAY) * DAY;
        change.execute(
            "INSERT INTO tallies SELECT 1, start / 86400000 * 86400000, role, kind, min(first), max(last), sum(count) \
             FROM tallies WHERE span = 0 AND start < ?1 GROUP BY 2, 3, 4 \
             ON CONFLICT (span, start, role, kind) DO UPDATE SET first = min(first, excluded.first), \
             last = max(last, excluded.last), count = count + excluded.count",
            params![hours],
        )?;
        change.execute("DELETE FROM tallies WHERE span = 0 AND start < ?1", params![hours])?;
        change.execute("DELETE FROM tallies WHERE last < ?1", params![now - DAYS])?;
        change.commit()
    };
    put(connection).map_err(failure::of)
}

/// The counts of a role's calls that overlap with a time; each is of one day at most. What a window cuts counts whole,
/// as if it lay within.
pub(super) fn counts(
    connection: &Connection,
    role: i64,
    since: i64,
    until: i64,
) -> Result<Vec<(i64, Times)>, AccountError> {
    let within = |Tally { kind, count: times, .. }: Tally| {
        let (first, last) = (times.first.at.max(since), times.last.at.min(until - 1));
        let moment = |at| Moment { at, identity: identity(kind, at) };
        (kind, Times { first: moment(first), last: moment(last), ..times })
    };
    Ok(tallies(connection, role, since, until)?.into_iter().map(within).collect())
}

struct Tally {
    kind: i64,
    denied: bool,
    span: i64,
    count: Times,
}

fn tallies(connection: &Connection, role: i64, since: i64, until: i64) -> Result<Vec<Tally>, AccountError> {
    let sql = "SELECT kind, denied, span, first, last, count FROM tallies JOIN kinds ON kinds.id = kind \
               WHERE tallies.role = ?1 AND last >= ?2 AND first < ?3 ORDER BY kind, start";
    let mut query = connection.prepare_cached(sql).map_err(failure::of)?;
    let rows = query
        .query_map(params![role, since, until], |row| {
            let kind = row.get(0)?;
            let count = count(kind, row.get(3)?, row.get(4)?, row.get(5)?);
            Ok(Tally { kind, denied: row.get(1)?, span: row.get(2)?, count })
        })
        .map_err(failure::of)?;
    rows.collect::<Result<_, _>>().map_err(failure::of)
}

fn count(kind: i64, first: i64, last: i64, count: i64) -> Times {
    let moment = |at| Moment { at, identity: identity(kind, at) };
    Times { count: count.unsigned_abs(), first: moment(first), last: moment(last) }
}

/// What the identity of a live event follows from.
pub(super) fn identity(kind: i64, at: i64) -> u64 {
    mix(&[kind.cast_unsigned(), at.cast_unsigned(), 23])
}

/// A role's calls since some time, by kind. Of a count that began before it and whose events are gone nobody knows
/// which came after: then its denials count and its other calls don't, so that what isn't known never speaks for a
/// change.
pub(super) fn since(
    connection: &Connection,
    role: i64,
    since: i64,
    now: i64,
) -> Result<Vec<Lately>, AccountError> {
    let exact = since >= now - DETAIL;
    let (mut lately, mut cut) = (Vec::new(), HashMap::new());
    for tally in tallies(connection, role, since, i64::MAX)? {
        let one = Lately { kind: tally.kind, denied: tally.denied, count: tally.count };
        if tally.count.first.at >= since {
            lately.push(one);
        } else if exact && tally.span == 0 {
            cut.insert(tally.kind, tally.denied);
        } else if tally.denied {
            lately.push(one);
        }
    }
    if !cut.is_empty() {
        for (kind, count) in detail(connection, role, since, since - since.rem_euclid(HOUR) + HOUR)? {
            if let Some(denied) = cut.get(&kind) {
                lately.push(Lately { kind, denied: *denied, count });
            }
        }
    }
    Ok(lately)
}

/// What the events of some time come to, by kind.
fn detail(
    connection: &Connection,
    role: i64,
    since: i64,
    until: i64,
) -> Result<Vec<(i64, Times)>, AccountError> {
    let sql = "SELECT kind, min(at), max(at), count(*) FROM events \
               WHERE at >= ?2 AND at < ?3 AND role = ?1 GROUP BY kind ORDER BY kind";
    let mut query = connection.prepare_cached(sql).map_err(failure::of)?;
    let rows = query
        .query_map(params![role, since, until], |row| {
            let kind = row.get(0)?;
            Ok((kind, count(kind, row.get(1)?, row.get(2)?, row.get(3)?)))
        })
        .map_err(failure::of)?;
    rows.collect::<Result<_, _>>().map_err(failure::of)
}

/// The newest events, the newest first.
pub(super) fn newest(
    connection: &Connection,
    role: i64,
    limit: usize,
) -> Result<Vec<(i64, i64)>, AccountError> {
    let sql = "SELECT kind, at FROM events WHERE role = ?1 ORDER BY at DESC LIMIT ?2";
    let mut query = connection.prepare_cached(sql).map_err(failure::of)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows =
        query.query_map(params![role, limit], |row| Ok((row.get(0)?, row.get(1)?))).map_err(failure::of)?;
    rows.collect::<Result<_, _>>().map_err(failure::of)
}
