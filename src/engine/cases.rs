//! Cases that were loaded: they never change, so one that was read and found to be what it should be is kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Engine;
use crate::domain::ids::JobId;
use crate::domain::job::Job;
use crate::domain::proposal::Case;
use crate::ports::StoreError;

/// How many bytes they may take together, about.
const MOST: usize = 32 << 20;

/// The cases that are kept.
#[derive(Debug, Default)]
pub(super) struct Cases(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    cases: HashMap<(JobId, u32), Arc<Case>>,
    bytes: usize,
}

impl Cases {
    /// Keeps a case that is known to be the one that its job was decided on.
    pub fn keep(&self, case: &Arc<Case>) {
        let mut kept = self.kept();
        let bytes = size(case);
        while kept.bytes + bytes > MOST {
            // Any one of them: to let all go would have those that are worked on loaded again.
            let Some(one) = kept.cases.keys().next().cloned() else { break };
            kept.let_go(&one);
        }
        kept.bytes += bytes;
        if let Some(before) = kept.cases.insert((case.job.clone(), case.revision), Arc::clone(case)) {
            kept.bytes -= size(&before);
        }
    }

    fn find(&self, job: &JobId, revision: u32) -> Option<Arc<Case>> {
        self.kept().cases.get(&(job.clone(), revision)).cloned()
    }

    /// Lets a job's case go, once the job has ended.
    pub fn forget(&self, job: &Job) {
        job.case.iter().for_each(|case| self.kept().let_go(&(job.id.clone(), case.revision)));
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn let_go(&mut self, one: &(JobId, u32)) {
        if let Some(case) = self.cases.remove(one) {
            self.bytes -= size(&case);
        }
    }
}

/// What a case takes, about: its policies are within IAM's limits, its difference is within none.
fn size(case: &Case) -> usize {
    let lines: usize = case.changes.lines.iter().map(|line| line.text.len() + 64).sum();
    (64 << 10) + case.changes.whole.len() + lines
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
