//! What SQLite says, in words that an operator can act on.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::ports::StoreError;

/// Why a file can't be the store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// A newer alpha wrote it; nothing in it was touched.
    #[error(
        "{} was written by a newer alpha (schema {found}, this one knows {known}): use that one, or another file",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema that this one knows.
        known: i64,
    },
    /// It isn't SQLite's.
    #[error(
        "{} is not a database: name a file that alpha made, or one that doesn't exist yet",
        .0.display()
    )]
    NotADatabase(PathBuf),
    /// It isn't there.
    #[error("{} doesn't exist: nothing was ever kept there", .0.display())]
    Missing(PathBuf),
    /// It is a database of something else; nothing in it was touched.
    #[error(
        "{} is the database of another program: name a file that alpha made, or one that doesn't exist yet",
        .0.display()
    )]
    Foreign(PathBuf),
    /// It can be read and not written.
    #[error("{} is read-only: make it and its folder writable, or name another file", .0.display())]
    ReadOnly(PathBuf),
    /// There is no room.
    #[error("{}: the disk is full: make room, or name a file on another disk", .0.display())]
    Full(PathBuf),
    /// Another process holds it for itself.
    #[error(
        "{} is locked by another process: stop that one (a backup, a database browser), or try again",
        .0.display()
    )]
    Locked(PathBuf),
    /// SQLite finds it broken.
    #[error(
        "{} is damaged ({why}): restore it from a backup, or move it away to begin anew",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        why: String,
    },
    /// It can't be opened.
    #[error("{} can't be opened: {why}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why, and what to do.
        why: String,
    },
}

impl OpenError {
    /// What the file system says.
    pub(super) fn io(path: &Path, error: &io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly(path),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full(path),
            io::ErrorKind::NotFound => {
                Self::Unusable { path, why: "its folder doesn't exist; make it first".to_owned() }
            }
            io::ErrorKind::PermissionDenied => {
                Self::Unusable { path, why: "no permission; let alpha's user write its folder".to_owned() }
            }
            _ => Self::Unusable { path, why: error.to_string() },
        }
    }

    /// What SQLite says.
    pub(super) fn sqlite(path: &Path, error: &rusqlite::Error) -> Self {
        let (path, why) = (path.to_owned(), error.to_string());
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotADatabase(path),
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged { path, why },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked(path),
            Some(ErrorCode::ReadOnly) => Self::ReadOnly(path),
            Some(ErrorCode::DiskFull) => Self::Full(path),
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => Self::Unusable {
                path,
                why: "alpha's user needs to read and write it and its folder".to_owned(),
            },
            _ => Self::Unusable { path, why },
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let why = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Unavailable("another process holds the database file".to_owned())
            }
            Some(ErrorCode::DiskFull) => Self::ReadOnly("the disk is full; make room".to_owned()),
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly(format!(
                "{why}; see that the database file is where it was, and that alpha's user may write it"
            )),
            Some(
                ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::OutOfMemory
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::SchemaChanged
                | ErrorCode::OperationInterrupted
                | ErrorCode::OperationAborted,
            ) => Self::Unavailable(why),
            // A constraint that no outcome explains: two writers disagree on what there is.
            _ => Self::Corrupt(why),
        }
    }
}

/// Whether a statement was refused because something of the same name is there already.
pub(super) fn is_taken(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|error| {
        error.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE
            || error.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY
    })
}
