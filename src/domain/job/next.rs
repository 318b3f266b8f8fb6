//! placeholder
use super::{Brief, Job, Transition};
use crate::domain::approval::Decision;
use jiff::Timestamp;

/// What happened to a job.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The requester may ask.
    Admitted,
    /// The requester may not ask.
    Refused {
        /// Why.
        why: String,
    },
    /// The role was read and what it used was gathered.
    Collected {
        /// What, in a few words.
        what: String,
    },
    /// The proposal is worked out.
    Proposed(Box<Brief>),
    /// There is nothing to propose.
    NothingToDo {
        /// Why.
        why: String,
    },
    /// Somebody decided.
    Decided(Decision),
    /// What was to be decided on, or was decided on, has changed before anything was written.
    Changed {
        /// What.
        why: String,
    },
    /// The role still stands as it was approved.
    Verified,
    /// A write was made and read back.
    Wrote {
        /// Which.
        step: u32,
        /// What it was.
        what: String,
    },
    /// The role was changed by somebody else.
    Foreign {
        /// What was found.
        why: String,
    },
    /// A stage was judged.
    Judged(Judgement),
    /// An operator lets it go on.
    Continued {
        /// Who.
        by: String,
    },
    /// Somebody takes it back.
    RolledBack {
        /// Who.
        by: String,
    },
    /// One write of the way back was made and read back.
    Undid {
        /// What it was.
        what: String,
    },
    /// The role stands as it was.
    Undone,
    /// Its work failed, and is to be tried again.
    Retried {
        /// Why.
        why: String,
        /// When.
        at: Timestamp,
    },
    /// Its work failed for good.
    GaveUp {
        /// Why.
        why: String,
    },
    /// The time that it waited for has come.
    Due,
}

/// How a stage went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// Well.
    Healthy {
        /// What was seen.
        what: String,
    },
    /// It hurts.
    Unhealthy {
        /// What was seen.
        what: String,
    },
    /// Too little was seen.
    TooFew {
        /// What was seen.
        what: String,
    },
    /// What there is to see isn't complete yet.
    NotYet {
        /// When to look again.
        at: Timestamp,
    },
    /// Nothing can be seen.
    Unreadable {
        /// Why.
        why: String,
    },
}

/// An event that can't happen in a state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a job that is {state} can't take {event}")]
pub struct IllegalEvent {
    /// The state's word.
    pub state: &'static str,
    /// The event's word.
    pub event: &'static str,
}

/// What an event makes of a job.
pub fn next(job: &Job, event: &Event, _now: Timestamp) -> Result<Transition, IllegalEvent> {
    let _ = (job, event);
    Err(IllegalEvent { state: job.state.word(), event: "anything" })
}
