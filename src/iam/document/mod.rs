//! Policy documents: the model, reading it from JSON, writing it, and its canonical form.
//!
//! Reading is exact about what is a policy at all: an unknown element, a duplicate key or a wrong type is an error with
//! a JSON pointer. It is lenient where a document is merely one that IAM would never have stored (no `Action`, an empty
//! list, `Principal` in an identity policy): such a part is harmless in evaluation, and `validate` reports it.

mod canonical;
mod operator;
mod parse;
mod spelling;
mod straight;
mod write;

pub use canonical::equal_in_meaning;
pub(crate) use canonical::is_too_much;
pub use operator::{Operator, OperatorKind, SetQualifier};
pub(crate) use parse::decoded;
pub use parse::{DocumentError, MAX_BYTES};

/// How many characters the action patterns with wildcards of one policy may have where each is looked up: twice the
/// largest policy that an AWS service stores.
pub const MOST_WILD: usize = 1 << 16;

/// A policy, in the order in which it was written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document {
    /// The language's version; a document without one is of the older.
    pub version: Option<Version>,
    /// The optional `Id`.
    pub id: Option<String>,
    /// The statements; a single one may stand without a list.
    pub statements: Vec<Statement>,
}

impl Document {
    /// How many characters its action patterns with wildcards have.
    pub fn wild_characters(&self) -> usize {
        let patterns = self.statements.iter().filter_map(|statement| statement.actions.as_ref());
        let wild = patterns.flat_map(|actions| &actions.patterns).filter(|text| text.contains(['*', '?']));
        wild.map(String::len).sum()
    }

    /// Whether `${...}` is a policy variable in this document.
    pub fn variables(&self) -> super::pattern::Variables {
        match self.version {
            Some(Version::V2012) => super::pattern::Variables::Substituted,
            Some(Version::V2008) | None => super::pattern::Variables::Literal,
        }
    }
}

/// The version of the policy language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Version {
    /// `2008-10-17`, without policy variables.
    V2008,
    /// `2012-10-17`
    V2012,
}

impl Version {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V2008 => "2008-10-17",
            Self::V2012 => "2012-10-17",
        }
    }
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Statement {
    /// The optional name of the statement.
    pub sid: Option<String>,
    /// Allow or Deny.
    pub effect: Effect,
    /// Whom it speaks of; only in resource-based policies.
    pub principal: Option<Principals>,
    /// Which actions; none at all matches nothing.
    pub actions: Option<Selection>,
    /// Which resources; a trust policy has none.
    pub resources: Option<Selection>,
    /// All of these have to hold.
    pub conditions: Vec<Condition>,
}

/// What a matching statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Effect {
    /// Grants.
    Allow,
    /// Forbids, whatever else grants.
    Deny,
}

impl Effect {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "Allow",
            Self::Deny => "Deny",
        }
    }
}

/// The value of an element that exists in a plain and in a `Not...` form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Selection {
    /// `NotAction`, `NotResource`.
    pub negated: bool,
    /// The patterns, as written.
    pub patterns: Vec<String>,
}

/// `Principal` or `NotPrincipal`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Principals {
    /// `NotPrincipal`.
    pub negated: bool,
    /// Whom it names.
    pub members: Vec<Principal>,
}

/// One principal as a policy names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Principal {
    /// `"*"` without a kind: everybody, anonymous callers included.
    Everyone,
    /// `AWS`: an ARN, an account's number, a unique id or `*`.
    Aws(String),
    /// `Service`
    Service(String),
    /// `Federated`
    Federated(String),
    /// `CanonicalUser`
    CanonicalUser(String),
}

/// One line of a condition block: an operator, a key and the values of which one has to match.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Condition {
    /// How the values are compared.
    pub operator: Operator,
    /// The condition key, as written; compared without regard to case.
    pub key: String,
    /// The values, as text; JSON booleans and numbers are taken as they print.
    pub values: Vec<String>,
}
