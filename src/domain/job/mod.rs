//! A job: one role, from the request to its end.
//!
//! [`next`] decides every state and event, and nobody else does. It is pure; time is an argument. What has to be done
//! in the world for a state is its [`Work`], which follows from the state alone: so what a crash interrupted is known
//! from what was stored, and recovery is ordinary operation.

mod event;
mod next;
mod state;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

use super::approval::{Decision, Word};
use super::delivery::Row;
use super::ids::{ChannelId, Digest, JobId, Person, ReceiptKey};
use super::role::RoleRef;
use super::rollout::{PlannedStage, Stage};
use crate::iam::risk::RiskLevel;

pub use event::{Event, IllegalEvent, Judgement};
pub use next::{FIRST_REMINDER, TIME_TO_DECIDE, first_entry, next};
pub use state::{Phase, State};

/// One role, from the request to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its name.
    pub id: JobId,
    /// Which role.
    pub role: RoleRef,
    /// Who asked for what.
    pub asked: Asked,
    /// Counts the times that it was stored; what makes a save conditional.
    pub version: u64,
    /// Counts its endings: a rollback of a job that had succeeded begins another.
    pub epoch: u32,
    /// How far it is.
    pub state: State,
    /// What is to be decided, once that is known.
    pub case: Option<Brief>,
    /// What was decided.
    pub decision: Option<Decision>,
    /// What an operator said last after that.
    pub word: Option<Word>,
    /// How often its present work was tried in vain.
    pub attempts: u32,
    /// How many messages it has asked for, which makes their identities.
    pub told: u32,
    /// How often people were asked whether it should go on.
    pub held: u32,
    /// The last entry of its history: how many there are, and the hash.
    pub head: Option<(u64, Digest)>,
    /// How far the gathering of its evidence is, a line for each source; empty at any other time, and where that takes
    /// no time.
    pub progress: Vec<String>,
    /// When it needs attention next; never, where it waits for a person alone or has ended.
    pub due: Option<Timestamp>,
    /// When it was asked for.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
}

/// Who asked for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Who.
    pub by: Person,
    /// Where.
    pub channel: ChannelId,
    /// An address for answers that only they see.
    pub response_url: Option<String>,
    /// By which a repetition of the request is known.
    pub receipt: ReceiptKey,
    /// How.
    pub options: Options,
}

/// How a role is to be analysed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// How many days of use count.
    pub days: u32,
    /// Which guardrails apply, where not the configured ones.
    pub guardrails: Option<String>,
    /// Whether a model may put it into words.
    pub reasoner: bool,
}

impl Options {
    /// How many days of use count where nobody says.
    pub const DAYS: u32 = 90;
}

impl Default for Options {
    fn default() -> Self {
        Self { days: Self::DAYS, guardrails: None, reasoner: true }
    }
}

/// What a job knows of its case; the case itself is stored beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brief {
    /// Counts from one.
    pub revision: u32,
    /// What a decision is bound to.
    pub digest: Digest,
    /// How severe the change is.
    pub severity: RiskLevel,
    /// How it is staged.
    pub stages: Vec<PlannedStage>,
    /// Whether there was anybody who may decide.
    pub approvable: bool,
    /// Why ALPHA might not change the role, and what to do about it, where that was so. Whoever approves is told how it
    /// is then.
    pub out_of_scope: Option<String>,
    /// The role's path and tags, on which rights depend.
    pub path: String,
    /// The role's tags.
    pub tags: std::collections::BTreeMap<String, String>,
}

/// What has to be done in the world next. Doing it twice is harmless: it only reads, or is reconciled with how the role
/// stands before it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Work {
    /// See whether the requester may ask.
    Admit,
    /// Read the role and gather what it used.
    Collect,
    /// Work the proposal out.
    Propose,
    /// See that the role still stands as it was approved.
    Verify,
    /// Make one write of a stage.
    Write {
        /// Of which stage.
        stage: Stage,
        /// Which, from zero.
        step: u32,
    },
    /// Judge a stage.
    Judge {
        /// Which.
        stage: Stage,
    },
    /// See that the role stands as a stage left it that a person let pass.
    Look {
        /// Which.
        stage: Stage,
    },
    /// Put the role back, as far as that is to do.
    Undo,
}

/// What a job's change comes to: the job as it then is, what is told, and what is written down.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// The job as it then is.
    pub job: Job,
    /// What people are told.
    pub rows: Vec<Row>,
    /// What the history says; nothing of a look that only puts the next one off.
    pub entry: Option<super::audit::Entry>,
}

impl Job {
    /// A job that was just asked for.
    pub fn new(id: JobId, role: RoleRef, asked: Asked, now: Timestamp) -> Self {
        Self {
            id,
            role,
            asked,
            version: 1,
            epoch: 0,
            state: State::Requested,
            case: None,
            decision: None,
            word: None,
            attempts: 0,
            told: 0,
            held: 0,
            head: None,
            progress: Vec::new(),
            due: Some(now),
            created: now,
            updated: now,
        }
    }

    /// What has to be done in the world, if it is time for it.
    pub fn work(&self) -> Option<Work> {
        match &self.state {
            State::Requested => Some(Work::Admit),
            State::Collecting => Some(Work::Collect),
            State::Proposing => Some(Work::Propose),
            State::Approved => Some(Work::Verify),
            State::Staging { stage, phase: Phase::Writing { step } } => {
                Some(Work::Write { stage: *stage, step: *step })
            }
            State::Staging { stage, phase: Phase::Soaking { .. } } => Some(Work::Judge { stage: *stage }),
            State::Staging { stage, phase: Phase::Accepted } => Some(Work::Look { stage: *stage }),
            State::RollingBack { .. } => Some(Work::Undo),
            State::AwaitingDecision { .. }
            | State::Held { .. }
            | State::Succeeded
            | State::RolledBack { .. }
            | State::Denied
            | State::Expired
            | State::Cancelled
            | State::Superseded { .. }
            | State::Failed { .. }
            | State::NothingToDo { .. }
            | State::Stuck { .. } => None,
        }
    }

    /// The name of the present work, by which doing it again is known for what it is.
    pub fn work_id(&self) -> Option<String> {
        let revision = self.case.as_ref().map_or(0, |case| case.revision);
        let name = match self.work()? {
            Work::Admit => "admit".to_owned(),
            Work::Collect => "collect".to_owned(),
            Work::Propose => "propose".to_owned(),
            Work::Verify => "verify".to_owned(),
            Work::Write { stage, step } => format!("write/{stage}/{step}"),
            Work::Judge { stage } => format!("judge/{stage}"),
            Work::Look { stage } => format!("look/{stage}"),
            Work::Undo => "undo".to_owned(),
        };
        Some(format!("{}/{}/{revision}/{name}", self.id, self.epoch))
    }

    /// The plan of a stage.
    pub fn planned(&self, stage: Stage) -> Option<&PlannedStage> {
        self.case.as_ref()?.stages.iter().find(|planned| planned.stage == stage)
    }

    /// Whether it has anything to do or wait for: a role has one such job at a time.
    pub fn is_open(&self) -> bool {
        !self.state.is_terminal()
    }
}
