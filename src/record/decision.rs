//! Decisions, and operators' words. The proof of an approval isn't stored: it follows from the job that bears one.

use serde::{Deserialize, Serialize};

use super::person::PersonRecord;
use super::time::At;
use super::words::{OrderWord, VerdictWord};
use crate::domain::approval::{Decision, Word};
use crate::domain::ids::{Digest, PrincipalId};
use crate::domain::reason::Reason;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionRecord {
    verdict: VerdictWord,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    principal: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    person: Option<PersonRecord>,
    revision: u32,
    digest: String,
    at: At,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl From<&Decision> for DecisionRecord {
    fn from(decision: &Decision) -> Self {
        let Decision { verdict, principal, person, revision, digest, at, reason } = decision;
        Self {
            verdict: (*verdict).into(),
            principal: principal.as_ref().map(PrincipalId::to_string),
            person: person.as_ref().map(PersonRecord::from),
            revision: *revision,
            digest: digest.to_string(),
            at: At(*at),
            reason: reason.as_ref().map(Reason::to_string),
        }
    }
}

impl From<DecisionRecord> for Decision {
    fn from(record: DecisionRecord) -> Self {
        let DecisionRecord { verdict, principal, person, revision, digest, at, reason } = record;
        Self {
            verdict: verdict.into(),
            principal: principal.map(PrincipalId::new),
            person: person.map(Into::into),
            revision,
            digest: Digest::new(digest),
            at: at.0,
            reason: reason.map(Reason::stored),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WordRecord {
    order: OrderWord,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    principal: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    person: Option<PersonRecord>,
    at: At,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    question: Option<u32>,
}

impl From<&Word> for WordRecord {
    fn from(word: &Word) -> Self {
        let Word { order, principal, person, at, question } = word;
        Self {
            order: (*order).into(),
            principal: principal.as_ref().map(PrincipalId::to_string),
            person: person.as_ref().map(PersonRecord::from),
            at: At(*at),
            question: *question,
        }
    }
}

impl From<WordRecord> for Word {
    fn from(record: WordRecord) -> Self {
        let WordRecord { order, principal, person, at, question } = record;
        Self {
            order: order.into(),
            principal: principal.map(PrincipalId::new),
            person: person.map(Into::into),
            at: at.0,
            question,
        }
    }
}
