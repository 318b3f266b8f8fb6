//! What operators hear of deliveries: counts, and log lines with fields. Never a message's text, never an address that
//! can be written to.

use std::sync::Arc;

use crate::domain::delivery::{Act, Row, Slot};
use crate::slack::api::ApiError;

/// Something to be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Noted {
    /// A row was delivered.
    Sent,
    /// A row is to be tried again.
    Retried,
    /// Nobody knows whether a row was delivered.
    Unknown,
    /// A row was given up.
    Dead,
    /// A message had come twice, and the later one was taken back.
    TwinDeleted,
    /// A message had come twice, and both stand.
    TwinLeft,
}

impl Noted {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Sent, Self::Retried, Self::Unknown, Self::Dead, Self::TwinDeleted, Self::TwinLeft];

    /// Its word, for metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Retried => "retried",
            Self::Unknown => "unknown",
            Self::Dead => "dead",
            Self::TwinDeleted => "twin_deleted",
            Self::TwinLeft => "twin_left",
        }
    }
}

/// Who counts.
pub type Count = Arc<dyn Fn(Noted) + Send + Sync>;

/// What a row does, in a word.
pub(super) fn word(act: &Act) -> &'static str {
    match act {
        Act::Post(slot) => slot_word(slot),
        Act::Update(_) => "update",
        Act::React(_) => "reaction",
        Act::Reply(_) => "reply",
        Act::Open { .. } => "modal",
    }
}

fn slot_word(slot: &Slot) -> &'static str {
    match slot {
        Slot::Root => "root",
        Slot::Card(_) => "card",
        Slot::Reminder(_) => "reminder",
        Slot::Held(_) => "held",
        Slot::Outcome(_) => "outcome",
        Slot::Announcement(_) => "announcement",
        Slot::Diff(_) | Slot::Pointer(_) => "diff",
    }
}

/// A message that nobody will get, and that an operator can do something about.
pub(super) fn given_up(row: &Row, why: &str, error: Option<&ApiError>) {
    tracing::error!(
        delivery = %row.id,
        job = row.job.as_ref().map(tracing::field::display),
        what = word(&row.act),
        attempts = row.attempts,
        method = error.map(|error| error.method.name()),
        code = error.and_then(ApiError::code),
        class = error.map(|error| error.class().as_str()),
        why,
        "a message to Slack was given up; see what Slack says about the code, then ask for the job's status in Slack"
    );
}

/// A message that nobody will get, for a reason in Slack that is nobody's fault.
pub(super) fn dropped(row: &Row, why: &str) {
    tracing::warn!(
        delivery = %row.id,
        job = row.job.as_ref().map(tracing::field::display),
        what = word(&row.act),
        attempts = row.attempts,
        why,
        "a message to Slack was given up"
    );
}
