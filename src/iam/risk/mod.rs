//! The deterministic risk of a change, with its reasons.
//!
//! Each reason has a level of its own, and the risk is the highest of them: no reason can be outweighed by another.
//! The levels are these.
//!
//! | reason | level |
//! | --- | --- |
//! | the new policies grant what the old ones don't, with a request that shows it | high |
//! | a privilege-escalation path opens, or one that was confined becomes unconfined | high |
//! | permissions management is gained | high |
//! | an action that was used is no longer granted, or a removed service was used in an earlier window | high |
//! | an observed call would be denied | high |
//! | an observed call can't be decided | medium |
//! | an action that was used is granted on less, or otherwise, and no replay shows that its calls stay allowed | medium |
//! | a path stays open on everything | medium |
//! | a path stays open, confined to some resources or conditions | low |
//! | something that writes or tags is gained or widened | medium |
//! | anything else is gained or widened | low |
//! | a grant could be neither proved nor refuted to be one of the old ones | medium |
//! | something is taken away with no evidence at all, or with less than 30 days of it | medium |
//! | something is taken away with less than 90 days of evidence | low |
//! | actions are taken away that only data events show, and those of the service were not seen | medium |
//! | actions are taken away, or granted on less, that only data events show, and some of the service were seen | low |
//! | all of an access level is taken away | low |
//! | the account is sensitive | its own |
//!
//! A model's opinion may be shown beside it and can only raise it; nothing in here knows of it.

mod paths;
#[cfg(test)]
mod tests;

use std::fmt;

use super::catalogue::{AccessLevel, Catalogue};
use super::diff::{Action, Change, Diff, Kind};
use super::evidence::{Observability, observability};
use super::grants::Containment;

pub use paths::{Breadth, OpenPath, PATHS, Path, open_paths};

/// How risky a change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum RiskLevel {
    /// Nothing speaks against it.
    #[default]
    Low,
    /// Somebody should look at the reasons.
    Medium,
    /// Somebody has to.
    High,
}

impl RiskLevel {
    /// As it is written in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl fmt::Display for RiskLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The risk of a change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Risk {
    /// The highest level of the reasons; low where there is none.
    pub level: RiskLevel,
    /// Why, the gravest first.
    pub reasons: Vec<Reason>,
}

impl Risk {
    /// One reason more; it can raise the level, and not lower it.
    pub fn add(&mut self, level: RiskLevel, text: String) {
        self.reasons.push(Reason { level, text });
        self.reasons.sort_by_key(|reason| std::cmp::Reverse(reason.level));
        self.level = self.level.max(level);
    }
}

/// One thing that makes a change risky.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// How much.
    pub level: RiskLevel,
    /// In a person's words.
    pub text: String,
}

/// What is known of a change. Whoever asks supplies all of it: nothing here looks anything up.
#[derive(Debug, Clone, Copy)]
pub struct RiskInput<'a> {
    /// What changes, with how often actions were used where that is known.
    pub diff: &'a Diff,
    /// The privilege-escalation paths that the old policies leave open.
    pub open_before: &'a [OpenPath],
    /// Those that the new policies leave open.
    pub open_after: &'a [OpenPath],
    /// Whether the new policies grant nothing that the old ones don't, where that was asked.
    pub containment: Option<&'a Containment>,
    /// How much was observed; none where there is no evidence at all.
    pub coverage: Option<Coverage<'a>>,
    /// What a replay of the observed calls showed, where there was one.
    pub replay: Option<Replayed>,
    /// Services that were used before the time observed, by prefix.
    pub used_earlier: &'a [String],
    /// How much depends on the account.
    pub sensitivity: RiskLevel,
}

/// How much was observed.
#[derive(Debug, Clone, Copy)]
pub struct Coverage<'a> {
    /// Days with a trail.
    pub days: u32,
    /// Services whose data events were seen, by prefix.
    pub data_events: &'a [String],
}

/// What became of the observed calls when they were decided again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replayed {
    /// How many would be denied.
    pub broken: u64,
    /// How many can't be decided.
    pub undecided: u64,
}

/// Weighs a change.
pub fn assess(input: &RiskInput<'_>) -> Risk {
    let mut reasons = Vec::new();
    access(input, &mut reasons);
    escalation(input, &mut reasons);
    breakage(input, &mut reasons);
    evidence(input, &mut reasons);
    if input.sensitivity > RiskLevel::Low {
        add(&mut reasons, input.sensitivity, format!("the account's sensitivity is {}", input.sensitivity));
    }
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.level));
    Risk { level: reasons.first().map_or(RiskLevel::Low, |reason| reason.level), reasons }
}

fn add(reasons: &mut Vec<Reason>, level: RiskLevel, text: String) {
    reasons.push(Reason { level, text });
}

fn access(input: &RiskInput<'_>, reasons: &mut Vec<Reason>) {
    if let Some(found) = input.containment {
        let (violated, unproved) = (found.violations.len(), found.unproved.len());
        if violated > 0 {
            let text = format!("{violated} of {} new grants aren't granted today, with proof", found.grants);
            add(reasons, RiskLevel::High, text);
        }
        if unproved > 0 {
            let text =
                format!("{unproved} of {} new grants could not be proved to be granted today", found.grants);
            add(reasons, RiskLevel::Medium, text);
        }
    }
    let more: Vec<&Action> = input
        .diff
        .of(Kind::Gained)
        .chain(input.diff.of(Kind::Widened))
        .flat_map(|change| &change.actions)
        .collect();
    let of = |wanted: &dyn Fn(Option<AccessLevel>) -> bool| -> Vec<&str> {
        more.iter().filter(|action| wanted(action.level)).map(|action| action.name.as_str()).collect()
    };
    let manage = of(&|level| level == Some(AccessLevel::PermissionsManagement));
    let change = of(&|level| matches!(level, Some(AccessLevel::Write | AccessLevel::Tagging) | None));
    let look = of(&|level| matches!(level, Some(AccessLevel::List | AccessLevel::Read)));
    for (level, what, names) in [
        (RiskLevel::High, "permissions management is gained or widened", manage),
        (RiskLevel::Medium, "what can write or tag is gained or widened", change),
        (RiskLevel::Low, "reading is gained or widened", look),
    ] {
        if !names.is_empty() {
            add(reasons, level, format!("{what}: {}", listed(&names)));
        }
    }
}

