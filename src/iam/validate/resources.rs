//! Resources: that they are ARNs of a form which their service has.
//!
//! A service's formats are those of AWS's service authorization reference. An ARN is held against all of them whose
//! resource part it can have, and what is reported is what keeps it from the nearest.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

use crate::iam::arn::Arn;
use crate::iam::catalogue::Catalogue;
use crate::iam::pattern::{Pattern, Setting, Variables};

use super::Kind;
use super::finding::Report;
use super::issue::Issue;
use super::structure::{Policy, Text};

pub(super) fn check(policy: &Policy<'_>, _: &Kind, report: &mut Report) {
    for resources in policy.statements.iter().filter_map(|statement| statement.resources.as_ref()) {
        for resource in &resources.items {
            check_resource(resource, report);
        }
    }
}

fn check_resource(resource: &Text<'_>, report: &mut Report) {
    let masked = without_colons_in_variables(resource.text);
    let text = masked.as_ref();
    let start = text.split(':').next().unwrap_or_default();
    if is_open(start) {
        return;
    }
    if start != "arn" {
        let details = format!("{text:?} is no ARN: it has to begin with arn:, or to be \"*\".");
        return report.add(Issue::InvalidArnPrefix, &resource.at, details);
    }
    let Some(arn) = Arn::parse(text) else {
        // A star at the end stands for the components that aren't written.
        if !text.ends_with('*') {
            let details = format!(
                "{text:?} lacks components: an ARN is arn:partition:service:region:account:resource."
            );
            report.add(Issue::MissingArnField, &resource.at, details);
        }
        return;
    };
    for (issue, details) in components(&arn).into_iter().chain(against_formats(&arn)) {
        report.add(issue, &resource.at, details);
    }
}

/// What is wrong with the components by themselves.
fn components(arn: &Arn<'_>) -> Vec<(Issue, String)> {
    let mut wrong = Vec::new();
    if !is_open(arn.partition) && !is_partition(arn.partition) {
        let details = format!(
            "{:?} is no partition. Use aws, or that of another part of AWS, such as aws-cn.",
            arn.partition
        );
        wrong.push((Issue::InvalidPartition, details));
    }
    if arn.service.contains(['*', '?']) {
        let details =
            "A wildcard in the service's name may reach services that you don't mean. Write it out.";
        wrong.push((Issue::WildcardInServiceName, details.into()));
    } else if !is_open(arn.service) && arn.service.bytes().any(|c| c.is_ascii_uppercase()) {
        let details = format!("Write the service {:?} in lower case.", arn.service);
        wrong.push((Issue::InvalidArnServiceCase, details));
    }
    if !arn.region.is_empty() && !is_open(arn.region) && !is_region(arn.region) {
        let details = format!("{:?} is no Region.", arn.region);
        wrong.push((Issue::InvalidArnRegion, details));
    }
    wrong
}

/// What keeps the ARN from the formats of its service.
fn against_formats(arn: &Arn<'_>) -> Vec<(Issue, String)> {
    let Some(formats) = formats().get(arn.service) else { return Vec::new() };
    let resource = part(arn.resource);
    let near = formats.iter().filter(|format| format.resource.overlaps(&resource));
    let best = near.map(|format| differences(arn, format)).min_by_key(Vec::len);
    best.unwrap_or_else(|| {
        let examples: Vec<&str> = formats.iter().map(|format| format.text).take(3).collect();
        let details = format!(
            "{:?} is no resource of {}. Its resources are such as {}.",
            arn.resource,
            arn.service,
            examples.join(", ")
        );
        vec![(Issue::InvalidArnResource, details)]
    })
}

fn differences(arn: &Arn<'_>, format: &Format) -> Vec<(Issue, String)> {
    let mut found = Vec::new();
    match (format.region, arn.region) {
        (Part::Empty, region) if !region.is_empty() && !is_open(region) => {
            let details = format!("ARNs of {} have no Region here. Leave it empty.", arn.service);
            found.push((Issue::ArnRegionNotAllowed, details));
        }
        (Part::Needed, "") => {
            let details = format!("Add a Region, or *: ARNs of {} are as {}.", arn.service, format.text);
            found.push((Issue::MissingArnRegion, details));
        }
        _ => {}
    }
    match (format.account, arn.account) {
        (Part::Empty, account) if !account.is_empty() && !is_open(account) => {
            let details = format!("ARNs of {} have no account here. Leave it empty.", arn.service);
            found.push((Issue::ArnAccountNotAllowed, details));
        }
        (Part::Needed, "") if ALWAYS_OWNED.contains(&arn.service) => {
            let details = format!("Add an account, or *: ARNs of {} are as {}.", arn.service, format.text);
            found.push((Issue::MissingArnAccount, details));
        }
        (Part::Needed, account) if !account.is_empty() && !is_open(account) && !is_account(account) => {
            let details = format!("{account:?} is no account. An account has 12 digits.");
            found.push((Issue::InvalidArnAccount, details));
        }
        _ => {}
    }
    found
}

