//! Second opinions: what another judge is asked of a proposal, and what its answers say of ours.
//!
//! Asked is only what it can see as we do. An opinion can raise the risk of a change and never lowers it; that there is
//! none is told, and keeps nobody from deciding.

mod compare;
mod questions;
#[cfg(test)]
mod tests;

use crate::domain::proposal::Case;
use crate::iam::document::Document;
use crate::iam::risk::RiskLevel;

pub use compare::compare;
pub use questions::questions;

/// A check of AWS's, by the name of its operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Check {
    /// Whether each proposed policy is one at all.
    ValidatePolicy,
    /// Whether the proposal grants what today's policies don't.
    CheckNoNewAccess,
    /// Whether the proposal still grants what it is to take away.
    CheckAccessNotGranted,
    /// Whether observed calls stay allowed.
    SimulateCustomPolicy,
}

impl Check {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::ValidatePolicy,
        Self::CheckNoNewAccess,
        Self::CheckAccessNotGranted,
        Self::SimulateCustomPolicy,
    ];

    /// The name of the operation.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ValidatePolicy => "ValidatePolicy",
            Self::CheckNoNewAccess => "CheckNoNewAccess",
            Self::CheckAccessNotGranted => "CheckAccessNotGranted",
            Self::SimulateCustomPolicy => "SimulateCustomPolicy",
        }
    }
}

/// What an opinion is to ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stand {
    /// The same.
    Agrees,
    /// Another, about the same.
    Differs,
    /// None.
    Silent,
}

impl Stand {
    /// As it is shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Differs => "differs",
            Self::Silent => "silent",
        }
    }
}

/// An opinion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opinion {
    /// Whose.
    pub check: Check,
    /// What it is to ours.
    pub stand: Stand,
    /// What it says, or why there is none.
    pub text: String,
}

/// What another judge is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Questions {
    /// The proposed policies.
    pub proposed: Vec<Document>,
    /// What limits the role.
    pub boundaries: Vec<Document>,
    /// Today's policies as one, and the proposed ones as one; or why they can't be compared so.
    pub merged: Result<(Document, Document), &'static str>,
    /// Actions that the proposal takes away, the most sensitive first.
    pub removed: Vec<String>,
    /// Observed calls that the proposal allows, the most sensitive first.
    pub calls: Vec<Trial>,
}

/// A call to be tried.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Trial {
    /// Such as `s3:GetObject`.
    pub action: String,
    /// On what.
    pub resource: String,
    /// The condition keys that are known of it, each with its values.
    pub context: Vec<(String, Vec<String>)>,
}

/// What was answered to one of the questions, or why nothing was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// What was found in the proposed policies.
    Validation(Result<Vec<Finding>, String>),
    /// Whether nothing new is granted.
    NewAccess(Result<Verdict, String>),
    /// Whether nothing of what is removed is granted.
    Removed(Result<Verdict, String>),
    /// What became of the calls, in their order.
    Simulation(Result<Vec<Simulated>, String>),
}

/// Something that was found in a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// In which of the proposed policies.
    pub policy: usize,
    /// Whether it is an error, rather than a warning.
    pub error: bool,
    /// Its code.
    pub code: String,
    /// What it says.
    pub text: String,
}

/// What a check came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it holds.
    pub holds: bool,
    /// Why not.
    pub reasons: Vec<String>,
}

/// What became of a call that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Simulated {
    /// It is allowed.
    Allowed,
    /// It isn't.
    Denied,
    /// That depends on condition keys which the call's record doesn't tell.
    Undecided(Vec<String>),
    /// It could not be tried.
    Untried(String),
}

impl Answer {
    /// That none of the questions is answered.
    pub fn none(why: &str) -> Vec<Self> {
        vec![
            Self::Validation(Err(why.to_owned())),
            Self::NewAccess(Err(why.to_owned())),
            Self::Removed(Err(why.to_owned())),
            Self::Simulation(Err(why.to_owned())),
        ]
    }
}

impl Case {
    /// Takes opinions in: one that differs makes the change a risky one.
    pub fn hear(&mut self, opinions: Vec<Opinion>) {
        for opinion in opinions.iter().filter(|opinion| opinion.stand == Stand::Differs) {
            self.risk
                .add(RiskLevel::High, format!("AWS's {} differs: {}", opinion.check.as_str(), opinion.text));
        }
        self.opinions = opinions;
    }
}
