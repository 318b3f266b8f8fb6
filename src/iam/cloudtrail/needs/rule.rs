//! One authorisation that an event needs: which action, when, and on what.

use std::sync::Arc;

use percent_encoding::percent_decode_str;

use super::facts::Facts;
use super::format::Format;
use crate::iam::catalogue::{ActionId, Catalogue};
use crate::iam::evaluate::Target;

/// How many resources one need may name.
const MANY: usize = 1000;

/// One need, before a record is looked at.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) action: Arc<str>,
    guards: Vec<Guard>,
    on: On,
}

/// On what.
#[derive(Debug)]
enum On {
    /// As the catalogue's formats say; none: `*`.
    Kinds(Vec<Kind>),
    /// As the table says.
    Template(String),
    /// The record never names it.
    Unknown,
}

#[derive(Debug)]
struct Kind {
    required: bool,
    format: Format,
}

/// A condition on the parameters.
#[derive(Debug)]
struct Guard {
    path: String,
    asks: Test,
    holds: bool,
}

#[derive(Debug)]
enum Test {
    Exists,
    Contains(String),
    Begins(String),
}

impl Rule {
    /// The one need of an event that is named like its action.
    pub(super) fn of_action(catalogue: &Catalogue, action: ActionId) -> Self {
        Self { action: catalogue.full_name(action).into(), guards: Vec::new(), on: kinds(catalogue, action) }
    }

    /// Reads `ACTION [on RESOURCE] [if PATH] [unless PATH]`; `None` where the catalogue has no such action.
    pub(super) fn parse(catalogue: &Catalogue, service: &str, text: &str) -> Option<Self> {
        let action = Self::action_of(catalogue, service, text)?;
        let mut rule = Self::of_action(catalogue, action);
        let mut words = text.split(' ').skip(1);
        while let (Some(word), Some(value)) = (words.next(), words.next()) {
            match word {
                "on" if value == "?" => rule.on = On::Unknown,
                "on" if value == "*" => rule.on = On::Kinds(Vec::new()),
                "on" if value.starts_with("arn:") || value.starts_with('{') => {
                    rule.on = On::Template(value.to_owned());
                }
                "on" => {
                    let of = catalogue.service_of(action);
                    rule.on = On::Template(format!("arn:{{partition}}:{of}:{{region}}:{{account}}:{value}"));
                }
                "if" => rule.guards.push(Guard::parse(value, true)),
                "unless" => rule.guards.push(Guard::parse(value, false)),
                _ => return None,
            }
        }
        Some(rule)
    }

    /// The action that a row names; `None` where it names none, or one that doesn't exist.
    pub(super) fn action_of(catalogue: &Catalogue, service: &str, text: &str) -> Option<ActionId> {
        let name = text.split(' ').next()?;
        if name.contains(':') { catalogue.find(name) } else { catalogue.find(&format!("{service}:{name}")) }
    }

    /// Whether the record's parameters ask for this need.
    pub(super) fn applies(&self, facts: &Facts<'_>) -> bool {
        self.guards.iter().all(|guard| guard.holds(facts))
    }

    /// The resources that the record names; exactly [`Target::Unknown`] for each that it doesn't.
    pub(super) fn resources(&self, facts: &Facts<'_>) -> Vec<Target> {
        match &self.on {
            On::Unknown => vec![Target::Unknown],
            On::Template(template) => {
                let found = fill(template, facts);
                if found.is_empty() {
                    vec![Target::Unknown]
                } else {
                    found.into_iter().map(Target::Named).collect()
                }
            }
            On::Kinds(kinds) if kinds.is_empty() => vec![Target::Named("*".to_owned())],
            On::Kinds(kinds) => by_kind(kinds, facts),
        }
    }
}

/// The formats of an action's resource types.
fn kinds(catalogue: &Catalogue, action: ActionId) -> On {
    let service = catalogue.service_of(action);
    let creates = catalogue.name_of(action).strip_prefix("Create").filter(|_| service == "ec2");
    let made = |name: &str| creates.is_some_and(|made| made.eq_ignore_ascii_case(&name.replace('-', "")));
    On::Kinds(
        catalogue
            .resources_of(action)
            .map(|(kind, required)| Kind { required, format: Format::new(service, kind, made(kind.name)) })
            .collect(),
    )
}

