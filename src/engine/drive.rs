//! One job, driven from where it is to where it waits: work, event, transition, conditional save.

use super::Engine;
use super::work::{Done, Lost};
use crate::domain::job::{Event, Job, State, Transition, next};
use crate::domain::proposal::Case;
use crate::ports::{Change, Saved, StoreError};

impl Engine {
    /// Drives a claimed job until it waits for time or people, has ended, or was taken over; the claim goes with the
    /// last save.
    pub(super) async fn drive(&self, mut job: Job) -> Result<(), StoreError> {
        loop {
            let now = self.now();
            if job.due.is_none_or(|due| due > now) {
                return Ok(());
            }
            if let State::AwaitingDecision { expires, .. } = job.state
                && now >= expires
            {
                // A click that beat the timer wins, also where both were waiting for us.
                self.read_receipts().await?;
            }
            let done = match job.work() {
                Some(work) => match self.perform(&job, work).await {
                    Ok(done) => done,
                    Err(Lost) => return Ok(()),
                },
                None => Done::of(Event::Due),
            };
            match self.apply(&job, done).await? {
                Some(later) => job = later,
                None => return Ok(()),
            }
        }
    }

    /// Stores what an event makes of a job; the job as it then is, or none where somebody was faster or it waits.
    async fn apply(&self, job: &Job, done: Done) -> Result<Option<Job>, StoreError> {
        let now = self.now();
        let transition = match next(job, &done.event, now) {
            Ok(transition) => transition,
            Err(illegal) => {
                tracing::error!(job = %job.id, %illegal, "a job met an event that its state has no place for");
                return Ok(None);
            }
        };
        let waits = transition.job.due.is_none_or(|due| due > now);
        log(&transition, &done.event);
        let later = transition.job.clone();
        let change = change(transition, done.case, waits);
        match self.world.store.save(change).await? {
            Saved::Saved => {
                if !later.is_open() {
                    self.cases.forget(&later);
                }
                self.told.notify_one();
                Ok((!waits).then_some(later))
            }
            Saved::Conflict(_) | Saved::Busy(_) => {
                // Somebody decided meanwhile: whatever is due now is found by the next claim.
                self.due.notify_one();
                Ok(None)
            }
        }
    }
}

/// A transition as the store takes it.
pub(super) fn change(transition: Transition, case: Option<Case>, release: bool) -> Change {
    Change {
        job: transition.job,
        entries: vec![transition.entry],
        rows: transition.rows,
        case,
        settles: None,
        release,
    }
}

/// One line of the log for each transition.
pub(super) fn log(transition: &Transition, event: &Event) {
    let job = &transition.job;
    let quiet = matches!(event, Event::Judged(crate::domain::job::Judgement::NotYet { .. }));
    let state = job.state.word();
    if quiet {
        tracing::debug!(job = %job.id, role = %job.role.name, state, event = event.word());
    } else if matches!(job.state, State::Stuck { .. }) {
        tracing::error!(job = %job.id, role = %job.role.name, state, event = event.word(),
            detail = transition.entry.detail, "a person has to look at this role");
    } else {
        tracing::info!(job = %job.id, role = %job.role.name, state, event = event.word(),
            detail = transition.entry.detail, "job");
    }
}
