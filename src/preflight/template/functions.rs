//! The functions that values are put together with.

use super::stack::PSEUDO;
use super::{Node, Stack, TemplateError, Value};

type Result<T> = std::result::Result<T, TemplateError>;

impl Stack<'_> {
    /// What a function gives.
    pub(super) fn call(&self, name: &str, argument: &Node, depth: usize) -> Result<Option<Node>> {
        let line = argument.line;
        let text = |text: String| Ok(Some(Node { line, value: Value::Text(text) }));
        match (name, &argument.value) {
            ("Ref", Value::Text(name)) if name == "AWS::NoValue" => Ok(None),
            ("Ref", Value::Text(name)) => Ok(Some(Node { line, value: self.reference(name, line, depth)? })),
            ("Fn::GetAtt", Value::Text(path)) => text(self.attribute(path, line, depth)?),
            ("Fn::GetAtt", Value::List(path)) => {
                let path: Vec<&str> = path.iter().filter_map(Node::text).collect();
                text(self.attribute(&path.join("."), line, depth)?)
            }
            ("Fn::Sub", Value::Text(pattern)) => text(self.substitute(pattern, &[], line, depth)?),
            ("Fn::Sub", Value::List(items)) => match items.as_slice() {
                [Node { value: Value::Text(pattern), .. }, Node { value: Value::Map(names), .. }] => {
                    text(self.substitute(pattern, names, line, depth)?)
                }
                _ => Err(wrong(name, line)),
            },
            ("Fn::If", Value::List(items)) => match items.as_slice() {
                [Node { value: Value::Text(condition), .. }, yes, no] => {
                    let chosen = if self.holds(condition, line, depth)? { yes } else { no };
                    self.resolve(chosen, depth)
                }
                _ => Err(wrong(name, line)),
            },
            ("Fn::Join" | "Fn::Split" | "Fn::Select", Value::List(items)) => match items.as_slice() {
                [first, second] => {
                    let (first, second) = (self.resolved(first, depth)?, self.resolved(second, depth)?);
                    Ok(Some(of_list(name, &first, &second, line)?))
                }
                _ => Err(wrong(name, line)),
            },
            _ => Err(wrong(name, line)),
        }
    }

    fn resolved(&self, node: &Node, depth: usize) -> Result<Node> {
        self.resolve(node, depth)?
            .ok_or_else(|| TemplateError::at(node.line, "AWS::NoValue can't stand here"))
    }

    fn reference(&self, name: &str, line: usize, depth: usize) -> Result<Value> {
        if let Some(value) = self.value_of_parameter(name) {
            return Ok(value.clone());
        }
        if let Some((_, text)) = PSEUDO.iter().find(|(known, _)| *known == name) {
            return Ok(Value::Text((*text).to_owned()));
        }
        self.name(name, line, depth).map(Value::Text)
    }

    /// A text with `${...}` replaced; `${!x}` is `${x}` itself, which policies have variables by.
    fn substitute(
        &self,
        pattern: &str,
        names: &[(String, Node)],
        line: usize,
        depth: usize,
    ) -> Result<String> {
        let mut text = String::with_capacity(pattern.len());
        let mut rest = pattern;
        while let Some(at) = rest.find("${") {
            text.push_str(&rest[..at]);
            let Some(end) = rest[at..].find('}') else {
                return Err(TemplateError::at(line, format!("in {pattern:?} a ${{ isn't closed")));
            };
            let inner = rest[at + 2..at + end].trim();
            rest = &rest[at + end + 1..];
            if let Some(literal) = inner.strip_prefix('!') {
                text.push_str("${");
                text.push_str(literal);
                text.push('}');
                continue;
            }
            let value = match names.iter().find(|(name, _)| name == inner) {
                Some((_, node)) => self.resolved(node, depth)?.value,
                None if inner.contains('.') => Value::Text(self.attribute(inner, line, depth)?),
                None => self.reference(inner, line, depth)?,
            };
            let Value::Text(value) = value else {
                return Err(TemplateError::at(
                    line,
                    format!("{inner} is no text, and can't stand within one"),
                ));
            };
            text.push_str(&value);
        }
        text.push_str(rest);
        Ok(text)
    }
}

fn of_list(name: &str, first: &Node, second: &Node, line: usize) -> Result<Node> {
    let text = |text: &str| Node { line, value: Value::Text(text.to_owned()) };
    match (name, &first.value, &second.value) {
        ("Fn::Join", Value::Text(between), Value::List(items)) => {
            let texts: Option<Vec<&str>> = items.iter().map(Node::text).collect();
            Ok(text(&texts.ok_or_else(|| wrong(name, line))?.join(between)))
        }
        ("Fn::Split", Value::Text(between), Value::Text(joined)) if !between.is_empty() => {
            Ok(Node { line, value: Value::List(joined.split(between.as_str()).map(text).collect()) })
        }
        ("Fn::Select", Value::Text(index), Value::List(items)) => {
            index.parse().ok().and_then(|at: usize| items.get(at)).cloned().ok_or_else(|| wrong(name, line))
        }
        _ => Err(wrong(name, line)),
    }
}

fn wrong(name: &str, line: usize) -> TemplateError {
    TemplateError::at(line, format!("{name} isn't known here, or not with what it is given"))
}
