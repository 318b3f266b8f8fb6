//! Opening the file: what it is, whether this version knows it, and bringing an older one up to date.
//!
//! A file that isn't ours, or is of a newer alpha, is refused before anything of it is changed.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::error::OpenError;
use crate::local::private;

/// Marks the file as alpha's: `ALPH`.
const APPLICATION: i64 = 0x414c_5048;

/// The step to each schema from the one before it, in order.
const STEPS: [(i64, &str); 3] =
    [(1, include_str!("schema/1.sql")), (2, include_str!("schema/2.sql")), (3, include_str!("schema/3.sql"))];

/// The newest schema that this version knows.
pub const SCHEMA: i64 = STEPS[STEPS.len() - 1].0;

/// The connection that writes, to a file that is there and up to date.
pub fn writing(path: &Path, patience: Duration) -> Result<Connection, OpenError> {
    look(path)?;
    let said = |error: rusqlite::Error| OpenError::sqlite(path, &error);
    let mut connection = connect(path, patience).map_err(said)?;
    recognise(&connection, path)?;
    if connection.is_readonly("main").map_err(said)? {
        return Err(OpenError::ReadOnly(path.to_owned()));
    }
    let mode: String =
        connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(said)?;
    if !mode.eq_ignore_ascii_case("wal") {
        let why = "its file system has no shared memory for write-ahead logging; name a file on a local disk";
        return Err(OpenError::Unusable { path: path.to_owned(), why: why.to_owned() });
    }
    let settings = "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;
        PRAGMA cache_size = -8192; PRAGMA wal_autocheckpoint = 2000; PRAGMA journal_size_limit = 67108864;";
    connection.execute_batch(settings).map_err(said)?;
    migrate(&mut connection).map_err(said)?;
    recognise(&connection, path)?;
    // From here on waiting is the writer's own affair.
    connection.busy_timeout(Duration::ZERO).map_err(said)?;
    Ok(connection)
}

/// A connection that reads a file which [`writing`] has opened.
pub fn reading(path: &Path, patience: Duration) -> Result<Connection, OpenError> {
    let said = |error: rusqlite::Error| OpenError::sqlite(path, &error);
    let connection = connect(path, patience).map_err(said)?;
    connection.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -2048;").map_err(said)?;
    Ok(connection)
}

fn connect(path: &Path, patience: Duration) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(patience)?;
    connection.set_prepared_statement_cache_capacity(64);
    // A plan holds for whatever values are bound: statements are prepared once, not again for each value that might have
    // let a partial index be used.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection)
}

/// Makes an empty file where there is none.
fn look(path: &Path) -> Result<(), OpenError> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => {
            Err(OpenError::Unusable { path: path.to_owned(), why: "it is a folder; name a file".to_owned() })
        }
        // Asked of the file itself: root could write it all the same, against what its owner said.
        Ok(found) if found.permissions().readonly() => Err(OpenError::ReadOnly(path.to_owned())),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            private::make(path).map_err(|error| OpenError::io(path, &error))
        }
        Err(error) => Err(OpenError::io(path, &error)),
    }
}

/// Refuses what isn't ours to write to.
fn recognise(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let ask = |sql: &str| {
        let answer: rusqlite::Result<i64> = connection.query_row(sql, [], |row| row.get(0));
        answer.map_err(|error| OpenError::sqlite(path, &error))
    };
    let (application, found) = (ask("PRAGMA application_id")?, ask("PRAGMA user_version")?);
    let is_empty = ask("SELECT count(*) FROM sqlite_schema")? == 0;
    if application == APPLICATION {
        if found > SCHEMA {
            return Err(OpenError::Newer { path: path.to_owned(), found, known: SCHEMA });
        }
        return Ok(());
    }
    if application == 0 && found == 0 && is_empty { Ok(()) } else { Err(OpenError::Foreign(path.to_owned())) }
}

/// Takes the steps that the file lacks, all or none; two processes that open it at once take them once.
fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found < SCHEMA {
        for (_, step) in STEPS.iter().filter(|(schema, _)| *schema > found) {
            transaction.execute_batch(step)?;
        }
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", SCHEMA)?;
    }
    transaction.commit()
}
