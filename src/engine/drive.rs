//! One job, driven from where it is to where it waits: work, event, transition, conditional save.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::Engine;
use super::places::Place;
use super::work::{Done, Lost};
use crate::domain::ids::JobId;
use crate::domain::job::{Event, Job, State, Transition, next};
use crate::domain::proposal::Case;
use crate::ports::{Change, Saved, StoreError};

/// How long to wait until everything that was received has been acted on, and before asking again.
const PATIENCE: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(50);

/// Whether the claim goes with a save.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Release {
    /// Only if the job then waits.
    WhenItWaits,
    /// Whatever it then does.
    Always,
}

/// The jobs that are being driven in this process. A claim is a process's, so it keeps other processes away and not a
/// second worker of this one, where work takes longer than a lease.
#[derive(Debug, Default)]
pub(super) struct Driving(Mutex<HashSet<JobId>>);

/// That one job is being driven; until this is dropped nobody else in this process drives it.
pub(super) struct Turn<'a> {
    driving: &'a Driving,
    job: JobId,
}

impl Driving {
    /// A turn at a job, unless somebody has one.
    pub fn turn(&self, job: &JobId) -> Option<Turn<'_>> {
        let is_free = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(job.clone());
        is_free.then(|| Turn { driving: self, job: job.clone() })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.driving.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.job);
    }
}

impl Engine {
    /// Drives a claimed job until it waits for time or people, has ended, or was taken over; the claim goes with the
    /// last save.
    pub(super) async fn drive(&self, job: Job, mut place: Place) -> Result<(), StoreError> {
        let Some(_turn) = self.driving.turn(&job.id) else { return Ok(()) };
        let mut at = Some(job);
        while let Some(job) = at {
            if !place.fit(self.gathers(&job)).await {
                tracing::info!(job = %job.id, "there is no room to gather evidence; it waits for its claim to end");
                return Ok(());
            }
            at = self.advance(&job, Release::WhenItWaits).await?;
        }
        Ok(())
    }

    /// Does one piece of work on a claimed job and stores what comes of it; the job as it then is, where there is more
    /// to do at once and the claim still holds.
    pub(super) async fn advance(&self, job: &Job, release: Release) -> Result<Option<Job>, StoreError> {
        let now = self.now();
        if job.due.is_none_or(|due| due > now) {
            return Ok(None);
        }
        if let State::AwaitingDecision { expires, .. } = job.state
            && now >= expires
            && !self.has_heard_all(expires).await?
        {
            return Ok(None);
        }
        let mut job = job.clone();
        let done = match job.work() {
            Some(work) => match self.perform(&mut job, work).await {
                Ok(done) => done,
                Err(Lost) => return Ok(None),
            },
            None => Done::of(Event::Due),
        };
        self.apply(&job, done, release).await
    }

    /// Whether everything has been acted on that was said before a time to decide was over: a click that beat the timer
    /// wins, also where both were waiting for us. What another worker holds is waited for, and what a dead one holds
    /// until its claim is over, but not for ever.
    async fn has_heard_all(&self, expires: Timestamp) -> Result<bool, StoreError> {
        let lease = self.settings.claim.lease;
        // Stores round up to the millisecond.
        let in_time = expires.saturating_add(Duration::from_millis(1)).unwrap_or(expires);
        let mut waited = Duration::ZERO;
        // Many jobs may expire at once, so that each looks before it claims anything.
        while self.world.store.oldest_receipt().await?.is_some_and(|oldest| oldest <= in_time) {
            self.read_receipts().await?;
            if expires.saturating_add(lease * 2).is_ok_and(|end| self.now() >= end) {
                break;
            }
            if waited >= PATIENCE {
                // Our claim on the job runs out, and it is looked at again then.
                return Ok(false);
            }
            tokio::time::sleep(PAUSE).await;
            waited += PAUSE;
        }
        Ok(true)
    }

    /// Stores what an event makes of a job.
    async fn apply(&self, job: &Job, done: Done, release: Release) -> Result<Option<Job>, StoreError> {
        let now = self.now();
        let transition = match next(job, &done.event, now) {
            Ok(transition) => transition,
            Err(illegal) => {
                tracing::error!(job = %job.id, %illegal, "a job met an event that its state has no place for");
                return Ok(None);
            }
        };
        let waits = release == Release::Always || transition.job.due.is_none_or(|due| due > now);
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
            Saved::Conflict(faster) => self.go_on_with(*faster).await,
            Saved::Busy(_) => Ok(None),
        }
    }

    /// Somebody decided meanwhile. What they made of the job is gone on with at once: whoever stops a rollout doesn't
    /// wait for a claim to run out.
    async fn go_on_with(&self, faster: Job) -> Result<Option<Job>, StoreError> {
        let is_ours = self.world.store.renew_job(&faster.id, &self.settings.claim, self.now()).await?;
        Ok(is_ours.then_some(faster))
    }
}

/// A transition as the store takes it.
pub(super) fn change(transition: Transition, case: Option<Case>, release: bool) -> Change {
    Change {
        job: transition.job,
        entries: transition.entry.into_iter().collect(),
        rows: transition.rows,
        case,
        settles: None,
        release,
    }
}

/// One line of the log for each transition.
pub(super) fn log(transition: &Transition, event: &Event) {
    let job = &transition.job;
    let state = job.state.word();
    let Some(entry) = &transition.entry else {
        tracing::debug!(job = %job.id, role = %job.role.name, state, event = event.word());
        return;
    };
    if matches!(job.state, State::Stuck { .. }) {
        tracing::error!(job = %job.id, role = %job.role.name, state, event = event.word(),
            detail = entry.detail, "a person has to look at this role");
    } else {
        tracing::info!(job = %job.id, role = %job.role.name, state, event = event.word(),
            detail = entry.detail, "job");
    }
}
