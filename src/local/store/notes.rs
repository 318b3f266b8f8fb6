//! Notes: each is read whole, and written on condition of the version that was read.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::int;
use crate::ports::{Note, StoreError};

const READ: &str = "SELECT version, text FROM notes WHERE key = ?1";
const BEGIN: &str = "INSERT INTO notes (key, version, text) VALUES (?1, 1, ?2) ON CONFLICT (key) DO NOTHING";
const CHANGE: &str = "UPDATE notes SET version = version + 1, text = ?3 WHERE key = ?1 AND version = ?2";

/// A note as it stands.
pub fn note(connection: &Connection, key: &str) -> Result<Option<Note>, StoreError> {
    let mut statement = connection.prepare_cached(READ)?;
    let found: Option<(i64, String)> =
        statement.query_row([key], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    Ok(found.map(|(version, text)| Note { version: u64::try_from(version).unwrap_or_default(), text }))
}

/// Writes a note that is at a version, or isn't there.
pub fn write(connection: &Connection, key: &str, from: Option<u64>, text: &str) -> Result<bool, StoreError> {
    let written = match from {
        None => connection.prepare_cached(BEGIN)?.execute(params![key, text])?,
        Some(version) => connection.prepare_cached(CHANGE)?.execute(params![key, int(version), text])?,
    };
    Ok(written == 1)
}