/// Services whose resources all belong to some account. Of others, such as Systems Manager, AWS has resources itself,
/// and their ARNs have no account.
const ALWAYS_OWNED: &[&str] = &["dynamodb", "iam", "kinesis", "lambda", "secretsmanager", "sns", "sqs"];

/// Formats that AWS documents elsewhere than in the reference.
const FURTHER_FORMATS: &[&str] =
    &["arn:${Partition}:cloudformation:${Region}:${Account}:transform/${TransformName}"];

/// A format of the reference, taken apart.
struct Format {
    text: &'static str,
    region: Part,
    account: Part,
    resource: Pattern,
}

#[derive(Clone, Copy)]
enum Part {
    Empty,
    Needed,
    /// Written out in the format.
    Fixed,
}

impl Part {
    fn of(text: &str) -> Self {
        match text {
            "" => Self::Empty,
            _ if text.starts_with("${") => Self::Needed,
            _ => Self::Fixed,
        }
    }
}

/// The formats by the service in the ARN, which isn't always that of the actions.
fn formats() -> &'static HashMap<&'static str, Vec<Format>> {
    static FORMATS: OnceLock<HashMap<&'static str, Vec<Format>>> = OnceLock::new();
    FORMATS.get_or_init(|| {
        let catalogue = Catalogue::embedded();
        let mut by_service: HashMap<&'static str, Vec<Format>> = HashMap::new();
        let published = catalogue
            .services()
            .flat_map(|service| catalogue.resource_types_of(service).map(move |kind| (service, kind.arn)));
        for (service, text) in published.chain(FURTHER_FORMATS.iter().map(|text| ("", *text))) {
            let Some(arn) = Arn::parse(text) else { continue };
            // A service that is left open (`${Vendor}`) is at least the one that says so.
            let service = if arn.service.starts_with("${") { service } else { arn.service };
            by_service.entry(service).or_default().push(Format {
                text,
                region: Part::of(arn.region),
                account: Part::of(arn.account),
                resource: part(&with_stars(arn.resource)),
            });
        }
        by_service
    })
}

/// The resource part as a pattern; a variable may be any text.
fn part(text: &str) -> Pattern {
    Pattern::parse(text, Setting::Plain, Variables::Substituted)
}

/// `${Name}` and `<name>` as `*`.
fn with_stars(format: &str) -> String {
    let mut out = String::with_capacity(format.len());
    let mut inside = false;
    for c in format.chars() {
        match c {
            '{' | '<' => {
                inside = true;
                out.push('*');
            }
            '}' | '>' => inside = false,
            '$' => {}
            other if !inside => out.push(other),
            _ => {}
        }
    }
    out
}

/// A variable's name may hold colons, and these end no component.
pub(super) fn without_colons_in_variables(text: &str) -> Cow<'_, str> {
    if !text.contains("${") {
        return Cow::Borrowed(text);
    }
    let mut inside = false;
    let mut before = ' ';
    let masked = text.chars().map(|c| {
        inside = (inside || (before == '$' && c == '{')) && c != '}';
        before = c;
        if inside && c == ':' { '.' } else { c }
    });
    Cow::Owned(masked.collect())
}

/// Whether the text may stand for several: it holds a wildcard or a variable.
fn is_open(text: &str) -> bool {
    text.contains(['*', '?']) || text.contains("${")
}

fn is_partition(text: &str) -> bool {
    ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"]
        .contains(&text)
}

fn is_account(text: &str) -> bool {
    text == "aws" || (text.len() == 12 && text.bytes().all(|c| c.is_ascii_digit()))
}

/// Whether the text has a Region's form: `eu-west-1`, `us-gov-east-1`, `eusc-de-east-1`. Which exist changes.
pub(super) fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [area, middle @ .., number] = parts.as_slice() else { return false };
    let lower = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_lowercase());
    (2..=4).contains(&area.len())
        && lower(area)
        && (1..=2).contains(&middle.len())
        && middle.iter().all(|part| lower(part))
        && (1..=2).contains(&number.len())
        && number.bytes().all(|c| c.is_ascii_digit())
}
