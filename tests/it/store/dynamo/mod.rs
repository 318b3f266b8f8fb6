//! The store of many machines: the contract, and what a table on a network may go through.

mod contention;
mod faults;
mod large;
mod lost;
mod table;
mod trips;
mod wire;

use std::sync::Arc;

use alpha::aws::store::DynamoStore;
use aws_types::SdkConfig;

use super::Place;
use super::contract::contract;
use crate::support::emulator::emulator;

contract!(crate::store::dynamo::place);

/// A new table on the emulator.
pub fn place() -> Place {
    let (sdk, name) = on_a_new_table();
    Place::new((), move || Arc::new(DynamoStore::open(&sdk, &name)))
}

/// A new table, and what clients of its emulator are made from.
pub fn on_a_new_table() -> (SdkConfig, String) {
    // Tests are handed a place outside of any future, and other threads can wait for one.
    tokio::task::block_in_place(|| {
        tokio::runtime::Handle::current().block_on(async {
            let sdk = emulator().sdk().await;
            let name = table::make(&sdk).await;
            (sdk, name)
        })
    })
}
