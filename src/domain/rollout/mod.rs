//! Stages: what is written in which order, how long it is watched, when it is judged good or bad, and the way back.

pub mod foreign;
pub mod judge;
pub mod plan;
pub mod restore;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

/// A stage of a rollout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// Away from production, or by replay alone.
    Sandbox,
    /// The proposal as a permissions boundary: narrower at once, wide again by one call.
    Canary,
    /// The role's own policies.
    Target,
}

impl Stage {
    /// In their order.
    pub const ALL: [Self; 3] = [Self::Sandbox, Self::Canary, Self::Target];

    /// As it is spelt everywhere.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Canary => "canary",
            Self::Target => "target",
        }
    }

    /// The one after it.
    pub fn next(self) -> Option<Self> {
        match self {
            Self::Sandbox => Some(Self::Canary),
            Self::Canary => Some(Self::Target),
            Self::Target => None,
        }
    }

    /// The share of calls that may be denied, in parts of ten thousand.
    pub fn threshold(self) -> u32 {
        match self {
            Self::Sandbox => 500,
            Self::Canary => 200,
            Self::Target => 100,
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How each stage is watched: what an operator configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// How long, by stage in their order.
    pub soak: [Duration; 3],
    /// How many calls a judgement needs.
    pub min_calls: u64,
}

impl Watch {
    /// How long a stage is watched.
    pub fn soak_of(&self, stage: Stage) -> Duration {
        self.soak[stage as usize]
    }
}

impl Default for Watch {
    fn default() -> Self {
        Self { soak: [Duration::ZERO, Duration::from_mins(15), Duration::from_hours(1)], min_calls: 20 }
    }
}

/// One stage of a plan, as it was shown before the decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedStage {
    /// Which.
    pub stage: Stage,
    /// How long it is watched.
    pub soak: Duration,
    /// The share of calls that may be denied, in parts of ten thousand.
    pub threshold: u32,
    /// How many calls a judgement needs.
    pub min_calls: u64,
    /// How many writes it takes.
    pub writes: u32,
    /// Why nothing is written in it, where that is so.
    pub skipped: Option<String>,
}
