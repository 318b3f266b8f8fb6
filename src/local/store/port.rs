//! The port: each method hands its work to the thread that writes, or to those that read.
//!
//! Records are written down and read on the caller's side, as far as that goes, because there is one thread that writes.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::change::{self, Outcome, Prepared};
use super::outbox::NewRow;
use super::{SqliteStore, inbox, jobs, notes, outbox, upkeep};
use crate::domain::audit::Entry;
use crate::domain::delivery::{Posted, Row};
use crate::domain::ids::{ChannelId, JobId, MessageTs, ReceiptKey};
use crate::domain::job::Job;
use crate::domain::proposal::Case;
use crate::domain::receipt::Receipt;
use crate::ports::{
    Census, Change, Claim, Created, Found, JobQuery, Note, Received, Saved, Store, StoreError,
};
use crate::record::{self, Kept};

#[async_trait]
impl Store for SqliteStore {
    async fn create(&self, new: Change) -> Result<Created, StoreError> {
        let (id, new) = (new.job.id.clone(), Prepared::new(new)?);
        match self.writer.write(move |connection| change::create(connection, &new)).await? {
            Outcome::Done => Ok(Created::Created),
            Outcome::Duplicate(text) => Ok(Created::Duplicate(Box::new(record::read(&id, &text)?))),
            Outcome::Busy(text) | Outcome::Conflict(text) => {
                Ok(Created::Busy(Box::new(record::read(&id, &text)?)))
            }
        }
    }

    async fn save(&self, change: Change) -> Result<Saved, StoreError> {
        let (id, change) = (change.job.id.clone(), Prepared::new(change)?);
        match self.writer.write(move |connection| change::save(connection, &change)).await? {
            Outcome::Done => Ok(Saved::Saved),
            Outcome::Conflict(text) | Outcome::Duplicate(text) => {
                Ok(Saved::Conflict(Box::new(record::read(&id, &text)?)))
            }
            Outcome::Busy(text) => Ok(Saved::Busy(Box::new(record::read(&id, &text)?))),
        }
    }

    async fn job(&self, id: &JobId) -> Result<Option<Job>, StoreError> {
        let name = id.clone();
        let found = self.readers.read(move |connection| jobs::job(connection, name.as_str())).await?;
        found.map(|text| record::read(id, &text)).transpose()
    }

    async fn jobs(&self, query: &JobQuery) -> Result<Found, StoreError> {
        let query = query.clone();
        let mut found = Found::default();
        for (name, text) in self.readers.read(move |connection| jobs::list(connection, &query)).await? {
            match record::read(name, &text) {
                Ok(job) => found.jobs.push(job),
                Err(error) => found.unreadable.push(error),
            }
        }
        Ok(found)
    }

    async fn case(&self, job: &JobId, revision: u32) -> Result<Option<Case>, StoreError> {
        let name = job.clone();
        let found = self.readers.read(move |connection| jobs::case(connection, name.as_str(), revision));
        found.await?.map(|text| record::read(format_args!("{job} revision {revision}"), &text)).transpose()
    }

    async fn history(&self, job: &JobId) -> Result<Vec<Entry>, StoreError> {
        let name = job.clone();
        read_all(job, self.readers.read(move |connection| jobs::history(connection, name.as_str())).await?)
    }

    async fn claim_jobs(&self, claim: &Claim, now: Timestamp, limit: usize) -> Result<Vec<Job>, StoreError> {
        let claim = claim.clone();
        self.writer.write(move |connection| jobs::claim(connection, &claim, now, limit)).await
    }

    async fn claim_job(&self, job: &JobId, claim: &Claim, now: Timestamp) -> Result<Option<Job>, StoreError> {
        let (job, claim) = (job.clone(), claim.clone());
        self.writer.write(move |connection| jobs::claim_one(connection, job.as_str(), &claim, now)).await
    }

    async fn renew_job(&self, job: &JobId, claim: &Claim, now: Timestamp) -> Result<bool, StoreError> {
        let (job, claim) = (job.clone(), claim.clone());
        self.writer.write(move |connection| jobs::renew(connection, job.as_str(), &claim, now)).await
    }

