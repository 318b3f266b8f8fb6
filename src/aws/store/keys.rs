//! Where things are in the table. docs/STORE.md says the same to people.

use std::fmt::Display;

use sha2::{Digest as _, Sha256};

use crate::domain::ids::{ChannelId, DeliveryId, JobId, MessageTs, ReceiptKey};

/// Among how many partitions each kind of thing that is due is spread, so that no partition takes all the writes.
pub const SHARDS: u8 = 2;

/// The indexes.
pub const DUE: &str = "due";
pub const HELD: &str = "held";
pub const STATE: &str = "state";

/// The place of an item.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    pub pk: String,
    pub sk: String,
}

impl Key {
    pub fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }

    pub fn job(id: &JobId) -> Self {
        Self::new(of_job(id), "JOB")
    }

    pub fn entry(id: &JobId, number: u64) -> Self {
        Self::new(of_job(id), format!("H#{number:020}"))
    }

    pub fn case(id: &JobId, revision: u32) -> Self {
        Self::new(of_job(id), format!("CASE#{revision:010}"))
    }

    /// A part of a case; its name holds the sign of the change that brings it, so that each change has parts of its own.
    pub fn part(id: &JobId, revision: u32, sign: &str, number: usize) -> Self {
        Self::new(of_job(id), format!("PART#{revision:010}#{sign}#{number:05}"))
    }

    /// A row lies with its job, or alone where it is about none.
    pub fn row(job: Option<&JobId>, id: &DeliveryId) -> Self {
        match job {
            Some(job) => Self::new(of_job(job), format!("{ROW}{id}")),
            None => Self::new(format!("ROW#{id}"), "ROW"),
        }
    }

    pub fn posted(id: &JobId, slot: &str) -> Self {
        Self::new(of_job(id), format!("{POSTED}{slot}"))
    }

    /// Whose root message stands there.
    pub fn root_at(channel: &ChannelId, ts: &MessageTs) -> Self {
        Self::new(format!("AT#{channel}#{ts}"), "ROOT")
    }

    /// Which job a role has open.
    pub fn lock(role: &str) -> Self {
        Self::new(of_role(role), "OPEN")
    }

    /// That a job is about a role.
    pub fn of_role(role: &str, id: &JobId) -> Self {
        Self::new(of_role(role), format!("{JOB}{id}"))
    }

    /// Which job a request made.
    pub fn request(key: &ReceiptKey) -> Self {
        Self::new(format!("REQUEST#{key}"), "JOB")
    }

    pub fn receipt(key: &ReceiptKey) -> Self {
        Self::new(format!("RECEIPT#{key}"), "RECEIPT")
    }

    /// That a receipt waits.
    pub fn waiting(key: &ReceiptKey) -> Self {
        Self::new(inbox(shard(key.as_str())), format!("RECEIPT#{key}"))
    }

    pub fn counter(key: &str, width: i128, start: i128) -> Self {
        Self::new(format!("COUNT#{key}"), format!("{width}#{start}"))
    }

    pub fn note(key: &str) -> Self {
        Self::new(format!("NOTE#{key}"), "NOTE")
    }

    pub fn probe() -> Self {
        Self::new("PROBE", "PROBE")
    }
}

impl Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.pk, self.sk)
    }
}

/// How the rows of a job, its messages and its history begin, and the jobs of a role.
pub const ROW: &str = "ROW#";
pub const POSTED: &str = "P#";
pub const ENTRY: &str = "H#";
pub const JOB: &str = "JOB#";

/// Everything of a job.
pub fn of_job(id: &JobId) -> String {
    format!("{JOB}{id}")
}

/// Everything of a role, by its key.
pub fn of_role(role: &str) -> String {
    format!("ROLE#{role}")
}

/// What waits of what was received.
pub fn inbox(shard: u8) -> String {
    format!("INBOX#{shard}")
}

/// What is claimed when its time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    Job,
    Receipt,
    Row,
}

impl Due {
    pub const ALL: [Self; 3] = [Self::Job, Self::Receipt, Self::Row];

    /// A partition of those of its kind.
    pub fn partition(self, shard: u8) -> String {
        let kind = match self {
            Self::Job => "JOB",
            Self::Receipt => "RECEIPT",
            Self::Row => "ROW",
        };
        format!("{kind}#{shard}")
    }

    /// The partition of one of them.
    pub fn partition_of(self, name: &str) -> String {
        self.partition(shard(name))
    }
}

/// The jobs in a state, or the rows in a status.
pub fn jobs_in(state: &str) -> String {
    format!("{JOB}{state}")
}

pub fn rows_in(status: &str) -> String {
    format!("{ROW}{status}")
}

fn shard(name: &str) -> u8 {
    Sha256::digest(name.as_bytes())[0] % SHARDS
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn what_is_due_is_spread_evenly_and_always_in_the_same_way() {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for number in 0..1000 {
            let name = format!("j-{number}");
            assert_eq!(Due::Job.partition_of(&name), Due::Job.partition_of(&name));
            *counts.entry(Due::Job.partition_of(&name)).or_default() += 1;
        }
        assert_eq!(counts.len(), usize::from(SHARDS));
        assert!(counts.values().all(|count| (400..600).contains(count)), "{counts:?}");
    }

    #[test]
    fn numbers_sort_as_numbers() {
        let id = JobId::new("j");
        assert!(Key::entry(&id, 9) < Key::entry(&id, 10));
        assert!(Key::entry(&id, u64::MAX) > Key::entry(&id, 10));
    }
}
