//! The file of the simulated account: its tables, and who may open it.
//!
//! A file that a newer program wrote, that belongs to another program or that holds another account is refused by name
//! and never touched.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use super::roles;
use super::seed::{self, SeedError};
use crate::domain::ids::AccountId;
use crate::local::private;
use crate::ports::AccountError;

/// What the file says that it is, to whoever asks: `ALAC`.
const APPLICATION: i64 = 0x414c_4143;
/// The schema that this program knows.
const VERSION: i64 = 1;

/// `at`, `first`, `last`, `start` and `changed` are milliseconds since 1970. A kind is a whole record of CloudTrail but
/// for its time and identity. `events` are the recent calls one by one; `tallies` count all of them, by hour (span 0)
/// and, when they are old, by day (span 1). Both are laid out by time, so that a batch of calls touches few pages.
const TABLES: &str = "
CREATE TABLE account (id TEXT NOT NULL, seed INTEGER NOT NULL, seeded INTEGER NOT NULL);
CREATE TABLE roles (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE, path TEXT NOT NULL, arn TEXT NOT NULL,
  unique_id TEXT NOT NULL, trust TEXT NOT NULL, boundary TEXT REFERENCES policies(arn),
  seeded TEXT NOT NULL DEFAULT '', changed INTEGER NOT NULL DEFAULT 0);
CREATE TABLE tags (
  role INTEGER NOT NULL REFERENCES roles(id), key TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (role, key)) WITHOUT ROWID;
CREATE TABLE inline (
  role INTEGER NOT NULL REFERENCES roles(id), name TEXT NOT NULL, document TEXT NOT NULL,
  PRIMARY KEY (role, name)) WITHOUT ROWID;
CREATE TABLE policies (arn TEXT PRIMARY KEY, version TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE versions (
  arn TEXT NOT NULL REFERENCES policies(arn) ON DELETE CASCADE, version TEXT NOT NULL, document TEXT NOT NULL,
  PRIMARY KEY (arn, version)) WITHOUT ROWID;
CREATE TABLE attached (
  role INTEGER NOT NULL REFERENCES roles(id), arn TEXT NOT NULL REFERENCES policies(arn),
  PRIMARY KEY (role, arn)) WITHOUT ROWID;
CREATE TABLE kinds (
  id INTEGER PRIMARY KEY, role INTEGER NOT NULL REFERENCES roles(id), mark INTEGER NOT NULL, denied INTEGER NOT NULL,
  record TEXT NOT NULL, UNIQUE (role, mark));
CREATE TABLE events (
  at INTEGER NOT NULL, role INTEGER NOT NULL, kind INTEGER NOT NULL,
  PRIMARY KEY (at, role, kind)) WITHOUT ROWID;
CREATE TABLE tallies (
  span INTEGER NOT NULL, start INTEGER NOT NULL, role INTEGER NOT NULL, kind INTEGER NOT NULL,
  first INTEGER NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (span, start, role, kind)) WITHOUT ROWID;
CREATE INDEX tallies_of_role ON tallies (role, kind);
";

/// Why a file isn't opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// SQLite can't.
    #[error("the simulated account in {} can't be opened: {why}", path.display())]
    Unusable {
        /// Which file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A newer program wrote it.
    #[error(
        "the simulated account in {} was written by a newer alpha (its schema is {found}, this one knows {VERSION}): \
         run that version, or name another file",
        path.display()
    )]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Its schema.
        found: i64,
    },
    /// It is a database of something else.
    #[error("{} is a database, and no simulated account: name another file", path.display())]
    Foreign {
        /// Which file.
        path: PathBuf,
    },
    /// It holds another account, or one made from another seed.
    #[error(
        "{} holds the simulated account {found}, and {wanted} was asked for: name another file, or remove this one",
        path.display()
    )]
    Other {
        /// Which file.
        path: PathBuf,
        /// What it holds.
        found: String,
        /// What was asked for.
        wanted: String,
    },
}

