//! Leases: who holds what until when. What is free or was held too long can be taken by anybody.
//!
//! A record that can't be read is taken too, and reported, and given to nobody: so it comes up once a lease, instead of
//! standing in the way of all others.

use std::fmt::Display;

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::time::present;
use crate::ports::StoreError;
use crate::record::{self, Kept};

/// For whom something is taken, and until when.
pub struct Lease<'a> {
    pub owner: &'a str,
    pub until: i64,
}

/// What could be taken.
pub struct Candidate<K> {
    seq: i64,
    read: Result<K, StoreError>,
    /// Whether somebody had it and didn't finish.
    pub was_held: bool,
}

impl<K> Candidate<K> {
    pub fn kept(&self) -> Option<&K> {
        self.read.as_ref().ok()
    }

    pub fn is_unreadable(&self) -> bool {
        self.read.is_err()
    }

    /// The same, changed.
    pub fn map(self, change: impl FnOnce(K, bool) -> K) -> Self {
        let was_held = self.was_held;
        Self { read: self.read.map(|kept| change(kept, was_held)), ..self }
    }
}

/// What the statements for the free and for the held find, each given the present and a limit.
pub fn candidates<K: Kept>(
    connection: &Connection,
    [free, held]: [&str; 2],
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Candidate<K>>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut all = Vec::new();
    for (sql, was_held) in [(free, false), (held, true)] {
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![present(now), limit])?;
        while let Some(row) = rows.next()? {
            let name: String = row.get(1)?;
            let read = record::read(&name as &dyn Display, row.get_ref(2)?.as_str().unwrap_or_default());
            all.push(Candidate { seq: row.get(0)?, read, was_held });
        }
    }
    Ok(all)
}

/// Takes them.
pub fn take<K>(
    connection: &Connection,
    sql: &str,
    candidates: Vec<Candidate<K>>,
    lease: &Lease<'_>,
) -> Result<Vec<K>, StoreError> {
    let mut taken = Vec::with_capacity(candidates.len());
    let mut statement = connection.prepare_cached(sql)?;
    for Candidate { seq, read, .. } in candidates {
        statement.execute(params![seq, lease.owner, lease.until])?;
        match read {
            Ok(kept) => taken.push(kept),
            Err(error) => tracing::error!(%error, "passed over what is due and can't be read"),
        }
    }
    Ok(taken)
}
