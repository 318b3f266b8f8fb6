//! Jobs as JSON: a contract with programs.

use serde::Serialize;

use crate::domain::audit::Entry;
use crate::domain::job::Job;
use crate::domain::proposal::Case;

/// A job in a list.
#[derive(Debug, Serialize)]
pub struct JobForm {
    id: String,
    role: String,
    account: String,
    state: &'static str,
    stage: Option<&'static str>,
    requester: String,
    revision: Option<u32>,
    digest: Option<String>,
    created: String,
    updated: String,
}

impl JobForm {
    /// Of a job.
    pub fn of(job: &Job) -> Self {
        Self {
            id: job.id.to_string(),
            role: job.role.name.clone(),
            account: job.role.account.to_string(),
            state: job.state.word(),
            stage: job.state.stage().map(crate::domain::rollout::Stage::as_str),
            requester: job.asked.by.to_string(),
            revision: job.case.as_ref().map(|case| case.revision),
            digest: job.case.as_ref().map(|case| case.digest.to_string()),
            created: job.created.to_string(),
            updated: job.updated.to_string(),
        }
    }
}

/// A job by itself.
#[derive(Debug, Serialize)]
pub struct ShownForm {
    #[serde(flatten)]
    job: JobForm,
    epoch: u32,
    why: Option<String>,
    due: Option<String>,
    severity: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    out_of_scope: Option<String>,
    stages: Vec<StageForm>,
    decision: Option<DecisionForm>,
    proposal: Option<ProposalForm>,
}

#[derive(Debug, Serialize)]
struct StageForm {
    stage: &'static str,
    soak_seconds: u64,
    writes: u32,
    skipped: Option<String>,
}

#[derive(Debug, Serialize)]
struct DecisionForm {
    verdict: &'static str,
    by: String,
    at: String,
    reason: Option<String>,
}

#[derive(Debug, Serialize)]
struct ProposalForm {
    policies: Vec<serde_json::Value>,
    actions_before: u64,
    actions_after: u64,
    calls: u64,
    days: u32,
    last_used: Option<LastUsedForm>,
    replay: ReplayForm,
    no_new_access: ContainmentForm,
    risk: Vec<String>,
    gaps: Vec<String>,
}

#[derive(Debug, Serialize)]
struct LastUsedForm {
    at: String,
    region: String,
}

#[derive(Debug, Serialize)]
struct ReplayForm {
    allowed: u64,
    undecided: u64,
    broken: u64,
}

#[derive(Debug, Serialize)]
struct ContainmentForm {
    grants: u64,
    violations: u64,
    unproved: u64,
}

impl ShownForm {
    /// Of a job and what it proposes.
    pub fn of(job: &Job, case: Option<&Case>) -> Self {
        let stages = job.case.iter().flat_map(|case| &case.stages);
        Self {
            job: JobForm::of(job),
            epoch: job.epoch,
            why: job.state.why().map(str::to_owned),
            due: job.due.map(|due| due.to_string()),
            severity: job.case.as_ref().map(|case| case.severity.as_str()),
            out_of_scope: job.case.as_ref().and_then(|case| case.out_of_scope.clone()),
            stages: stages
                .map(|planned| StageForm {
                    stage: planned.stage.as_str(),
                    soak_seconds: planned.soak.as_secs(),
                    writes: planned.writes,
                    skipped: planned.skipped.clone(),
                })
                .collect(),
            decision: job.decision.as_ref().map(|decision| DecisionForm {
                verdict: decision.verdict.as_str(),
                by: decision.to_string(),
                at: decision.at.to_string(),
                reason: decision.reason.as_ref().map(ToString::to_string),
            }),
            proposal: case.map(|case| ProposalForm {
                policies: case.proposed.iter().map(crate::iam::document::Document::to_json).collect(),
                actions_before: case.changes.before,
                actions_after: case.changes.after,
                calls: case.coverage.calls,
                days: case.coverage.days,
                last_used: case
                    .snapshot
                    .last_used
                    .as_ref()
                    .map(|last| LastUsedForm { at: last.at.to_string(), region: last.region.clone() }),
                replay: ReplayForm {
                    allowed: case.proofs.allowed,
                    undecided: case.proofs.undecided,
                    broken: case.proofs.broken,
                },
                no_new_access: ContainmentForm {
                    grants: case.proofs.grants,
                    violations: case.proofs.violations,
                    unproved: case.proofs.unproved,
                },
                risk: case.risk.reasons.iter().map(|one| format!("{}: {}", one.level, one.text)).collect(),
                gaps: case.coverage.gaps.clone(),
            }),
        }
    }
}

/// One thing that happened.
#[derive(Debug, Serialize)]
pub struct EntryForm {
    job: String,
    number: u64,
    at: String,
    what: String,
    by: Option<String>,
    detail: String,
    state: String,
    hash: String,
}

impl EntryForm {
    /// Of an entry.
    pub fn of(entry: &Entry) -> Self {
        Self {
            job: entry.job.to_string(),
            number: entry.number,
            at: entry.at.to_string(),
            what: entry.what.clone(),
            by: entry.by.clone(),
            detail: entry.detail.clone(),
            state: entry.state.clone(),
            hash: entry.hash.to_string(),
        }
    }
}
