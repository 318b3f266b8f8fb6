//! The embedded store: one SQLite file, written through group commits and read beside them.
//!
//! It keeps every promise of [`Store`](crate::ports::Store) across processes too: a `serve` and a command line may have
//! the file open at once. It knows no clock and decides nothing; what it is asked to store under a condition it stores
//! under that condition. Records are those of `crate::record`; the columns beside them exist for conditions, order and
//! people.

mod change;
mod error;
mod file;
mod inbox;
mod jobs;
mod lease;
mod notes;
mod open;
mod outbox;
mod port;
mod readers;
#[cfg(test)]
mod tests;
mod time;
mod upkeep;
mod writer;

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Connection;

use crate::ports::StoreError;

pub use error::OpenError;
pub use open::SCHEMA;
pub use upkeep::Pruned;

/// How long a lock of another process is waited for where nobody says: half as long as Slack waits for an answer.
pub const PATIENCE: Duration = Duration::from_millis(1500);

/// A store in one file.
#[derive(Debug)]
pub struct SqliteStore {
    // Closed in this order: the one that writes is the last, and leaves one file behind, without a log beside it.
    readers: readers::Readers,
    writer: writer::Writer,
}

impl SqliteStore {
    /// Opens a file, and makes it where there is none. This blocks: it is for the start of a program.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Self::open_with(path, PATIENCE)
    }

    /// The same, waiting so long at most for a lock that another process holds: now, and with every write from when it
    /// is asked for.
    pub fn open_with(path: &Path, patience: Duration) -> Result<Self, OpenError> {
        let writing = open::writing(path, patience)?;
        let reading = (0..readers::READERS).map(|_| open::reading(path, patience));
        let reading = reading.collect::<Result<Vec<_>, _>>()?;
        let started = |error| OpenError::io(path, &error);
        let file = file::File::at(path).map_err(started)?;
        Ok(Self {
            readers: readers::Readers::start(reading).map_err(started)?,
            writer: writer::Writer::start(writing, file, patience).map_err(started)?,
        })
    }

    /// Opens a file that is there already, and makes none.
    pub fn open_existing(path: &Path) -> Result<Self, OpenError> {
        match path.try_exists() {
            Ok(true) => Self::open(path),
            Ok(false) => Err(OpenError::Missing(path.to_owned())),
            Err(error) => Err(OpenError::io(path, &error)),
        }
    }

    /// Forgets what nobody needs any more: settled receipts and sent messages after a week, messages that were given up
    /// after ninety days, counters when their window is over. To be called every hour or so.
    pub async fn prune(&self, now: Timestamp) -> Result<Pruned, StoreError> {
        let mut all = Pruned::default();
        loop {
            let some = self.writer.write(move |connection| upkeep::prune(connection, now)).await?;
            all.receipts += some.receipts;
            all.rows += some.rows;
            all.counters += some.counters;
            if [some.receipts, some.rows, some.counters].iter().all(|&count| count < upkeep::PORTION) {
                return Ok(all);
            }
        }
    }
}

/// The records that a statement finds.
fn records(
    connection: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_map(values, |row| row.get(0))?;
    found.map(|record| record.map_err(Into::into)).collect()
}

/// A number as SQLite has it.
fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