    async fn release(&self, owner: &str) -> Result<(), StoreError> {
        let owner = owner.to_owned();
        let release = move |connection: &rusqlite::Connection| {
            for sql in [jobs::RELEASE, inbox::RELEASE] {
                connection.prepare_cached(sql)?.execute([&owner])?;
            }
            outbox::release(connection, &owner)
        };
        self.writer.write(release).await
    }

    async fn receive(&self, receipt: Receipt) -> Result<Received, StoreError> {
        let record = record::write(&receipt)?;
        self.writer.write(move |connection| inbox::receive(connection, &receipt, &record)).await
    }

    async fn claim_receipts(
        &self,
        claim: &Claim,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Receipt>, StoreError> {
        let claim = claim.clone();
        self.writer.write(move |connection| inbox::claim(connection, &claim, now, limit)).await
    }

    async fn oldest_receipt(&self) -> Result<Option<Timestamp>, StoreError> {
        self.readers.read(inbox::oldest).await
    }

    async fn settle_receipt(&self, key: &ReceiptKey, rows: Vec<Row>) -> Result<(), StoreError> {
        let (key, rows) = (key.clone(), NewRow::all(rows)?);
        self.writer.write(move |connection| inbox::settle(connection, key.as_str(), &rows)).await
    }

    async fn claim_rows(&self, claim: &Claim, now: Timestamp, limit: usize) -> Result<Vec<Row>, StoreError> {
        let claim = claim.clone();
        self.writer.write(move |connection| outbox::claim(connection, &claim, now, limit)).await
    }

    async fn settle_row(&self, row: Row, posted: Option<Posted>, claim: &Claim) -> Result<(), StoreError> {
        let (row, owner) = (NewRow::new(row)?, claim.owner.clone());
        let posted = posted.map(|posted| record::write(&posted).map(|text| (posted, text))).transpose()?;
        let settle = move |connection: &rusqlite::Connection| {
            outbox::settle(connection, &row, posted.as_ref(), &owner)
        };
        self.writer.write(settle).await
    }

    async fn posted(&self, job: &JobId) -> Result<Vec<Posted>, StoreError> {
        let name = job.clone();
        read_all(job, self.readers.read(move |connection| outbox::posted(connection, name.as_str())).await?)
    }

    async fn job_at(&self, channel: &ChannelId, root: &MessageTs) -> Result<Option<JobId>, StoreError> {
        let (channel, root) = (channel.clone(), root.clone());
        let find = move |connection: &rusqlite::Connection| {
            outbox::root_at(connection, channel.as_str(), root.as_str())
        };
        Ok(self.readers.read(find).await?.map(JobId::new))
    }

    async fn rows(&self, job: &JobId) -> Result<Vec<Row>, StoreError> {
        let name = job.clone();
        read_all(job, self.readers.read(move |connection| outbox::rows(connection, name.as_str())).await?)
    }

    async fn count(&self, key: &str, window: Duration, now: Timestamp) -> Result<u32, StoreError> {
        let key = key.to_owned();
        self.writer.write(move |connection| upkeep::count(connection, &key, window, now)).await
    }

    async fn note(&self, key: &str) -> Result<Option<Note>, StoreError> {
        let key = key.to_owned();
        self.readers.read(move |connection| notes::note(connection, &key)).await
    }

    async fn write_note(&self, key: &str, from: Option<u64>, text: String) -> Result<bool, StoreError> {
        let key = key.to_owned();
        self.writer.write(move |connection| notes::write(connection, &key, from, &text)).await
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        self.readers.read(upkeep::next_due).await
    }

    async fn census(&self) -> Result<Census, StoreError> {
        self.readers.read(upkeep::census).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.writer.write(upkeep::probe).await?;
        self.readers.read(|connection| upkeep::next_due(connection).map(drop)).await
    }
}

fn read_all<K: Kept>(of: impl std::fmt::Display, texts: Vec<String>) -> Result<Vec<K>, StoreError> {
    texts.iter().map(|text| record::read(&of, text)).collect()
}
