//! On whose behalf an account is asked: what its own records are to say of it.

use super::ids::JobId;
use super::job::Job;

/// For which job, and on whose behalf.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Errand {
    /// The job.
    pub job: JobId,
    /// Who wanted what is being done: whoever decided, or else whoever asked.
    pub actor: String,
}

impl Errand {
    /// The errand of a job as it stands.
    pub fn of(job: &Job) -> Self {
        let decided = job.decision.as_ref().and_then(|decision| decision.principal.as_ref());
        let actor = decided.map_or_else(|| job.asked.by.user.to_string(), ToString::to_string);
        Self { job: job.id.clone(), actor }
    }
}
