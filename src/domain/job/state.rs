//! How far a job is.

use jiff::Timestamp;

use crate::domain::delivery::Reaction;
use crate::domain::rollout::Stage;

/// How far a job is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Asked for, and stored.
    Requested,
    /// Its evidence is being gathered.
    Collecting,
    /// Its proposal is being worked out.
    Proposing,
    /// People are asked.
    AwaitingDecision {
        /// Until when.
        expires: Timestamp,
        /// When they are reminded.
        remind: Timestamp,
        /// How often they were.
        reminders: u32,
    },
    /// Approved; nothing is written yet.
    Approved,
    /// Being rolled out.
    Staging {
        /// Which stage.
        stage: Stage,
        /// How far that is.
        phase: Phase,
    },
    /// A person is asked whether to go on.
    Held {
        /// In which stage.
        stage: Stage,
        /// Why.
        why: String,
        /// Since when.
        since: Timestamp,
        /// How often they were asked in this job, this time included.
        time: u32,
    },
    /// Being taken back.
    RollingBack {
        /// Why.
        why: String,
        /// From which stage; none from a success.
        stage: Option<Stage>,
    },
    /// The role is narrowed.
    Succeeded,
    /// The role is as it was.
    RolledBack {
        /// Why.
        why: String,
    },
    /// Somebody said no.
    Denied,
    /// Nobody said anything in time.
    Expired,
    /// The requester took it back, or an operator did.
    Cancelled,
    /// What was decided on has changed.
    Superseded {
        /// What did.
        why: String,
    },
    /// It could not be worked out.
    Failed {
        /// Why.
        why: String,
    },
    /// The role has nothing to lose.
    NothingToDo {
        /// Why.
        why: String,
    },
    /// A person has to look: the role is neither as it was nor as it should be, or nobody knows.
    Stuck {
        /// What happened, how the role stands, and what to do.
        why: String,
    },
}

/// How far a stage is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// Its writes are being made.
    Writing {
        /// How many were.
        step: u32,
    },
    /// It is watched.
    Soaking {
        /// Since when.
        since: Timestamp,
        /// Until when.
        until: Timestamp,
        /// Whether that was put off already for want of calls.
        extended: bool,
    },
    /// A person let it pass.
    Accepted,
}

impl State {
    /// All words, in the order of a job's life.
    pub const WORDS: [&'static str; 17] = [
        "Requested",
        "Collecting",
        "Proposing",
        "AwaitingDecision",
        "Approved",
        "Staging",
        "Held",
        "RollingBack",
        "Succeeded",
        "RolledBack",
        "Denied",
        "Expired",
        "Cancelled",
        "Superseded",
        "Failed",
        "NothingToDo",
        "Stuck",
    ];

    /// As it is spelt in JSON, metrics and logs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Requested => "Requested",
            Self::Collecting => "Collecting",
            Self::Proposing => "Proposing",
            Self::AwaitingDecision { .. } => "AwaitingDecision",
            Self::Approved => "Approved",
            Self::Staging { .. } => "Staging",
            Self::Held { .. } => "Held",
            Self::RollingBack { .. } => "RollingBack",
            Self::Succeeded => "Succeeded",
            Self::RolledBack { .. } => "RolledBack",
            Self::Denied => "Denied",
            Self::Expired => "Expired",
            Self::Cancelled => "Cancelled",
            Self::Superseded { .. } => "Superseded",
            Self::Failed { .. } => "Failed",
            Self::NothingToDo { .. } => "NothingToDo",
            Self::Stuck { .. } => "Stuck",
        }
    }

    /// Whether nothing more happens by itself.
    pub fn is_terminal(&self) -> bool {
        match self {
            Self::Requested
            | Self::Collecting
            | Self::Proposing
            | Self::AwaitingDecision { .. }
            | Self::Approved
            | Self::Staging { .. }
            | Self::Held { .. }
            | Self::RollingBack { .. } => false,
            Self::Succeeded
            | Self::RolledBack { .. }
            | Self::Denied
            | Self::Expired
            | Self::Cancelled
            | Self::Superseded { .. }
            | Self::Failed { .. }
            | Self::NothingToDo { .. }
            | Self::Stuck { .. } => true,
        }
    }

    /// Whether a word is that of a state in which nothing more happens by itself.
    pub fn is_terminal_word(word: &str) -> bool {
        let first = Self::WORDS.iter().position(|known| *known == "Succeeded");
        Self::WORDS.iter().position(|known| *known == word) >= first
    }

    /// What the root message bears for it.
    pub fn reaction(&self) -> Reaction {
        match self {
            Self::Requested | Self::Collecting | Self::Proposing | Self::AwaitingDecision { .. } => {
                Reaction::Eyes
            }
            Self::Approved | Self::Staging { .. } | Self::Held { .. } | Self::RollingBack { .. } => {
                Reaction::Hourglass
            }
            Self::Succeeded => Reaction::Check,
            Self::RolledBack { .. } => Reaction::Rewind,
            Self::Denied
            | Self::Expired
            | Self::Cancelled
            | Self::Superseded { .. }
            | Self::Failed { .. }
            | Self::NothingToDo { .. }
            | Self::Stuck { .. } => Reaction::Cross,
        }
    }

    /// The stage, while it is being rolled out or held.
    pub fn stage(&self) -> Option<Stage> {
        match self {
            Self::Staging { stage, .. } | Self::Held { stage, .. } => Some(*stage),
            _ => None,
        }
    }

    /// The number of the question that people are asked, while the job is held.
    pub fn question(&self) -> Option<u32> {
        match self {
            Self::Held { time, .. } => Some(*time),
            _ => None,
        }
    }

    /// Until when people may decide, while they are asked.
    pub fn expires(&self) -> Option<Timestamp> {
        match self {
            Self::AwaitingDecision { expires, .. } => Some(*expires),
            _ => None,
        }
    }

    /// Why it came to this, where there is more to say than the word.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Held { why, .. }
            | Self::RollingBack { why, .. }
            | Self::RolledBack { why }
            | Self::Superseded { why }
            | Self::Failed { why }
            | Self::NothingToDo { why }
            | Self::Stuck { why } => Some(why),
            _ => None,
        }
    }
}
