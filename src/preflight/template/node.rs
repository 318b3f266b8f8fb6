//! YAML, and so JSON, as a tree that knows its lines. CloudFormation's short forms are read as the long ones.

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

use super::TemplateError;

/// How deep a template may be nested.
const DEPTH: usize = 64;

/// One value of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where it begins, counted from 1.
    pub line: usize,
    /// What it is.
    pub value: Value,
}

/// What a value is. Numbers and booleans are the texts that they are written as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A key without a value.
    Null,
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// Members, in their order, none twice.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// Reads a template's text.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut builder = Builder::default();
        for event in Parser::new_from_str(text) {
            let (event, span) =
                event.map_err(|error| TemplateError::at(error.marker().line(), error.info()))?;
            builder.take(event, span)?;
        }
        builder.whole.ok_or_else(|| TemplateError::at(1, "it is empty"))
    }

    /// The member called `key`, where this has members.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.members().iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Its members; none where it has none.
    pub fn members(&self) -> &[(String, Self)] {
        if let Value::Map(members) = &self.value { members } else { &[] }
    }

    /// Its items; where it isn't a list, itself.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            Value::Null => &[],
            Value::Text(_) | Value::Map(_) => std::slice::from_ref(self),
        }
    }

    /// Its text, where it is one.
    pub fn text(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }
}

/// A list or a map that isn't at its end yet.
struct Open {
    line: usize,
    function: Option<String>,
    filling: Filling,
}

enum Filling {
    List(Vec<Node>),
    Map(Vec<(String, Node)>, Option<String>),
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    whole: Option<Node>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), TemplateError> {
        let line = span.start.line();
        match event {
            Event::Scalar(text, style, 0, tag) => {
                let empty = style == ScalarStyle::Plain && matches!(&*text, "" | "~" | "null");
                let value = if empty { Value::Null } else { Value::Text(text.into_owned()) };
                self.put(called(function(tag.as_deref(), line)?, Node { line, value }))
            }
            Event::SequenceStart(0, tag) => self.begin(line, tag.as_deref(), Filling::List(Vec::new())),
            Event::MappingStart(0, tag) => self.begin(line, tag.as_deref(), Filling::Map(Vec::new(), None)),
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(_) | Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..) => {
                Err(TemplateError::at(line, "anchors and aliases aren't read"))
            }
            Event::DocumentStart(_) if self.whole.is_some() => {
                Err(TemplateError::at(line, "a second document begins, and a template is one"))
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn begin(&mut self, line: usize, tag: Option<&Tag>, filling: Filling) -> Result<(), TemplateError> {
        if self.open.len() == DEPTH {
            return Err(TemplateError::at(line, format!("it is nested deeper than {DEPTH} levels")));
        }
        self.open.push(Open { line, function: function(tag, line)?, filling });
        Ok(())
    }

    fn end(&mut self) -> Result<(), TemplateError> {
        let Some(Open { line, function, filling }) = self.open.pop() else { return Ok(()) };
        let value = match filling {
            Filling::List(items) => Value::List(items),
            Filling::Map(members, _) => Value::Map(members),
        };
        self.put(called(function, Node { line, value }))
    }

    /// Puts a value where it belongs: a key first, then the key's value.
    fn put(&mut self, node: Node) -> Result<(), TemplateError> {
        match self.open.last_mut().map(|open| &mut open.filling) {
            None => self.whole = Some(node),
            Some(Filling::List(items)) => items.push(node),
            Some(Filling::Map(members, key)) => match key.take() {
                Some(key) => members.push((key, node)),
                None => *key = Some(new_key(node, members)?),
            },
        }
        Ok(())
    }
}

fn new_key(node: Node, members: &[(String, Node)]) -> Result<String, TemplateError> {
    let Value::Text(key) = node.value else {
        return Err(TemplateError::at(node.line, "a key that is no text"));
    };
    if members.iter().any(|(name, _)| *name == key) {
        return Err(TemplateError::at(node.line, format!("{key} stands here a second time")));
    }
    Ok(key)
}

/// The long form's name of a tag: `Fn::Sub` of `!Sub`, and of `!Ref` just `Ref`.
fn function(tag: Option<&Tag>, line: usize) -> Result<Option<String>, TemplateError> {
    match tag {
        None => Ok(None),
        Some(tag) if tag.is_yaml_core_schema() => Ok(None),
        Some(tag) if tag.handle == "!" => Ok(Some(match tag.suffix.as_str() {
            name @ ("Ref" | "Condition") => name.to_owned(),
            name => format!("Fn::{name}"),
        })),
        Some(tag) => Err(TemplateError::at(line, format!("the tag {tag} isn't one of CloudFormation's"))),
    }
}

fn called(function: Option<String>, node: Node) -> Node {
    match function {
        None => node,
        Some(name) => Node { line: node.line, value: Value::Map(vec![(name, node)]) },
    }
}
