//! A policy of a template, as the policy engine reads it, with the lines that it was written on.

use serde_json::{Map, Value as Json};

use super::template::{Node, TemplateError, Value};
use crate::iam::document::Document;

/// A policy, with the lines that it was written on.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Its name in the template.
    pub id: String,
    /// Where it begins.
    pub line: usize,
    /// As the policy engine reads it.
    pub document: Document,
    /// The statements of the document.
    pub lines: Vec<Lines>,
}

/// Where a statement was written.
#[derive(Debug, Clone, Default)]
pub struct Lines {
    /// Where it begins.
    pub start: usize,
    /// Where each of its actions is.
    pub actions: Vec<usize>,
    /// Where each of its resources is.
    pub resources: Vec<usize>,
}

impl Policy {
    /// Reads a resolved document.
    pub fn read(id: String, node: &Node) -> Result<Self, TemplateError> {
        let text = json(node).to_string();
        let document = Document::parse(text.as_bytes())
            .map_err(|error| TemplateError::at(node.line, format!("{id} is no policy: {error}")))?;
        let statements = node.get("Statement").map_or(&[][..], Node::items);
        let lines = statements.iter().map(Lines::of).collect();
        Ok(Self { id, line: node.line, document, lines })
    }

    /// What a statement is called: its `Sid`, or which it is, counted from 1.
    pub fn name_of(&self, statement: usize) -> String {
        let sid = self.document.statements.get(statement).and_then(|statement| statement.sid.clone());
        sid.unwrap_or_else(|| format!("statement {}", statement + 1))
    }
}

impl Lines {
    fn of(statement: &Node) -> Self {
        let lines = |names: [&str; 2]| {
            let found = names.iter().find_map(|name| statement.get(name));
            found.map_or(&[][..], Node::items).iter().map(|item| item.line).collect()
        };
        Self {
            start: statement.line,
            actions: lines(["Action", "NotAction"]),
            resources: lines(["Resource", "NotResource"]),
        }
    }
}

/// A policy as JSON. A list whose last line was taken away is an empty one: what it lacks is to be found.
fn json(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Text(text) => Json::String(text.clone()),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(members) => Json::Object(
            members
                .iter()
                .filter_map(|(name, value)| match (name.as_str(), &value.value) {
                    ("Action" | "Resource" | "Statement", Value::Null) => {
                        Some((name.clone(), Json::Array(Vec::new())))
                    }
                    (_, Value::Null) => None,
                    _ => Some((name.clone(), json(value))),
                })
                .collect::<Map<_, _>>(),
        ),
    }
}
