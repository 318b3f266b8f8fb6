//! What is to be told to whom, as rows that are delivered once, and what follows from each try.
//!
//! A row says *which* message; its words are worked out when it is delivered, from the job as it then stands, so that a
//! late message tells no old news. What happens after a try is decided here, in [`Row::after`].

use std::time::Duration;

use jiff::Timestamp;

use super::ids::{ChannelId, DeliveryId, JobId, MessageTs, Person, TriggerId};

/// A message of a job that exists at most once: its place in the thread.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// The root message: who asked for what, and how far it is.
    Root,
    /// The card of a revision.
    Card(u32),
    /// A reminder that a decision is open; which one.
    Reminder(u32),
    /// The question whether to go on; which one.
    Held(u32),
    /// How an epoch ended, in the thread.
    Outcome(u32),
    /// How an epoch ended, in the channel of outcomes.
    Announcement(u32),
    /// A whole diff, as a file; of which revision.
    Diff(u32),
}

impl Slot {
    /// Its name within the job.
    pub fn name(&self) -> String {
        match self {
            Self::Root => "root".to_owned(),
            Self::Card(revision) => format!("card/{revision}"),
            Self::Reminder(number) => format!("reminder/{number}"),
            Self::Held(number) => format!("held/{number}"),
            Self::Outcome(epoch) => format!("outcome/{epoch}"),
            Self::Announcement(epoch) => format!("announcement/{epoch}"),
            Self::Diff(revision) => format!("diff/{revision}"),
        }
    }
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Post the message of a slot.
    Post(Slot),
    /// Bring the message of a slot up to date.
    Update(Slot),
    /// Let the root message bear this reaction, and none other of ours.
    React(Reaction),
    /// Answer one person, so that nobody else sees it.
    Reply(Reply),
    /// Open a modal.
    Open {
        /// What lets us.
        trigger: TriggerId,
        /// Which.
        modal: Modal,
    },
}

/// The reaction that the root message bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reaction {
    /// Seen.
    Eyes,
    /// Being rolled out.
    Hourglass,
    /// Done.
    Check,
    /// Ended without a change.
    Cross,
    /// Taken back.
    Rewind,
}

impl Reaction {
    /// All of them, in the order of a job's life.
    pub const ALL: [Self; 5] = [Self::Eyes, Self::Hourglass, Self::Check, Self::Cross, Self::Rewind];

    /// Slack's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Eyes => "eyes",
            Self::Hourglass => "hourglass_flowing_sand",
            Self::Check => "white_check_mark",
            Self::Cross => "x",
            Self::Rewind => "rewind",
        }
    }
}

/// An answer to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// To whom.
    pub to: Person,
    /// Where they are.
    pub channel: ChannelId,
    /// In which thread, where it is one.
    pub thread: Option<MessageTs>,
    /// An address given for answers, tried first.
    pub response_url: Option<String>,
    /// Whether others may see it: in a direct message there are none.
    pub visible: bool,
    /// What it says: text as people wrote it or will read it, not yet escaped.
    pub text: String,
}

/// A modal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Modal {
    /// Asks for the reason of a denial.
    Deny {
        /// Of which job.
        job: JobId,
        /// Of which revision.
        revision: u32,
        /// Bound to what.
        digest: super::ids::Digest,
        /// Where the click was, for the answer.
        channel: ChannelId,
        /// In which thread.
        thread: Option<MessageTs>,
    },
    /// Asks what to do, at a message.
    Ask {
        /// Where.
        channel: ChannelId,
        /// In which thread.
        thread: MessageTs,
    },
}

/// A row of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its identity, known before it exists, so that it exists once.
    pub id: DeliveryId,
    /// The job that it is about; none for an answer that is about none.
    pub job: Option<JobId>,
    /// What is to be done.
    pub act: Act,
    /// How far it is.
    pub status: Status,
    /// How often it was tried.
    pub attempts: u32,
    /// Not before then.
    pub due: Timestamp,
    /// When it was written.
    pub created: Timestamp,
}

/// How far a row is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// To be tried.
    Pending,
    /// It may have been sent: has to be looked for before it is sent again.
    Unknown,
    /// Delivered.
    Sent,
    /// Given up, and why.
    Dead(String),
}

impl Status {
    /// As it is spelt in stores, logs and metrics.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Unknown => "unknown",
            Self::Sent => "sent",
            Self::Dead(_) => "dead",
        }
    }
}

/// Where a message of a job stands in Slack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// Which.
    pub slot: Slot,
    /// In which channel: not that of the command, where that could not be posted to.
    pub channel: ChannelId,
    /// Its address there.
    pub ts: MessageTs,
    /// A link to it, where Slack gave one.
    pub link: Option<String>,
}

/// What came of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tried {
    /// It was delivered.
    Delivered,
    /// It was certainly not; try again after this long, or when it seems right.
    NotSent {
        /// What Slack asked for.
        after: Option<Duration>,
        /// Why.
        why: String,
    },
    /// It may have been; look before trying again.
    Ambiguous(String),
    /// It never will be.
    Refused(String),
}

/// How often a row is tried before it is given up.
pub const ATTEMPTS: u32 = 12;

impl Row {
    /// A row to be delivered at once.
    pub fn new(id: DeliveryId, job: Option<JobId>, act: Act, now: Timestamp) -> Self {
        Self { id, job, act, status: Status::Pending, attempts: 0, due: now, created: now }
    }

    /// What follows from a try. `jitter` is a random number from 0 to 1.
    #[must_use]
    pub fn after(&self, tried: Tried, now: Timestamp, jitter: f64) -> Self {
        let attempts = self.attempts + 1;
        let mut row = Self { attempts, ..self.clone() };
        let (status, wait) = match tried {
            Tried::Delivered => (Status::Sent, Duration::ZERO),
            Tried::Refused(why) => (Status::Dead(why), Duration::ZERO),
            Tried::NotSent { why, .. } | Tried::Ambiguous(why) if attempts >= ATTEMPTS => {
                (Status::Dead(format!("given up after {attempts} tries: {why}")), Duration::ZERO)
            }
            Tried::NotSent { after, .. } => {
                // What may have been sent before still may have.
                let status = if self.status == Status::Unknown { Status::Unknown } else { Status::Pending };
                (status, after.unwrap_or_else(|| backoff(attempts, jitter)))
            }
            Tried::Ambiguous(_) => (Status::Unknown, backoff(attempts, jitter)),
        };
        row.status = status;
        row.due = now.saturating_add(wait).unwrap_or(now);
        row
    }
}

/// Half a second, doubled with each try up to a minute, of which up to half is left to chance.
fn backoff(attempts: u32, jitter: f64) -> Duration {
    let full = Duration::from_millis(500 << attempts.saturating_sub(1).min(7)).min(Duration::from_mins(1));
    full.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0)
}
