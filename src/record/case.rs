//! Cases, each written once, with everything that a decision was based on.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::policy::PolicyRecord;
use super::role::{SnapshotRecord, WriteRecord};
use super::time::At;
use super::version::V1;
use super::words::{CheckWord, LevelWord, StageWord, StandWord};
use crate::domain::ids::JobId;
use crate::domain::opinion::Opinion;
use crate::domain::proposal::{Case, CoverageFacts, DiffFacts, DiffLine, ProofFacts, Prose};
use crate::domain::rollout::PlannedStage;
use crate::iam::risk::{Reason, Risk};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseRecord {
    v: V1,
    job: String,
    revision: u32,
    snapshot: SnapshotRecord,
    proposed: Vec<PolicyRecord>,
    used: Vec<String>,
    writes: Vec<(StageWord, Vec<WriteRecord>)>,
    stages: Vec<PlannedStageRecord>,
    coverage: CoverageRecord,
    proofs: ProofRecord,
    changes: DiffRecord,
    risk: RiskRecord,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    opinions: Vec<OpinionRecord>,
    prose: Option<ProseRecord>,
    guardrails: String,
    made: At,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedStageRecord {
    stage: StageWord,
    soak: Duration,
    threshold: u32,
    min_calls: u64,
    writes: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    skipped: Option<String>,
}

/// Declares the mirror of a struct whose fields are their own mirrors.
macro_rules! mirrors {
    ($($record:ident = $domain:ident { $($field:ident: $type:ty),+ $(,)? })+) => {$(
        #[derive(Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $record { $($field: $type),+ }

        impl From<&$domain> for $record {
            fn from(domain: &$domain) -> Self {
                let $domain { $($field),+ } = domain.clone();
                Self { $($field),+ }
            }
        }

        impl From<$record> for $domain {
            fn from(record: $record) -> Self {
                let $record { $($field),+ } = record;
                Self { $($field),+ }
            }
        }
    )+};
}

mirrors! {
    CoverageRecord = CoverageFacts { calls: u64, days: u32, asked_days: u32, gaps: Vec<String> }
    ProofRecord = ProofFacts {
        allowed: u64, undecided: u64, broken: u64, grants: u64, violations: u64, unproved: u64,
    }
    DiffLineRecord = DiffLine { kind: String, text: String, actions: u64 }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OpinionRecord {
    check: CheckWord,
    stand: StandWord,
    text: String,
}

impl From<&Opinion> for OpinionRecord {
    fn from(opinion: &Opinion) -> Self {
        let Opinion { check, stand, text } = opinion.clone();
        Self { check: check.into(), stand: stand.into(), text }
    }
}

impl From<OpinionRecord> for Opinion {
    fn from(record: OpinionRecord) -> Self {
        let OpinionRecord { check, stand, text } = record;
        Self { check: check.into(), stand: stand.into(), text }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProseRecord {
    text: String,
    author: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    opinion: Option<LevelWord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    instead: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DiffRecord {
    before: u64,
    after: u64,
    lines: Vec<DiffLineRecord>,
    whole: String,
    unobservable: Vec<String>,
    unwatched: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RiskRecord {
    level: LevelWord,
    reasons: Vec<(LevelWord, String)>,
}

impl From<&Case> for CaseRecord {
    fn from(case: &Case) -> Self {
        let Case {
            job,
            revision,
            snapshot,
            proposed,
            used,
            writes,
            stages,
            coverage,
            proofs,
            changes,
            risk,
            opinions,
            prose,
            guardrails,
            made,
        } = case;
        let of_stage = |(stage, writes): &(_, Vec<_>)| {
            (StageWord::from(*stage), writes.iter().map(WriteRecord::from).collect())
        };
        Self {
            v: V1,
            job: job.to_string(),
            revision: *revision,
            snapshot: snapshot.into(),
            proposed: proposed.iter().map(PolicyRecord::from).collect(),
            used: used.clone(),
            writes: writes.iter().map(of_stage).collect(),
            stages: stages.iter().map(PlannedStageRecord::from).collect(),
            coverage: coverage.into(),
            proofs: proofs.into(),
            changes: changes.into(),
            risk: risk.into(),
            opinions: opinions.iter().map(OpinionRecord::from).collect(),
            prose: prose.as_ref().map(ProseRecord::from),
            guardrails: guardrails.clone(),
            made: At(*made),
        }
    }
}

impl From<CaseRecord> for Case {
    fn from(record: CaseRecord) -> Self {
        let of_stage = |(stage, writes): (StageWord, Vec<WriteRecord>)| {
            (stage.into(), writes.into_iter().map(Into::into).collect())
        };
        Self {
            job: JobId::new(record.job),
            revision: record.revision,
            snapshot: record.snapshot.into(),
            proposed: record.proposed.into_iter().map(|policy| policy.0).collect(),
            used: record.used,
            writes: record.writes.into_iter().map(of_stage).collect(),
            stages: record.stages.into_iter().map(Into::into).collect(),
            coverage: record.coverage.into(),
            proofs: record.proofs.into(),
            changes: record.changes.into(),
            risk: record.risk.into(),
            opinions: record.opinions.into_iter().map(Into::into).collect(),
            prose: record.prose.map(Into::into),
            guardrails: record.guardrails,
            made: record.made.0,
        }
    }
}

impl From<&PlannedStage> for PlannedStageRecord {
    fn from(planned: &PlannedStage) -> Self {
        let PlannedStage { stage, soak, threshold, min_calls, writes, skipped } = planned.clone();
        Self { stage: stage.into(), soak, threshold, min_calls, writes, skipped }
    }
}

impl From<PlannedStageRecord> for PlannedStage {
    fn from(record: PlannedStageRecord) -> Self {
        let PlannedStageRecord { stage, soak, threshold, min_calls, writes, skipped } = record;
        Self { stage: stage.into(), soak, threshold, min_calls, writes, skipped }
    }
}

impl From<&Prose> for ProseRecord {
    fn from(prose: &Prose) -> Self {
        let Prose { text, author, opinion, instead } = prose.clone();
        Self { text, author, opinion: opinion.map(Into::into), instead }
    }
}

impl From<ProseRecord> for Prose {
    fn from(record: ProseRecord) -> Self {
        let ProseRecord { text, author, opinion, instead } = record;
        Self { text, author, opinion: opinion.map(Into::into), instead }
    }
}

impl From<&DiffFacts> for DiffRecord {
    fn from(facts: &DiffFacts) -> Self {
        let DiffFacts { before, after, lines, whole, unobservable, unwatched } = facts.clone();
        let lines = lines.iter().map(DiffLineRecord::from).collect();
        Self { before, after, lines, whole, unobservable, unwatched }
    }
}

impl From<DiffRecord> for DiffFacts {
    fn from(record: DiffRecord) -> Self {
        let DiffRecord { before, after, lines, whole, unobservable, unwatched } = record;
        let lines = lines.into_iter().map(Into::into).collect();
        Self { before, after, lines, whole, unobservable, unwatched }
    }
}

impl From<&Risk> for RiskRecord {
    fn from(Risk { level, reasons }: &Risk) -> Self {
        let reason = |Reason { level, text }: &Reason| ((*level).into(), text.clone());
        Self { level: (*level).into(), reasons: reasons.iter().map(reason).collect() }
    }
}

impl From<RiskRecord> for Risk {
    fn from(RiskRecord { level, reasons }: RiskRecord) -> Self {
        let reason = |(level, text): (LevelWord, String)| Reason { level: level.into(), text };
        Self { level: level.into(), reasons: reasons.into_iter().map(reason).collect() }
    }
}
