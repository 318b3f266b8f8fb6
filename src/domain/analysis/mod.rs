//! From how a role stands and what it used to the case that people decide on: the least policy, its proofs, what
//! changes, how risky that is, and in which order it would be written.
//!
//! Nothing is asked of people that isn't proved: a proposal that would break an observed call, grants something new,
//! doesn't fit IAM's limits, or can't be written in a safe order, ends here.

mod changes;

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::job::{Brief, Job};
use super::proposal::{Case, CoverageFacts, ProofFacts};
use super::role::Snapshot;
use super::rollout::Watch;
use super::rollout::plan::{self, Plan};
use crate::iam::cloudtrail::Call;
use crate::iam::diff::Diff;
use crate::iam::document::Document;
use crate::iam::evidence::{Evidence, observed_policy};
use crate::iam::proof::{Containment, Replay, Run, Tally, contained};
use crate::iam::proposal::{Material, Proposal, propose};
use crate::iam::risk::{Coverage, Replayed, Risk, RiskInput, RiskLevel, assess, open_paths};

/// What an analysis is made from.
#[derive(Debug, Clone, Copy)]
pub struct Observed<'a> {
    /// How the role stands.
    pub snapshot: &'a Snapshot,
    /// What it used.
    pub used: &'a Evidence,
    /// One call of each kind that was seen, and how often it was.
    pub calls: &'a [(Call<'static>, u64)],
    /// What could not be looked at.
    pub gaps: &'a [String],
}

/// What an analysis comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Analysis {
    /// Something to decide on.
    Case(Box<Case>),
    /// Nothing to gain.
    NothingToDo(String),
    /// No proposal that could be put to anybody.
    Impossible(String),
}

/// Analyses a role for a job.
pub fn analyse(
    job: &Job,
    observed: &Observed<'_>,
    watch: &Watch,
    guardrails: &str,
    now: Timestamp,
) -> Analysis {
    let snapshot = observed.snapshot;
    let present = snapshot.policies();
    let asked_days = job.asked.options.days;
    if present.is_empty() {
        return Analysis::NothingToDo("the role has no policies, so it can do nothing already".to_owned());
    }
    if observed.used.coverage().calls == 0 {
        if let Some(why) = unseen(observed, asked_days) {
            return Analysis::Impossible(why);
        }
        return Analysis::NothingToDo(format!(
            "no call of the role was seen in {asked_days} days, so there is nothing to narrow it by; a role that \
             nobody uses is better deleted than narrowed"
        ));
    }
    let proposal = propose(&Material { present: &present, evidence: observed.used, removed: &[] });
    if let Some(excess) = &proposal.fitted.excess {
        return Analysis::Impossible(format!("the least policy doesn't fit IAM's limits: {excess}"));
    }
    let proposed = proposal.documents();
    let diff = Diff::between(&present, &proposed).with_use(&uses(observed.used));
    if diff.is_empty() {
        return Analysis::NothingToDo(
            "everything that its policies grant was used, or can't be seen to be unused".to_owned(),
        );
    }
    let tally = replay(&present, &proposed, &snapshot.boundaries(), observed.calls);
    let containment = contained(&proposed, &present);
    if tally.broken > 0 {
        return Analysis::Impossible(format!("the proposal would deny {} observed calls", tally.broken));
    }
    if !containment.violations.is_empty() {
        let count = containment.violations.len();
        return Analysis::Impossible(format!("the proposal would grant something new, in {count} places"));
    }
    let plan =
        match plan::plan(&job.id, snapshot, &proposal.fitted.parts, &observed_policy(observed.used), watch) {
            Ok(plan) => plan,
            Err(no) => return Analysis::Impossible(no.to_string()),
        };
    let risk = risk(&diff, &containment, &tally, observed.used, &present, &proposed);
    Analysis::Case(Box::new(case(
        job,
        observed,
        Worked { proposal, proposed, diff, tally, containment, plan, risk },
        guardrails,
        now,
    )))
}

/// Why it can't be said that a role wasn't used, although no call of it was seen.
fn unseen(observed: &Observed<'_>, days: u32) -> Option<String> {
    let attested = observed.used.attested();
    let why = if attested > 0 {
        format!("though {attested} of its actions were used or tried, by what else AWS tells of it")
    } else if observed.used.lacks().management {
        "and not all calls could be looked at".to_owned()
    } else {
        return None;
    };
    let gaps = observed.gaps.join("; ");
    Some(format!("no call of the role was seen in {days} days, {why}: {gaps}"))
}

/// What was worked out on the way to a case.
struct Worked {
    proposal: Proposal,
    proposed: Vec<Document>,
    diff: Diff,
    tally: Tally,
    containment: Containment,
    plan: Plan,
    risk: Risk,
}

