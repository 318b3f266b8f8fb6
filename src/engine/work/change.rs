//! Changing a role: seen to stand as expected before each write, and read back after it.

use super::{Done, Lost, gave_up, of_account};
use crate::domain::approval::Approved;
use crate::domain::errand::Errand;
use crate::domain::job::{Event, Job};
use crate::domain::role::{Snapshot, Write};
use crate::domain::rollout::Stage;
use crate::domain::rollout::foreign::{Found, differs};
use crate::engine::{Engine, answers};
use crate::ports::AccountError;

impl Engine {
    /// Sees that the role still stands as it was approved, and may still be changed.
    pub(super) async fn verify(&self, job: &Job) -> Done {
        let case = match self.case_of(job).await {
            Ok(case) => case,
            Err(done) => return done,
        };
        match self.read_role(job).await {
            Ok(live) if live.stands_like(&case.snapshot) => match self.out_of_scope(job, &live) {
                None => Done::of(Event::Verified),
                Some(why) => gave_up(format!("{} {why}", answers::out_of_scope())),
            },
            Ok(live) => Done::of(Event::Changed { why: differs(&case.snapshot, &live) }),
            Err(AccountError::NoSuchRole { name, .. }) => {
                Done::of(Event::Changed { why: format!("the role {name} is gone") })
            }
            Err(error) => of_account(&error),
        }
    }

    /// Makes one write of a stage, unless it is made already.
    pub(super) async fn write(&self, job: &Job, stage: Stage, step: u32) -> Result<Done, Lost> {
        let case = match self.case_of(job).await {
            Ok(case) => case,
            Err(done) => return Ok(done),
        };
        let Some(approved) = Approved::of(job) else {
            return Ok(gave_up("the job bears no approval of this change"));
        };
        let at = step as usize;
        let Some(write) = case.writes_of(stage).get(at) else {
            return Ok(gave_up(format!("the plan has no write {step} in stage {stage}")));
        };
        let (before, after) = (case.expected(stage, at), case.expected(stage, at + 1));
        let wrote = || Done::of(Event::Wrote { step, what: write.describe() });
        let live = match self.read_role(job).await {
            Ok(live) => live,
            Err(error) => return Ok(of_account(&error)),
        };
        // It may have been made already, by whoever died before writing that down.
        let reach = (stage, at + 1);
        if !live.stands_like(&before) {
            if live.stands_like(&after) {
                return Ok(wrote());
            }
            let found = Found { case: &case, reach, tried: None, expected: &before, live: &live };
            return self.foreign(job, &approved, found).await;
        }
        match self.make(job, &approved, write, &after).await? {
            Ok(live) if live.stands_like(&after) => Ok(wrote()),
            Ok(live) if live.stands_like(&before) => {
                let why = format!("{}: written, and not seen since", write.describe());
                Ok(Done::of(Event::Faltered { why }))
            }
            Ok(live) => {
                let found = Found { case: &case, reach, tried: Some(write), expected: &after, live: &live };
                self.foreign(job, &approved, found).await
            }
            Err(error) => Ok(of_account(&error)),
        }
    }

    /// Writes, while the job is ours, and reads back until the write shows.
    pub(super) async fn make(
        &self,
        job: &Job,
        approved: &Approved,
        write: &Write,
        after: &Snapshot,
    ) -> Result<Result<Snapshot, AccountError>, Lost> {
        self.hold_on(job).await?;
        tracing::info!(job = %job.id, role = %job.role.name, write = write.describe(), "writing");
        if let Err(error) =
            self.in_time(self.world.roles.write(approved, &Errand::of(job), &job.role, write)).await
        {
            return Ok(Err(error));
        }
        Ok(self.read_until(job, |live| live.stands_like(after)).await)
    }
}
