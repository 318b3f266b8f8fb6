//! Receipts: what was received, until it was acted on.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::lease::{self, Lease};
use super::outbox::{self, NewRow};
use super::time::{ahead, instant, lease_end};
use crate::domain::receipt::Receipt;
use crate::ports::{Claim, Received, StoreError};

const INSERT: &str =
    "INSERT INTO receipts (key, at, said, sender, settled, record) VALUES (?1, ?2, ?3, ?4, 0, ?5)
    ON CONFLICT (key) DO NOTHING";
// Every receipt is due from the first; the present matters to what is held.
pub const FREE: &str = "SELECT seq, key, record FROM receipts
    WHERE settled = 0 AND lease_owner IS NULL AND ?1 IS NOT NULL ORDER BY at, seq LIMIT ?2";
pub const HELD: &str = "SELECT seq, key, record FROM receipts
    WHERE settled = 0 AND lease_owner IS NOT NULL AND lease_until <= ?1 ORDER BY at, seq LIMIT ?2";
pub const TAKE: &str = "UPDATE receipts SET lease_owner = ?2, lease_until = ?3 WHERE seq = ?1";
pub const SETTLE: &str =
    "UPDATE receipts SET settled = 1, lease_owner = NULL, lease_until = NULL WHERE key = ?1 AND settled = 0";

/// Stores one, unless it is there.
pub fn receive(connection: &Connection, receipt: &Receipt, record: &str) -> Result<Received, StoreError> {
    let Receipt { key, at, from, said } = receipt;
    let values = params![key.as_str(), ahead(*at), said.word(), from.person.to_string(), record];
    let new = connection.prepare_cached(INSERT)?.execute(values)? == 1;
    Ok(if new { Received::Stored } else { Received::Duplicate })
}

/// Takes what wasn't acted on, the oldest first.
pub fn claim(
    connection: &Connection,
    claim: &Claim,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Receipt>, StoreError> {
    let mut found = lease::candidates::<Receipt>(connection, [FREE, HELD], now, limit)?;
    found.sort_by_key(|one| one.kept().map(|receipt| receipt.at));
    found.truncate(limit);
    let lease = Lease { owner: &claim.owner, until: lease_end(now, claim.lease) };
    lease::take(connection, TAKE, found, &lease)
}

/// Says that one was acted on, with what is to be told.
pub fn settle(connection: &Connection, key: &str, rows: &[NewRow]) -> Result<(), StoreError> {
    mark_settled(connection, key)?;
    outbox::add(connection, rows)
}

/// Says that one was acted on. One that isn't there, or was settled before, is as good as settled.
pub fn mark_settled(connection: &Connection, key: &str) -> Result<(), StoreError> {
    connection.prepare_cached(SETTLE)?.execute([key])?;
    Ok(())
}

/// How many wait, held ones included.
pub const CENSUS: &str = "SELECT
    (SELECT count(*) FROM receipts WHERE settled = 0 AND lease_owner IS NULL)
    + (SELECT count(*) FROM receipts WHERE settled = 0 AND lease_owner IS NOT NULL)";

/// When the first one came that nobody holds, or when a claim ends.
pub const NEXT_FREE: &str = "SELECT min(at) FROM receipts WHERE settled = 0 AND lease_owner IS NULL";
/// There are few of these: what workers have in hand.
pub const NEXT_HELD: &str =
    "SELECT min(lease_until) FROM receipts WHERE settled = 0 AND lease_owner IS NOT NULL";

/// When the first one of those came that somebody holds.
pub const OLDEST_HELD: &str = "SELECT min(at) FROM receipts WHERE settled = 0 AND lease_owner IS NOT NULL";

/// When the oldest one came that waits, held or not.
pub fn oldest(connection: &Connection) -> Result<Option<Timestamp>, StoreError> {
    let mut oldest: Option<i64> = None;
    for sql in [NEXT_FREE, OLDEST_HELD] {
        let found: Option<i64> = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        oldest = oldest.into_iter().chain(found).min();
    }
    Ok(oldest.map(instant))
}

/// Lets go of all that an owner holds.
pub const RELEASE: &str = "UPDATE receipts SET lease_owner = NULL, lease_until = NULL
    WHERE settled = 0 AND lease_owner IS NOT NULL AND lease_owner = ?1";
