//! From any JSON to what can be checked of it. Whatever has the wrong shape is reported and left out, and reading
//! goes on: one mistake must never hide another.

use crate::iam::document::{Effect, Operator};
use crate::iam::json::Node;

use super::finding::{Location, Report};
use super::issue::Issue;
use super::{Kind, PolicyType};

/// What a policy says, as far as it says anything.
pub(super) struct Policy<'n> {
    pub version: Option<&'n str>,
    pub statements: Vec<Statement<'n>>,
}

/// One statement.
pub(super) struct Statement<'n> {
    pub at: Location,
    pub sid: Option<Text<'n>>,
    pub effect: Option<Effect>,
    pub principal: Option<Principals<'n>>,
    pub actions: Option<Element<'n>>,
    pub resources: Option<Element<'n>>,
    pub conditions: Vec<Condition<'n>>,
}

/// A string and its place.
#[derive(Clone)]
pub(super) struct Text<'n> {
    pub at: Location,
    pub text: &'n str,
}

/// `Action`, `NotAction`, `Resource` or `NotResource`.
pub(super) struct Element<'n> {
    pub at: Location,
    pub negated: bool,
    pub items: Vec<Text<'n>>,
}

/// `Principal` or `NotPrincipal`.
pub(super) struct Principals<'n> {
    pub at: Location,
    pub negated: bool,
    /// `"*"` without a kind.
    pub everyone: bool,
    /// The kind (`AWS`, ...) and the name.
    pub members: Vec<(&'n str, Text<'n>)>,
}

/// One operator with one key.
pub(super) struct Condition<'n> {
    /// The place of the key.
    pub at: Location,
    pub operator: Operator,
    pub key: &'n str,
    pub values: Vec<Value<'n>>,
}

/// One value of a condition.
pub(super) struct Value<'n> {
    pub at: Location,
    /// As it compares: a JSON boolean or number as it prints.
    pub text: std::borrow::Cow<'n, str>,
}

impl Statement<'_> {
    /// Whether the condition block holds `key`, under any operator.
    pub fn has_key(&self, key: &str) -> bool {
        self.conditions.iter().any(|condition| condition.key.eq_ignore_ascii_case(key))
    }

    pub fn allows(&self) -> bool {
        self.effect == Some(Effect::Allow)
    }
}

/// Reads the whole.
pub(super) fn read<'n>(node: &'n Node<'_>, kind: &Kind, report: &mut Report) -> Policy<'n> {
    let top = Location::default();
    let mut policy = Policy { version: None, statements: Vec::new() };
    let Some(members) = object(node, &top, report) else { return policy };
    let (mut version, mut statement) = (false, false);
    for (name, value) in members {
        let at = top.member(name);
        match name {
            "Version" => {
                version = true;
                policy.version = read_version(value, &at, report);
            }
            "Id" => drop(string(value, &at, report)),
            "Statement" => {
                statement = true;
                policy.statements = read_statements(value, &at, kind, report);
            }
            other => report.add(Issue::InvalidPolicyElement, &top.key(other), not_an_element(other)),
        }
    }
    if !version {
        report.add(
            Issue::MissingVersion,
            &top,
            "There is no Version. Add \"Version\": \"2012-10-17\": without it variables are taken as plain text.",
        );
    }
    if !statement {
        report.add(Issue::MissingStatement, &top, "There is no Statement. Add one.");
    }
    policy
}

fn not_an_element(name: &str) -> String {
    format!("{name:?} is no element of a policy here. Remove it, or correct its name.")
}

fn read_version<'n>(node: &'n Node<'_>, at: &Location, report: &mut Report) -> Option<&'n str> {
    let version = string(node, at, report)?;
    if !["2012-10-17", "2008-10-17"].contains(&version) {
        report.add(
            Issue::InvalidVersion,
            at,
            format!("{version:?} is no version. Use 2012-10-17, or 2008-10-17."),
        );
    }
    Some(version)
}

fn read_statements<'n>(
    node: &'n Node<'_>,
    at: &Location,
    kind: &Kind,
    report: &mut Report,
) -> Vec<Statement<'n>> {
    match node {
        Node::List(items) => {
            if items.is_empty() {
                report.add(Issue::MissingStatement, at, "The list of statements is empty. Add one.");
            }
            let items = items.iter().enumerate();
            items.filter_map(|(index, item)| read_statement(item, at.item(index), kind, report)).collect()
        }
        single => read_statement(single, at.clone(), kind, report).into_iter().collect(),
    }
}

