//! One step of one job, for whoever drives jobs from outside: a test, or a state machine elsewhere.

use jiff::Timestamp;

use super::Engine;
use super::drive::Release;
use crate::domain::ids::JobId;
use crate::domain::job::{Job, State};
use crate::ports::StoreError;

/// What is to be done with a job after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing: it has ended, or there is no such job.
    Done,
    /// Another step, then; at once, where that is past.
    Until(Timestamp),
    /// A person is asked. Another step when they have answered, or at the time that is given: they are reminded then, or
    /// it is too late.
    Decision(Option<Timestamp>),
}

impl Engine {
    /// Does what is due of a job: one piece of work, and stores what comes of it. Repeated it does no harm, and neither
    /// does anybody else who drives the same job: it is claimed for the step.
    pub async fn step(&self, id: &JobId) -> Result<Step, StoreError> {
        let claim = &self.settings.claim;
        if let Some(_turn) = self.driving.turn(id) {
            let mut at = self.world.store.claim_job(id, claim, self.now()).await?;
            if at.is_some() {
                while let Some(job) = at {
                    at = self.advance(&job, Release::Always).await?;
                }
                let job = self.world.store.job(id).await?;
                return Ok(job.map_or(Step::Done, |job| outlook(&job, self.now())));
            }
        }
        let Some(job) = self.world.store.job(id).await? else { return Ok(Step::Done) };
        let now = self.now();
        if job.due.is_some_and(|due| due <= now) {
            // Somebody else has it, for a lease at most.
            return Ok(Step::Until(now.saturating_add(claim.lease).unwrap_or(Timestamp::MAX)));
        }
        Ok(outlook(&job, now))
    }
}

/// What a job waits for.
fn outlook(job: &Job, now: Timestamp) -> Step {
    match (&job.state, job.due) {
        (_, Some(due)) if due <= now => Step::Until(due),
        (State::AwaitingDecision { .. } | State::Held { .. }, due) => Step::Decision(due),
        (_, Some(due)) => Step::Until(due),
        (_, None) => Step::Done,
    }
}
