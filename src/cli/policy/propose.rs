//! `alpha policy propose`.

mod report;

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::replay::over;
use crate::app::{Report, Trail};
use crate::cli::input;
use crate::cli::outcome::{Failure, Outcome, Result};
use crate::cli::output::{self, Flag, Format};
use crate::cli::trail::{self, Progress, Window};
use crate::domain::analysis::risk;
use crate::iam::catalogue::Catalogue;
use crate::iam::cloudtrail::{Filter, RoleFilter};
use crate::iam::diff::Diff;
use crate::iam::document::Document;
use crate::iam::evidence::Evidence;
use crate::iam::pattern::Pattern;
use crate::iam::proof::{Containment, Replay, Tally, contained};
use crate::iam::proposal::{Material, Proposal, propose};
use crate::iam::risk::Risk;

/// Propose the least policy, with its proofs, diff and risk.
///
/// Keeps what the logs show to be used, what depends on it, and what no log could show; proves that every observed call
/// stays allowed and that nothing new is granted. Where the logs hold calls of one role and of users or services, those
/// of the role count; of several roles one has to be named. The exit status is 4 if an observed call would break, 1 if a
/// file could not be read to its end, the logs hold no call, or the proposal doesn't fit IAM's limits.
///
/// Counts are of records: one that CloudTrail delivered twice counts once where both stand in the same file (with fewer
/// than 100,000 calls in between), and twice where they stand in two files.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A policy that the role has now, inline or attached; may be repeated; - is standard input
    #[arg(long = "present", required = true, num_args = 1.., value_name = "FILE")]
    present: Vec<String>,
    /// A permissions boundary of the role; may be repeated
    #[arg(long = "boundary", num_args = 1.., value_name = "FILE")]
    boundary: Vec<String>,
    /// Log files and folders, or - for standard input
    #[arg(long = "cloudtrail", required = true, num_args = 1.., value_name = "PATH")]
    cloudtrail: Vec<String>,
    /// An action pattern to take away although nothing observes its use, such as iam:PassRole; may be repeated
    #[arg(long = "remove", value_name = "PATTERN")]
    remove: Vec<String>,
    #[command(flatten)]
    window: Window,
    #[command(flatten)]
    output: Flag,
}

/// How many of too many roles are named.
const NAMED: usize = 5;

/// All that is said of a proposal.
struct Answer {
    role: Option<String>,
    proposal: Proposal,
    tally: Tally,
    containment: Containment,
    diff: Diff,
    risk: Risk,
    evidence: Evidence,
    files: Report,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result {
    let mut paths = arguments.present.clone();
    paths.extend(arguments.boundary.iter().cloned());
    if paths.iter().chain(&arguments.cloudtrail).filter(|path| *path == "-").count() > 1 {
        return Err(Failure::Usage("standard input (-) can be given once only".into()));
    }
    let mut present = input::documents(&paths)?;
    let boundary = present.split_off(arguments.present.len());
    removable(&arguments.remove, &present)?;
    let answer = answer(arguments, &present, &boundary)?;
    trail::warn(&answer.files);
    match arguments.output.output {
        Format::Text => output::text(&report::text(&answer)?)?,
        Format::Json => output::json(&report::Json::of(&answer))?,
    }
    Ok(match (answer.tally.broken, answer.files.is_complete() && answer.proposal.fitted.excess.is_none()) {
        (1.., _) => Outcome::Breaks,
        (0, false) => Outcome::Failed,
        (0, true) => Outcome::Fine,
    })
}

fn answer(arguments: &Arguments, present: &[Document], boundary: &[Document]) -> Result<Answer> {
    let mut filter = arguments.window.filter(Timestamp::now())?;
    let logs = arguments.window.open(&arguments.cloudtrail)?;
    let (mut evidence, files) = collect(&logs, &filter);
    let role = one_role(&evidence)?;
    if role.is_some() && evidence.coverage().without_role > 0 {
        filter.role = role;
        evidence = collect(&logs, &filter).0;
    }
    if evidence.coverage().calls == 0 {
        trail::warn(&files);
        return Err(arguments.window.no_call());
    }

    let proposal = propose(&Material { present, evidence: &evidence, removed: &arguments.remove });
    let documents = proposal.documents();
    let (tally, files) = over(&Replay::new(Some(present), &documents, boundary), &logs, &filter);
    let (first, second) = (evidence.coverage().calls, tally.seen());
    if first != second {
        trail::warn(&files);
        return Err(Failure::Failed(anyhow::anyhow!(
            "the logs changed while they were read: {first} calls were found in them at first, and {second} at last"
        )));
    }
    let containment = contained(&documents, present);
    let used: BTreeMap<String, u64> = evidence
        .used()
        .map(|(action, resources)| (action.to_owned(), resources.iter().map(|(_, uses)| uses.count).sum()))
        .collect();
    let diff = Diff::between(present, &documents).with_use(&used);
    let risk = risk(&diff, &containment, &tally, &evidence, present, &documents);
    let role = evidence.coverage().roles.names().next().cloned();
    Ok(Answer { role, proposal, tally, containment, diff, risk, evidence, files })
}

/// A pattern that takes nothing away is a mistake.
fn removable(patterns: &[String], present: &[Document]) -> Result<()> {
    let named = |pattern: &Pattern| {
        let actions =
            present.iter().flat_map(|document| &document.statements).filter_map(|s| s.actions.as_ref());
        actions.flat_map(|selection| &selection.patterns).any(|name| pattern.covers(&Pattern::action(name)))
    };
    let wrong = patterns
        .iter()
        .find(|pattern| !Catalogue::embedded().matches_any(pattern) && !named(&Pattern::action(pattern)));
    match wrong {
        Some(pattern) => Err(Failure::Usage(format!("--remove {pattern}: no action is called so"))),
        None => Ok(()),
    }
}

fn collect(logs: &Trail, filter: &Filter) -> (Evidence, Report) {
    let progress = Progress::new(logs.bytes());
    logs.collect(filter, &|bytes| progress.advance(bytes))
}

/// A proposal is for one role: calls of several, mixed, would keep what the role never used. A role is the same with
/// and without its path, which not every record knows.
fn one_role(evidence: &Evidence) -> Result<Option<RoleFilter>> {
    let seen = evidence.coverage();
    let mut roles: Vec<(&str, RoleFilter)> = Vec::new();
    for name in seen.roles.names() {
        let role = RoleFilter::parse(name).map_err(anyhow::Error::from)?;
        if !roles.iter().any(|(_, known)| *known == role) {
            roles.push((name, role));
        }
    }
    if roles.len() < 2 {
        return Ok(roles.pop().map(|(_, role)| role));
    }
    let named: Vec<&str> = roles.iter().take(NAMED).map(|(name, _)| *name).collect();
    Err(Failure::Usage(format!(
        "the logs hold calls of {}{} roles ({}{}): say which one with --role ARN",
        if seen.roles.others() > 0 { "more than " } else { "" },
        roles.len(),
        named.join(", "),
        if roles.len() > NAMED { ", ..." } else { "" }
    )))
}
