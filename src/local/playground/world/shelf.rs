//! What outlives a restart: a SQLite file with one row a thing, as JSON.
//!
//! SQLite's log makes each write whole or absent, so a killed process leaves a sound file. What is read back and can't
//! be understood is left out, never guessed at.

use std::io;
use std::path::Path;

use rusqlite::{Connection, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::local::private;

/// Why the file can't be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is none, and none can be made.
    #[error("the playground's file {path} can't be made: {reason}")]
    Unmade {
        /// As it was given.
        path: String,
        /// What the file system says.
        reason: io::Error,
    },
    /// SQLite refuses it.
    #[error("the playground's file {path}: {reason}")]
    Unusable {
        /// As it was given.
        path: String,
        /// What SQLite says.
        reason: rusqlite::Error,
    },
    /// Somebody else's file, or one of a later version.
    #[error(
        "the playground's file {path} has the form {found}, and this version knows {FORM} only; move it away"
    )]
    Foreign {
        /// As it was given.
        path: String,
        /// What the file says of itself.
        found: i64,
    },
}

/// The form of the rows.
const FORM: i64 = 1;

/// The file, where there is one.
#[derive(Debug, Default)]
pub(in super::super) struct Shelf {
    file: Option<Connection>,
}

impl Shelf {
    pub(in super::super) fn open(path: Option<&Path>) -> Result<Self, OpenError> {
        let Some(path) = path else { return Ok(Self::default()) };
        let name = path.display().to_string();
        let unusable = |reason| OpenError::Unusable { path: name.clone(), reason };
        private::make(path).map_err(|reason| OpenError::Unmade { path: name.clone(), reason })?;
        let file = Connection::open(path).map_err(unusable)?;
        file.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000;",
        )
        .map_err(unusable)?;
        let found: i64 = file.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(unusable)?;
        if found != 0 && found != FORM {
            return Err(OpenError::Foreign { path: name, found });
        }
        file.execute_batch(&format!(
            "CREATE TABLE IF NOT EXISTS thing (kind TEXT, id TEXT, body TEXT NOT NULL, PRIMARY KEY (kind, id))
             WITHOUT ROWID; PRAGMA user_version = {FORM};"
        ))
        .map_err(unusable)?;
        Ok(Self { file: Some(file) })
    }

    /// Everything of one kind, in the order of the ids.
    pub(in super::super) fn all<T: DeserializeOwned>(&self, kind: &str) -> Vec<T> {
        let read = |file: &Connection| -> rusqlite::Result<Vec<String>> {
            file.prepare("SELECT body FROM thing WHERE kind = ?1 ORDER BY id")?
                .query_map([kind], |row| row.get(0))?
                .collect()
        };
        let rows = self.file.as_ref().map(read).transpose().unwrap_or_else(|error| {
            tracing::error!(%error, kind, "the playground's file can't be read");
            None
        });
        rows.unwrap_or_default().iter().filter_map(|body| serde_json::from_str(body).ok()).collect()
    }

    /// Keeps a thing in the place of its former self.
    pub(in super::super) fn put(&self, kind: &str, id: &str, thing: &impl Serialize) {
        let Some(file) = &self.file else { return };
        let Ok(body) = serde_json::to_string(thing) else { return };
        let put = "INSERT INTO thing VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET body = excluded.body";
        if let Err(error) = file.execute(put, params![kind, id, body]) {
            tracing::error!(%error, kind, id, "the playground's file can't be written");
        }
    }

    /// Forgets a thing.
    pub(in super::super) fn remove(&self, kind: &str, id: &str) {
        let Some(file) = &self.file else { return };
        if let Err(error) = file.execute("DELETE FROM thing WHERE kind = ?1 AND id = ?2", [kind, id]) {
            tracing::error!(%error, kind, id, "the playground's file can't be written");
        }
    }
}
