//! The answer of `from-cloudtrail`: the policy, and what it rests on.

use std::fmt::Write;

use serde::Serialize;
use serde_json::Value;

use crate::app::Report;
use crate::iam::document::Document;
use crate::iam::evaluate::Target;
use crate::iam::evidence::{Evidence, Resources, Use};

/// How many resources of one denial are listed.
const LISTED: usize = 20;

/// As JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Json {
    policy: Value,
    coverage: Coverage,
    denied: Vec<Denied>,
    failed: Vec<Failed>,
    unknown_events: Vec<Event>,
    events_without_permission: Vec<Event>,
    skipped: Vec<Skipped>,
    complete: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Coverage {
    records: u64,
    calls: u64,
    first: Option<String>,
    last: Option<String>,
    days: usize,
    regions: Vec<String>,
    accounts: Vec<String>,
    roles: Vec<String>,
    more_roles: bool,
    services_with_data_events: Vec<String>,
    files: usize,
    ignored_files: usize,
    apart: serde_json::Map<String, Value>,
}

#[derive(Debug, Serialize)]
struct Denied {
    action: String,
    code: String,
    count: u64,
    resources: Vec<String>,
    example: String,
}

#[derive(Debug, Serialize)]
struct Failed {
    event: String,
    code: String,
    count: u64,
    example: String,
}

#[derive(Debug, Serialize)]
struct Event {
    #[serde(rename = "event")]
    name: String,
    count: u64,
    example: String,
}

#[derive(Debug, Serialize)]
struct Skipped {
    file: String,
    reason: String,
    records: u64,
}

impl Json {
    /// The answer.
    pub fn new(policy: &Document, evidence: &Evidence, files: &Report) -> Self {
        let event = |(name, uses): (&str, &Use)| Event {
            name: name.to_owned(),
            count: uses.count,
            example: uses.example.clone(),
        };
        let failed = |(event, code, uses): (&str, &str, &Use)| Failed {
            event: event.to_owned(),
            code: code.to_owned(),
            count: uses.count,
            example: uses.example.clone(),
        };
        Self {
            policy: policy.to_json(),
            coverage: coverage(evidence, files),
            denied: evidence
                .denied()
                .map(|(action, code, resources)| denied(action, code, resources))
                .collect(),
            failed: evidence.failed().map(failed).collect(),
            unknown_events: evidence.unknown().map(event).collect(),
            events_without_permission: evidence.free().map(event).collect(),
            skipped: files
                .skipped
                .iter()
                .map(|skipped| Skipped {
                    file: skipped.file.clone(),
                    reason: skipped.reason.clone(),
                    records: skipped.records,
                })
                .collect(),
            complete: files.is_complete(),
        }
    }
}

fn coverage(evidence: &Evidence, files: &Report) -> Coverage {
    let seen = evidence.coverage();
    Coverage {
        records: seen.records,
        calls: seen.calls,
        first: seen.first.map(|time| time.to_string()),
        last: seen.last.map(|time| time.to_string()),
        days: seen.days.len(),
        regions: seen.regions.keys().cloned().collect(),
        accounts: seen.accounts.keys().cloned().collect(),
        roles: seen.roles.iter().cloned().collect(),
        more_roles: seen.more_roles,
        services_with_data_events: seen.data_services.iter().cloned().collect(),
        files: files.files,
        ignored_files: files.ignored,
        apart: evidence.apart().map(|(apart, count)| (apart.as_str().to_owned(), count.into())).collect(),
    }
}

fn denied(action: &str, code: &str, resources: &Resources) -> Denied {
    let first = resources.iter().map(|(_, uses)| uses).min_by_key(|uses| (uses.first, &uses.example));
    Denied {
        action: action.to_owned(),
        code: code.to_owned(),
        count: resources.iter().map(|(_, uses)| uses.count).sum(),
        resources: resources.sorted().map(|(target, _)| name(target).to_owned()).take(LISTED).collect(),
        example: first.map(|uses| uses.example.clone()).unwrap_or_default(),
    }
}

fn name(target: &Target) -> &str {
    match target {
        Target::Named(name) => name,
        Target::Unknown => "(not named)",
    }
}

/// For people: the policy, then what it rests on.
pub fn text(policy: &Document, evidence: &Evidence, files: &Report) -> anyhow::Result<String> {
    let seen = evidence.coverage();
    let mut out = serde_json::to_string_pretty(&policy.to_json())?;
    out.push_str("\n\nCoverage\n");
    let read = files.files + files.skipped.len();
    writeln!(out, "  {} calls among {} records in {read} files", seen.calls, seen.records)?;
    if let (Some(first), Some(last)) = (seen.first, seen.last) {
        writeln!(out, "  {} days with calls, from {first} to {last}", seen.days.len())?;
    }
    writeln!(out, "  regions: {}", joined(seen.regions.keys()))?;
    writeln!(out, "  accounts: {}", joined(seen.accounts.keys()))?;
    writeln!(out, "  data events of: {}", joined(seen.data_services.iter()))?;
    for (apart, count) in evidence.apart() {
        writeln!(out, "  {count} records apart: {}", apart.as_str())?;
    }
    section(
        &mut out,
        "Denied (a need for a person to see; not granted)",
        evidence.denied().map(|(action, code, resources)| {
            let denied = denied(action, code, resources);
            format!("{action}: {} times {code}, on {}", denied.count, joined(denied.resources.iter()))
        }),
    )?;
    section(
        &mut out,
        "Failed for another reason (no proof of use; not granted)",
        evidence.failed().map(|(event, code, uses)| format!("{event}: {} times {code}", uses.count)),
    )?;
    section(
        &mut out,
        "Events that no action is known for",
        evidence
            .unknown()
            .map(|(event, uses)| format!("{event}: {} times, such as {}", uses.count, uses.example)),
    )?;
    section(
        &mut out,
        "Events that need no permission",
        evidence.free().map(|(event, uses)| format!("{event}: {} times", uses.count)),
    )?;
    section(
        &mut out,
        "INCOMPLETE: files that were not read to their end",
        files.skipped.iter().map(|skipped| {
            format!("{}: {} ({} records of it count)", skipped.file, skipped.reason, skipped.records)
        }),
    )?;
    Ok(out)
}

fn section(out: &mut String, title: &str, lines: impl Iterator<Item = String>) -> std::fmt::Result {
    let mut lines = lines.peekable();
    if lines.peek().is_none() {
        return Ok(());
    }
    writeln!(out, "\n{title}")?;
    lines.try_for_each(|line| writeln!(out, "  {line}"))
}

fn joined<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let names: Vec<&str> = names.map(String::as_str).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
