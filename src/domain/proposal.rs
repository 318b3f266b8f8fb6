//! What was worked out for a role, and all that a decision is based on.
//!
//! A [`Case`] is immutable: a new analysis makes a new one, with the next revision. Its digest is what buttons carry.

use jiff::Timestamp;

use super::ids::{Digest, JobId};
use super::opinion::Opinion;
use super::role::{Hasher, Snapshot, Write};
use super::rollout::{PlannedStage, Stage};
use crate::iam::document::Document;
use crate::iam::risk::{Risk, RiskLevel};

/// The basis of a decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Whose.
    pub job: JobId,
    /// Counts from one.
    pub revision: u32,
    /// How the role stood when it was looked at.
    pub snapshot: Snapshot,
    /// The policies that are to replace those of the snapshot.
    pub proposed: Vec<Document>,
    /// The actions that were seen to be used, in order: a denial of one of them is one too many.
    pub used: Vec<String>,
    /// What is written, by stage.
    pub writes: Vec<(Stage, Vec<Write>)>,
    /// How it is staged.
    pub stages: Vec<PlannedStage>,
    /// What the evidence covers.
    pub coverage: CoverageFacts,
    /// What the proofs came to.
    pub proofs: ProofFacts,
    /// What changes, by meaning.
    pub changes: DiffFacts,
    /// How risky it is, and why.
    pub risk: Risk,
    /// What others think of it; empty where there is nobody to ask.
    pub opinions: Vec<Opinion>,
    /// What a model or the deterministic text says of it; advice, and nothing else.
    pub prose: Option<Prose>,
    /// Which guardrails were applied, and what they said.
    pub guardrails: String,
    /// When it was worked out.
    pub made: Timestamp,
}

/// What the evidence covers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CoverageFacts {
    /// How many calls were seen.
    pub calls: u64,
    /// On how many days.
    pub days: u32,
    /// How many days were asked for.
    pub asked_days: u32,
    /// What was cut off, failed or could not be seen, in a person's words.
    pub gaps: Vec<String>,
}

/// What the proofs came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProofFacts {
    /// Replayed calls that stay allowed.
    pub allowed: u64,
    /// Replayed calls that can't be decided.
    pub undecided: u64,
    /// Replayed calls that would be denied.
    pub broken: u64,
    /// Grants of the proposal.
    pub grants: u64,
    /// Grants that today's policies don't give, with proof.
    pub violations: u64,
    /// Grants for which neither is proved.
    pub unproved: u64,
}

/// What changes, by meaning.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DiffFacts {
    /// Actions granted before.
    pub before: u64,
    /// Actions granted after.
    pub after: u64,
    /// Lines, the most important first.
    pub lines: Vec<DiffLine>,
    /// The whole difference as text, policies included.
    pub whole: String,
    /// Actions that stay although no log could show their use, as patterns.
    pub unobservable: Vec<String>,
    /// Which of the removed actions only data events would show: their health can't be watched.
    pub unwatched: Vec<String>,
}

/// One line of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffLine {
    /// `lost`, `narrowed`, `changed`, `gained`, `widened` or `kept`.
    pub kind: String,
    /// What it is about.
    pub text: String,
    /// How many actions it stands for.
    pub actions: u64,
}

/// Advice in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prose {
    /// What it says.
    pub text: String,
    /// Who wrote it: a model's identifier, or [`Prose::FACTS`] for the deterministic text.
    pub author: String,
    /// How risky a model takes the change to be.
    pub opinion: Option<RiskLevel>,
    /// Why this is the deterministic text, where a model was asked.
    pub instead: Option<String>,
}

impl Prose {
    /// The author of the deterministic text.
    pub const FACTS: &str = "facts";
}

impl Case {
    /// How severe the change is, for whoever may decide on it: its risk, which a model's opinion can raise and never
    /// lower.
    pub fn severity(&self) -> RiskLevel {
        let opinion = self.prose.as_ref().and_then(|prose| prose.opinion);
        opinion.map_or(self.risk.level, |opinion| opinion.max(self.risk.level))
    }

    /// What a decision is bound to. Prose is left out: it decides nothing.
    pub fn digest(&self) -> Digest {
        let mut hash = Hasher::new("alpha case 1");
        hash.add(self.job.as_str());
        hash.count(self.revision as usize);
        hash.add(self.snapshot.digest().as_str());
        hash.count(self.proposed.len());
        self.proposed.iter().for_each(|document| hash.add_bytes(&document.canonical_bytes()));
        for (stage, writes) in &self.writes {
            hash.add(stage.as_str());
            hash.count(writes.len());
            for write in writes {
                hash.add(&write.describe());
                hash.add_bytes(&write.document().map(Document::canonical_bytes).unwrap_or_default());
            }
        }
        for stage in &self.stages {
            hash.add(stage.stage.as_str());
            hash.add(&stage.soak.as_millis().to_string());
            hash.add(&format!("{} {} {}", stage.threshold, stage.min_calls, stage.writes));
            hash.add(stage.skipped.as_deref().unwrap_or_default());
        }
        hash.add(self.risk.level.as_str());
        if !self.opinions.is_empty() {
            hash.add("opinions");
            hash.count(self.opinions.len());
        }
        for opinion in &self.opinions {
            hash.add(opinion.check.as_str());
            hash.add(opinion.stand.as_str());
            hash.add(&opinion.text);
        }
        hash.add(&self.guardrails);
        hash.add(env!("CARGO_PKG_VERSION"));
        hash.finish()
    }

    /// The writes of a stage.
    pub fn writes_of(&self, stage: Stage) -> &[Write] {
        self.writes.iter().find(|(of, _)| *of == stage).map_or(&[], |(_, writes)| writes)
    }

    /// How the role should stand when so many writes of a stage, and all of the stages before it, were made.
    pub fn expected(&self, stage: Stage, written: usize) -> Snapshot {
        let mut snapshot = self.snapshot.clone();
        self.writes_until(stage, written).for_each(|write| snapshot.take(write));
        snapshot
    }

    /// So many writes of a stage, after all of the stages before it.
    pub fn writes_until(&self, stage: Stage, written: usize) -> impl Iterator<Item = &Write> {
        self.writes.iter().flat_map(move |(of, writes)| {
            let made = match of.cmp(&stage) {
                std::cmp::Ordering::Less => writes.len(),
                std::cmp::Ordering::Equal => written,
                std::cmp::Ordering::Greater => 0,
            };
            writes.iter().take(made)
        })
    }
}
