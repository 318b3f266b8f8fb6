//! The way back, one write at a time, from wherever the role stands.

use super::{Done, Lost, gave_up};
use crate::domain::approval::Approved;
use crate::domain::job::{Event, Job};
use crate::domain::proposal::Case;
use crate::domain::role::Snapshot;
use crate::domain::rollout::restore::{by_hand, is_ours, leftovers, restore};
use crate::engine::Engine;
use crate::ports::AccountError;

impl Engine {
    /// Makes the next write of the way back; where there is none, clears away what the job made.
    pub(super) async fn undo(&self, job: &Job) -> Result<Done, Lost> {
        let case = match self.case_of(job).await {
            Ok(case) => case,
            Err(done) => return Ok(done),
        };
        let Some(approved) = Approved::of(job) else {
            return Ok(gave_up("the job bears no approval of the change that is to be taken back"));
        };
        let live = match self.read_role(&job.role).await {
            Ok(live) => live,
            Err(error) => return Ok(failed(&error, job, &case, None)),
        };
        if !is_ours(&case, &live) {
            return self.foreign(job, &approved, &case, (&case.snapshot, &live)).await;
        }
        let Some(write) = restore(&live, &case.snapshot).into_iter().next() else {
            return self.clear(job, &approved, &case).await;
        };
        let after = live.after(&write);
        match self.make(job, &approved, &write, &after).await? {
            Ok(seen) if seen.stands_like(&after) => Ok(Done::of(Event::Undid { what: write.describe() })),
            Ok(seen) if seen.stands_like(&live) => {
                let why = format!("{}: written, and not seen since", write.describe());
                Ok(Done::of(Event::Faltered { why }))
            }
            Ok(seen) => self.foreign(job, &approved, &case, (&after, &seen)).await,
            Err(error) => Ok(failed(&error, job, &case, Some(&live))),
        }
    }

    /// Deletes the policies that the job made; nothing uses them any more.
    async fn clear(&self, job: &Job, approved: &Approved, case: &Case) -> Result<Done, Lost> {
        for write in leftovers(case) {
            if let Err(error) = self.make(job, approved, &write, &case.snapshot).await? {
                return Ok(failed(&error, job, case, Some(&case.snapshot)));
            }
        }
        Ok(Done::of(Event::Undone))
    }
}

/// Why a step of the way back failed, and how a person would finish it.
fn failed(error: &AccountError, job: &Job, case: &Case, live: Option<&Snapshot>) -> Done {
    let mut rest = live.map(|live| restore(live, &case.snapshot)).unwrap_or_default();
    rest.extend(leftovers(case));
    let commands = by_hand(&job.role.name, &rest).join("\n");
    let why = format!("{error}. To finish by hand:\n{commands}");
    match error {
        AccountError::Unavailable(_) => Done::of(Event::Faltered { why }),
        AccountError::NoSuchRole { .. }
        | AccountError::Reserved(_)
        | AccountError::Denied(_)
        | AccountError::Rejected(_) => gave_up(why),
    }
}
