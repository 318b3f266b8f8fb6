//! A store that takes whatever is received and holds nothing else, and can be told to fail.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
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

/// Receipts, in the order in which they came.
#[derive(Debug, Default)]
pub struct Inbox {
    pub receipts: Mutex<Vec<Receipt>>,
    pub fails: AtomicBool,
    /// Whether it takes for ever to store anything.
    pub hangs: AtomicBool,
}

impl Inbox {
    pub fn len(&self) -> usize {
        self.receipts.lock().unwrap().len()
    }

    async fn dawdle(&self) {
        if self.hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
    }

    fn answer<T>(&self, value: T) -> Result<T, StoreError> {
        if self.fails.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("secret detail of the store".to_owned()));
        }
        Ok(value)
    }
}

fn not_here<T>() -> Result<T, StoreError> {
    Err(StoreError::Unavailable("this store only takes what is received".to_owned()))
}

#[async_trait]
impl Store for Inbox {
    async fn receive(&self, receipt: Receipt) -> Result<Received, StoreError> {
        self.dawdle().await;
        self.answer(())?;
        let mut receipts = self.receipts.lock().unwrap();
        if receipts.iter().any(|known| known.key == receipt.key) {
            return Ok(Received::Duplicate);
        }
        receipts.push(receipt);
        Ok(Received::Stored)
    }

    async fn census(&self) -> Result<Census, StoreError> {
        let receipts = self.len() as u64;
        self.answer(Census { receipts, ..Census::default() })
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.answer(())
    }

    async fn create(&self, _: Change) -> Result<Created, StoreError> {
        self.dawdle().await;
        self.answer(Created::Created)
    }
    async fn save(&self, _: Change) -> Result<Saved, StoreError> {
        not_here()
    }
    async fn job(&self, _: &JobId) -> Result<Option<Job>, StoreError> {
        self.answer(None)
    }
    async fn jobs(&self, _: &JobQuery) -> Result<Found, StoreError> {
        self.answer(Found::default())
    }
    async fn case(&self, _: &JobId, _: u32) -> Result<Option<Case>, StoreError> {
        self.answer(None)
    }
    async fn history(&self, _: &JobId) -> Result<Vec<Entry>, StoreError> {
        self.answer(Vec::new())
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
    async fn claim_receipts(&self, _: &Claim, _: Timestamp, _: usize) -> Result<Vec<Receipt>, StoreError> {
        not_here()
    }
    async fn oldest_receipt(&self) -> Result<Option<Timestamp>, StoreError> {
        self.answer(None)
    }
    async fn settle_receipt(&self, _: &ReceiptKey, _: Vec<Row>) -> Result<(), StoreError> {
        not_here()
    }
    async fn claim_rows(&self, _: &Claim, _: Timestamp, _: usize) -> Result<Vec<Row>, StoreError> {
        not_here()
    }
    async fn settle_row(&self, _: Row, _: Option<Posted>, _: &Claim) -> Result<(), StoreError> {
        not_here()
    }
    async fn posted(&self, _: &JobId) -> Result<Vec<Posted>, StoreError> {
        self.answer(Vec::new())
    }
    async fn job_at(&self, _: &ChannelId, _: &MessageTs) -> Result<Option<JobId>, StoreError> {
        self.answer(None)
    }
    async fn rows(&self, _: &JobId) -> Result<Vec<Row>, StoreError> {
        self.answer(Vec::new())
    }
    async fn count(&self, _: &str, _: Duration, _: Timestamp) -> Result<u32, StoreError> {
        self.answer(1)
    }
    async fn note(&self, _: &str) -> Result<Option<Note>, StoreError> {
        not_here()
    }
    async fn write_note(&self, _: &str, _: Option<u64>, _: String) -> Result<bool, StoreError> {
        not_here()
    }
    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        self.answer(None)
    }
}
