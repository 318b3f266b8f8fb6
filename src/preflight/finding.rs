//! What is wrong with a template.

use std::fmt;

use serde::Serialize;

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// The line of the template, counted from 1.
    pub line: usize,
    /// Of which kind it is.
    pub kind: Kind,
    /// The role that it is about, by its name in the template.
    pub role: Option<String>,
    /// The policy, by its name in the template.
    pub policy: Option<String>,
    /// The statement: its `Sid`, or which of the policy it is, counted from 1.
    pub statement: Option<String>,
    /// The action.
    pub action: Option<String>,
    /// The resources, as they are resolved for the check.
    pub resources: Vec<String>,
    /// What is wrong, in a person's words.
    pub text: String,
}

/// The kinds of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Something is needed that the template doesn't have.
    Missing,
    /// The template has something that nothing needs.
    Superfluous,
    /// Something that IAM wouldn't take, or that can't be judged.
    Invalid,
}

impl Finding {
    /// A finding about a whole resource of the template.
    pub(super) fn about(id: &str, line: usize, kind: Kind, text: impl Into<String>) -> Self {
        let policy = Some(id.to_owned());
        let text = text.into();
        Self { line, kind, role: None, policy, statement: None, action: None, resources: Vec::new(), text }
    }
}

/// `431: ReadPolicy, Account: ...`
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.line)?;
        let place: Vec<&str> = self.policy.iter().chain(&self.statement).map(String::as_str).collect();
        if !place.is_empty() {
            write!(f, "{}: ", place.join(", "))?;
        }
        f.write_str(&self.text)
    }
}
