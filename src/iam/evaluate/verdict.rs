//! What is answered: the decision, and the statements that made it.

use std::fmt;

/// The decision on a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Decision {
    /// Granted.
    Allowed,
    /// Not granted by anything that would have to grant it.
    ImplicitlyDenied,
    /// Forbidden by a statement.
    ExplicitlyDenied,
    /// It depends on what the request doesn't say. Never the answer for a closed context with a named resource.
    Undecided,
}

impl Decision {
    /// As it is written in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "Allowed",
            Self::ImplicitlyDenied => "ImplicitlyDenied",
            Self::ExplicitlyDenied => "ExplicitlyDenied",
            Self::Undecided => "Undecided",
        }
    }
}

/// The kinds of policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is a kind of policy by its name")]
pub enum PolicyKind {
    Identity,
    Resource,
    Boundary,
    Session,
    Scp,
    Rcp,
    Endpoint,
}

impl PolicyKind {
    /// As it is written in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Resource => "resource",
            Self::Boundary => "boundary",
            Self::Session => "session",
            Self::Scp => "scp",
            Self::Rcp => "rcp",
            Self::Endpoint => "endpoint",
        }
    }
}

impl fmt::Display for PolicyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One statement, or the lack of one, that made the decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Which kind of policy.
    pub kind: PolicyKind,
    /// Which policy of its kind, counted from 0; over the levels where there are levels.
    pub policy: Option<usize>,
    /// Which statement of the policy, counted from 0.
    pub statement: Option<usize>,
    /// The statement's `Sid`, or the level's name.
    pub name: Option<String>,
    /// In a person's words.
    pub text: String,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The decision.
    pub decision: Decision,
    /// The kinds that stood in the way, in the order of [`PolicyKind`]; empty where allowed.
    pub blocked_by: Vec<PolicyKind>,
    /// Why.
    pub because: Vec<Reason>,
}