fn read_statement<'n>(
    node: &'n Node<'_>,
    at: Location,
    kind: &Kind,
    report: &mut Report,
) -> Option<Statement<'n>> {
    let members = object(node, &at, report)?;
    let mut statement = Statement {
        at,
        sid: None,
        effect: None,
        principal: None,
        actions: None,
        resources: None,
        conditions: Vec::new(),
    };
    let names: Vec<&str> = members.iter().map(|(name, _)| *name).collect();
    for (name, value) in members {
        let at = statement.at.member(name);
        match name {
            "Sid" => statement.sid = string(value, &at, report).map(|text| Text { at, text }),
            "Effect" => statement.effect = read_effect(value, &at, report),
            "Principal" | "NotPrincipal" => {
                statement.principal = statement.principal.or(read_principals(value, name, at, report));
            }
            "Action" | "NotAction" => {
                let empty = (Issue::EmptyArrayAction, "actions");
                statement.actions = statement.actions.or(read_element(value, name, at, empty, report));
            }
            "Resource" | "NotResource" => {
                let empty = (Issue::EmptyArrayResource, "resources");
                statement.resources = statement.resources.or(read_element(value, name, at, empty, report));
            }
            "Condition" => statement.conditions = read_conditions(value, &at, report),
            other => report.add(Issue::InvalidPolicyElement, &statement.at.key(other), not_an_element(other)),
        }
    }
    complete(&names, &statement.at, kind, report);
    Some(statement)
}

/// What a statement lacks, and what it has twice.
fn complete(names: &[&str], at: &Location, kind: &Kind, report: &mut Report) {
    for (plain, negated) in
        [("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource")]
    {
        if names.contains(&plain) && names.contains(&negated) {
            report.add_all(
                Issue::UnsupportedElementCombination,
                vec![at.key(plain), at.key(negated)],
                format!("A statement can't have both {plain} and {negated}. Remove one of them."),
            );
        }
    }
    let has = |name: &str| names.iter().any(|own| own.strip_prefix("Not").unwrap_or(own) == name);
    if !names.contains(&"Effect") {
        report.add(Issue::MissingEffect, at, "There is no Effect. Add Allow or Deny.");
    }
    if !has("Action") {
        report.add(Issue::MissingAction, at, "There is neither Action nor NotAction. Add one.");
    }
    if !has("Resource") && kind.policy != PolicyType::Resource {
        report.add(Issue::MissingResource, at, "There is neither Resource nor NotResource. Add one.");
    }
    if !has("Principal") && matches!(kind.policy, PolicyType::Resource | PolicyType::Rcp) {
        report.add(Issue::MissingPrincipal, at, "There is no Principal. Say whom the statement speaks of.");
    }
}

fn read_effect(node: &Node<'_>, at: &Location, report: &mut Report) -> Option<Effect> {
    let effect = string(node, at, report)?;
    let known = Effect::parse(effect);
    if known.is_none() {
        report.add(Issue::InvalidEffect, at, format!("{effect:?} is no effect. Use Allow or Deny."));
    }
    known
}

fn read_element<'n>(
    node: &'n Node<'_>,
    name: &str,
    at: Location,
    (empty, what): (Issue, &str),
    report: &mut Report,
) -> Option<Element<'n>> {
    let items = strings(node, &at, report)?;
    if matches!(node, Node::List(list) if list.is_empty()) {
        report.add(
            empty,
            &at,
            format!("The statement names no {what}, so that it has no effect. Name some."),
        );
    }
    Some(Element { at, negated: name.starts_with("Not"), items })
}

fn read_principals<'n>(
    node: &'n Node<'_>,
    name: &str,
    at: Location,
    report: &mut Report,
) -> Option<Principals<'n>> {
    const EMPTY: &str = "The statement names no principals, so that it has no effect. Name some.";
    let negated = name.starts_with("Not");
    let mut principals = Principals { at, negated, everyone: false, members: Vec::new() };
    match node {
        Node::Text(text) if text == "*" => principals.everyone = true,
        Node::Text(text) => report.add(
            Issue::InvalidPrincipalFormat,
            &principals.at,
            format!("{text:?} needs a kind, such as {{\"AWS\": {text:?}}}."),
        ),
        Node::List(list) if list.is_empty() => report.add(Issue::EmptyArrayPrincipal, &principals.at, EMPTY),
        Node::Object(_) => {
            let members = object(node, &principals.at, report)?;
            if members.is_empty() {
                report.add(Issue::EmptyObjectPrincipal, &principals.at, EMPTY);
            }
            for (kind, value) in members {
                let at = principals.at.member(kind);
                if !["AWS", "Service", "Federated", "CanonicalUser"].contains(&kind) {
                    report.add(
                        Issue::InvalidPrincipalKey,
                        &principals.at.key(kind),
                        format!(
                            "{kind:?} is no kind of principal. Use AWS, Service, Federated or CanonicalUser."
                        ),
                    );
                } else if matches!(value, Node::List(list) if list.is_empty()) {
                    report.add(Issue::EmptyArrayPrincipal, &at, EMPTY);
                } else if let Some(names) = strings(value, &at, report) {
                    principals.members.extend(names.into_iter().map(|name| (kind, name)));
                }
            }
        }
        other => report.add(
            Issue::InvalidPrincipalFormat,
            &principals.at,
            format!("Here is {}; a principal is \"*\" or an object such as {{\"AWS\": ...}}.", other.kind()),
        ),
    }
    Some(principals)
}

