//! How far a job is, with what each state carries.

use serde::{Deserialize, Serialize};

use super::time::At;
use super::words::StageWord;
use crate::domain::job::{Phase, State};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum StateRecord {
    Requested,
    Collecting,
    Proposing,
    AwaitingDecision { expires: At, remind: At, reminders: u32 },
    Approved,
    Staging { stage: StageWord, phase: PhaseRecord },
    Held { stage: StageWord, why: String, since: At, time: u32 },
    RollingBack { why: String, stage: Option<StageWord> },
    Succeeded,
    RolledBack { why: String },
    Denied,
    Expired,
    Cancelled,
    Superseded { why: String },
    Failed { why: String },
    NothingToDo { why: String },
    Stuck { why: String },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum PhaseRecord {
    Writing { step: u32 },
    Soaking { since: At, until: At, extended: bool },
    Accepted,
}

impl From<&State> for StateRecord {
    fn from(state: &State) -> Self {
        match state.clone() {
            State::Requested => Self::Requested,
            State::Collecting => Self::Collecting,
            State::Proposing => Self::Proposing,
            State::AwaitingDecision { expires, remind, reminders } => {
                Self::AwaitingDecision { expires: At(expires), remind: At(remind), reminders }
            }
            State::Approved => Self::Approved,
            State::Staging { stage, phase } => Self::Staging { stage: stage.into(), phase: phase.into() },
            State::Held { stage, why, since, time } => {
                Self::Held { stage: stage.into(), why, since: At(since), time }
            }
            State::RollingBack { why, stage } => Self::RollingBack { why, stage: stage.map(Into::into) },
            State::Succeeded => Self::Succeeded,
            State::RolledBack { why } => Self::RolledBack { why },
            State::Denied => Self::Denied,
            State::Expired => Self::Expired,
            State::Cancelled => Self::Cancelled,
            State::Superseded { why } => Self::Superseded { why },
            State::Failed { why } => Self::Failed { why },
            State::NothingToDo { why } => Self::NothingToDo { why },
            State::Stuck { why } => Self::Stuck { why },
        }
    }
}

impl From<StateRecord> for State {
    fn from(record: StateRecord) -> Self {
        match record {
            StateRecord::Requested => Self::Requested,
            StateRecord::Collecting => Self::Collecting,
            StateRecord::Proposing => Self::Proposing,
            StateRecord::AwaitingDecision { expires, remind, reminders } => {
                Self::AwaitingDecision { expires: expires.0, remind: remind.0, reminders }
            }
            StateRecord::Approved => Self::Approved,
            StateRecord::Staging { stage, phase } => {
                Self::Staging { stage: stage.into(), phase: phase.into() }
            }
            StateRecord::Held { stage, why, since, time } => {
                Self::Held { stage: stage.into(), why, since: since.0, time }
            }
            StateRecord::RollingBack { why, stage } => {
                Self::RollingBack { why, stage: stage.map(Into::into) }
            }
            StateRecord::Succeeded => Self::Succeeded,
            StateRecord::RolledBack { why } => Self::RolledBack { why },
            StateRecord::Denied => Self::Denied,
            StateRecord::Expired => Self::Expired,
            StateRecord::Cancelled => Self::Cancelled,
            StateRecord::Superseded { why } => Self::Superseded { why },
            StateRecord::Failed { why } => Self::Failed { why },
            StateRecord::NothingToDo { why } => Self::NothingToDo { why },
            StateRecord::Stuck { why } => Self::Stuck { why },
        }
    }
}

impl From<Phase> for PhaseRecord {
    fn from(phase: Phase) -> Self {
        match phase {
            Phase::Writing { step } => Self::Writing { step },
            Phase::Soaking { since, until, extended } => {
                Self::Soaking { since: At(since), until: At(until), extended }
            }
            Phase::Accepted => Self::Accepted,
        }
    }
}

impl From<PhaseRecord> for Phase {
    fn from(record: PhaseRecord) -> Self {
        match record {
            PhaseRecord::Writing { step } => Self::Writing { step },
            PhaseRecord::Soaking { since, until, extended } => {
                Self::Soaking { since: since.0, until: until.0, extended }
            }
            PhaseRecord::Accepted => Self::Accepted,
        }
    }
}
