//! What messages said last, as far as this process said it: what says how things stand already needs no call.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::delivery::Slot;
use crate::domain::ids::JobId;
use crate::slack::blocks::Message;

/// What messages said last.
#[derive(Debug, Default)]
pub(super) struct Said(Mutex<HashMap<(JobId, Slot), u64>>);

/// How many are remembered. One that is forgotten is brought up to date once more, which is harmless.
const REMEMBERED: usize = 4_096;

impl Said {
    /// Whether the message of a slot says this.
    pub(super) fn says(&self, job: &JobId, slot: &Slot, message: &Message) -> bool {
        self.all().get(&(job.clone(), slot.clone())) == Some(&digest(message))
    }

    /// The message of a slot says this from now on.
    pub(super) fn note(&self, job: &JobId, slot: &Slot, message: &Message) {
        let mut all = self.all();
        if all.len() >= REMEMBERED {
            all.clear();
        }
        all.insert((job.clone(), slot.clone()), digest(message));
    }

    /// Nobody knows what the message of a slot says.
    pub(super) fn forget(&self, job: &JobId, slot: &Slot) {
        self.all().remove(&(job.clone(), slot.clone()));
    }

    fn all(&self) -> MutexGuard<'_, HashMap<(JobId, Slot), u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn digest(message: &Message) -> u64 {
    let mut hasher = DefaultHasher::new();
    message.text.hash(&mut hasher);
    message.blocks.iter().for_each(|block| block.to_string().hash(&mut hasher));
    hasher.finish()
}
