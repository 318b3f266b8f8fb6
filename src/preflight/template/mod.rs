//! Templates of CloudFormation, as far as grants depend on them: parameters, conditions, resources, and the functions
//! that policies are put together with. What can't be resolved is an error that names the line, never a guess.

mod functions;
mod names;
mod node;
mod stack;
#[cfg(test)]
mod tests;

pub use node::{Node, Value};
pub use stack::{ACCOUNT, Chosen, REGION, Stack};

/// How large a template CloudFormation takes, in bytes.
pub const MAX_BYTES: usize = 1 << 20;

/// Why a text is no template whose grants can be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct TemplateError {
    /// Where, counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub reason: String,
}

impl TemplateError {
    pub(super) fn at(line: usize, reason: impl Into<String>) -> Self {
        Self { line, reason: reason.into() }
    }
}

/// A template as it was written.
#[derive(Debug)]
pub struct Template {
    parameters: Vec<Parameter>,
    conditions: Vec<(String, Node)>,
    /// What it makes.
    pub resources: Vec<Resource>,
}

/// What whoever deploys may say.
#[derive(Debug)]
struct Parameter {
    name: String,
    line: usize,
    is_list: bool,
    default: Option<String>,
}

/// Something that a template makes.
#[derive(Debug)]
pub struct Resource {
    /// Its name within the template.
    pub id: String,
    /// Where it begins.
    pub line: usize,
    /// Such as `AWS::IAM::Role`.
    pub kind: String,
    condition: Option<Node>,
    properties: Option<Node>,
}

impl Template {
    /// Reads YAML or JSON.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let root = Node::parse(text)?;
        if root.get("Resources").is_none() {
            return Err(TemplateError::at(
                root.line,
                "it has no Resources, so isn't a template of CloudFormation",
            ));
        }
        if let Some(node) = root.get("Transform") {
            return Err(TemplateError::at(node.line, "what a macro makes of it isn't known here"));
        }
        let section = |name: &str| root.get(name).map_or(&[][..], Node::members);
        Ok(Self {
            parameters: section("Parameters").iter().map(Parameter::read).collect(),
            conditions: section("Conditions").to_vec(),
            resources: section("Resources").iter().map(Resource::read).collect::<Result<_, _>>()?,
        })
    }

    /// What is called so, where it makes such a thing.
    pub fn resource(&self, id: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.id == id)
    }
}

impl Parameter {
    fn read((name, node): &(String, Node)) -> Self {
        let text = |key| node.get(key).and_then(Node::text);
        let kind = text("Type").unwrap_or_default();
        Self {
            name: name.clone(),
            line: node.line,
            is_list: kind == "CommaDelimitedList" || kind.starts_with("List<"),
            default: text("Default").map(str::to_owned),
        }
    }
}

impl Resource {
    /// Whether a property is said, whatever it is.
    pub fn has(&self, property: &str) -> bool {
        self.properties.as_ref().is_some_and(|properties| properties.get(property).is_some())
    }

    fn read((id, node): &(String, Node)) -> Result<Self, TemplateError> {
        let Some(kind) = node.get("Type").and_then(Node::text) else {
            return Err(TemplateError::at(node.line, format!("the resource {id} has no Type")));
        };
        Ok(Self {
            id: id.clone(),
            line: node.line,
            kind: kind.to_owned(),
            condition: node.get("Condition").cloned(),
            properties: node.get("Properties").cloned(),
        })
    }
}
