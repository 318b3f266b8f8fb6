//! Requests that tell two policies apart, made from the statements of both.
//!
//! A wildcard is filled with a word that no pattern holds. A pattern covers another exactly where it matches that one's
//! text so filled, so that whatever one side allows or denies beyond the other shows in some request.

use std::collections::{BTreeMap, BTreeSet};

use super::matter::Said;
use super::template::ACCOUNT;
use crate::iam::document::{Condition, OperatorKind, Principal, Selection, Statement};
use crate::iam::evaluate::{Context, Request, Target};
use crate::iam::pattern::{Pattern, Setting, Variables};

/// Stands for whatever a wildcard can be; no pattern of anybody's has it.
const ANY: &str = "zxqv";

type Circumstances = BTreeMap<String, String>;

/// Who asks, and for what, where statements don't say.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    /// Who asks, where it isn't for statements to say.
    pub principal: Option<&'a str>,
    /// What they ask of, where statements name no resource.
    pub resource: &'a str,
}

/// The actions that statements speak of, in lower case.
pub fn actions<'s>(all: impl Iterator<Item = &'s Said>) -> BTreeSet<String> {
    let selections = all.filter_map(|said| said.statement()?.actions.as_ref());
    selections
        .flat_map(|selection| texts(selection, |text| Pattern::action(text).example(ANY, |_| ANY.to_owned())))
        .collect()
}

/// Whether a statement is about an action.
pub fn speaks_of(statement: &Statement, action: &str) -> bool {
    statement.actions.as_ref().is_some_and(|selection| {
        selection.patterns.iter().any(|text| matches(text, action)) != selection.negated
    })
}

/// Whether an action pattern matches an action.
pub fn matches(text: &str, action: &str) -> bool {
    let is_wild = || memchr::memchr2(b'*', b'?', text.as_bytes()).is_some();
    text.eq_ignore_ascii_case(action)
        || (is_wild() && Pattern::action(text).matches(&action.to_ascii_lowercase()))
}

/// The requests about an action that tell apart what statements about it say.
pub fn requests(action: &str, about: &[&Said], asker: Asker<'_>) -> Vec<Request> {
    let about: Vec<(&Statement, Variables)> =
        about.iter().filter_map(|said| Some((said.statement()?, said.document.variables()))).collect();
    let about = about.as_slice();
    let mut resources = BTreeSet::new();
    for (statement, variables) in about {
        match &statement.resources {
            Some(selection) => resources.extend(texts(selection, |text| {
                Pattern::parse(text, Setting::Resource, *variables).example(ANY, |_| ANY.to_owned())
            })),
            None => drop(resources.insert(asker.resource.to_owned())),
        }
    }
    let principals = match asker.principal {
        Some(principal) => BTreeSet::from([principal.to_owned()]),
        None => principals(about),
    };
    let mut requests = Vec::new();
    for circumstances in circumstances(about) {
        let mut context = Context::closed();
        circumstances.into_iter().for_each(|(key, value)| context.insert(&key, vec![value]));
        for principal in &principals {
            requests.extend(resources.iter().map(|resource| Request {
                action: action.to_owned(),
                principal: principal.clone(),
                resource: Target::Named(resource.clone()),
                resource_account: None,
                context: context.clone(),
            }));
        }
    }
    requests
}

/// A text of each pattern, and one of none of them where the selection is of all others.
fn texts(selection: &Selection, text: impl Fn(&str) -> String) -> Vec<String> {
    let other = selection.negated.then(|| format!("{ANY}:{ANY}"));
    selection.patterns.iter().map(|pattern| text(pattern)).chain(other).collect()
}

/// Everybody who is named, and some who aren't.
fn principals(about: &[(&Statement, Variables)]) -> BTreeSet<String> {
    let role = |account: &str| format!("arn:aws:iam::{account}:role/{ANY}");
    let named = about.iter().filter_map(|(statement, _)| statement.principal.as_ref());
    let mut all: BTreeSet<String> = named
        .flat_map(|principals| &principals.members)
        .map(|principal| match principal {
            Principal::Everyone => "anonymous".to_owned(),
            Principal::Aws(text)
            | Principal::Service(text)
            | Principal::Federated(text)
            | Principal::CanonicalUser(text) => match text.parse::<u64>() {
                Ok(_) => role(text),
                Err(_) => text.replace(":root", &format!(":role/{ANY}")),
            },
        })
        .collect();
    all.extend([role(ACCOUNT), role("999999999999"), format!("{ANY}.amazonaws.com")]);
    all
}

/// What each statement wants of a request, and all that differs from it in one key that it looks at.
fn circumstances(about: &[(&Statement, Variables)]) -> BTreeSet<Circumstances> {
    let mut values: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (statement, variables) in about {
        for condition in &statement.conditions {
            let known = values.entry(condition.key.to_ascii_lowercase()).or_default();
            known.extend(condition.values.iter().flat_map(|value| examples(condition, value, *variables)));
            known.insert(ANY.to_owned());
        }
    }
    let mut all = BTreeSet::new();
    for (statement, variables) in about {
        let wanted = wanted(statement, *variables);
        let keys = statement.conditions.iter().map(|condition| condition.key.to_ascii_lowercase());
        for (key, values) in keys.filter_map(|key| values.get_key_value(&key)) {
            let mut other = wanted.clone();
            other.remove(key);
            all.insert(other.clone());
            for value in values {
                other.insert(key.clone(), value.clone());
                all.insert(other.clone());
            }
        }
        all.insert(wanted);
    }
    all
}

/// Circumstances in which a statement applies.
fn wanted(statement: &Statement, variables: Variables) -> Circumstances {
    let patterns = statement.resources.iter().flat_map(|selection| &selection.patterns);
    let mut wanted: Circumstances = patterns
        .flat_map(|text| {
            let pattern = Pattern::parse(text, Setting::Resource, variables);
            pattern.variables().map(|variable| (variable.key.to_string(), ANY.to_owned())).collect::<Vec<_>>()
        })
        .collect();
    for condition in &statement.conditions {
        let key = condition.key.to_ascii_lowercase();
        match (condition.operator.kind, condition.values.first()) {
            (kind, _) if kind.is_negated() => drop(wanted.remove(&key)),
            (OperatorKind::Null, Some(absent)) if absent == "true" => drop(wanted.remove(&key)),
            (_, Some(value)) => {
                wanted.extend(
                    examples(condition, value, variables).into_iter().next().map(|value| (key, value)),
                );
            }
            (_, None) => {}
        }
    }
    wanted
}

/// Values of a request that a value of a condition may be meant to tell apart: in other letters too, which some operators
/// take for the same.
fn examples(condition: &Condition, value: &str, variables: Variables) -> Vec<String> {
    use OperatorKind as K;
    let setting = match condition.operator.kind {
        K::StringLike | K::StringNotLike => Setting::Plain,
        K::ArnEquals | K::ArnNotEquals | K::ArnLike | K::ArnNotLike => Setting::ArnLike,
        K::Null => return vec![ANY.to_owned()],
        K::Bool => return vec![value.to_owned(), "true".to_owned(), "false".to_owned()],
        K::IpAddress | K::NotIpAddress => {
            return vec![value.split('/').next().unwrap_or_default().to_owned()];
        }
        _ => Setting::Exact,
    };
    let one = Pattern::parse(value, setting, variables).example(ANY, |_| ANY.to_owned());
    let other = one.to_uppercase();
    vec![one, other]
}
