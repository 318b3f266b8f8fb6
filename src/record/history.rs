//! Entries of a job's history.

use serde::{Deserialize, Serialize};

use super::time::At;
use super::version::V1;
use crate::domain::audit::Entry;
use crate::domain::ids::{Digest, JobId};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryRecord {
    v: V1,
    job: String,
    number: u64,
    at: At,
    what: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    detail: String,
    state: String,
    hash: String,
}

impl From<&Entry> for EntryRecord {
    fn from(entry: &Entry) -> Self {
        let Entry { job, number, at, what, by, detail, state, hash } = entry.clone();
        let (job, hash) = (job.to_string(), hash.to_string());
        Self { v: V1, job, number, at: At(at), what, by, detail, state, hash }
    }
}

impl From<EntryRecord> for Entry {
    fn from(record: EntryRecord) -> Self {
        let EntryRecord { v: V1, job, number, at, what, by, detail, state, hash } = record;
        Self { job: JobId::new(job), number, at: at.0, what, by, detail, state, hash: Digest::new(hash) }
    }
}
