//! A store in memory that keeps to the contract of rows, and keeps nothing else.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::Notify;

use crate::domain::audit::Entry;
use crate::domain::delivery::{Posted, Row, Status};
use crate::domain::ids::{ChannelId, JobId, MessageTs, ReceiptKey};
use crate::domain::job::Job;
use crate::domain::proposal::Case;
use crate::domain::receipt::Receipt;
use crate::ports::{
    Census, Change, Claim, Created, Found, JobQuery, Note, Received, Saved, Store, StoreError,
};
use crate::slack::pacing::later;

#[derive(Debug, Default)]
pub(super) struct Memory {
    state: Mutex<State>,
    pub settled: Notify,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub jobs: HashMap<JobId, Job>,
    pub cases: HashMap<(JobId, u32), Case>,
    pub rows: Vec<Held>,
    pub posted: HashMap<JobId, Vec<Posted>>,
    /// How many settlements fail before one is taken.
    pub fails: u32,
    /// How many rows were given away.
    pub claims: u32,
}

#[derive(Debug, Clone)]
pub(super) struct Held {
    pub row: Row,
    pub claim: Option<(String, Timestamp)>,
}

impl Memory {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn put(&self, row: Row) {
        self.state().rows.push(Held { row, claim: None });
    }
}

fn open(row: &Row) -> bool {
    matches!(row.status, Status::Pending | Status::Unknown)
}

impl State {
    /// Whether a row is due, and neither held nor kept waiting by another.
    fn is_claimable(&self, place: usize, now: Timestamp) -> bool {
        let Held { row, claim } = &self.rows[place];
        let precedes = |earlier: &Row| {
            row.job.is_some() && earlier.job == row.job && earlier.lane() == row.lane() && open(earlier)
        };
        let needed = row.needs();
        open(row)
            && row.due <= now
            && claim.as_ref().is_none_or(|(_, until)| *until <= now)
            && !self.rows[..place].iter().any(|earlier| precedes(&earlier.row))
            && !self.rows.iter().any(|one| Some(&one.row.id) == needed.as_ref() && open(&one.row))
    }

    /// Whether anything is under way, or could be.
    pub fn is_busy(&self, now: Timestamp) -> bool {
        let held = |held: &Held| open(&held.row) && held.claim.is_some();
        self.rows.iter().any(held) || (0..self.rows.len()).any(|place| self.is_claimable(place, now))
    }
}

fn not_here<T>() -> Result<T, StoreError> {
    Err(StoreError::Unavailable("this store keeps rows alone".to_owned()))
}

#[async_trait]
impl Store for Memory {
    async fn job(&self, id: &JobId) -> Result<Option<Job>, StoreError> {
        Ok(self.state().jobs.get(id).cloned())
    }
    async fn case(&self, job: &JobId, revision: u32) -> Result<Option<Case>, StoreError> {
        Ok(self.state().cases.get(&(job.clone(), revision)).cloned())
    }
    async fn claim_rows(&self, claim: &Claim, now: Timestamp, limit: usize) -> Result<Vec<Row>, StoreError> {
        let mut state = self.state();
        let mut taken = Vec::new();
        for place in 0..state.rows.len() {
            if taken.len() < limit && state.is_claimable(place, now) {
                taken.push(state.rows[place].row.clone());
                state.rows[place].claim = Some((claim.owner.clone(), later(now, claim.lease)));
                state.claims += 1;
            }
        }
        Ok(taken)
    }
    async fn settle_row(&self, row: Row, posted: Option<Posted>, claim: &Claim) -> Result<(), StoreError> {
        {
            let mut state = self.state();
            if state.fails > 0 {
                state.fails -= 1;
                return Err(StoreError::Unavailable("locked".to_owned()));
            }
            let held = state.rows.iter_mut().find(|held| held.row.id == row.id).unwrap();
            if held.claim.as_ref().map(|(owner, _)| owner) == Some(&claim.owner) {
                let job = row.job.clone();
                *held = Held { row, claim: None };
                if let (Some(job), Some(at)) = (job, posted) {
                    let all = state.posted.entry(job).or_default();
                    all.retain(|earlier| earlier.slot != at.slot);
                    all.push(at);
                }
            }
        }
        self.settled.notify_waiters();
        Ok(())
    }
    async fn posted(&self, job: &JobId) -> Result<Vec<Posted>, StoreError> {
        Ok(self.state().posted.get(job).cloned().unwrap_or_default())
    }
    async fn note(&self, _: &str) -> Result<Option<Note>, StoreError> {
        not_here()
    }
    async fn write_note(&self, _: &str, _: Option<u64>, _: String) -> Result<bool, StoreError> {
        not_here()
    }
    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.state().rows.iter().filter(|held| open(&held.row)).map(|held| held.row.due).min())
    }
    async fn create(&self, _: Change) -> Result<Created, StoreError> {
        not_here()
    }
    async fn save(&self, _: Change) -> Result<Saved, StoreError> {
        not_here()
    }
    async fn jobs(&self, _: &JobQuery) -> Result<Found, StoreError> {
        not_here()
    }
    async fn history(&self, _: &JobId) -> Result<Vec<Entry>, StoreError> {
        not_here()
    }
    async fn claim_jobs(&self, _: &Claim, _: Timestamp, _: usize) -> Result<Vec<Job>, StoreError> {
        not_here()
    }
    async fn claim_job(&self, _: &JobId, _: &Claim, _: Timestamp) -> Result<Option<Job>, StoreError> {
        not_here()
    }
    async fn renew_job(&self, _: &JobId, _: &Claim, _: Timestamp) -> Result<bool, StoreError> {
        not_here()
    }
    async fn release(&self, _: &str) -> Result<(), StoreError> {
        not_here()
    }
    async fn receive(&self, _: Receipt) -> Result<Received, StoreError> {
        not_here()
    }
    async fn claim_receipts(&self, _: &Claim, _: Timestamp, _: usize) -> Result<Vec<Receipt>, StoreError> {
        not_here()
    }
    async fn oldest_receipt(&self) -> Result<Option<Timestamp>, StoreError> {
        not_here()
    }
    async fn settle_receipt(&self, _: &ReceiptKey, _: Vec<Row>) -> Result<(), StoreError> {
        not_here()
    }
    async fn job_at(&self, _: &ChannelId, _: &MessageTs) -> Result<Option<JobId>, StoreError> {
        not_here()
    }
    async fn rows(&self, _: &JobId) -> Result<Vec<Row>, StoreError> {
        not_here()
    }
    async fn count(&self, _: &str, _: Duration, _: Timestamp) -> Result<u32, StoreError> {
        not_here()
    }
    async fn census(&self) -> Result<Census, StoreError> {
        not_here()
    }
    async fn ready(&self) -> Result<(), StoreError> {
        not_here()
    }
}
