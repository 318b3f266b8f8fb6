//! The formats of ARNs as AWS publishes them: matching an ARN that a record names, and filling one in from parameters.

use super::facts::Facts;
use super::table::Table;
use crate::iam::catalogue::ResourceType;

/// How many ARNs one format may be filled in to.
const MANY: usize = 64;

/// The format of one resource type of a service.
#[derive(Debug)]
pub(super) struct Format {
    parts: Vec<Part>,
    /// How many of its characters are fixed, and how many variables it has: what is more specific.
    pub(super) literal: usize,
    pub(super) variables: usize,
}

#[derive(Debug)]
enum Part {
    Text(&'static str),
    Partition,
    Region,
    Account,
    Variable { wide: bool, paths: Vec<String> },
}

impl Format {
    /// Reads a format such as `arn:${Partition}:s3:::${BucketName}`. With `created`, the resource has no id before the
    /// call and is authorised as `*`.
    pub(super) fn new(service: &str, kind: ResourceType, created: bool) -> Self {
        let mut parts = Vec::new();
        let mut rest = kind.arn;
        while let Some(start) = rest.find("${") {
            let Some(length) = rest[start..].find('}') else { break };
            if start > 0 {
                parts.push(Part::Text(&rest[..start]));
            }
            parts.push(match &rest[start + 2..start + length] {
                "Partition" => Part::Partition,
                "Region" => Part::Region,
                "Account" => Part::Account,
                variable => {
                    Part::Variable { wide: is_wide(variable), paths: paths(service, variable, created) }
                }
            });
            rest = &rest[start + length + 1..];
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest));
        }
        let literal = parts.iter().map(|part| if let Part::Text(text) = part { text.len() } else { 0 }).sum();
        let variables = parts.iter().filter(|part| matches!(part, Part::Variable { .. })).count();
        Self { parts, literal, variables }
    }

    /// Whether an ARN is of this format.
    pub(super) fn matches(&self, arn: &str) -> bool {
        fits(&self.parts, arn)
    }

    /// The ARNs that the record's parameters fill the format in to; none where one of its variables isn't told.
    pub(super) fn fill(&self, facts: &Facts<'_>) -> Vec<String> {
        let mut filled = vec![String::with_capacity(128)];
        let mut before = "";
        for part in &self.parts {
            match part {
                Part::Text(text) => {
                    before = text;
                    append(&mut filled, text);
                }
                Part::Partition => append(&mut filled, facts.partition),
                Part::Region => append(&mut filled, facts.region),
                Part::Account => match facts.account {
                    Some(account) => append(&mut filled, account),
                    None => return Vec::new(),
                },
                Part::Variable { wide, paths } => {
                    let found = paths.iter().map(|path| values(facts, path)).find(|found| !found.is_empty());
                    let found = found.unwrap_or_default();
                    let values: Vec<&str> =
                        found.iter().filter_map(|value| plain(value, before, *wide)).collect();
                    match values.as_slice() {
                        [] => return Vec::new(),
                        [value] => append(&mut filled, value),
                        values => filled = each_with_each(&filled, values),
                    }
                }
            }
        }
        filled
    }
}

fn append(filled: &mut [String], text: &str) {
    for left in filled {
        left.push_str(text);
    }
}

/// At most [`MANY`] of them.
fn each_with_each(filled: &[String], values: &[&str]) -> Vec<String> {
    let pairs = filled.iter().flat_map(|left| values.iter().map(move |right| format!("{left}{right}")));
    pairs.take(MANY).collect()
}

/// Variables whose values have slashes of their own; in others a slash begins another resource type.
fn is_wide(variable: &str) -> bool {
    variable.contains("Path")
        || variable.starts_with("ParameterName")
        || matches!(
            variable,
            "ObjectName"
                | "RepositoryName"
                | "LogGroupName"
                | "LogStreamName"
                | "SecretId"
                | "Alias"
                | "AlarmName"
                | "Endpoint"
                | "Resource"
                | "ResourceId"
                | "Id"
                | "ScalableTargetId"
                | "LoadBalancerName"
                | "TopicName"
                | "DocumentName"
                | "Key"
                | "RelativeId"
                | "DashboardName"
                | "IdentityName"
        )
}

/// Where a variable's value is looked for: as the table says, or the parameter of the same name.
fn paths(service: &str, variable: &str, created: bool) -> Vec<String> {
    if created {
        return vec!["=*".to_owned()];
    }
    match Table::embedded().parameters(service, variable) {
        Some(paths) => paths.iter().filter(|path| **path != "-").map(|path| (*path).to_owned()).collect(),
        None => vec![variable[..1].to_ascii_lowercase() + &variable[1..]],
    }
}

fn values(facts: &Facts<'_>, path: &str) -> Vec<String> {
    if let Some(text) = path.strip_prefix('=') {
        return vec![text.to_owned()];
    }
    match path.split_once('^') {
        Some((path, beginning)) => {
            let mut found = facts.texts(path);
            found.retain(|value| value.starts_with(beginning));
            found
        }
        None => facts.texts(path),
    }
}

/// A value as it stands in an ARN: without what the format says already (`alias/x`, `/x`), and only where it is no ARN
/// itself and can't run into what the format has next.
fn plain<'v>(value: &'v str, before: &str, wide: bool) -> Option<&'v str> {
    let mut value = value;
    let kind = before.rsplit(':').next().unwrap_or_default();
    if !kind.is_empty() {
        value = value.trim_start_matches('/');
        value = value.strip_prefix(kind).unwrap_or(value);
    }
    let refused = value.is_empty() || value.starts_with("arn:") || (!wide && value.contains(['/', ':']));
    (!refused).then_some(value)
}

/// Matches an ARN against the rest of a format. A variable is at least one character.
fn fits(parts: &[Part], text: &str) -> bool {
    let Some((part, rest)) = parts.split_first() else { return text.is_empty() };
    match part {
        Part::Text(fixed) => text.strip_prefix(fixed).is_some_and(|text| fits(rest, text)),
        Part::Partition | Part::Region | Part::Account => {
            let end = text.find(':').unwrap_or(text.len());
            fits(rest, &text[end..])
        }
        Part::Variable { wide, .. } => {
            let stop = |c: char| c == '/' && !*wide;
            let longest = text.find(stop).unwrap_or(text.len());
            if rest.is_empty() {
                return longest == text.len() && !text.is_empty();
            }
            text[..longest]
                .char_indices()
                .map(|(at, c)| at + c.len_utf8())
                .any(|end| fits(rest, &text[end..]))
        }
    }
}
