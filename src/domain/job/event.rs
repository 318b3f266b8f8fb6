//! What can happen to a job.

use jiff::Timestamp;

use super::Brief;
use crate::domain::approval::{Decision, Order, Verdict, Word};

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
    /// The gathering of what the role used went on.
    Progressed {
        /// How far each source is.
        lines: Vec<String>,
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
    /// The role still stands as it was approved, or as a stage that was let pass left it.
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
        /// What of the job's own doing stands, and how it is taken back; none where nothing does.
        remains: Option<String>,
    },
    /// A stage was judged.
    Judged(Judgement),
    /// An operator lets it go on, or takes it back.
    Ordered(Word),
    /// One write of the way back was made and read back.
    Undid {
        /// What it was.
        what: String,
    },
    /// The role stands as it was.
    Undone,
    /// Its work failed, and may succeed later.
    Faltered {
        /// Why.
        why: String,
    },
    /// Its work failed, and always will.
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

impl Event {
    /// As the history and the logs call it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Admitted => "admitted",
            Self::Refused { .. } => "refused",
            Self::Progressed { .. } => "progressed",
            Self::Collected { .. } => "collected",
            Self::Proposed(_) => "proposed",
            Self::NothingToDo { .. } => "nothing to do",
            Self::Decided(decision) => match decision.verdict {
                Verdict::Approve => "approved",
                Verdict::Deny => "denied",
                Verdict::Withdraw => "cancelled",
            },
            Self::Changed { .. } => "changed",
            Self::Verified => "verified",
            Self::Wrote { .. } => "wrote",
            Self::Foreign { .. } => "foreign edit",
            Self::Judged(_) => "judged",
            Self::Ordered(word) => match word.order {
                Order::Continue => "continued",
                Order::RollBack => "rollback asked",
            },
            Self::Undid { .. } => "undid",
            Self::Undone => "undone",
            Self::Faltered { .. } => "faltered",
            Self::GaveUp { .. } => "gave up",
            Self::Due => "due",
        }
    }

    /// Who did it; none where ALPHA did.
    pub(super) fn by(&self) -> Option<String> {
        match self {
            Self::Decided(decision) => Some(decision.to_string()),
            Self::Ordered(word) => Some(word.to_string()),
            _ => None,
        }
    }

    /// What it was, in a person's words.
    pub(super) fn detail(&self) -> String {
        match self {
            Self::Admitted | Self::Verified | Self::Undone | Self::Due | Self::Ordered(_) => String::new(),
            Self::Refused { why }
            | Self::NothingToDo { why }
            | Self::Changed { why }
            | Self::Faltered { why }
            | Self::GaveUp { why } => why.clone(),
            Self::Foreign { why, remains } => match remains {
                Some(remains) => format!("{why}.\n{remains}"),
                None => why.clone(),
            },
            Self::Progressed { lines } => lines.join("; "),
            Self::Collected { what } | Self::Undid { what } | Self::Wrote { what, .. } => what.clone(),
            Self::Proposed(brief) => {
                format!("revision {}, severity {}, digest {}", brief.revision, brief.severity, brief.digest)
            }
            Self::Decided(decision) => {
                let bound = format!("revision {}, digest {}", decision.revision, decision.digest);
                match &decision.reason {
                    Some(reason) => format!("{bound}: {reason}"),
                    None => bound,
                }
            }
            Self::Judged(judgement) => judgement.in_words(),
        }
    }
}

impl Judgement {
    fn in_words(&self) -> String {
        match self {
            Self::Healthy { what } => format!("healthy: {what}"),
            Self::Unhealthy { what } => format!("unhealthy: {what}"),
            Self::TooFew { what } => format!("too few calls to judge: {what}"),
            Self::NotYet { at } => format!("to be looked at again at {at}"),
            Self::Unreadable { why } => format!("unreadable: {why}"),
        }
    }
}
