//! What was received from people and has to be acted on, whatever crashes: the inbox.

use jiff::Timestamp;

use super::command;
use super::ids::{ChannelId, Digest, JobId, MessageTs, Person, ReceiptKey, TriggerId};
use super::job::Job;
use super::reason::Reason;

/// One thing received, stored before it is acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// By which a repetition of it is known.
    pub key: ReceiptKey,
    /// When it came.
    pub at: Timestamp,
    /// From whom, and where they are.
    pub from: Sender,
    /// What it says.
    pub said: Said,
}

/// Who said something, and how they are answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// Who.
    pub person: Person,
    /// Where.
    pub channel: ChannelId,
    /// In which thread.
    pub thread: Option<MessageTs>,
    /// An address for answers that only they see.
    pub response_url: Option<String>,
    /// Whether it is a direct message, where answers are ordinary messages.
    pub direct: bool,
}

/// What somebody said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// A command, by whichever way: what comes after `/alpha` or the mention.
    Command {
        /// As it was typed.
        line: String,
    },
    /// A button was pressed.
    Click {
        /// Which.
        button: Button,
        /// What it carried.
        subject: Subject,
        /// What lets us open a modal, for a moment.
        trigger: Option<TriggerId>,
    },
    /// A button was pressed that doesn't say what it is about.
    Unreadable {
        /// Which.
        button: Button,
    },
    /// The modal of a denial was submitted.
    Denial {
        /// What it carried.
        subject: Subject,
        /// Why.
        reason: Reason,
    },
    /// The message shortcut was used: a modal is to be opened.
    Shortcut {
        /// What lets us, for a moment.
        trigger: TriggerId,
    },
}

impl Said {
    /// Of which kind it is.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Command { .. } => "command",
            Self::Click { .. } => "click",
            Self::Unreadable { .. } => "unreadable",
            Self::Denial { .. } => "denial",
            Self::Shortcut { .. } => "shortcut",
        }
    }
}

impl Receipt {
    /// The same without what mustn't be stored.
    #[must_use]
    pub fn storable(mut self) -> Self {
        if let Said::Command { line } = &mut self.said {
            *line = command::storable(line);
        }
        self
    }
}

/// What every button carries, and nothing more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Which job.
    pub job: JobId,
    /// Which revision of it; none where a person typed no such thing.
    pub revision: Option<u32>,
    /// Bound to what.
    pub digest: Option<Digest>,
    /// Which question of a job that is held it answers; none where it is about no question, or whichever is asked now.
    pub question: Option<u32>,
}

impl Subject {
    /// A job, as its messages show it now: what their buttons carry.
    pub fn of(job: &Job) -> Self {
        let case = job.case.as_ref();
        Self {
            job: job.id.clone(),
            revision: case.map(|case| case.revision),
            digest: case.map(|case| case.digest.clone()),
            question: job.state.question(),
        }
    }

    /// A job, as somebody named it who typed nothing else.
    pub fn named(job: JobId) -> Self {
        Self { job, revision: None, digest: None, question: None }
    }

    /// A revision of a job.
    pub fn revision(job: JobId, revision: u32, digest: Digest) -> Self {
        Self { job, revision: Some(revision), digest: Some(digest), question: None }
    }

    /// Whether it says which case it is about, so that nobody decides on another one than they saw.
    pub fn names_its_case(&self) -> bool {
        self.revision.is_some() && self.digest.is_some()
    }
}

/// The buttons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Button {
    /// Approve the change.
    Approve,
    /// Deny it: opens a modal.
    Deny,
    /// Withdraw the request.
    Cancel,
    /// Show the whole diff.
    Diff,
    /// Go on although too little was seen.
    Continue,
    /// Take it back.
    RollBack,
    /// Analyse the same role again.
    Analyze,
}

impl Button {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Approve, Self::Deny, Self::Cancel, Self::Diff, Self::Continue, Self::RollBack, Self::Analyze];

    /// Its action id.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Deny => "deny",
            Self::Cancel => "cancel",
            Self::Diff => "diff",
            Self::Continue => "continue",
            Self::RollBack => "rollback",
            Self::Analyze => "analyze",
        }
    }

    /// Whether it decides on a case.
    pub fn decides(self) -> bool {
        matches!(self, Self::Approve | Self::Deny)
    }

    /// The button of an action id.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|button| button.as_str() == text)
    }
}
