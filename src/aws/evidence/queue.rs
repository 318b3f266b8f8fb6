//! The queue of policy generations in a note of the store: read, decided on, and written if nobody was faster.

use std::time::Duration;

use jiff::Timestamp;

use super::AwsEvidence;
use crate::domain::generation::Queue;
use crate::domain::ids::AccountId;
use crate::ports::StoreError;
use crate::record;

/// How often a change is tried that others are faster than, and how long the pause is in between.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(20);

/// Which queue.
pub(super) fn key(account: &AccountId, region: &str) -> String {
    format!("generation/{account}/{region}")
}

impl AwsEvidence {
    /// How a queue stands.
    pub(super) async fn queue(&self, key: &str) -> Result<Queue, StoreError> {
        let note = self.store.note(key).await?;
        note.map_or_else(|| Ok(Queue::default()), |note| record::read(key, &note.text))
    }

    /// Changes a queue, and says what the change comes to; a change that changes nothing isn't written. It may be
    /// decided on more than once, each time from how the queue then stands.
    pub(super) async fn in_queue<T>(
        &self,
        key: &str,
        change: impl Fn(&mut Queue, Timestamp) -> T,
    ) -> Result<T, StoreError> {
        for tried in 0..TRIES {
            let note = self.store.note(key).await?;
            let before = match &note {
                Some(note) => record::read(key, &note.text)?,
                None => Queue::default(),
            };
            let mut after = before.clone();
            let came = change(&mut after, self.clock.now());
            let from = note.map(|note| note.version);
            if after == before || self.store.write_note(key, from, record::write(&after)?).await? {
                return Ok(came);
            }
            tokio::time::sleep(PAUSE * (tried % 7 + 1)).await;
        }
        Err(StoreError::Unavailable(format!("{key} changes faster than it can be written")))
    }
}
