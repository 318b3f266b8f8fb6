//! `alpha policy propose`.

mod report;

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::replay::over;
use crate::app::Report;
use crate::cli::input;
use crate::cli::outcome::{Failure, Outcome, Result};
use crate::cli::output::{self, Flag, Format};
use crate::cli::trail::{self, Progress, Window};
use crate::iam::catalogue::Catalogue;
use crate::iam::diff::Diff;
use crate::iam::document::Document;
use crate::iam::evidence::Evidence;
use crate::iam::proof::{Containment, Replay, Tally, contained};
use crate::iam::proposal::{Material, Proposal, propose};
use crate::iam::risk::{Coverage, Replayed, Risk, RiskInput, RiskLevel, assess, open_paths};

/// Propose the least policy, with its proofs, diff and risk.
///
/// Keeps what the logs show to be used, what depends on it, and what no log could show; proves that every observed call
/// stays allowed and that nothing new is granted. The exit status is 4 if an observed call would break, 1 if a file
/// could not be read to its end or the proposal doesn't fit IAM's limits.
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
    let unknown = arguments.remove.iter().find(|pattern| Catalogue::embedded().expand(pattern).is_empty());
    if let Some(pattern) = unknown {
        return Err(Failure::Usage(format!("--remove {pattern}: no action is called so")));
    }
    let mut present = input::documents(&paths)?;
    let boundary = present.split_off(arguments.present.len());
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
    let filter = arguments.window.filter(Timestamp::now())?;
    let logs = arguments.window.open(&arguments.cloudtrail)?;
    let progress = Progress::new(logs.bytes());
    let (evidence, _) = logs.collect(&filter, &|bytes| progress.advance(bytes));
    drop(progress);
    one_role(&evidence, arguments.window.role.as_deref())?;

    let proposal = propose(&Material { present, evidence: &evidence, removed: &arguments.remove });
    let documents = proposal.documents();
    let (tally, files) = over(&Replay::new(Some(present), &documents, boundary), &logs, &filter);
    let containment = contained(&documents, present);
    let used: BTreeMap<String, u64> = evidence
        .used()
        .map(|(action, resources)| (action.to_owned(), resources.iter().map(|(_, uses)| uses.count).sum()))
        .collect();
    let diff = Diff::between(present, &documents).with_use(&used);
    let risk = risk(&diff, &containment, &tally, &evidence, present, &documents);
    let role = evidence.coverage().roles.first().cloned();
    Ok(Answer { role, proposal, tally, containment, diff, risk, evidence, files })
}

/// A proposal is for one role: calls of several, mixed, would keep what the role never used.
fn one_role(evidence: &Evidence, asked: Option<&str>) -> Result<()> {
    let seen = evidence.coverage();
    if seen.calls == 0 {
        let whose = asked.map_or_else(String::new, |role| format!(" of {role}"));
        return Err(Failure::Failed(anyhow::anyhow!(
            "the logs hold no call{whose} in that time: without evidence there is nothing to propose"
        )));
    }
    if asked.is_some() || seen.roles.len() < 2 {
        return Ok(());
    }
    let named: Vec<&str> = seen.roles.iter().take(5).map(String::as_str).collect();
    Err(Failure::Usage(format!(
        "the logs hold calls of {} roles ({}…): say which one with --role",
        seen.roles.len(),
        named.join(", ")
    )))
}

fn risk(
    diff: &Diff,
    containment: &Containment,
    tally: &Tally,
    evidence: &Evidence,
    present: &[Document],
    proposed: &[Document],
) -> Risk {
    let seen = evidence.coverage();
    let data_events: Vec<String> = seen.data_services.iter().cloned().collect();
    assess(&RiskInput {
        diff,
        open_before: &open_paths(present),
        open_after: &open_paths(proposed),
        containment: Some(containment),
        coverage: (seen.calls > 0).then(|| Coverage {
            days: u32::try_from(seen.days.len()).unwrap_or(u32::MAX),
            data_events: &data_events,
        }),
        replay: Some(Replayed { broken: tally.broken, undecided: tally.undecided }),
        used_earlier: &[],
        sensitivity: RiskLevel::Low,
    })
}
