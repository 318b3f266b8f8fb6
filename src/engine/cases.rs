//! Cases that were loaded: they never change, so one that was read and found to be what it should be is kept.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::Engine;
use crate::domain::ids::{Digest, JobId};
use crate::domain::job::Job;
use crate::domain::proposal::Case;
use crate::domain::rollout::Stage;
use crate::ports::StoreError;

/// How many are kept.
const KEPT: usize = 128;

/// The cases that are kept, by job and revision.
#[derive(Debug, Default)]
pub(super) struct Cases(Mutex<HashMap<(JobId, u32), Arc<Loaded>>>);

/// A case that was loaded, with what is worked out of it once and asked for at every write.
#[derive(Debug)]
pub(super) struct Loaded {
    case: Case,
    digests: OnceLock<Vec<(Stage, Vec<Digest>)>>,
}

impl Loaded {
    fn new(case: Case) -> Self {
        Self { case, digests: OnceLock::new() }
    }

    /// How the role should stand before a write of a stage, and after it, by digest; none where there is no such write.
    pub fn around(&self, stage: Stage, step: usize) -> Option<(&Digest, &Digest)> {
        let stages = self.digests.get_or_init(|| self.case.expected_digests());
        let (_, digests) = stages.iter().find(|(of, _)| *of == stage)?;
        digests.get(step).zip(digests.get(step + 1))
    }
}

impl Deref for Loaded {
    type Target = Case;

    fn deref(&self) -> &Case {
        &self.case
    }
}

impl Cases {
    /// Keeps a case that is known to be the one that its job was decided on.
    pub fn keep(&self, case: &Arc<Loaded>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert((case.job.clone(), case.revision), Arc::clone(case));
    }

    fn find(&self, job: &JobId, revision: u32) -> Option<Arc<Loaded>> {
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
    pub(super) async fn case(&self, job: &Job) -> Result<Option<Arc<Loaded>>, StoreError> {
        let Some(brief) = &job.case else { return Ok(None) };
        if let Some(case) = self.cases.find(&job.id, brief.revision) {
            return Ok(Some(case));
        }
        let stored = self.world.store.case(&job.id, brief.revision).await?;
        let case =
            stored.filter(|case| case.digest() == brief.digest).map(|case| Arc::new(Loaded::new(case)));
        case.iter().for_each(|case| self.cases.keep(case));
        Ok(case)
    }
}