/// Opens the file, makes and seeds it where it is new, and says when it was seeded, in milliseconds.
pub(super) fn open(
    path: &Path,
    account: &AccountId,
    seed: u64,
    now: i64,
) -> Result<(Connection, i64), OpenError> {
    let unusable = |why: String| OpenError::Unusable { path: path.to_owned(), why };
    let sqlite = |error: rusqlite::Error| unusable(error.to_string());
    private::make(path).map_err(|error| unusable(error.to_string()))?;
    let mut connection = Connection::open(path).map_err(sqlite)?;
    connection.busy_timeout(std::time::Duration::from_secs(5)).map_err(sqlite)?;
    guard(&connection, path)?;
    // A killed process loses nothing in this mode. A machine that loses power may lose the last moments of a simulation.
    connection
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;")
        .map_err(sqlite)?;
    connection
        .execute_batch("PRAGMA cache_size = -1024; PRAGMA journal_size_limit = 4194304;")
        .map_err(sqlite)?;
    let change = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sqlite)?;
    // Another process may have been faster.
    let version: i64 = change.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(sqlite)?;
    if version == 0 {
        change.execute_batch(TABLES).map_err(sqlite)?;
        change
            .execute_batch(&format!(
                "PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION};"
            ))
            .map_err(sqlite)?;
        plant(&change, account, seed, now).map_err(|error| unusable(error.to_string()))?;
    }
    change.commit().map_err(sqlite)?;
    let (holds, from, seeded): (String, i64, i64) = connection
        .query_row("SELECT id, seed, seeded FROM account", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .map_err(sqlite)?;
    if holds != account.as_str() || from != seed.cast_signed() {
        let name = |account: &str, seed: u64| format!("{account} (seed {seed})");
        return Err(OpenError::Other {
            path: path.to_owned(),
            found: name(&holds, from.cast_unsigned()),
            wanted: name(account.as_str(), seed),
        });
    }
    Ok((connection, seeded))
}

/// Looks before anything is written, the journal's mode included.
fn guard(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let ask = |what: &str| connection.query_row(what, [], |row| row.get::<_, i64>(0)).optional();
    let unusable =
        |error: rusqlite::Error| OpenError::Unusable { path: path.to_owned(), why: error.to_string() };
    let application = ask("PRAGMA application_id").map_err(unusable)?.unwrap_or_default();
    let found = ask("PRAGMA user_version").map_err(unusable)?.unwrap_or_default();
    let tables = ask("SELECT count(*) FROM sqlite_schema").map_err(unusable)?.unwrap_or_default();
    if (tables > 0 || found > 0) && application != APPLICATION {
        return Err(OpenError::Foreign { path: path.to_owned() });
    }
    if found > VERSION { Err(OpenError::Newer { path: path.to_owned(), found }) } else { Ok(()) }
}

/// Why the account couldn't be seeded.
#[derive(Debug, thiserror::Error)]
enum PlantError {
    #[error(transparent)]
    Seed(#[from] SeedError),
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error(transparent)]
    Account(#[from] AccountError),
}

fn plant(change: &Connection, account: &AccountId, seed: u64, now: i64) -> Result<(), PlantError> {
    change.execute(
        "INSERT INTO account VALUES (?1, ?2, ?3)",
        params![account.as_str(), seed.cast_signed(), now],
    )?;
    for policy in seed::policies(account)? {
        change.execute(
            "INSERT INTO policies VALUES (?1, ?2)",
            params![policy.arn, format!("v{}", policy.default)],
        )?;
        for (number, document) in (1..).zip(&policy.versions) {
            let text = seed::document(document)?.to_string_compact();
            change.execute(
                "INSERT INTO versions VALUES (?1, ?2, ?3)",
                params![policy.arn, format!("v{number}"), text],
            )?;
        }
    }
    for role in seed::roles(account)? {
        change.execute(
            "INSERT INTO roles (name, path, arn, unique_id, trust, boundary) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                role.name,
                role.path,
                role.arn(account),
                role.id(seed),
                seed::document(&role.trust)?.to_string_compact(),
                role.boundary
            ],
        )?;
        let id = change.last_insert_rowid();
        for (key, value) in &role.tags {
            change.execute("INSERT INTO tags VALUES (?1, ?2, ?3)", params![id, key, value])?;
        }
        for (name, document) in &role.inline {
            let text = seed::document(document)?.to_string_compact();
            change.execute("INSERT INTO inline VALUES (?1, ?2, ?3)", params![id, name, text])?;
        }
        for arn in &role.attached {
            change.execute("INSERT INTO attached VALUES (?1, ?2)", params![id, arn])?;
        }
        let digest = roles::load(change, id)?.snapshot.digest();
        change.execute(
            "UPDATE roles SET seeded = ?2, changed = ?3 WHERE id = ?1",
            params![id, digest.as_str(), now],
        )?;
    }
    Ok(())
}
