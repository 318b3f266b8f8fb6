//! The published evaluation logic of IAM: compile policies once, decide many requests.
//!
//! Decisions have three values. A request whose context is *closed* (all that AWS would know is given) is always
//! decided; one that was reconstructed from a log is *open*, and what it lacks makes the answer [`Decision::Undecided`]
//! wherever the answer depends on it.

mod action;
mod caller;
mod case;
mod condition;
mod decide;
mod explain;
#[cfg(test)]
mod laws;
mod number;
mod request;
mod resource;
mod rule;
mod special;
mod substitution;
mod truth;
mod verdict;

pub use case::{Case, CaseError};
pub use request::{Context, Request, Target};
pub use verdict::{Decision, PolicyKind, Reason, Verdict};

use super::document::Document;
use resource::Side;
use rule::Policy;

/// All policies that have a say, by kind. An empty list means that there is none of that kind.
#[derive(Debug, Clone, Default)]
pub struct PolicySet {
    /// Identity policies of the caller, inline and attached.
    pub identity: Vec<Document>,
    /// Policies of the resource; for a KMS key its key policy, for a role its trust policy.
    pub resource: Vec<Document>,
    /// The caller's permissions boundary; given in several documents, what any of them allows is within it.
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
pub struct Evaluator {
    identity: Vec<Policy>,
    resource: Vec<Policy>,
    boundaries: Vec<Policy>,
    session: Vec<Policy>,
    endpoint: Vec<Policy>,
    service_control: Vec<Tier>,
    resource_control: Vec<Tier>,
}

/// A compiled level.
#[derive(Debug)]
struct Tier {
    name: Option<String>,
    policies: Vec<Policy>,
}

impl Evaluator {
    /// Compiles the policies. Whoever needs them no more gives them away: `Evaluator::from`.
    pub fn compile(policies: &PolicySet) -> Self {
        Self::from(policies.clone())
    }

    /// Decides one request, and says why.
    pub fn evaluate(&self, request: &Request) -> Verdict {
        self.explain(&self.rule(request, Side::Both))
    }

    /// Decides one request without saying why.
    pub fn decide(&self, request: &Request) -> Decision {
        self.rule(request, Side::Both).decision
    }

    /// Decides what the caller's side has to say: as if the resource were of the caller's account and required no
    /// grant of its own, as KMS keys and roles do. For replaying calls whose resources' policies aren't known. A
    /// resource with wildcards is one of those that it stands for: undecided where these fare differently.
    pub fn evaluate_caller_side(&self, request: &Request) -> Verdict {
        self.explain(&self.rule(request, Side::Caller))
    }
}

impl From<PolicySet> for Evaluator {
    fn from(policies: PolicySet) -> Self {
        let all = |kind, documents: Vec<Document>| -> Vec<Policy> {
            documents.into_iter().map(|document| Policy::compile(document, kind)).collect()
        };
        let levels = |kind, levels: Vec<Level>| -> Vec<Tier> {
            let tier = |level: Level| Tier { name: level.name, policies: all(kind, level.policies) };
            levels.into_iter().map(tier).collect()
        };
        Self {
            identity: all(PolicyKind::Identity, policies.identity),
            resource: all(PolicyKind::Resource, policies.resource),
            boundaries: all(PolicyKind::Boundary, policies.boundaries),
            session: all(PolicyKind::Session, policies.session),
            endpoint: all(PolicyKind::Endpoint, policies.endpoint),
            service_control: levels(PolicyKind::Scp, policies.service_control),
            resource_control: levels(PolicyKind::Rcp, policies.resource_control),
        }
    }
}
