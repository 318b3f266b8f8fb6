//! What was received.

use serde::{Deserialize, Serialize};

use super::person::PersonRecord;
use super::time::At;
use super::version::V1;
use super::words::ButtonWord;
use crate::domain::ids::{ChannelId, Digest, JobId, MessageTs, ReceiptKey, TriggerId};
use crate::domain::reason::Reason;
use crate::domain::receipt::{Receipt, Said, Sender, Subject};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptRecord {
    v: V1,
    key: String,
    at: At,
    from: SenderRecord,
    said: SaidRecord,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SenderRecord {
    person: PersonRecord,
    channel: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    thread: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    response_url: Option<String>,
    direct: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum SaidRecord {
    Command { line: String },
    Click { button: ButtonWord, subject: SubjectRecord, trigger: Option<String> },
    Unreadable { button: ButtonWord },
    Denial { subject: SubjectRecord, reason: String },
    Shortcut { trigger: String },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SubjectRecord {
    job: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revision: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    question: Option<u32>,
}

impl From<&Receipt> for ReceiptRecord {
    fn from(Receipt { key, at, from, said }: &Receipt) -> Self {
        Self { v: V1, key: key.to_string(), at: At(*at), from: from.into(), said: said.into() }
    }
}

impl From<ReceiptRecord> for Receipt {
    fn from(ReceiptRecord { v: V1, key, at, from, said }: ReceiptRecord) -> Self {
        Self { key: ReceiptKey::new(key), at: at.0, from: from.into(), said: said.into() }
    }
}

impl From<&Sender> for SenderRecord {
    fn from(Sender { person, channel, thread, response_url, direct }: &Sender) -> Self {
        Self {
            person: person.into(),
            channel: channel.to_string(),
            thread: thread.as_ref().map(MessageTs::to_string),
            response_url: response_url.clone(),
            direct: *direct,
        }
    }
}

impl From<SenderRecord> for Sender {
    fn from(SenderRecord { person, channel, thread, response_url, direct }: SenderRecord) -> Self {
        Self {
            person: person.into(),
            channel: ChannelId::new(channel),
            thread: thread.map(MessageTs::new),
            response_url,
            direct,
        }
    }
}

impl From<&Said> for SaidRecord {
    fn from(said: &Said) -> Self {
        match said {
            Said::Command { line } => Self::Command { line: line.clone() },
            Said::Click { button, subject, trigger } => Self::Click {
                button: (*button).into(),
                subject: subject.into(),
                trigger: trigger.as_ref().map(TriggerId::to_string),
            },
            Said::Unreadable { button } => Self::Unreadable { button: (*button).into() },
            Said::Denial { subject, reason } => {
                Self::Denial { subject: subject.into(), reason: reason.to_string() }
            }
            Said::Shortcut { trigger } => Self::Shortcut { trigger: trigger.to_string() },
        }
    }
}

impl From<SaidRecord> for Said {
    fn from(record: SaidRecord) -> Self {
        match record {
            SaidRecord::Command { line } => Self::Command { line },
            SaidRecord::Click { button, subject, trigger } => Self::Click {
                button: button.into(),
                subject: subject.into(),
                trigger: trigger.map(TriggerId::new),
            },
            SaidRecord::Unreadable { button } => Self::Unreadable { button: button.into() },
            SaidRecord::Denial { subject, reason } => {
                Self::Denial { subject: subject.into(), reason: Reason::stored(reason) }
            }
            SaidRecord::Shortcut { trigger } => Self::Shortcut { trigger: TriggerId::new(trigger) },
        }
    }
}

impl From<&Subject> for SubjectRecord {
    fn from(Subject { job, revision, digest, question }: &Subject) -> Self {
        Self {
            job: job.to_string(),
            revision: *revision,
            digest: digest.as_ref().map(Digest::to_string),
            question: *question,
        }
    }
}

impl From<SubjectRecord> for Subject {
    fn from(SubjectRecord { job, revision, digest, question }: SubjectRecord) -> Self {
        Self { job: JobId::new(job), revision, digest: digest.map(Digest::new), question }
    }
}
