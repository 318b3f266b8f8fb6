//! The way back, one write at a time, from wherever the role stands.

use super::{Done, Lost, gave_up};
use crate::domain::approval::Approved;
use crate::domain::job::{Event, Job, State};
use crate::domain::proposal::Case;
use crate::domain::role::Snapshot;
use crate::domain::rollout::Stage;
use crate::domain::rollout::foreign::{Found, remains};
use crate::domain::rollout::restore::{is_ours, leftovers, restore};
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
        let reach = reach(job);
        let live = match self.read_role(job).await {
            Ok(live) => live,
            Err(error) => return Ok(failed(&error, job, &case, &case.expected(reach.0, reach.1))),
        };
        let found = |expected, live| Found { case: &case, reach, tried: None, expected, live };
        if !is_ours(&case, &live) {
            return self.foreign(job, &approved, found(&case.snapshot, &live)).await;
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
            Ok(seen) => self.foreign(job, &approved, found(&after, &seen)).await,
            Err(error) => Ok(failed(&error, job, &case, &live)),
        }
    }

    /// Deletes the policies that the job made; nothing uses them any more.
    async fn clear(&self, job: &Job, approved: &Approved, case: &Case) -> Result<Done, Lost> {
        for write in leftovers(case) {
            if let Err(error) = self.make(job, approved, &write, &case.snapshot).await? {
                return Ok(failed(&error, job, case, &case.snapshot));
            }
        }
        Ok(Done::of(Event::Undone))
    }
}

/// How far the job's writes may have got when it turned back.
fn reach(job: &Job) -> (Stage, usize) {
    match job.state {
        State::RollingBack { stage: Some(stage), .. } => (stage, usize::MAX),
        _ => (Stage::Target, usize::MAX),
    }
}

/// Why a step of the way back failed, and how a person would finish it. `standing` is how the role stands, as far as is
/// known.
fn failed(error: &AccountError, job: &Job, case: &Case, standing: &Snapshot) -> Done {
    let standing = match error {
        // There is no role any more to put back.
        AccountError::NoSuchRole { .. } => &case.snapshot,
        AccountError::Reserved(_)
        | AccountError::Denied(_)
        | AccountError::Rejected(_)
        | AccountError::Unavailable(_) => standing,
    };
    let why = match remains(&job.role.name, case, standing, &leftovers(case)) {
        Some(remains) => format!("{error}.\n{remains}"),
        None => error.to_string(),
    };
    match error {
        AccountError::Unavailable(_) => Done::of(Event::Faltered { why }),
        AccountError::NoSuchRole { .. }
        | AccountError::Reserved(_)
        | AccountError::Denied(_)
        | AccountError::Rejected(_) => gave_up(why),
    }
}