fn read_conditions<'n>(node: &'n Node<'_>, at: &Location, report: &mut Report) -> Vec<Condition<'n>> {
    let mut conditions = Vec::new();
    let Some(operators) = object(node, at, report) else { return conditions };
    if operators.is_empty() {
        report.add(
            Issue::EmptyObjectCondition,
            at,
            "The condition block is empty. Remove it, or add conditions.",
        );
    }
    for (name, keys) in operators {
        let operator = read_operator(name, &at.key(name), report);
        let at = at.member(name);
        let Some(keys) = object(keys, &at, report) else { continue };
        if keys.is_empty() {
            report.add(Issue::EmptyObjectCondition, &at, format!("{name} has no condition keys. Remove it."));
        }
        for (index, (key, _)) in keys.iter().enumerate() {
            if keys[..index].iter().any(|(earlier, _)| earlier.eq_ignore_ascii_case(key)) {
                report.add(
                    Issue::DuplicateKeysWithDifferentCase,
                    &at.key(key),
                    format!(
                        "{key} is here twice, in different case. IAM takes both for the same key. Remove one."
                    ),
                );
            }
        }
        for (key, values) in keys {
            let at = at.member(key);
            let values = read_values(values, &at, report);
            if let Some(operator) = operator {
                conditions.push(Condition { at, operator, key, values });
            }
        }
    }
    conditions
}

fn read_operator(name: &str, at: &Location, report: &mut Report) -> Option<Operator> {
    let operator = Operator::parse(name);
    if operator.is_none() {
        let bare = name.rsplit(':').next().unwrap_or(name);
        if bare.eq_ignore_ascii_case("NullIfExists") {
            report.add(
                Issue::NullWithIfExists,
                at,
                "Null can't be used with IfExists: it asks itself whether the key exists. Remove IfExists.",
            );
        } else {
            report.add(
                Issue::InvalidConditionOperator,
                at,
                format!("{name:?} is no condition operator. Use one such as StringEquals or ArnLike."),
            );
        }
    }
    operator
}

fn read_values<'n>(node: &'n Node<'_>, at: &Location, report: &mut Report) -> Vec<Value<'n>> {
    let single = |node: &'n Node<'_>, at: Location, report: &mut Report| -> Option<Value<'n>> {
        let text = match node {
            Node::Text(text) => text.as_ref().into(),
            Node::Bool(value) => value.to_string().into(),
            Node::Number(value) => value.to_string().into(),
            other => {
                mismatch(other, "a string, a boolean or a number", &at, report);
                return None;
            }
        };
        Some(Value { at, text })
    };
    match node {
        Node::List(items) => {
            if items.windows(2).any(|pair| pair[0].kind() != pair[1].kind()) {
                report.add(
                    Issue::InvalidConditionDataType,
                    at,
                    "The values are of different JSON types. Write them all alike.",
                );
            }
            let items = items.iter().enumerate();
            items.filter_map(|(index, item)| single(item, at.item(index), report)).collect()
        }
        node => single(node, at.clone(), report).into_iter().collect(),
    }
}

/// The members of an object, each once: of a duplicate key the first stays.
fn object<'n>(
    node: &'n Node<'_>,
    at: &Location,
    report: &mut Report,
) -> Option<Vec<(&'n str, &'n Node<'n>)>> {
    let Node::Object(members) = node else {
        mismatch(node, "an object", at, report);
        return None;
    };
    let mut seen = std::collections::HashSet::with_capacity(members.len());
    let mut once = Vec::with_capacity(members.len());
    for (name, value) in members {
        if seen.insert(name.as_ref()) {
            once.push((name.as_ref(), value));
        } else {
            report.add(
                Issue::JsonSyntaxError,
                &at.key(name),
                format!("The key {name:?} is here twice, and only one of them would count. Remove one."),
            );
        }
    }
    Some(once)
}

fn strings<'n>(node: &'n Node<'_>, at: &Location, report: &mut Report) -> Option<Vec<Text<'n>>> {
    match node {
        Node::Text(text) => Some(vec![Text { at: at.clone(), text }]),
        Node::List(items) => Some(
            items
                .iter()
                .enumerate()
                .filter_map(|(index, item)| {
                    let at = at.item(index);
                    string(item, &at, report).map(|text| Text { at, text })
                })
                .collect(),
        ),
        other => {
            mismatch(other, "a string or a list of strings", at, report);
            None
        }
    }
}

fn string<'n>(node: &'n Node<'_>, at: &Location, report: &mut Report) -> Option<&'n str> {
    if node.as_text().is_none() {
        mismatch(node, "a string", at, report);
    }
    node.as_text()
}

fn mismatch(node: &Node<'_>, expected: &str, at: &Location, report: &mut Report) {
    report.add(Issue::DataTypeMismatch, at, format!("Here is {}, and {expected} was expected.", node.kind()));
}
