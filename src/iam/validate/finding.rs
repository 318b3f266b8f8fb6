//! What was found, and where.

use std::fmt;

use serde::Serialize;
use serde::ser::{SerializeMap, SerializeStruct, Serializer};

use super::issue::Issue;

/// One step on the way to a place in a policy, as Access Analyzer writes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The value of a member: `{"value": "Statement"}`.
    Value(String),
    /// An item of a list: `{"index": 0}`.
    Index(usize),
    /// A member's key itself: `{"key": "Stringequal"}`.
    Key(String),
}

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match self {
            Self::Value(name) => map.serialize_entry("value", name)?,
            Self::Index(index) => map.serialize_entry("index", index)?,
            Self::Key(name) => map.serialize_entry("key", name)?,
        }
        map.end()
    }
}

/// A place in a policy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Location {
    /// The steps from the top.
    pub path: Vec<Step>,
}

impl Location {
    /// The value of the member `name` of this place.
    #[must_use]
    pub fn member(&self, name: &str) -> Self {
        self.then(Step::Value(name.to_owned()))
    }

    /// The item `index` of this place.
    #[must_use]
    pub fn item(&self, index: usize) -> Self {
        self.then(Step::Index(index))
    }

    /// The key `name` of this place.
    #[must_use]
    pub fn key(&self, name: &str) -> Self {
        self.then(Step::Key(name.to_owned()))
    }

    fn then(&self, step: Step) -> Self {
        let mut path = Vec::with_capacity(self.path.len() + 1);
        path.extend_from_slice(&self.path);
        path.push(step);
        Self { path }
    }
}

/// As a JSON pointer (RFC 6901).
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.iter().try_for_each(|step| match step {
            Step::Value(name) | Step::Key(name) => {
                write!(f, "/{}", name.replace('~', "~0").replace('/', "~1"))
            }
            Step::Index(index) => write!(f, "/{index}"),
        })
    }
}

impl Serialize for Location {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut location = serializer.serialize_struct("Location", 2)?;
        location.serialize_field("pointer", &self.to_string())?;
        location.serialize_field("path", &self.path)?;
        location.end()
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which check.
    pub issue: Issue,
    /// What is wrong and what to do, for a person.
    pub details: String,
    /// Where; one at least.
    pub locations: Vec<Location>,
}

/// `{"findingType", "issueCode", "findingDetails", "learnMore", "locations": [{"pointer", "path"}]}`
impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut finding = serializer.serialize_struct("Finding", 5)?;
        finding.serialize_field("findingType", self.issue.weight().as_str())?;
        finding.serialize_field("issueCode", self.issue.code())?;
        finding.serialize_field("findingDetails", &self.details)?;
        finding.serialize_field("learnMore", &self.issue.learn_more())?;
        finding.serialize_field("locations", &self.locations)?;
        finding.end()
    }
}

/// Where checks put what they find.
#[derive(Debug, Default)]
pub(super) struct Report {
    findings: Vec<Finding>,
}

impl Report {
    pub(super) fn add(&mut self, issue: Issue, at: &Location, details: impl Into<String>) {
        self.add_all(issue, vec![at.clone()], details);
    }

    pub(super) fn add_all(&mut self, issue: Issue, locations: Vec<Location>, details: impl Into<String>) {
        self.findings.push(Finding { issue, details: details.into(), locations });
    }

    /// In the order of the document.
    pub(super) fn into_findings(mut self) -> Vec<Finding> {
        self.findings.sort_by(|a, b| (&a.locations, a.issue).cmp(&(&b.locations, b.issue)));
        self.findings
    }
}
