//! What is to be told to whom, as rows that are delivered once, and what follows from each try.
//!
//! A row says *which* message; its words are worked out when it is delivered, from the job as it then stands, so that a
//! late message tells no old news. What happens after a try is decided here, in [`Row::after`].
//!
//! Order is kept within a [`Lane`] of a job and nowhere else: what is said in the thread comes in order, and neither the
//! announcement in another channel nor the changes that Slack allows few of a minute stand in its way. What changes a
//! message waits until that was posted or given up ([`Row::needs`]).

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
    /// Where a whole diff is, said where files can't go; of which revision.
    Pointer(u32),
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
            Self::Pointer(revision) => format!("pointer/{revision}"),
        }
    }

    /// The identity of the row that posts it.
    pub fn row(&self, job: &JobId) -> DeliveryId {
        DeliveryId::new(format!("{job}:{}", self.name()))
    }
}

/// What comes one after the other among the rows of a job. Nothing in one lane waits its turn in another.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lane {
    /// What is said in the thread: the root first, a card before its outcome.
    Thread,
    /// What is said in the channel of outcomes.
    Announcements,
    /// Files, which take long.
    Files,
    /// Changes of one message.
    Changes(Slot),
    /// Reactions to the root.
    Reactions,
    /// Answers to one person.
    Answers,
}

