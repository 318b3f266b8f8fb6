//! What an operator says after the decision, and what whoever comes late is told: the last word that counted.

use std::fmt;

use jiff::Timestamp;

use super::{Decision, name_of};
use crate::domain::ids::{Person, PrincipalId};
use crate::domain::job::{Job, State};

/// An operator's word on a change that is being rolled out, or was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// What they said.
    pub order: Order,
    /// Who, as they are known to the directory.
    pub principal: Option<PrincipalId>,
    /// Which Slack user; none at the command line.
    pub person: Option<Person>,
    /// When.
    pub at: Timestamp,
    /// Which question of the job's that answered; none where none was open.
    pub question: Option<u32>,
}

/// What an operator may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// Let it go on.
    Continue,
    /// Take it back.
    RollBack,
}

impl Order {
    /// As it is spelt in stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Continue => "continue",
            Self::RollBack => "rollback",
        }
    }
}

impl fmt::Display for Word {
    /// Who said it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&name_of(self.principal.as_ref(), self.person.as_ref()))
    }
}

/// What happened to a job, for whoever comes late: who had the last word, and what came of it where nobody said that.
pub(super) fn past(job: &Job) -> String {
    let is_asked_back = job.word.as_ref().is_some_and(|word| word.order == Order::RollBack);
    let by_itself = match &job.state {
        State::Expired => return "the time to decide is over".to_owned(),
        State::RollingBack { .. } if !is_asked_back => Some("it is being taken back by itself".to_owned()),
        State::RolledBack { .. } if !is_asked_back => Some("it was taken back by itself".to_owned()),
        state @ (State::Superseded { .. }
        | State::Failed { .. }
        | State::NothingToDo { .. }
        | State::Stuck { .. }) => Some(format!("the job is {}", state.word())),
        State::Requested
        | State::Collecting
        | State::Proposing
        | State::AwaitingDecision { .. }
        | State::Approved
        | State::Staging { .. }
        | State::Held { .. }
        | State::RollingBack { .. }
        | State::Succeeded
        | State::RolledBack { .. }
        | State::Denied
        | State::Cancelled => None,
    };
    let last = job.word.as_ref().map(ordered).or_else(|| job.decision.as_ref().map(decided));
    match (by_itself, last) {
        (Some(by_itself), Some(last)) => format!("{by_itself}; {last}"),
        (Some(what), None) | (None, Some(what)) => what,
        (None, None) => format!("the job is {}", job.state.word()),
    }
}

fn ordered(word: &Word) -> String {
    match word.order {
        Order::Continue => format!("it was continued by {word} at {}", time(word.at)),
        Order::RollBack => format!("its rollback was asked for by {word} at {}", time(word.at)),
    }
}

fn decided(decision: &Decision) -> String {
    format!("it was {} by {decision} at {}", decision.verdict.done(), time(decision.at))
}

fn time(at: Timestamp) -> impl fmt::Display {
    at.strftime("%H:%M:%S UTC")
}
