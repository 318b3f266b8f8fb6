//! `alpha policy expand`.

use std::fmt::Write as _;

use serde::Serialize;

use super::unknown::{Seeker, Unknown};
use crate::cli::outcome::{Outcome, Result};
use crate::cli::{input, output};
use crate::iam::actions::ActionSet;
use crate::iam::catalogue::{ActionId, Catalogue};
use crate::iam::document::{Effect, Selection, Statement};

/// List the actions that patterns or a policy stand for.
///
/// Text is one action a line, each once, in order. JSON is a list of objects with `action` and `accessLevel`; with
/// --policy one object a statement: `NotAction` stands for all actions but those it names.
///
/// A pattern that stands for no action is named on standard error with the nearest that exist, and the exit status is 1.
/// Of patterns given here nothing is printed then; a policy is still expanded whole, for in IAM too such a pattern adds
/// nothing.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub struct Arguments {
    /// Patterns such as `s3:Get*`; `-` reads them from standard input, separated by white space
    #[arg(group = "what", value_name = "PATTERN")]
    patterns: Vec<String>,
    /// Expand the Action and NotAction elements of this policy; may be given several times
    #[arg(long, group = "what", value_name = "FILE")]
    policy: Vec<String>,
    /// Add resource types, condition keys and dependent actions
    #[arg(long)]
    details: bool,
    #[command(flatten)]
    format: output::Flag,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result {
    if arguments.policy.is_empty() { expand_patterns(arguments) } else { expand_policies(arguments) }
}

fn expand_patterns(arguments: &Arguments) -> Result {
    let patterns = input::patterns(&arguments.patterns)?;
    let mut seeker = Seeker::new();
    let unknown: Vec<Unknown> = patterns.iter().filter_map(|pattern| seeker.check(pattern)).collect();
    for nothing in &unknown {
        nothing.point_out("");
    }
    if !unknown.is_empty() {
        return Ok(Outcome::Failed);
    }
    let set = union(&patterns);
    match arguments.format.output {
        output::Format::Text => output::text(&listing(&set, arguments.details))?,
        output::Format::Json => output::json(&entries(&set, arguments.details))?,
    }
    Ok(Outcome::Fine)
}

fn expand_policies(arguments: &Arguments) -> Result {
    let documents = input::documents_to_expand(&arguments.policy)?;
    let mut seeker = Seeker::new();
    let mut all = ActionSet::empty();
    let mut expanded = Vec::new();
    for (path, document) in arguments.policy.iter().zip(&documents) {
        for (index, statement) in document.statements.iter().enumerate() {
            let (set, unknown) = actions_of(statement, &mut seeker);
            all.insert_all(&set);
            let place = format!("{}: /Statement/{index}: ", input::name(path));
            for nothing in &unknown {
                nothing.point_out(&place);
            }
            expanded.push((ExpandedStatement::of(path, index, statement, unknown), set));
        }
    }
    let complete = expanded.iter().all(|(statement, _)| statement.unknown.is_empty());
    match arguments.format.output {
        output::Format::Text => output::text(&listing(&all, arguments.details))?,
        output::Format::Json => {
            let filled = expanded.into_iter().map(|(statement, set)| ExpandedStatement {
                actions: entries(&set, arguments.details),
                ..statement
            });
            output::json(&filled.collect::<Vec<_>>())?;
        }
    }
    Ok(if complete { Outcome::Fine } else { Outcome::Failed })
}

/// The actions that a statement speaks of, and its patterns that stand for none.
fn actions_of(statement: &Statement, seeker: &mut Seeker) -> (ActionSet, Vec<Unknown>) {
    let Some(Selection { negated, patterns }) = &statement.actions else {
        return (ActionSet::empty(), Vec::new());
    };
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for pattern in patterns {
        match seeker.check(pattern) {
            Some(nothing) => unknown.push(nothing),
            None => known.push(pattern),
        }
    }
    let named = union(&known);
    (if *negated { named.complement() } else { named }, unknown)
}

fn union<S: AsRef<str>>(patterns: &[S]) -> ActionSet {
    let mut set = ActionSet::empty();
    for pattern in patterns {
        Catalogue::embedded().expand_into(pattern.as_ref(), &mut set);
    }
    set
}

/// What JSON says of one statement.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExpandedStatement {
    policy: String,
    statement: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    effect: &'static str,
    element: &'static str,
    actions: Vec<Entry>,
    unknown: Vec<Unknown>,
}

impl ExpandedStatement {
    fn of(path: &str, index: usize, statement: &Statement, unknown: Vec<Unknown>) -> Self {
        let negated = statement.actions.as_ref().is_some_and(|actions| actions.negated);
        Self {
            policy: input::name(path).to_owned(),
            statement: index,
            sid: statement.sid.clone(),
            effect: match statement.effect {
                Effect::Allow => "Allow",
                Effect::Deny => "Deny",
            },
            element: if negated { "NotAction" } else { "Action" },
            actions: Vec::new(),
            unknown,
        }
    }
}

/// What JSON says of one action.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    action: String,
    access_level: &'static str,
    #[serde(flatten)]
    details: Option<Details>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    resource_types: Vec<Resource>,
    condition_keys: Vec<&'static str>,
    dependent_actions: Vec<String>,
}

#[derive(Serialize)]
struct Resource {
    name: &'static str,
    arn: &'static str,
    required: bool,
}

impl Details {
    fn of(action: ActionId) -> Self {
        let catalogue = Catalogue::embedded();
        let resources = catalogue.resources_of(action);
        Self {
            resource_types: resources
                .map(|(kind, required)| Resource { name: kind.name, arn: kind.arn, required })
                .collect(),
            condition_keys: catalogue.condition_keys_of(action).collect(),
            dependent_actions: catalogue
                .dependents_of(action)
                .map(|further| catalogue.full_name(further))
                .collect(),
        }
    }
}

fn entries(set: &ActionSet, details: bool) -> Vec<Entry> {
    let catalogue = Catalogue::embedded();
    set.iter()
        .map(|action| Entry {
            action: catalogue.full_name(action),
            access_level: catalogue.level_of(action).as_str(),
            details: details.then(|| Details::of(action)),
        })
        .collect()
}

fn listing(set: &ActionSet, details: bool) -> String {
    let mut text = String::new();
    for entry in entries(set, details) {
        text += &entry.action;
        if let Some(details) = entry.details {
            describe(&mut text, entry.access_level, &details);
        }
        text.push('\n');
    }
    text
}

/// Writing to a string can't fail.
fn describe(text: &mut String, level: &str, details: &Details) {
    let _ = write!(text, "  {level}");
    for resource in &details.resource_types {
        let required = if resource.required { " (required)" } else { "" };
        let _ = write!(text, "\n    on {}{required}: {}", resource.name, resource.arn);
    }
    if !details.condition_keys.is_empty() {
        let _ = write!(text, "\n    condition keys: {}", details.condition_keys.join(", "));
    }
    if !details.dependent_actions.is_empty() {
        let _ = write!(text, "\n    may need besides: {}", details.dependent_actions.join(", "));
    }
}
