//! The serialized forms of what outlives the process: JSON, versioned, the same for every store.
//!
//! A record mirrors one type of the domain, word by word. Nothing is decided here, nothing knows any store, and nothing
//! is guessed: an unknown version, field or word is an error that names it, because a record that is read in part would
//! be written back in part.

mod case;
mod decision;
mod delivery;
mod generation;
mod history;
mod job;
mod person;
mod policy;
mod receipt;
mod role;
mod slot;
mod state;
mod time;
mod version;
mod words;

use std::fmt::Display;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::audit::Entry;
use crate::domain::delivery::{Posted, Row};
use crate::domain::generation::Queue;
use crate::domain::job::Job;
use crate::domain::proposal::Case;
use crate::domain::receipt::Receipt;
use crate::ports::StoreError;

pub use delivery::label_of;
pub use slot::{slot_of, word_of};

/// What a store keeps as a record of its own.
pub trait Kept: Sized {
    /// Its mirror.
    type Record: Serialize + DeserializeOwned + for<'a> From<&'a Self> + Into<Self>;
    /// What it is called in an error.
    const WHAT: &'static str;
}

/// The record of something, as JSON text.
pub fn write<K: Kept>(kept: &K) -> Result<String, StoreError> {
    serde_json::to_string(&K::Record::from(kept))
        .map_err(|error| StoreError::Corrupt(format!("a {} that can't be written down: {error}", K::WHAT)))
}

/// What a record says. `name` is by which an operator finds it.
pub fn read<K: Kept>(name: impl Display, text: &str) -> Result<K, StoreError> {
    serde_json::from_str::<K::Record>(text)
        .map(Into::into)
        .map_err(|error| StoreError::Corrupt(format!("{} {name}: {error}", K::WHAT)))
}

macro_rules! kept {
    ($($what:literal $domain:ty => $record:ty),+ $(,)?) => {$(
        impl Kept for $domain {
            type Record = $record;
            const WHAT: &'static str = $what;
        }
    )+};
}

kept! {
    "job" Job => job::JobRecord,
    "case" Case => case::CaseRecord,
    "queue of policy generations" Queue => generation::QueueRecord,
    "entry" Entry => history::EntryRecord,
    "row" Row => delivery::RowRecord,
    "message" Posted => delivery::PostedRecord,
    "receipt" Receipt => receipt::ReceiptRecord,
}