impl Lane {
    /// Its name within the job.
    pub fn name(&self) -> String {
        match self {
            Self::Thread => "thread".to_owned(),
            Self::Announcements => "announcements".to_owned(),
            Self::Files => "files".to_owned(),
            Self::Changes(slot) => format!("changes/{}", slot.name()),
            Self::Reactions => "reactions".to_owned(),
            Self::Answers => "answers".to_owned(),
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
        /// For whom: they are told where it can't be opened.
        to: Person,
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
    /// When it was tried first: how long it waited before that is nobody's failure.
    pub tried: Option<Timestamp>,
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

    /// Whether there is anything left to be done about it.
    pub fn is_waiting(&self) -> bool {
        match self {
            Self::Pending | Self::Unknown => true,
            Self::Sent | Self::Dead(_) => false,
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

/// How often a row is tried, and for how long at least, before one that may have been sent each time is given up: such
/// a message is one that Slack can't digest.
pub const ATTEMPTS: u32 = 12;
/// See [`ATTEMPTS`].
pub const DIGESTED: Duration = Duration::from_mins(30);
/// For how long after its first try what was certainly not sent is tried again: an outage of some hours loses nothing.
pub const KEPT: Duration = Duration::from_hours(24);
/// For how long an answer to one person is: nobody waits longer for one.
pub const KEPT_REPLY: Duration = Duration::from_mins(30);
/// How long a message takes at most to show in its thread's history.
const SHOWS: Duration = Duration::from_secs(1);

impl Row {
    /// A row to be delivered at once.
    pub fn new(id: DeliveryId, job: Option<JobId>, act: Act, now: Timestamp) -> Self {
        Self { id, job, act, status: Status::Pending, attempts: 0, due: now, created: now, tried: None }
    }

    /// In which lane it waits its turn; one about no job waits for nobody.
    pub fn lane(&self) -> Option<Lane> {
        self.job.as_ref().map(|_| self.act.lane())
    }

    /// The row that has to be done with first, be it sent or given up: there is nothing to be changed before that.
    pub fn needs(&self) -> Option<DeliveryId> {
        let job = self.job.as_ref()?;
        match &self.act {
            Act::Update(slot) => Some(slot.row(job)),
            Act::React(_) | Act::Post(Slot::Diff(_) | Slot::Pointer(_)) => Some(Slot::Root.row(job)),
            Act::Post(_) | Act::Reply(_) | Act::Open { .. } => None,
        }
    }

    /// The same, after somebody held it and let it go without saying what came of it: it may have been sent.
    #[must_use]
    pub fn doubted(self) -> Self {
        let status = if self.status == Status::Pending { Status::Unknown } else { self.status };
        Self { status, ..self }
    }

    /// What follows from a try. `jitter` is a random number from 0 to 1.
    #[must_use]
    pub fn after(&self, tried: Tried, now: Timestamp, jitter: f64) -> Self {
        let attempts = self.attempts.saturating_add(1);
        let first = self.tried.unwrap_or(now);
        let mut row = Self { attempts, tried: Some(first), ..self.clone() };
        let old = age(first, now);
        let given_up =
            |why: String| (Status::Dead(format!("given up after {attempts} tries: {why}")), Duration::ZERO);
        let (status, wait) = match tried {
            Tried::Delivered => (Status::Sent, Duration::ZERO),
            Tried::Refused(why) => (Status::Dead(why), Duration::ZERO),
            Tried::NotSent { why, .. } if old >= self.act.kept() => given_up(why),
            Tried::Ambiguous(why) if attempts >= ATTEMPTS && old >= DIGESTED => given_up(why),
            Tried::NotSent { after, .. } => {
                // What may have been sent before still may have.
                let status = if self.status == Status::Unknown { Status::Unknown } else { Status::Pending };
                (status, after.unwrap_or_else(|| backoff(attempts, jitter)))
            }
            Tried::Ambiguous(_) => (Status::Unknown, backoff(attempts, jitter).max(SHOWS)),
        };
        row.status = status;
        row.due = now.saturating_add(wait).unwrap_or(now);
        row
    }
}

impl Act {
    fn lane(&self) -> Lane {
        match self {
            Self::Post(Slot::Announcement(_)) => Lane::Announcements,
            Self::Post(Slot::Diff(_) | Slot::Pointer(_)) => Lane::Files,
            Self::Post(Slot::Root | Slot::Card(_) | Slot::Reminder(_) | Slot::Held(_) | Slot::Outcome(_)) => {
                Lane::Thread
            }
            Self::Update(slot) => Lane::Changes(slot.clone()),
            Self::React(_) => Lane::Reactions,
            Self::Reply(_) | Self::Open { .. } => Lane::Answers,
        }
    }

    /// For how long it is tried.
    fn kept(&self) -> Duration {
        match self {
            Self::Post(_) | Self::Update(_) | Self::React(_) => KEPT,
            Self::Reply(_) | Self::Open { .. } => KEPT_REPLY,
        }
    }
}

/// How long ago that was.
fn age(then: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(then.duration_until(now)).unwrap_or_default()
}

/// Half a second, doubled with each try up to a minute, of which up to half is left to chance.
fn backoff(attempts: u32, jitter: f64) -> Duration {
    let full = Duration::from_millis(500 << attempts.saturating_sub(1).min(7)).min(Duration::from_mins(1));
    full.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::UserId;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + seconds).unwrap()
    }

    fn row() -> Row {
        Row::new(DeliveryId::new("d"), Some(JobId::new("j")), Act::Post(Slot::Root), at(0))
    }

    fn not_sent(after: Option<Duration>) -> Tried {
        Tried::NotSent { after, why: "ratelimited".to_owned() }
    }

    #[test]
    fn what_was_not_sent_is_tried_again_when_slack_says_so_or_ever_later() {
        let once = row().after(not_sent(Some(Duration::from_secs(30))), at(0), 0.5);
        assert_eq!((once.status.clone(), once.due, once.attempts), (Status::Pending, at(30), 1));
        let mut row = row();
        let mut waits = Vec::new();
        for _ in 0..9 {
            row = row.after(not_sent(None), at(0), 1.0);
            waits.push(age(at(0), row.due).as_millis());
        }
        assert_eq!(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    }

    #[test]
    fn an_outage_of_hours_loses_no_message_and_one_of_a_day_does() {
        let tired = Row { attempts: 500, tried: Some(at(0)), ..row() };
        assert_eq!(tired.after(not_sent(None), at(23 * 3_600), 0.0).status, Status::Pending);
        let dead = tired.after(not_sent(None), at(24 * 3_600), 0.0).status;
        assert_eq!(dead, Status::Dead("given up after 501 tries: ratelimited".to_owned()));
    }

    #[test]
    fn what_waited_for_days_before_its_first_try_is_not_given_up_at_that() {
        let monday = 3 * 24 * 3_600;
        let once = row().after(not_sent(Some(Duration::from_secs(1))), at(monday), 0.0);
        assert_eq!((once.status.clone(), once.due), (Status::Pending, at(monday + 1)));
        assert_eq!(once.after(not_sent(None), at(monday + 23 * 3_600), 0.0).status, Status::Pending);
        assert!(matches!(once.after(not_sent(None), at(monday + 24 * 3_600), 0.0).status, Status::Dead(_)));
        let suspect = Row { attempts: ATTEMPTS, ..row() };
        let ambiguous = Tried::Ambiguous("500".to_owned());
        assert_eq!(suspect.after(ambiguous, at(monday), 0.0).status, Status::Unknown);
    }

    #[test]
    fn what_changes_a_message_waits_for_its_post_and_for_nothing_else() {
        let of = |act| Row::new(DeliveryId::new("d"), Some(JobId::new("j")), act, at(0));
        for (act, lane, needs) in [
            (Act::Post(Slot::Root), "thread", None),
            (Act::Post(Slot::Outcome(0)), "thread", None),
            (Act::Post(Slot::Announcement(0)), "announcements", None),
            (Act::Post(Slot::Diff(1)), "files", Some("j:root")),
            (Act::Update(Slot::Card(1)), "changes/card/1", Some("j:card/1")),
            (Act::Update(Slot::Root), "changes/root", Some("j:root")),
            (Act::React(Reaction::Eyes), "reactions", Some("j:root")),
        ] {
            let row = of(act);
            assert_eq!(row.lane().unwrap().name(), lane);
            assert_eq!(row.needs().as_ref().map(DeliveryId::as_str), needs, "{lane}");
        }
        assert_eq!(Row { job: None, ..row() }.lane(), None);
    }

    #[test]
    fn an_answer_to_one_person_is_not_given_hours_later() {
        let reply = Reply {
            to: Person {
                team: super::super::ids::TeamId::new("T"),
                enterprise: None,
                user: UserId::new("U"),
            },
            channel: ChannelId::new("C"),
            thread: None,
            response_url: None,
            visible: false,
            text: "no".to_owned(),
        };
        let row = Row { act: Act::Reply(reply), tried: Some(at(0)), ..row() };
        assert_eq!(row.after(not_sent(None), at(60), 0.0).status, Status::Pending);
        assert!(matches!(row.after(not_sent(None), at(1_800), 0.0).status, Status::Dead(_)));
    }

    #[test]
    fn what_may_have_been_sent_stays_so_until_it_is_known() {
        let unknown = row().after(Tried::Ambiguous("500".to_owned()), at(0), 0.0);
        assert_eq!((unknown.status.clone(), unknown.due), (Status::Unknown, at(1)));
        assert_eq!(unknown.after(not_sent(None), at(1), 0.0).status, Status::Unknown);
        assert_eq!(unknown.after(Tried::Delivered, at(1), 0.0).status, Status::Sent);
        assert_eq!(
            unknown.after(Tried::Refused("no".to_owned()), at(1), 0.0).status,
            Status::Dead("no".to_owned())
        );
    }

    #[test]
    fn a_message_that_slack_cannot_digest_is_given_up() {
        let ambiguous = || Tried::Ambiguous("500".to_owned());
        let tired = Row { attempts: ATTEMPTS, tried: Some(at(0)), ..row() };
        assert_eq!(tired.after(ambiguous(), at(60), 0.0).status, Status::Unknown);
        assert_eq!(row().after(ambiguous(), at(3_600), 0.0).status, Status::Unknown);
        assert!(matches!(tired.after(ambiguous(), at(1_800), 0.0).status, Status::Dead(_)));
    }
}
