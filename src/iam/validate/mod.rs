//! What Access Analyzer's `ValidatePolicy` reports, as far as it can be decided here.
//!
//! Codes, types and rules are those of AWS's "IAM policy validation check reference"; the words are ours. Where that
//! reference leaves a rule open, a check is silent rather than wrong. Nothing here stops at the first mistake, and
//! nothing here decides what a policy grants: that is the evaluator's.

mod actions;
mod conditions;
mod finding;
mod issue;
mod organisation;
mod principals;
mod redundancy;
mod resources;
mod security;
mod sids;
mod size;
mod structure;
mod support;
mod tags;
#[cfg(test)]
mod tests;
mod trust;
mod values;
mod variables;

pub use finding::{Finding, Location, Step};
pub use issue::{FindingType, Issue};

use crate::iam::document::decoded;
use crate::iam::json::Node;
use finding::Report;
use structure::Policy;

/// The types of policies that rules differ for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyType {
    /// Attached to a user, a group or a role.
    Identity,
    /// Attached to a resource; a role's trust policy too.
    Resource,
    /// A service control policy.
    Scp,
    /// A resource control policy.
    Rcp,
}

/// The resource type of a role's trust policy, as Access Analyzer names it.
pub const TRUST_POLICY: &str = "AWS::IAM::AssumeRolePolicyDocument";

/// What kind of policy is validated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// The type.
    pub policy: PolicyType,
    /// For a resource policy, what it is attached to, such as `AWS::S3::Bucket`, where that is known.
    pub resource: Option<String>,
}

impl Kind {
    /// A kind without a resource type.
    pub fn of(policy: PolicyType) -> Self {
        Self { policy, resource: None }
    }

    /// What a policy seems to be: one with a principal is a resource policy, and that is a trust policy where it
    /// speaks of `sts:` actions only and names no resource.
    fn guess(node: &Node<'_>) -> Self {
        let statements = match node.get("Statement") {
            Some(Node::List(items)) => items.iter().collect(),
            Some(single) => vec![single],
            None => Vec::new(),
        };
        let has = |name: &str| {
            statements.iter().any(|s| s.get(name).is_some() || s.get(&format!("Not{name}")).is_some())
        };
        if !has("Principal") {
            return Self::of(PolicyType::Identity);
        }
        let of_sts = |node: &Node<'_>| node.as_text().is_some_and(|text| text.starts_with("sts:"));
        let trust = !has("Resource")
            && statements.iter().all(|statement| match statement.get("Action") {
                Some(Node::List(items)) => items.iter().all(of_sts),
                Some(single) => of_sts(single),
                None => false,
            });
        Self { policy: PolicyType::Resource, resource: trust.then(|| TRUST_POLICY.to_owned()) }
    }

    fn is_trust(&self) -> bool {
        self.resource.as_deref() == Some(TRUST_POLICY)
    }
}

/// All findings in a policy, in the order of the document. Without a kind it is guessed. What isn't JSON at all is a
/// finding too.
pub fn validate(bytes: &[u8], kind: Option<Kind>) -> Vec<Finding> {
    let text = decoded(bytes);
    let mut report = Report::default();
    let node = match Node::parse(&text) {
        Ok(node) => node,
        Err(error) => {
            report.add(Issue::JsonSyntaxError, &Location::default(), format!("Not a policy: {error}."));
            return report.into_findings();
        }
    };
    let kind = kind.unwrap_or_else(|| Kind::guess(&node));
    let policy = structure::read(&node, &kind, &mut report);
    for check in CHECKS {
        check(&policy, &kind, &mut report);
    }
    size::check(&text, &kind, &mut report);
    report.into_findings()
}

type Check = fn(&Policy<'_>, &Kind, &mut Report);

const CHECKS: &[Check] = &[
    sids::check,
    actions::check,
    resources::check,
    principals::check,
    conditions::check,
    values::check,
    variables::check,
    tags::check,
    support::check,
    security::check,
    redundancy::check,
    organisation::check,
    trust::check,
];
