//! `alpha policy replay`.

use jiff::Timestamp;
use serde::Serialize;

use super::report::{ReplayForm, replay_text};
use crate::app::{Detail, Report, Trail};
use crate::cli::input;
use crate::cli::outcome::{Failure, Outcome, Result};
use crate::cli::output::{self, Flag, Format};
use crate::cli::trail::{self, Progress, SkippedForm, Window};
use crate::iam::cloudtrail::{Filter, Seen};
use crate::iam::proof::{Replay, Run, Tally};

/// Find the observed calls that a policy would break.
///
/// Each successful call of the logs is decided again, by all that it needed: allowed, undecided where the record doesn't
/// tell enough, or broken. Name the role: calls of others say nothing about its policy. The exit status is 4 if any call
/// would break, 1 if a file could not be read to its end or the logs hold no call.
///
/// Counts are of records: one that CloudTrail delivered twice counts once where both stand in the same file (with fewer
/// than 100,000 calls in between), and twice where they stand in two files.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A policy that the role would have; may be repeated; - is standard input
    #[arg(long = "policy", required = true, num_args = 1.., value_name = "FILE")]
    policies: Vec<String>,
    /// A policy that it has now: a call that these don't grant either is undecided, not broken; may be repeated
    #[arg(long = "present", num_args = 1.., value_name = "FILE")]
    present: Vec<String>,
    /// A permissions boundary of the role; may be repeated
    #[arg(long = "boundary", num_args = 1.., value_name = "FILE")]
    boundary: Vec<String>,
    /// Log files and folders, or - for standard input
    #[arg(long = "cloudtrail", required = true, num_args = 1.., value_name = "PATH")]
    cloudtrail: Vec<String>,
    #[command(flatten)]
    window: Window,
    #[command(flatten)]
    output: Flag,
}

#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    replay: ReplayForm<'a>,
    skipped: Vec<SkippedForm<'a>>,
    complete: bool,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result {
    let mut paths = arguments.policies.clone();
    paths.extend(arguments.present.iter().chain(&arguments.boundary).cloned());
    if paths.iter().chain(&arguments.cloudtrail).filter(|path| *path == "-").count() > 1 {
        return Err(Failure::Usage("standard input (-) can be given once only".into()));
    }
    let mut policies = input::documents(&paths)?;
    let boundary = policies.split_off(arguments.policies.len() + arguments.present.len());
    let present = policies.split_off(arguments.policies.len());
    let filter = arguments.window.filter(Timestamp::now())?;
    let logs = arguments.window.open(&arguments.cloudtrail)?;

    let now = (!present.is_empty()).then_some(&present[..]);
    let replay = Replay::new(now, &policies, &boundary);
    let (tally, files) = over(&replay, &logs, &filter);
    trail::warn(&files);
    if tally.seen() == 0 && files.is_complete() {
        return Err(arguments.window.no_call());
    }
    match arguments.output.output {
        Format::Text => output::text(&format!("{}{}", replay_text(&tally), trail::incomplete_text(&files)))?,
        Format::Json => output::json(&Answer {
            replay: ReplayForm::of(&tally),
            skipped: trail::skipped(&files),
            complete: files.is_complete(),
        })?,
    }
    Ok(match (tally.broken, files.is_complete()) {
        (1.., _) => Outcome::Breaks,
        (0, false) => Outcome::Failed,
        (0, true) => Outcome::Fine,
    })
}

/// Replays all calls of the logs that the filter admits.
pub(super) fn over(replay: &Replay, logs: &Trail, filter: &Filter) -> (Tally, Report) {
    let progress = Progress::new(logs.bytes());
    let count = |run: &mut Run, seen: &Seen| {
        if let Seen::Call(call) = seen {
            run.count(replay, call);
        }
    };
    let (run, files) = logs.fold(
        filter,
        Detail::Circumstances,
        &|bytes| progress.advance(bytes),
        Run::default,
        count,
        Run::merge,
    );
    (run.tally, files)
}
