//! The policy that grants exactly what was used, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use super::{Evidence, Resources, generalise};
use crate::iam::catalogue::{ActionId, Catalogue};
use crate::iam::document::{Document, Effect, Selection, Statement, Version};
use crate::iam::evaluate::Target;

/// From successful use to a policy: one statement for all actions with the same resources, resources generalised.
/// Denied and failed calls, events that need no permission and names that are no actions grant nothing.
pub fn observed_policy(evidence: &Evidence) -> Document {
    let catalogue = Catalogue::embedded();
    let mut groups: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
    for (action, resources) in evidence.used() {
        let Some(id) = catalogue.find(action) else { continue };
        groups.entry(patterns(catalogue, evidence, id, resources)).or_default().push(action.to_owned());
    }
    let mut statements: Vec<Statement> =
        groups.into_iter().map(|(resources, actions)| allow(actions, resources)).collect();
    statements.sort_by(|a, b| actions_of(a).cmp(actions_of(b)));
    Document { version: Some(Version::V2012), id: None, statements }.canonical()
}

fn actions_of(statement: &Statement) -> &[String] {
    statement.actions.as_ref().map(|selection| selection.patterns.as_slice()).unwrap_or_default()
}

fn allow(mut actions: Vec<String>, resources: Vec<String>) -> Statement {
    actions.sort();
    Statement {
        sid: None,
        effect: Effect::Allow,
        principal: None,
        actions: Some(Selection { negated: false, patterns: actions }),
        resources: Some(Selection { negated: false, patterns: resources }),
        conditions: Vec::new(),
    }
}

/// What was seen, generalised; where a record didn't name the resource, every resource that the action can be done to
/// in the accounts and regions that were seen.
fn patterns(
    catalogue: &Catalogue,
    evidence: &Evidence,
    action: ActionId,
    resources: &Resources,
) -> Vec<String> {
    let named = resources.iter().filter_map(|(target, _)| match target {
        Target::Named(name) => Some(name.as_str()),
        Target::Unknown => None,
    });
    let mut patterns: BTreeSet<String> = generalise(named).into_iter().collect();
    if resources.iter().any(|(target, _)| *target == Target::Unknown) {
        for (kind, _) in catalogue.resources_of(action) {
            patterns.extend(formats(evidence, kind.arn));
        }
    }
    if patterns.is_empty() || patterns.contains("*") {
        return vec!["*".to_owned()];
    }
    without_covered(patterns).into_iter().map(|pattern| pattern.replace("${", "${$}{")).collect()
}

/// Patterns that another one covers say nothing more.
fn without_covered(patterns: BTreeSet<String>) -> Vec<String> {
    use crate::iam::pattern::{Pattern, Setting, Variables};
    let parsed: Vec<Pattern> =
        patterns.iter().map(|text| Pattern::parse(text, Setting::Resource, Variables::Literal)).collect();
    let covered = |at: usize| {
        (0..parsed.len()).any(|other| {
            other != at
                && parsed[other].covers(&parsed[at])
                && (other < at || !parsed[at].covers(&parsed[other]))
        })
    };
    patterns.iter().enumerate().filter(|(at, _)| !covered(*at)).map(|(_, text)| text.clone()).collect()
}

/// A format of ARNs with the accounts and regions that were seen, where these are few, and `*` for all else.
fn formats(evidence: &Evidence, format: &str) -> Vec<String> {
    let coverage = evidence.coverage();
    let few = |names: Vec<String>| {
        let few = (1..=generalise::FEW).contains(&names.len());
        if few { names } else { vec!["*".to_owned()] }
    };
    let regions = few(coverage.regions.names().filter(|region| !region.is_empty()).cloned().collect());
    let accounts = few(coverage.accounts.names().cloned().collect());
    let partition = match regions.first() {
        Some(region) if region.starts_with("cn-") => "aws-cn",
        Some(region) if region.starts_with("us-gov-") => "aws-us-gov",
        Some(region) if region == "*" => "*",
        _ => "aws",
    };
    let mut filled = BTreeSet::new();
    for region in &regions {
        for account in &accounts {
            let known = format
                .replace("${Partition}", partition)
                .replace("${Region}", region)
                .replace("${Account}", account);
            filled.insert(stars(&known));
        }
    }
    filled.into_iter().collect()
}

/// The variables that are left, as `*`.
fn stars(format: &str) -> String {
    let mut out = String::with_capacity(format.len());
    let mut rest = format;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        out.push('*');
        rest = after.split_once('}').map_or("", |(_, behind)| behind);
    }
    out + rest
}
