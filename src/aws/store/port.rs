//! The port, method by method.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::keys::{self, Due, Key};
use super::lease::{self, Lease, legible};
use super::rows::NewRow;
use super::{DynamoStore, cases, change, inbox, jobs, notes, outbox, overview, schema};
use crate::domain::audit::Entry;
use crate::domain::delivery::{Posted, Row};
use crate::domain::ids::{ChannelId, JobId, MessageTs, ReceiptKey};
use crate::domain::job::Job;
use crate::domain::proposal::Case;
use crate::domain::receipt::Receipt;
use crate::ports::{
    Census, Change, Claim, Created, Found, JobQuery, Note, Received, Saved, Store, StoreError,
};

#[async_trait]
impl Store for DynamoStore {
    async fn create(&self, new: Change) -> Result<Created, StoreError> {
        change::create(&self.table, new).await
    }

    async fn save(&self, change: Change) -> Result<Saved, StoreError> {
        change::save(&self.table, change).await
    }

    async fn job(&self, id: &JobId) -> Result<Option<Job>, StoreError> {
        jobs::job(&self.table, id).await
    }

    async fn jobs(&self, query: &JobQuery) -> Result<Found, StoreError> {
        jobs::list(&self.table, query).await
    }

    async fn case(&self, job: &JobId, revision: u32) -> Result<Option<Case>, StoreError> {
        cases::read(&self.table, job, revision).await
    }

    async fn history(&self, job: &JobId) -> Result<Vec<Entry>, StoreError> {
        jobs::history(&self.table, job).await
    }

    async fn claim_jobs(&self, claim: &Claim, now: Timestamp, limit: usize) -> Result<Vec<Job>, StoreError> {
        Ok(legible(Lease::new(claim, now)?.claim_all(&self.table, Due::Job, limit).await?))
    }

    async fn claim_job(&self, job: &JobId, claim: &Claim, now: Timestamp) -> Result<Option<Job>, StoreError> {
        let taken = Lease::new(claim, now)?.claim(&self.table, Key::job(job)).await?;
        taken.map(|item| lease::read(&item)).transpose()
    }

    async fn renew_job(&self, job: &JobId, claim: &Claim, now: Timestamp) -> Result<bool, StoreError> {
        jobs::renew(&self.table, job, claim, now).await
    }

    async fn release(&self, owner: &str) -> Result<(), StoreError> {
        let held = lease::held_by(&self.table, owner).await?;
        for (key, item) in held {
            let is_row = key.sk.starts_with(keys::ROW) || key.pk.starts_with(keys::ROW);
            let let_go = if is_row { outbox::let_go(&item, owner)? } else { lease::let_go(&item, owner) };
            self.table.write(&[let_go]).await?;
        }
        Ok(())
    }

    async fn receive(&self, receipt: Receipt) -> Result<Received, StoreError> {
        inbox::receive(&self.table, &receipt).await
    }

    async fn claim_receipts(
        &self,
        claim: &Claim,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Receipt>, StoreError> {
        inbox::claim(&self.table, claim, now, limit).await
    }

    async fn oldest_receipt(&self) -> Result<Option<Timestamp>, StoreError> {
        inbox::oldest(&self.table).await
    }

    async fn settle_receipt(&self, key: &ReceiptKey, rows: Vec<Row>) -> Result<(), StoreError> {
        inbox::settle(&self.table, key, &NewRow::all(rows)?).await
    }

    async fn claim_rows(&self, claim: &Claim, now: Timestamp, limit: usize) -> Result<Vec<Row>, StoreError> {
        outbox::claim(&self.table, claim, now, limit).await
    }

    async fn settle_row(&self, row: Row, posted: Option<Posted>, claim: &Claim) -> Result<(), StoreError> {
        outbox::settle(&self.table, &NewRow::new(row)?, posted.as_ref(), &claim.owner).await
    }

    async fn posted(&self, job: &JobId) -> Result<Vec<Posted>, StoreError> {
        outbox::posted(&self.table, job).await
    }

    async fn job_at(&self, channel: &ChannelId, root: &MessageTs) -> Result<Option<JobId>, StoreError> {
        outbox::root_at(&self.table, channel, root).await
    }

    async fn rows(&self, job: &JobId) -> Result<Vec<Row>, StoreError> {
        outbox::of_job(&self.table, job).await
    }

    async fn count(&self, key: &str, window: Duration, now: Timestamp) -> Result<u32, StoreError> {
        overview::count(&self.table, key, window, now).await
    }

    async fn note(&self, key: &str) -> Result<Option<Note>, StoreError> {
        notes::note(&self.table, key).await
    }

    async fn write_note(&self, key: &str, from: Option<u64>, text: String) -> Result<bool, StoreError> {
        notes::write(&self.table, key, from, &text).await
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        overview::next_due(&self.table).await
    }

    async fn census(&self) -> Result<Census, StoreError> {
        overview::census(&self.table).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        match self.table.describe().await? {
            Some(table) => schema::check(&table)?,
            None => return Err(StoreError::Unavailable(self.table.missing())),
        }
        overview::probe(&self.table).await
    }
}
