//! Rows of the outbox, and where their messages are.

use serde::{Deserialize, Serialize};

use super::person::PersonRecord;
use super::slot::{SlotWord, word_of};
use super::time::At;
use super::version::V1;
use super::words::ReactionWord;
use crate::domain::delivery::{Act, Modal, Posted, Reply, Row, Status};
use crate::domain::ids::{ChannelId, DeliveryId, Digest, JobId, MessageTs, TriggerId};

/// What is to be done, in a word or two, for whoever looks into a store. What people wrote stays in the record.
pub fn label_of(act: &Act) -> String {
    match act {
        Act::Post(slot) => format!("post {}", word_of(slot)),
        Act::Update(slot) => format!("update {}", word_of(slot)),
        Act::React(reaction) => format!("react {}", reaction.name()),
        Act::Reply(_) => "reply".to_owned(),
        Act::Open { modal: Modal::Deny { .. }, .. } => "open deny".to_owned(),
        Act::Open { modal: Modal::Ask { .. }, .. } => "open ask".to_owned(),
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowRecord {
    v: V1,
    id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    job: Option<String>,
    act: ActRecord,
    status: StatusRecord,
    attempts: u32,
    due: At,
    created: At,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tried: Option<At>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum StatusRecord {
    Pending,
    Unknown,
    Sent,
    Dead(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum ActRecord {
    Post(SlotWord),
    Update(SlotWord),
    React(ReactionWord),
    Reply(ReplyRecord),
    Open { to: PersonRecord, trigger: String, modal: ModalRecord },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReplyRecord {
    to: PersonRecord,
    channel: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    thread: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    response_url: Option<String>,
    visible: bool,
    text: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum ModalRecord {
    Deny { job: String, revision: u32, digest: String, channel: String, thread: Option<String> },
    Ask { channel: String, thread: String },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostedRecord {
    v: V1,
    slot: SlotWord,
    channel: String,
    ts: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

impl From<&Row> for RowRecord {
    fn from(Row { id, job, act, status, attempts, due, created, tried }: &Row) -> Self {
        Self {
            v: V1,
            id: id.to_string(),
            job: job.as_ref().map(JobId::to_string),
            act: act.into(),
            status: status.into(),
            attempts: *attempts,
            due: At(*due),
            created: At(*created),
            tried: tried.map(At),
        }
    }
}

impl From<RowRecord> for Row {
    fn from(RowRecord { v: V1, id, job, act, status, attempts, due, created, tried }: RowRecord) -> Self {
        Self {
            id: DeliveryId::new(id),
            job: job.map(JobId::new),
            act: act.into(),
            status: status.into(),
            attempts,
            due: due.0,
            created: created.0,
            tried: tried.map(|tried| tried.0),
        }
    }
}

impl From<&Status> for StatusRecord {
    fn from(status: &Status) -> Self {
        match status {
            Status::Pending => Self::Pending,
            Status::Unknown => Self::Unknown,
            Status::Sent => Self::Sent,
            Status::Dead(why) => Self::Dead(why.clone()),
        }
    }
}

impl From<StatusRecord> for Status {
    fn from(record: StatusRecord) -> Self {
        match record {
            StatusRecord::Pending => Self::Pending,
            StatusRecord::Unknown => Self::Unknown,
            StatusRecord::Sent => Self::Sent,
            StatusRecord::Dead(why) => Self::Dead(why),
        }
    }
}

impl From<&Act> for ActRecord {
    fn from(act: &Act) -> Self {
        match act {
            Act::Post(slot) => Self::Post(SlotWord(slot.clone())),
            Act::Update(slot) => Self::Update(SlotWord(slot.clone())),
            Act::React(reaction) => Self::React((*reaction).into()),
            Act::Reply(reply) => Self::Reply(reply.into()),
            Act::Open { to, trigger, modal } => {
                Self::Open { to: to.into(), trigger: trigger.to_string(), modal: modal.into() }
            }
        }
    }
}

impl From<ActRecord> for Act {
    fn from(record: ActRecord) -> Self {
        match record {
            ActRecord::Post(slot) => Self::Post(slot.0),
            ActRecord::Update(slot) => Self::Update(slot.0),
            ActRecord::React(reaction) => Self::React(reaction.into()),
            ActRecord::Reply(reply) => Self::Reply(reply.into()),
            ActRecord::Open { to, trigger, modal } => {
                Self::Open { to: to.into(), trigger: TriggerId::new(trigger), modal: modal.into() }
            }
        }
    }
}

impl From<&Reply> for ReplyRecord {
    fn from(Reply { to, channel, thread, response_url, visible, text }: &Reply) -> Self {
        Self {
            to: to.into(),
            channel: channel.to_string(),
            thread: thread.as_ref().map(MessageTs::to_string),
            response_url: response_url.clone(),
            visible: *visible,
            text: text.clone(),
        }
    }
}

impl From<ReplyRecord> for Reply {
    fn from(ReplyRecord { to, channel, thread, response_url, visible, text }: ReplyRecord) -> Self {
        Self {
            to: to.into(),
            channel: ChannelId::new(channel),
            thread: thread.map(MessageTs::new),
            response_url,
            visible,
            text,
        }
    }
}

impl From<&Modal> for ModalRecord {
    fn from(modal: &Modal) -> Self {
        match modal {
            Modal::Deny { job, revision, digest, channel, thread } => Self::Deny {
                job: job.to_string(),
                revision: *revision,
                digest: digest.to_string(),
                channel: channel.to_string(),
                thread: thread.as_ref().map(MessageTs::to_string),
            },
            Modal::Ask { channel, thread } => {
                Self::Ask { channel: channel.to_string(), thread: thread.to_string() }
            }
        }
    }
}

impl From<ModalRecord> for Modal {
    fn from(record: ModalRecord) -> Self {
        match record {
            ModalRecord::Deny { job, revision, digest, channel, thread } => Self::Deny {
                job: JobId::new(job),
                revision,
                digest: Digest::new(digest),
                channel: ChannelId::new(channel),
                thread: thread.map(MessageTs::new),
            },
            ModalRecord::Ask { channel, thread } => {
                Self::Ask { channel: ChannelId::new(channel), thread: MessageTs::new(thread) }
            }
        }
    }
}

impl From<&Posted> for PostedRecord {
    fn from(Posted { slot, channel, ts, link }: &Posted) -> Self {
        Self {
            v: V1,
            slot: SlotWord(slot.clone()),
            channel: channel.to_string(),
            ts: ts.to_string(),
            link: link.clone(),
        }
    }
}

impl From<PostedRecord> for Posted {
    fn from(PostedRecord { v: V1, slot, channel, ts, link }: PostedRecord) -> Self {
        Self { slot: slot.0, channel: ChannelId::new(channel), ts: MessageTs::new(ts), link }
    }
}
