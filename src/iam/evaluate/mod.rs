//! The published evaluation logic of IAM: compile policies once, decide many requests.
//!
//! Decisions have three values. A request whose context is *closed* (all that AWS would know is given) is always
//! decided; one that was reconstructed from a log is *open*, and what it lacks makes the answer [`Decision::Undecided`]
//! wherever the answer depends on it.

mod request;
mod verdict;

pub use request::{Context, Request, Target};
pub use verdict::{Decision, PolicyKind, Reason, Verdict};

use super::document::Document;

/// All policies that have a say, by kind. An empty list means that there is none of that kind.
#[derive(Debug, Clone, Default)]
pub struct PolicySet {
    /// Identity policies of the caller, inline and attached.
    pub identity: Vec<Document>,
    /// Policies of the resource; for a KMS key its key policy, for a role its trust policy.
    pub resource: Vec<Document>,
    /// Permissions boundaries.
    pub boundaries: Vec<Document>,
    /// Session policies.
    pub session: Vec<Document>,
    /// VPC endpoint policies.
    pub endpoint: Vec<Document>,
    /// Service control policies, a level of the organisation each.
    pub service_control: Vec<Level>,
    /// Resource control policies, a level of the organisation each.
    pub resource_control: Vec<Level>,
}

/// One level of an organisation: the root, a unit, the account.
#[derive(Debug, Clone, Default)]
pub struct Level {
    /// What the level is called in an answer.
    pub name: Option<String>,
    /// The policies attached there.
    pub policies: Vec<Document>,
}

/// Policies, ready to decide.
#[derive(Debug)]
pub struct Evaluator {}

impl Evaluator {
    /// Compiles the policies.
    pub fn compile(_policies: &PolicySet) -> Self {
        todo!()
    }

    /// Decides one request.
    pub fn evaluate(&self, _request: &Request) -> Verdict {
        todo!()
    }
}
