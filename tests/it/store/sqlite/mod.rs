//! The embedded store: the contract, and what a file on a disk may go through.

mod crash;
mod crowd;
mod file;
mod older;
mod processes;
mod upkeep;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use alpha::local::store::SqliteStore;

use super::Place;
use super::contract::contract;

contract!(crate::store::sqlite::place);

/// A file in a folder of its own.
pub fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alpha.db");
    Place::new(folder, move || Arc::new(open(&path)))
}

/// Opens a file, and waits for locks no longer than a test can.
pub fn open(path: &Path) -> SqliteStore {
    SqliteStore::open_with(path, Duration::from_secs(20)).unwrap()
}
