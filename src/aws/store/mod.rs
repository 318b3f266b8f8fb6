//! The store for many machines: one DynamoDB table.
//!
//! It keeps every promise of [`Store`](crate::ports::Store) across processes and machines. What decides is conditional
//! writes and strongly consistent reads of the table; indexes lag, and say only where to look. A condition that fails is
//! looked at again before it is believed, since the answer to a write may be lost after it was made. It knows no clock
//! and decides nothing. docs/STORE.md says to people what lies where.

mod batch;
mod cases;
mod change;
mod error;
mod inbox;
mod job;
mod jobs;
mod keys;
mod lanes;
mod lease;
mod merge;
mod notes;
mod outbox;
mod overview;
mod port;
mod rows;
mod schema;
mod table;
mod time;
mod write;

use aws_types::SdkConfig;

use crate::ports::StoreError;

pub use table::CALLS;

/// A store in one table.
#[derive(Debug, Clone)]
pub struct DynamoStore {
    table: table::Table,
}

impl DynamoStore {
    /// A store in a table, by whatever credentials and Region are given. Nothing is asked of DynamoDB yet:
    /// [`ready`](crate::ports::Store::ready) says whether the table is there, and is what it should be.
    pub fn open(sdk: &SdkConfig, table: &str) -> Self {
        Self { table: table::Table::new(sdk, table) }
    }
}

/// By which one write is known among all others.
fn sign() -> Result<String, StoreError> {
    random().map(|number| format!("{number:016x}"))
}

fn random() -> Result<u64, StoreError> {
    getrandom::u64()
        .map_err(|error| StoreError::Unavailable(format!("the system has no random numbers: {error}")))
}
