//! The work that follows from a job's state. Each piece reads how the world stands before it changes anything, so that
//! doing it again, or after somebody else did half of it, is harmless.

mod analysis;
mod change;
mod foreign;
mod gather;
mod judge;
mod undo;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::Engine;
use crate::domain::errand::Errand;
use crate::domain::job::{Event, Job, Work};
use crate::domain::proposal::Case;
use crate::domain::role::Snapshot;
use crate::ports::{AccountError, StoreError};

/// What a piece of work came to.
pub(super) struct Done {
    /// What happened.
    pub event: Event,
    /// A case that is to be stored with it.
    pub case: Option<Case>,
}

impl Done {
    /// Something happened.
    pub fn of(event: Event) -> Self {
        Self { event, case: None }
    }
}

/// The job isn't ours any more.
pub(super) struct Lost;

/// How often a job is looked after at least, and so how often people see its progress at most.
const LOOK: Duration = Duration::from_secs(5);
/// So many looks fit into a lease at least.
const LOOKS: u32 = 6;

/// How often a role is read after a write until the write shows, and how long the first pause is; each is twice as
/// long as the one before it.
const READS: u32 = 8;
const FIRST_PAUSE: Duration = Duration::from_millis(50);

impl Engine {
    /// Does the work of a job, which is as it was stored last when that is over.
    pub(super) async fn perform(&self, job: &mut Job, work: Work) -> Result<Done, Lost> {
        tracing::debug!(job = %job.id, work = job.work_id().unwrap_or_default(), "working");
        match work {
            Work::Admit => Ok(self.admit(job).await),
            Work::Collect => self.collect(job).await,
            Work::Propose => self.propose(job).await,
            Work::Verify => Ok(self.verify(job).await),
            Work::Write { stage, step } => self.write(job, stage, step).await,
            Work::Judge { stage } => self.judge(job, stage).await,
            Work::Look { stage } => self.look(job, stage).await,
            Work::Undo => self.undo(job).await,
        }
    }

    /// The case that a job was decided on.
    async fn case_of(&self, job: &Job) -> Result<Arc<Case>, Done> {
        match self.case(job).await {
            Ok(Some(case)) => Ok(case),
            Ok(None) => Err(gave_up("what was decided on is missing from the store, or isn't what it was")),
            Err(error) => Err(of_store(&error)),
        }
    }

    /// How a role stands now.
    pub(super) async fn read_role(&self, job: &Job) -> Result<Snapshot, AccountError> {
        self.in_time(self.world.roles.read(&Errand::of(job), &job.role)).await
    }

    /// An answer of the account, or that there was none in time.
    async fn in_time<T>(
        &self,
        asked: impl Future<Output = Result<T, AccountError>>,
    ) -> Result<T, AccountError> {
        let limit = self.settings.timeout.min(self.settings.claim.lease / 2);
        match tokio::time::timeout(limit, asked).await {
            Ok(answer) => answer,
            Err(_) => Err(AccountError::Unavailable(format!("no answer within {limit:?}"))),
        }
    }

    /// Reads the role until a write shows, or for as long as that may reasonably take; the last sight of it.
    async fn read_until(
        &self,
        job: &Job,
        shows: impl Fn(&Snapshot) -> bool,
    ) -> Result<Snapshot, AccountError> {
        let mut pause = FIRST_PAUSE;
        let mut live = self.read_role(job).await?;
        for _ in 1..READS {
            if shows(&live) {
                break;
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
            live = self.read_role(job).await?;
        }
        Ok(live)
    }

    /// Waits for what may take longer than a lease, and holds on to the job meanwhile: whoever took it over would begin
    /// again from the evidence.
    async fn holding<T>(&self, job: &Job, awaited: impl Future<Output = T>) -> Result<T, Lost> {
        let (store, claim) = (&self.world.store, &self.settings.claim);
        let mut awaited = std::pin::pin!(awaited);
        let mut look = self.looks();
        loop {
            tokio::select! {
                biased;
                answer = &mut awaited => return Ok(answer),
                _ = look.tick() => {}
            }
            match store.renew_job(&job.id, claim, self.now()).await {
                Ok(true) => {}
                Ok(false) => {
                    tracing::warn!(job = %job.id, "another worker took this job over");
                    return Err(Lost);
                }
                // The store may be back before the claim is over; if it isn't, the save finds out.
                Err(error) => {
                    tracing::warn!(job = %job.id, %error, "the claim on this job could not be renewed yet");
                }
            }
        }
    }

    /// When a job is to be looked after that takes its time.
    fn looks(&self) -> Interval {
        let pause = LOOK.min(self.settings.claim.lease / LOOKS);
        let mut look = interval_at(Instant::now() + pause, pause);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        look
    }

    /// Holds on to the job for another lease: nothing is written by whoever lost it.
    async fn hold_on(&self, job: &Job) -> Result<(), Lost> {
        match self.world.store.renew_job(&job.id, &self.settings.claim, self.now()).await {
            Ok(true) => Ok(()),
            Ok(false) => {
                tracing::warn!(job = %job.id, "another worker took this job over");
                Err(Lost)
            }
            Err(error) => {
                tracing::warn!(job = %job.id, %error, "the claim on this job could not be renewed");
                Err(Lost)
            }
        }
    }
}

fn gave_up(why: impl Into<String>) -> Done {
    Done::of(Event::GaveUp { why: why.into() })
}

fn of_store(error: &StoreError) -> Done {
    match error {
        StoreError::Unavailable(_) | StoreError::ReadOnly(_) => {
            Done::of(Event::Faltered { why: error.to_string() })
        }
        StoreError::Corrupt(_) => gave_up(error.to_string()),
    }
}

/// What can't be done now may be done later; what can't be done can't.
fn of_account(error: &AccountError) -> Done {
    match error {
        AccountError::Unavailable(_) => Done::of(Event::Faltered { why: error.to_string() }),
        AccountError::NoSuchRole { .. }
        | AccountError::Reserved(_)
        | AccountError::Denied(_)
        | AccountError::Rejected(_) => gave_up(error.to_string()),
    }
}
