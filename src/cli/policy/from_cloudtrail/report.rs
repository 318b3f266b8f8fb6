//! The answer of `from-cloudtrail`: the policy, and what it rests on.

use std::fmt::Write;

use serde::Serialize;
use serde_json::Value;

use crate::app::Report;
use crate::cli::policy::coverage::CoverageForm;
use crate::cli::trail::{self, SkippedForm};
use crate::iam::document::Document;
use crate::iam::evaluate::Target;
use crate::iam::evidence::{Bounded, Evidence, Resources, Unlisted, Use};
use crate::iam::legible::legible;

/// How many resources of one denial are listed.
const LISTED: usize = 20;

/// As JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Json<'a> {
    policy: Value,
    coverage: CoverageForm,
    denied: Vec<Denied>,
    failed: Vec<Failed>,
    unknown_events: Vec<Event>,
    events_without_permission: Vec<Event>,
    /// How often was seen what the four lists above are too short for.
    unlisted: UnlistedForm,
    skipped: Vec<SkippedForm<'a>>,
    complete: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct UnlistedForm {
    denied: u64,
    failed: u64,
    unknown_events: u64,
    events_without_permission: u64,
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

impl<'a> Json<'a> {
    /// The answer.
    pub fn new(policy: &Document, evidence: &Evidence, files: &'a Report) -> Self {
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
        let Unlisted { denied: more_denied, failed: more_failed, free, unknown } = evidence.unlisted();
        Self {
            policy: policy.to_json(),
            coverage: CoverageForm::of(evidence, files),
            denied: evidence
                .denied()
                .map(|(action, code, resources)| denied(action, code, resources))
                .collect(),
            failed: evidence.failed().map(failed).collect(),
            unknown_events: evidence.unknown().map(event).collect(),
            events_without_permission: evidence.free().map(event).collect(),
            unlisted: UnlistedForm {
                denied: more_denied,
                failed: more_failed,
                unknown_events: unknown,
                events_without_permission: free,
            },
            skipped: trail::skipped(files),
            complete: files.is_complete(),
        }
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
    writeln!(out, "  regions: {}", named(&seen.regions))?;
    writeln!(out, "  accounts: {}", named(&seen.accounts))?;
    writeln!(out, "  data events of: {}", named(&seen.data_services))?;
    for (apart, count) in evidence.apart() {
        writeln!(out, "  {count} records apart: {}", apart.as_str())?;
    }
    let more = evidence.unlisted();
    section(
        &mut out,
        "Denied (a need for a person to see; not granted)",
        evidence.denied().map(|(action, code, resources)| {
            let denied = denied(action, code, resources);
            format!("{action}: {} times {code}, on {}", denied.count, joined(denied.resources.iter()))
        }),
        more.denied,
    )?;
    section(
        &mut out,
        "Failed for another reason (no proof of use; not granted)",
        evidence.failed().map(|(event, code, uses)| format!("{event}: {} times {code}", uses.count)),
        more.failed,
    )?;
    section(
        &mut out,
        "Events that no action is known for",
        evidence
            .unknown()
            .map(|(event, uses)| format!("{event}: {} times, such as {}", uses.count, uses.example)),
        more.unknown,
    )?;
    section(
        &mut out,
        "Events that need no permission",
        evidence.free().map(|(event, uses)| format!("{event}: {} times", uses.count)),
        more.free,
    )?;
    out.push_str(&trail::incomplete_text(files));
    Ok(out)
}

fn section(
    out: &mut String,
    title: &str,
    lines: impl Iterator<Item = String>,
    more: u64,
) -> std::fmt::Result {
    let mut lines = lines.peekable();
    if lines.peek().is_none() {
        return Ok(());
    }
    writeln!(out, "\n{title}")?;
    lines.try_for_each(|line| writeln!(out, "  {}", legible(&line)))?;
    if more > 0 {
        writeln!(out, "  and {more} more under other names")?;
    }
    Ok(())
}

fn joined<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let names: Vec<&str> = names.map(String::as_str).collect();
    if names.is_empty() { "none".to_owned() } else { legible(&names.join(", ")).into_owned() }
}

fn named<const MANY: usize>(names: &Bounded<String, u64, MANY>) -> String {
    let more = if names.others() > 0 { " and others" } else { "" };
    joined(names.names()) + more
}