fn case(job: &Job, observed: &Observed<'_>, worked: Worked, guardrails: &str, now: Timestamp) -> Case {
    let seen = observed.used.coverage();
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    Case {
        job: job.id.clone(),
        revision: job.case.as_ref().map_or(0, |case| case.revision) + 1,
        snapshot: observed.snapshot.clone(),
        changes: changes::facts(&worked.diff, &worked.proposal, observed.used, &observed.snapshot.policies()),
        proposed: worked.proposed,
        used: uses(observed.used).into_keys().collect(),
        writes: worked.plan.writes,
        stages: worked.plan.stages,
        coverage: CoverageFacts {
            calls: seen.calls,
            days: seen.days_of(job.asked.options.days),
            asked_days: job.asked.options.days,
            gaps: observed.gaps.to_vec(),
        },
        proofs: ProofFacts {
            allowed: worked.tally.allowed,
            undecided: worked.tally.undecided,
            broken: worked.tally.broken,
            grants: count(worked.containment.grants),
            violations: count(worked.containment.violations.len()),
            unproved: count(worked.containment.unproved.len()),
        },
        risk: worked.risk,
        opinions: Vec::new(),
        prose: None,
        guardrails: guardrails.to_owned(),
        made: now,
    }
}

impl Brief {
    /// What a job keeps of a case.
    pub fn of(case: &Case, approvable: bool) -> Self {
        Self {
            revision: case.revision,
            digest: case.digest(),
            severity: case.severity(),
            stages: case.stages.clone(),
            approvable,
            out_of_scope: None,
            path: case.snapshot.path.clone(),
            tags: case.snapshot.tags.clone(),
        }
    }
}

/// How often each action was used, by name.
fn uses(evidence: &Evidence) -> BTreeMap<String, u64> {
    evidence
        .used()
        .map(|(action, resources)| (action.to_owned(), resources.iter().map(|(_, uses)| uses.count).sum()))
        .collect()
}

fn replay(
    present: &[Document],
    proposed: &[Document],
    boundary: &[Document],
    calls: &[(Call<'static>, u64)],
) -> Tally {
    let replay = Replay::new(Some(present), proposed, boundary);
    let mut run = Run::default();
    calls.iter().for_each(|(call, times)| run.count_times(&replay, call, *times));
    run.tally
}

/// How risky a change is, as far as can be told from what was observed.
pub fn risk(
    diff: &Diff,
    containment: &Containment,
    tally: &Tally,
    evidence: &Evidence,
    present: &[Document],
    proposed: &[Document],
) -> Risk {
    let seen = evidence.coverage();
    let data_events: Vec<String> = seen.data_services.names().cloned().collect();
    assess(&RiskInput {
        diff,
        open_before: &open_paths(present),
        open_after: &open_paths(proposed),
        containment: Some(containment),
        coverage: (seen.calls > 0).then(|| Coverage {
            days: u32::try_from(seen.days.len()).unwrap_or(u32::MAX),
            data_events: &data_events,
        }),
        replay: Some(Replayed { broken: tally.broken, undecided: tally.undecided }),
        used_earlier: &[],
        sensitivity: RiskLevel::Low,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples::{at, job, snapshot};
    use crate::iam::catalogue::Catalogue;
    use crate::iam::evidence::{Lacks, Said, Witness};

    #[test]
    fn a_role_of_which_no_call_was_seen_is_called_unused_only_where_all_was_looked_at() {
        let analysed = |used: &Evidence| {
            let gaps = ["policy generation: none of the 50 a day is left".to_owned()];
            let snapshot = snapshot();
            let observed = Observed { snapshot: &snapshot, used, calls: &[], gaps: &gaps };
            analyse(&job(), &observed, &Watch::default(), "sandbox", at(0))
        };
        assert!(
            matches!(analysed(&Evidence::new()), Analysis::NothingToDo(why) if why.contains("better deleted"))
        );
        let mut incomplete = Evidence::new();
        incomplete.lack(Lacks { management: true, data: true });
        let mut attested = Evidence::new();
        let action = Catalogue::embedded().find("s3:ListAllMyBuckets").unwrap();
        attested.hear(action, Said::Used(Witness::LastAccessed));
        for (used, part) in [
            (incomplete, "not all calls could be looked at: policy generation"),
            (attested, "though 1 of its actions were used or tried"),
        ] {
            match analysed(&used) {
                Analysis::Impossible(why) => assert!(why.contains(part), "{why}"),
                other => panic!("{other:?}"),
            }
        }
    }
}
