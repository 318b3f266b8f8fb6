//! `alpha policy from-cloudtrail`.

mod report;

use jiff::Timestamp;

use crate::cli::outcome::{Outcome, Result};
use crate::cli::output::{self, Flag, Format};
use crate::cli::trail::{self, Progress, Window};
use crate::iam::evidence::observed_policy;

/// Derive a policy from CloudTrail logs, with a coverage report.
///
/// Only successful calls become grants. A file that can't be read to its end is named on standard error; the records
/// before the break count, the answer is marked incomplete, and the exit status is 1, as it is where there is no call.
///
/// Counts are of records: one that CloudTrail delivered twice counts once where both stand in the same file (with fewer
/// than 100,000 calls in between), and twice where they stand in two files.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Log files and folders (.json, .jsonl, .ndjson, plain or gzip), or - for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,
    #[command(flatten)]
    window: Window,
    #[command(flatten)]
    output: Flag,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result {
    let filter = arguments.window.filter(Timestamp::now())?;
    let trail = arguments.window.open(&arguments.paths)?;
    let progress = Progress::new(trail.bytes());
    let (evidence, files) = trail.collect(&filter, &|bytes| progress.advance(bytes));
    drop(progress);
    trail::warn(&files);

    let policy = observed_policy(&evidence);
    match arguments.output.output {
        Format::Json => output::json(&report::Json::new(&policy, &evidence, &files))?,
        Format::Text => output::text(&report::text(&policy, &evidence, &files)?)?,
    }
    if evidence.coverage().calls == 0 && files.is_complete() {
        return Err(arguments.window.no_call());
    }
    Ok(if files.is_complete() { Outcome::Fine } else { Outcome::Failed })
}