fn escalation(input: &RiskInput<'_>, reasons: &mut Vec<Reason>) {
    for open in input.open_after {
        let before = input.open_before.iter().find(|other| other.path.name == open.path.name);
        let (level, fate) = match (before.map(|before| before.breadth), open.breadth) {
            (None, _) => (RiskLevel::High, "opens"),
            (Some(Breadth::Confined), Breadth::Unconfined) => (RiskLevel::High, "loses its confinement"),
            (Some(_), Breadth::Unconfined) => (RiskLevel::Medium, "stays open"),
            (Some(_), Breadth::Confined) => (RiskLevel::Low, "stays open, confined"),
        };
        let Path { name, gain, .. } = open.path;
        add(reasons, level, format!("the privilege-escalation path {name} {fate}: {gain}"));
    }
}

fn breakage(input: &RiskInput<'_>, reasons: &mut Vec<Reason>) {
    let used = |kind: Kind| -> Vec<&str> {
        let actions = input.diff.of(kind).flat_map(|change| &change.actions);
        actions.filter(|a| a.used.is_some_and(|count| count > 0)).map(|a| a.name.as_str()).collect()
    };
    let lost = used(Kind::Lost);
    if !lost.is_empty() {
        add(reasons, RiskLevel::High, format!("used, and no longer granted: {}", listed(&lost)));
    }
    if let Some(Replayed { broken, undecided }) = input.replay {
        if broken > 0 {
            add(reasons, RiskLevel::High, format!("{broken} observed calls would be denied"));
        }
        if undecided > 0 {
            add(
                reasons,
                RiskLevel::Medium,
                format!("{undecided} observed calls can't be decided from their records"),
            );
        }
    }
    let less: Vec<_> = used(Kind::Narrowed).into_iter().chain(used(Kind::Changed)).collect();
    if !less.is_empty() && input.replay.is_none() {
        let text = format!("used, and no longer granted as before: {}", listed(&less));
        add(reasons, RiskLevel::Medium, text);
    }
    let removed = |service: &&String| {
        let mut levels = input.diff.levels.iter().filter(|level| level.service.eq_ignore_ascii_case(service));
        let (before, after) = levels.by_ref().fold((0, 0), |sum, l| (sum.0 + l.before, sum.1 + l.after));
        before > 0 && after == 0
    };
    let earlier: Vec<_> = input.used_earlier.iter().filter(removed).map(String::as_str).collect();
    if !earlier.is_empty() {
        let text = format!("removed services that were used before the time observed: {}", listed(&earlier));
        add(reasons, RiskLevel::High, text);
    }
}

fn evidence(input: &RiskInput<'_>, reasons: &mut Vec<Reason>) {
    let taken: Vec<&Change> = input.diff.changes.iter().filter(|change| change.kind.may_break()).collect();
    if taken.is_empty() {
        return;
    }
    let Some(coverage) = input.coverage else {
        add(reasons, RiskLevel::Medium, "something is taken away, and no evidence of use was given".into());
        return;
    };
    let days = coverage.days;
    if days < 90 {
        let level = if days < 30 { RiskLevel::Medium } else { RiskLevel::Low };
        add(reasons, level, format!("only {days} days of use were observed: what is rarer is not seen"));
    }
    let unseen = |action: &&Action| {
        let catalogue = Catalogue::embedded();
        let Some(id) = catalogue.find(&action.name) else { return false };
        observability(id) == Observability::Data
            && !coverage.data_events.iter().any(|seen| seen == catalogue.service_of(id))
    };
    let lost = taken.iter().filter(|change| change.kind == Kind::Lost);
    let mut blind: Vec<&str> = lost
        .filter(|change| change.actions.iter().any(|action| unseen(&action)))
        .map(|change| change.service.as_str())
        .collect();
    blind.dedup();
    if !blind.is_empty() {
        let text = format!("data events were not seen, so use may have gone unnoticed: {}", listed(&blind));
        add(reasons, RiskLevel::Medium, text);
    }
    let partly = |action: &Action| {
        let shown_by_data = Catalogue::embedded()
            .find(&action.name)
            .is_some_and(|action| observability(action) == Observability::Data);
        shown_by_data && !unseen(&action)
    };
    let mut partly: Vec<&str> = taken
        .iter()
        .filter(|change| change.actions.iter().any(partly))
        .map(|change| change.service.as_str())
        .collect();
    partly.sort_unstable();
    partly.dedup();
    if !partly.is_empty() {
        let services = listed(&partly);
        let text = format!(
            "data events of {services} were seen; whether the trail records them for every resource isn't known"
        );
        add(reasons, RiskLevel::Low, text);
    }
    let levels: Vec<_> = input.diff.levels_lost().into_iter().map(AccessLevel::as_str).collect();
    if !levels.is_empty() {
        add(reasons, RiskLevel::Low, format!("access levels are lost altogether: {}", listed(&levels)));
    }
}

/// Some names, and how many more there are.
fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 5;
    let shown = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
