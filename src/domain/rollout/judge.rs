//! Whether a stage does the role good or harm, from what was seen of it.
//!
//! No data is never healthy. Only denials that the change explains count; one that can't be decided counts as
//! explained.

use std::fmt::Write as _;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::{PlannedStage, Stage};
use crate::domain::job::Judgement;
use crate::domain::proposal::Case;
use crate::domain::role::Snapshot;
use crate::iam::cloudtrail::{Call, Needs};
use crate::iam::proof::{Denials, Explained};

/// What was seen of a role since a stage began.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// How many calls it made.
    pub calls: u64,
    /// Those that were denied, one of each kind, with how often.
    pub denied: &'a [(Call<'static>, u64)],
    /// Until when nothing more is going to turn up.
    pub complete_until: Timestamp,
}

/// When a stage is watched until, and what time it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// When the stage began to be watched.
    pub since: Timestamp,
    /// When it is to be judged.
    pub until: Timestamp,
    /// Now.
    pub now: Timestamp,
}

/// How long between two looks at a stage that is watched for so long: soon enough to stop what hurts, not so often that
/// looking hurts.
pub fn pause(soak: Duration) -> Duration {
    (soak / 10).clamp(Duration::from_millis(500), Duration::from_secs(30))
}

impl Moment {
    /// When to look next.
    pub fn next_look(&self) -> Timestamp {
        let soak = Duration::try_from(self.until.duration_since(self.since)).unwrap_or_default();
        let pause = pause(soak);
        let next = self.now.saturating_add(pause).unwrap_or(self.until);
        if self.now < self.until { next.min(self.until) } else { next }
    }
}

/// Judges a stage in which nothing was written: the replay is all there is to go by.
pub fn by_replay(case: &Case) -> Judgement {
    let proofs = &case.proofs;
    if proofs.broken > 0 {
        Judgement::Unhealthy { what: format!("{} observed calls would be denied", proofs.broken) }
    } else {
        Judgement::Healthy { what: format!("{} observed calls stay allowed", proofs.allowed) }
    }
}

/// Judges a stage by the calls that were seen in it.
pub fn judge(planned: &PlannedStage, case: &Case, seen: &Seen<'_>, moment: Moment) -> Judgement {
    let denials = Counted::of(planned.stage, case, seen);
    let over = denials.explained * 10_000 > u64::from(planned.threshold) * seen.calls;
    let enough = seen.calls >= planned.min_calls;
    let is_time = moment.now >= moment.until;
    let what = denials.in_words(seen.calls);
    if !denials.used.is_empty() || (denials.explained > 0 && over && (enough || is_time)) {
        return Judgement::Unhealthy { what };
    }
    if !is_time || seen.complete_until < moment.until {
        return Judgement::NotYet { at: moment.next_look() };
    }
    if enough { Judgement::Healthy { what } } else { Judgement::TooFew { what } }
}

/// Denials, by whether the change explains them.
#[derive(Debug, Default)]
struct Counted {
    explained: u64,
    others: u64,
    by_action: BTreeMap<String, u64>,
    /// Explained denials of actions that were used before: each is one too many.
    used: Vec<String>,
}

impl Counted {
    fn of(stage: Stage, case: &Case, seen: &Seen<'_>) -> Self {
        let before = &case.snapshot;
        let after = standing(stage, case);
        let change = Denials::new(
            (&before.policies(), &before.boundaries()),
            (&after.policies(), &after.boundaries()),
        );
        let mut counted = Self::default();
        for (call, times) in seen.denied {
            let explained = change.explain(call);
            if explained == Explained::No {
                counted.others += times;
                continue;
            }
            counted.explained += times;
            for action in actions(call) {
                if explained == Explained::Yes && case.used.binary_search(&action).is_ok() {
                    counted.used.push(action.clone());
                }
                *counted.by_action.entry(action).or_default() += times;
            }
        }
        counted
    }

    fn in_words(&self, calls: u64) -> String {
        let mut words = format!("{calls} calls, {} denied by the change", self.explained);
        if !self.by_action.is_empty() {
            let most: Vec<String> = self
                .by_action
                .iter()
                .take(5)
                .map(|(action, times)| match times {
                    1 => format!("{action} once"),
                    _ => format!("{action} {times} times"),
                })
                .collect();
            let _ = write!(words, " ({})", most.join(", "));
        }
        if self.others > 0 {
            let _ = write!(words, ", {} denied for other reasons", self.others);
        }
        words
    }
}

/// How the role stands while a stage is watched.
fn standing(stage: Stage, case: &Case) -> Snapshot {
    case.expected(stage, usize::MAX)
}

fn actions(call: &Call<'_>) -> Vec<String> {
    match &call.needs {
        Needs::All(needs) => needs.iter().map(|need| need.action.to_string()).collect(),
        Needs::Nothing | Needs::Unknown => vec![format!("{} {}", call.source, call.name)],
    }
}
