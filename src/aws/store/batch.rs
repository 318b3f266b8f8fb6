//! Writes that belong together, each known by what it is, so that a refusal says what stands in the way.

use super::table::{Table, Written};
use super::write::Write;
use crate::domain::ids::{ChannelId, JobId, MessageTs};
use crate::ports::StoreError;

/// How often something is written anew after another look at what stands in its way.
pub const ROUNDS: u32 = 12;

/// What a write of a batch is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The job itself.
    Job,
    /// Which job its role has open.
    Lock,
    /// Which job the request made.
    Request,
    /// That it is one of its role's.
    OfRole,
    Entry,
    Case,
    /// That a receipt was acted on.
    Settled,
    /// That it doesn't wait any more.
    Waiting,
    /// How many rows were written between two versions of a job.
    Place(JobId),
    /// A row, by its identity.
    Row(String),
    /// The turn of a row that waited, by its identity.
    Turn(String),
    Posted,
    /// Whose root message stands there, or stood.
    RootAt(ChannelId, MessageTs),
}

/// Writes that are made all or none.
#[derive(Debug, Default)]
pub struct Batch {
    parts: Vec<Part>,
    writes: Vec<Write>,
}

/// What came of a batch.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Nothing was written, because the conditions of these were not met.
    Refused(Vec<Part>),
}

impl Batch {
    pub fn add(&mut self, part: Part, write: Write) {
        self.parts.push(part);
        self.writes.push(write);
    }

    pub async fn commit(&self, table: &Table) -> Result<Outcome, StoreError> {
        Ok(match table.write(&self.writes).await? {
            Written::Done => Outcome::Done,
            Written::Refused(places) => {
                Outcome::Refused(places.into_iter().filter_map(|at| self.parts.get(at).cloned()).collect())
            }
        })
    }
}

/// Something changes faster than it can be looked at.
pub fn restless(what: impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable(format!("{what} changes faster than it can be written"))
}
