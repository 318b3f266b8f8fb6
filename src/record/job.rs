//! Jobs. They are written at every transition, so what is large is kept beside them, in the case.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::case::PlannedStageRecord;
use super::decision::{DecisionRecord, WordRecord};
use super::person::PersonRecord;
use super::role::RoleRefRecord;
use super::state::StateRecord;
use super::time::At;
use super::version::V1;
use super::words::LevelWord;
use crate::domain::ids::{ChannelId, Digest, JobId, ReceiptKey};
use crate::domain::job::{Asked, Brief, Job, Options};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobRecord {
    v: V1,
    id: String,
    role: RoleRefRecord,
    asked: AskedRecord,
    version: u64,
    epoch: u32,
    state: StateRecord,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    case: Option<BriefRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decision: Option<DecisionRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    word: Option<WordRecord>,
    attempts: u32,
    told: u32,
    held: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    head: Option<(u64, String)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    progress: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due: Option<At>,
    created: At,
    updated: At,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedRecord {
    by: PersonRecord,
    channel: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    response_url: Option<String>,
    receipt: String,
    options: OptionsRecord,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OptionsRecord {
    days: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    guardrails: Option<String>,
    reasoner: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BriefRecord {
    revision: u32,
    digest: String,
    severity: LevelWord,
    stages: Vec<PlannedStageRecord>,
    approvable: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    out_of_scope: Option<String>,
    path: String,
    tags: BTreeMap<String, String>,
}

impl From<&Job> for JobRecord {
    fn from(job: &Job) -> Self {
        let Job {
            id,
            role,
            asked,
            version,
            epoch,
            state,
            case,
            decision,
            word,
            attempts,
            told,
            held,
            head,
            progress,
            due,
            created,
            updated,
        } = job;
        Self {
            v: V1,
            id: id.to_string(),
            role: role.into(),
            asked: asked.into(),
            version: *version,
            epoch: *epoch,
            state: state.into(),
            case: case.as_ref().map(BriefRecord::from),
            decision: decision.as_ref().map(DecisionRecord::from),
            word: word.as_ref().map(WordRecord::from),
            attempts: *attempts,
            told: *told,
            held: *held,
            head: head.as_ref().map(|(number, hash)| (*number, hash.to_string())),
            progress: progress.clone(),
            due: due.map(At),
            created: At(*created),
            updated: At(*updated),
        }
    }
}

impl From<JobRecord> for Job {
    fn from(record: JobRecord) -> Self {
        Self {
            id: JobId::new(record.id),
            role: record.role.into(),
            asked: record.asked.into(),
            version: record.version,
            epoch: record.epoch,
            state: record.state.into(),
            case: record.case.map(Into::into),
            decision: record.decision.map(Into::into),
            word: record.word.map(Into::into),
            attempts: record.attempts,
            told: record.told,
            held: record.held,
            head: record.head.map(|(number, hash)| (number, Digest::new(hash))),
            progress: record.progress,
            due: record.due.map(|at| at.0),
            created: record.created.0,
            updated: record.updated.0,
        }
    }
}

impl From<&Asked> for AskedRecord {
    fn from(asked: &Asked) -> Self {
        let Asked { by, channel, response_url, receipt, options } = asked;
        let Options { days, guardrails, reasoner } = options;
        Self {
            by: by.into(),
            channel: channel.to_string(),
            response_url: response_url.clone(),
            receipt: receipt.to_string(),
            options: OptionsRecord { days: *days, guardrails: guardrails.clone(), reasoner: *reasoner },
        }
    }
}

impl From<AskedRecord> for Asked {
    fn from(record: AskedRecord) -> Self {
        let OptionsRecord { days, guardrails, reasoner } = record.options;
        Self {
            by: record.by.into(),
            channel: ChannelId::new(record.channel),
            response_url: record.response_url,
            receipt: ReceiptKey::new(record.receipt),
            options: Options { days, guardrails, reasoner },
        }
    }
}

impl From<&Brief> for BriefRecord {
    fn from(brief: &Brief) -> Self {
        let Brief { revision, digest, severity, stages, approvable, out_of_scope, path, tags } = brief;
        Self {
            revision: *revision,
            digest: digest.to_string(),
            severity: (*severity).into(),
            stages: stages.iter().map(Into::into).collect(),
            approvable: *approvable,
            out_of_scope: out_of_scope.clone(),
            path: path.clone(),
            tags: tags.clone(),
        }
    }
}

impl From<BriefRecord> for Brief {
    fn from(record: BriefRecord) -> Self {
        let BriefRecord { revision, digest, severity, stages, approvable, out_of_scope, path, tags } = record;
        Self {
            revision,
            digest: Digest::new(digest),
            severity: severity.into(),
            stages: stages.into_iter().map(Into::into).collect(),
            approvable,
            out_of_scope,
            path,
            tags,
        }
    }
}
