//! What went wrong with the file, in the words of the port.

use crate::ports::AccountError;

/// An error of SQLite's. Each may pass: another process writes, the disk fills and is emptied.
pub(super) fn of(error: rusqlite::Error) -> AccountError {
    AccountError::Unavailable(format!("the simulated account's file: {error}"))
}

/// Something in the file that makes no sense: somebody edited it by hand.
pub(super) fn unreadable(what: &str, why: &str) -> AccountError {
    AccountError::Rejected(format!(
        "the simulated account's file holds what can't be read, in {what}: {why}; remove the file to begin anew"
    ))
}