/// Each required type is an authorisation of its own, named or not; of the others those that the record names count.
/// ARNs that the record spells out come before those that are put together from parameters, and of these the most
/// specific (a table's index rather than the table) is the one that was asked for.
fn by_kind(kinds: &[Kind], facts: &Facts<'_>) -> Vec<Target> {
    let mut found: Vec<Vec<String>> = vec![Vec::new(); kinds.len()];
    for arn in facts.arns() {
        let best = (0..kinds.len())
            .filter(|&at| kinds[at].format.matches(arn))
            .max_by_key(|&at| kinds[at].format.literal);
        if let Some(at) = best {
            found[at].push(arn.clone());
        }
    }
    let spelled = found.iter().any(|arns| !arns.is_empty());
    let some_required = kinds.iter().any(|kind| kind.required);
    if some_required || !spelled {
        for (kind, arns) in kinds.iter().zip(&mut found).filter(|(_, arns)| arns.is_empty()) {
            *arns = kind.format.fill(facts);
        }
    }
    if !some_required && !spelled {
        let most = kinds
            .iter()
            .zip(&found)
            .filter(|(_, arns)| !arns.is_empty())
            .map(|(kind, _)| kind.format.variables)
            .max();
        for (kind, arns) in kinds.iter().zip(&mut found) {
            if Some(kind.format.variables) != most {
                arns.clear();
            }
        }
    }
    let mut targets = Vec::new();
    for (kind, arns) in kinds.iter().zip(found) {
        if kind.required && arns.is_empty() {
            targets.push(Target::Unknown);
        }
        targets.extend(arns.into_iter().take(MANY).map(Target::Named));
    }
    if targets.is_empty() {
        targets.push(Target::Unknown);
    }
    targets
}

impl Guard {
    fn parse(text: &str, holds: bool) -> Self {
        let (path, asks) = match (text.split_once('~'), text.split_once('^')) {
            (Some((path, inside)), _) => (path, Test::Contains(inside.to_owned())),
            (None, Some((path, beginning))) => (path, Test::Begins(beginning.to_owned())),
            (None, None) => (text, Test::Exists),
        };
        Self { path: path.to_owned(), asks, holds }
    }

    fn holds(&self, facts: &Facts<'_>) -> bool {
        let met = match &self.asks {
            Test::Exists => facts.exists(&self.path),
            Test::Contains(part) => facts.texts(&self.path).iter().any(|text| text.contains(part.as_str())),
            Test::Begins(part) => facts.texts(&self.path).iter().any(|text| text.starts_with(part.as_str())),
        };
        met == self.holds
    }
}

/// A template with its placeholders filled in; none where one isn't told. A template that is one placeholder names a
/// resource only where its value is an ARN, and an ARN never becomes a part of another.
fn fill(template: &str, facts: &Facts<'_>) -> Vec<String> {
    let whole = template.starts_with('{') && template.find('}') == Some(template.len() - 1);
    let mut filled = vec![String::new()];
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        let Some(length) = rest[start..].find('}') else { break };
        let (fixed, name) = (&rest[..start], &rest[start + 1..start + length]);
        let mut values = match name {
            "partition" => vec![facts.partition.to_owned()],
            "region" => vec![facts.region.to_owned()],
            "account" => facts.account.map(str::to_owned).into_iter().collect(),
            _ => match name.strip_suffix("|copy") {
                Some(path) => facts.texts(path).iter().filter_map(|source| copy_source(source)).collect(),
                None => facts.texts(name),
            },
        };
        values.retain(|value| !value.is_empty() && value.starts_with("arn:") == whole);
        filled = filled
            .iter()
            .flat_map(|left| values.iter().map(move |right| format!("{left}{fixed}{right}")))
            .take(MANY)
            .collect();
        rest = &rest[start + length + 1..];
    }
    for text in &mut filled {
        text.push_str(rest);
    }
    filled
}

/// `bucket/key` of the header that names the source of a copy: `/bucket/key?versionId=...`, percent-encoded.
fn copy_source(header: &str) -> Option<String> {
    let source = header.split("?versionId=").next().unwrap_or(header).trim_start_matches('/');
    let source = percent_decode_str(source).decode_utf8().ok()?.into_owned();
    source.contains('/').then_some(source)
}
