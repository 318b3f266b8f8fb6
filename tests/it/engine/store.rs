//! The real store, which can be made to fail, to hang or to be slow when a change to a job is stored.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use alpha::domain::audit::Entry;
use alpha::domain::delivery::{Posted, Row};
use alpha::domain::ids::{ChannelId, JobId, MessageTs, ReceiptKey};
use alpha::domain::job::Job;
use alpha::domain::proposal::Case;
use alpha::domain::receipt::Receipt;
use alpha::ports::{
    Census, Change, Claim, Created, Found, JobQuery, Note, Received, Saved, Store, StoreError,
};
use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::Notify;

/// What happens to the next save.
#[derive(Debug, Clone)]
pub enum Trouble {
    /// It isn't done, and whoever asked is told so.
    Fails(StoreError),
    /// It isn't done, and there is never an answer: whoever asked died first.
    DiesBefore,
    /// It is done, and there is never an answer: whoever asked died right after.
    DiesAfter,
    /// It waits to be let through, as that of a process that was frozen.
    Freezes(Arc<Notify>),
}

/// The store of one process.
#[derive(Debug)]
pub struct Troubled {
    inner: Arc<dyn Store>,
    ordered: Mutex<VecDeque<Trouble>>,
    /// How often receipts were claimed.
    pub claims: AtomicUsize,
    /// Told when a save hangs.
    pub hangs: Notify,
    /// How often a claim on a job was renewed.
    pub renewals: AtomicUsize,
}

impl Troubled {
    pub fn new(inner: Arc<dyn Store>) -> Self {
        Self {
            inner,
            ordered: Mutex::default(),
            claims: AtomicUsize::new(0),
            hangs: Notify::new(),
            renewals: AtomicUsize::new(0),
        }
    }

    /// Orders trouble for the next save that none was ordered for.
    pub fn order(&self, trouble: Trouble) {
        self.ordered.lock().unwrap().push_back(trouble);
    }

    /// How much of what was ordered has not come yet.
    pub fn untroubled(&self) -> usize {
        self.ordered.lock().unwrap().len()
    }
}

#[async_trait]
impl Store for Troubled {
    async fn save(&self, change: Change) -> Result<Saved, StoreError> {
        let trouble = self.ordered.lock().unwrap().pop_front();
        match trouble {
            None => self.inner.save(change).await,
            Some(Trouble::Fails(error)) => Err(error),
            Some(Trouble::DiesBefore) => {
                self.hangs.notify_one();
                std::future::pending().await
            }
            Some(Trouble::DiesAfter) => {
                self.inner.save(change).await?;
                self.hangs.notify_one();
                std::future::pending().await
            }
            Some(Trouble::Freezes(thaw)) => {
                self.hangs.notify_one();
                thaw.notified().await;
                self.inner.save(change).await
            }
        }
    }

    async fn create(&self, new: Change) -> Result<Created, StoreError> {
        self.inner.create(new).await
    }
    async fn job(&self, id: &JobId) -> Result<Option<Job>, StoreError> {
        self.inner.job(id).await
    }
    async fn jobs(&self, query: &JobQuery) -> Result<Found, StoreError> {
        self.inner.jobs(query).await
    }
    async fn case(&self, job: &JobId, revision: u32) -> Result<Option<Case>, StoreError> {
        self.inner.case(job, revision).await
    }
    async fn history(&self, job: &JobId) -> Result<Vec<Entry>, StoreError> {
        self.inner.history(job).await
    }
    async fn claim_jobs(&self, claim: &Claim, now: Timestamp, limit: usize) -> Result<Vec<Job>, StoreError> {
        self.inner.claim_jobs(claim, now, limit).await
    }
    async fn claim_job(&self, job: &JobId, claim: &Claim, now: Timestamp) -> Result<Option<Job>, StoreError> {
        self.inner.claim_job(job, claim, now).await
    }
    async fn renew_job(&self, job: &JobId, claim: &Claim, now: Timestamp) -> Result<bool, StoreError> {
        let renewed = self.inner.renew_job(job, claim, now).await;
        self.renewals.fetch_add(1, Ordering::SeqCst);
        renewed
    }
    async fn release(&self, owner: &str) -> Result<(), StoreError> {
        self.inner.release(owner).await
    }
    async fn receive(&self, receipt: Receipt) -> Result<Received, StoreError> {
        self.inner.receive(receipt).await
    }
    async fn claim_receipts(
        &self,
        claim: &Claim,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Receipt>, StoreError> {
        self.claims.fetch_add(1, Ordering::SeqCst);
        self.inner.claim_receipts(claim, now, limit).await
    }
    async fn oldest_receipt(&self) -> Result<Option<Timestamp>, StoreError> {
        self.inner.oldest_receipt().await
    }
    async fn settle_receipt(&self, key: &ReceiptKey, rows: Vec<Row>) -> Result<(), StoreError> {
        self.inner.settle_receipt(key, rows).await
    }
    async fn claim_rows(&self, claim: &Claim, now: Timestamp, limit: usize) -> Result<Vec<Row>, StoreError> {
        self.inner.claim_rows(claim, now, limit).await
    }
    async fn settle_row(&self, row: Row, posted: Option<Posted>, claim: &Claim) -> Result<(), StoreError> {
        self.inner.settle_row(row, posted, claim).await
    }
    async fn posted(&self, job: &JobId) -> Result<Vec<Posted>, StoreError> {
        self.inner.posted(job).await
    }
    async fn job_at(&self, channel: &ChannelId, root: &MessageTs) -> Result<Option<JobId>, StoreError> {
        self.inner.job_at(channel, root).await
    }
    async fn rows(&self, job: &JobId) -> Result<Vec<Row>, StoreError> {
        self.inner.rows(job).await
    }
    async fn count(&self, key: &str, window: Duration, now: Timestamp) -> Result<u32, StoreError> {
        self.inner.count(key, window, now).await
    }
    async fn note(&self, key: &str) -> Result<Option<Note>, StoreError> {
        self.inner.note(key).await
    }
    async fn write_note(&self, key: &str, from: Option<u64>, text: String) -> Result<bool, StoreError> {
        self.inner.write_note(key, from, text).await
    }
    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        self.inner.next_due().await
    }
    async fn census(&self) -> Result<Census, StoreError> {
        self.inner.census().await
    }
    async fn ready(&self) -> Result<(), StoreError> {
        self.inner.ready().await
    }
}
