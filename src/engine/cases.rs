//! Cases that were loaded: they never change, so one that was read and found to be what it should be is kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Engine;
use crate::domain::ids::JobId;
use crate::domain::job::Job;
use crate::domain::proposal::Case;
use crate::ports::StoreError;

/// How many are kept.
const KEPT: usize = 128;

/// The cases that are kept, by job and revision.
#[derive(Debug, Default)]
pub(super) struct Cases(Mutex<HashMap<(JobId, u32), Arc<Case>>>);

impl Cases {
    /// Keeps a case that is known to be the one that its job was decided on.
    pub fn keep(&self, case: &Arc<Case>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            // Any one of them: to let all go would have those that are worked on loaded again.
            let one = kept.keys().next().cloned();
            one.iter().for_each(|one| drop(kept.remove(one)));
        }
        kept.insert((case.job.clone(), case.revision), Arc::clone(case));
    }

    fn find(&self, job: &JobId, revision: u32) -> Option<Arc<Case>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(&(job.clone(), revision)).cloned()
    }

    /// Lets a job's cases go, once it has ended.
    pub fn forget(&self, job: &Job) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(id, _), _| *id != job.id);
    }
}

impl Engine {
    /// The case that a job is decided on, if what is stored is what its digest was made from.
    pub(super) async fn case(&self, job: &Job) -> Result<Option<Arc<Case>>, StoreError> {
        let Some(brief) = &job.case else { return Ok(None) };
        if let Some(case) = self.cases.find(&job.id, brief.revision) {
            return Ok(Some(case));
        }
        let stored = self.world.store.case(&job.id, brief.revision).await?;
        let case = stored.filter(|case| case.digest() == brief.digest).map(Arc::new);
        case.iter().for_each(|case| self.cases.keep(case));
        Ok(case)
    }
}
