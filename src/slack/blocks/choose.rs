//! Which file a message is, for the job as it stands when it is delivered: a late message tells no old news.

use super::files::File;
use crate::domain::delivery::Slot;
use crate::domain::job::{Job, State};
use crate::domain::proposal::Case;

/// The file of a message.
pub(super) fn file(slot: &Slot, job: &Job, case: Option<&Case>) -> File {
    match slot {
        Slot::Root => File::Root,
        Slot::Card(revision) if is_open(job, *revision) => match details(case, *revision) {
            Some(_) => File::Card,
            // What can't be seen can't be decided on.
            None => File::CardUnreadable,
        },
        Slot::Card(_) => File::CardDecided,
        Slot::Reminder(_) => match job.state {
            State::AwaitingDecision { .. } => File::Reminder,
            _ => File::ReminderOver,
        },
        Slot::Held(number) => match job.state {
            State::Held { time, .. } if time == *number => File::Held,
            _ => File::HeldDecided,
        },
        Slot::Outcome(epoch) => outcome(*epoch, job),
        Slot::Announcement(_) => File::Announcement,
        Slot::Diff(_) | Slot::Pointer(_) => File::DiffElsewhere,
    }
}

/// The case of a revision, if that is the one at hand.
pub(super) fn details(case: Option<&Case>, revision: u32) -> Option<&Case> {
    case.filter(|case| case.revision == revision)
}

/// Whether a revision is what people are asked about.
fn is_open(job: &Job, revision: u32) -> bool {
    matches!(job.state, State::AwaitingDecision { .. })
        && job.case.as_ref().is_some_and(|brief| brief.revision == revision)
}

/// Only a success is followed by another epoch, so an earlier one was a success.
fn outcome(epoch: u32, job: &Job) -> File {
    if epoch < job.epoch {
        return File::OutcomeSucceeded;
    }
    match job.state {
        State::Succeeded => File::OutcomeSucceeded,
        State::RolledBack { .. } => File::OutcomeRolledBack,
        State::Denied => File::OutcomeDenied,
        State::Expired => File::OutcomeExpired,
        State::Cancelled => File::OutcomeCancelled,
        State::Superseded { .. } => File::OutcomeSuperseded,
        State::Failed { .. } => File::OutcomeFailed,
        State::NothingToDo { .. } => File::OutcomeNothingToDo,
        State::Stuck { .. } => File::OutcomeStuck,
        // There is no outcome yet; how far it is is true at any time.
        State::Requested
        | State::Collecting
        | State::Proposing
        | State::AwaitingDecision { .. }
        | State::Approved
        | State::Staging { .. }
        | State::Held { .. }
        | State::RollingBack { .. } => File::Root,
    }
}
