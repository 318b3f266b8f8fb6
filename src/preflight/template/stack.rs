//! A template with its parameters said: what it would make.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use super::{Node, Resource, Template, TemplateError, Value};

/// How many steps a template may take to resolve, and how many within one another, so that none takes for ever.
const STEPS: usize = 200_000;
const DEPTH: usize = 128;

type Result<T> = std::result::Result<T, TemplateError>;

/// The account that a stack is said to lie in.
pub const ACCOUNT: &str = "111122223333";
/// The Region that it is said to lie in.
pub const REGION: &str = "eu-west-1";
pub(super) const PSEUDO: &[(&str, &str)] = &[
    ("AWS::AccountId", ACCOUNT),
    ("AWS::Partition", "aws"),
    ("AWS::Region", REGION),
    ("AWS::StackName", "alpha"),
    ("AWS::URLSuffix", "amazonaws.com"),
];

/// A template with values for its parameters.
#[derive(Debug)]
pub struct Stack<'t> {
    pub(super) template: &'t Template,
    parameters: BTreeMap<&'t str, Value>,
    steps: Cell<usize>,
    chosen: RefCell<Chosen>,
}

/// Which conditions were asked for, on which line, and whether they held.
pub type Chosen = BTreeSet<(usize, String, bool)>;

impl<'t> Stack<'t> {
    /// The stack that follows from what is said of the parameters; of what isn't, from the defaults.
    pub fn new<'s>(template: &'t Template, said: impl Fn(&str) -> Option<&'s str>) -> Result<Self> {
        let mut parameters = BTreeMap::new();
        for parameter in &template.parameters {
            let Some(text) = said(&parameter.name).or(parameter.default.as_deref()) else {
                let reason =
                    format!("the parameter {} has no default, and isn't one of ALPHA's", parameter.name);
                return Err(TemplateError::at(parameter.line, reason));
            };
            let node = |text: &str| Node { line: parameter.line, value: Value::Text(text.trim().to_owned()) };
            let value = if parameter.is_list {
                Value::List(text.split(',').map(node).collect())
            } else {
                Value::Text(text.to_owned())
            };
            parameters.insert(parameter.name.as_str(), value);
        }
        Ok(Self { template, parameters, steps: Cell::new(0), chosen: RefCell::default() })
    }

    /// What a parameter is in this stack: nothing where there is none of the name or it is empty.
    pub fn parameter(&self, name: &str) -> Vec<String> {
        let texts = match self.parameters.get(name) {
            Some(Value::Text(text)) => vec![text.clone()],
            Some(Value::List(items)) => items.iter().filter_map(Node::text).map(str::to_owned).collect(),
            Some(Value::Null | Value::Map(_)) | None => Vec::new(),
        };
        texts.into_iter().filter(|text| !text.is_empty()).collect()
    }

    /// What its conditions have decided so far.
    pub fn chosen(self) -> Chosen {
        self.chosen.into_inner()
    }

    pub(super) fn value_of_parameter(&self, name: &str) -> Option<&Value> {
        self.parameters.get(name)
    }

    /// What is made, each with its properties.
    pub fn made(&self) -> Result<Vec<(&'t Resource, Node)>> {
        let mut made = Vec::new();
        for resource in
            self.template.resources.iter().filter(|resource| resource.kind.starts_with("AWS::IAM::"))
        {
            if self.is_made(resource)? {
                made.push((resource, self.properties(resource, 0)?));
            }
        }
        Ok(made)
    }

    pub(super) fn is_made(&self, resource: &Resource) -> Result<bool> {
        let condition = resource.condition.as_ref();
        condition.map_or(Ok(true), |node| self.holds(node.text().unwrap_or_default(), node.line, 0))
    }

    fn properties(&self, resource: &Resource, depth: usize) -> Result<Node> {
        let nothing = Node { line: resource.line, value: Value::Map(Vec::new()) };
        let Some(properties) = &resource.properties else { return Ok(nothing) };
        Ok(self.resolve(properties, depth)?.unwrap_or(nothing))
    }

    /// One property of a resource, resolved.
    pub(super) fn property(&self, resource: &Resource, name: &str, depth: usize) -> Result<Option<Node>> {
        let property = resource.properties.as_ref().and_then(|properties| properties.get(name));
        property.map_or(Ok(None), |node| self.resolve(node, depth))
    }

    /// A value without functions; nothing where it is `AWS::NoValue`.
    pub(super) fn resolve(&self, node: &Node, depth: usize) -> Result<Option<Node>> {
        self.step(node.line, depth)?;
        let value = match &node.value {
            Value::Null | Value::Text(_) => return Ok(Some(node.clone())),
            Value::List(items) => Value::List(
                items
                    .iter()
                    .filter_map(|item| self.resolve(item, depth + 1).transpose())
                    .collect::<Result<_>>()?,
            ),
            Value::Map(members) => match members.as_slice() {
                [(name, argument)] if name == "Ref" || name.starts_with("Fn::") => {
                    return self.call(name, argument, depth + 1);
                }
                _ => {
                    let member = |(name, value): &(String, Node)| {
                        let value = self.resolve(value, depth + 1).transpose()?;
                        Some(value.map(|value| (name.clone(), value)))
                    };
                    Value::Map(members.iter().filter_map(member).collect::<Result<_>>()?)
                }
            },
        };
        Ok(Some(Node { line: node.line, value }))
    }

    /// Whether a condition of the template holds.
    pub(super) fn holds(&self, name: &str, line: usize, depth: usize) -> Result<bool> {
        let known = self.template.conditions.iter().find(|(known, _)| known == name);
        let Some((_, condition)) = known else {
            return Err(TemplateError::at(line, format!("there is no condition {name}")));
        };
        let holds = self.is_true(condition, depth + 1)?;
        self.chosen.borrow_mut().insert((line, name.to_owned(), holds));
        Ok(holds)
    }

    fn is_true(&self, node: &Node, depth: usize) -> Result<bool> {
        self.step(node.line, depth)?;
        let [(name, argument)] = node.members() else {
            return Err(TemplateError::at(node.line, "a condition is one function"));
        };
        let each = || argument.items().iter().map(|item| self.is_true(item, depth + 1));
        match (name.as_str(), argument.items()) {
            ("Condition", _) => self.holds(argument.text().unwrap_or_default(), node.line, depth),
            ("Fn::Not", [one]) => Ok(!self.is_true(one, depth + 1)?),
            ("Fn::And", [_, ..]) => each().try_fold(true, |all, one| Ok(all && one?)),
            ("Fn::Or", [_, ..]) => each().try_fold(false, |any, one| Ok(any || one?)),
            ("Fn::Equals", [one, other]) => {
                let value = |node| Ok(self.resolve(node, depth + 1)?.map(|node| node.value));
                Ok(value(one)? == value(other)?)
            }
            _ => Err(TemplateError::at(node.line, format!("{name} isn't a condition that is known here"))),
        }
    }

    fn step(&self, line: usize, depth: usize) -> Result<()> {
        self.steps.set(self.steps.get() + 1);
        if depth > DEPTH || self.steps.get() > STEPS {
            return Err(TemplateError::at(line, "it refers to itself, or is too entangled to resolve"));
        }
        Ok(())
    }
}
