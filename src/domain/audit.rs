//! The history of a job: an append-only list, each entry bound to the one before it by a hash.

use jiff::Timestamp;

use super::ids::{Digest, JobId};
use super::role::Hasher;

/// One thing that happened to a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Of which job.
    pub job: JobId,
    /// Counts from one.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// What kind of thing, such as `approved` or `wrote`.
    pub what: String,
    /// Who did it; none where ALPHA did.
    pub by: Option<String>,
    /// In a person's words.
    pub detail: String,
    /// The state that the job was in afterwards.
    pub state: String,
    /// The hash of this entry and, through the one before it, of all before.
    pub hash: Digest,
}

impl Entry {
    /// What its hash should be, after the one before it.
    pub fn hash_after(&self, previous: Option<&Digest>) -> Digest {
        let mut hash = Hasher::new("alpha entry 1");
        hash.add(previous.map(Digest::as_str).unwrap_or_default());
        hash.add(self.job.as_str());
        hash.add(&self.number.to_string());
        hash.add(&self.at.to_string());
        hash.add(&self.what);
        hash.add(self.by.as_deref().unwrap_or_default());
        hash.add(&self.detail);
        hash.add(&self.state);
        hash.finish()
    }
}

/// The number of the first entry that isn't bound to the one before it, where there is one.
pub fn first_broken(entries: &[Entry]) -> Option<u64> {
    let mut previous: Option<&Digest> = None;
    for (place, entry) in (1u64..).zip(entries) {
        if entry.number != place || entry.hash != entry.hash_after(previous) {
            return Some(place);
        }
        previous = Some(&entry.hash);
    }
    None
}
