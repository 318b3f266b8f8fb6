//! `alpha approvers ...`.

use std::fmt::Write as _;
use std::path::PathBuf;

use anstyle::AnsiColor;
use serde::Serialize;

use super::outcome::{Failure, Outcome, Result};
use super::output;
use crate::app::approvers;

/// The verbs.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Check an approvers file, and list what is wrong or odd, each with its line
    Check(Check),
}

const AFTER_HELP: &str = "\
Exit status 1 where anything is an error. With --output json:
  {\"file\", \"principals\", \"grants\", \"findings\": [{\"kind\": \"error|warning\", \"line\", \"column\", \"text\"}]}
principals and grants are counts, and null where anything is an error.";

/// `alpha approvers check`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Check {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    flag: output::Flag,
}

#[derive(Serialize)]
struct Report {
    file: String,
    principals: Option<usize>,
    grants: Option<usize>,
    findings: Vec<Finding>,
}

#[derive(Serialize)]
struct Finding {
    kind: Kind,
    line: usize,
    column: usize,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Error,
    Warning,
}

/// Runs the chosen verb.
pub fn run(command: &Command) -> Result {
    match command {
        Command::Check(arguments) => check(arguments),
    }
}

fn check(arguments: &Check) -> Result {
    let checked = approvers::check_file(&arguments.file).map_err(|error| Failure::Failed(error.into()))?;
    let problems = checked.problems.into_iter().map(|fault| (Kind::Error, fault));
    let warnings = checked.warnings.into_iter().map(|fault| (Kind::Warning, fault));
    let mut findings: Vec<Finding> = problems
        .chain(warnings)
        .map(|(kind, fault)| Finding {
            kind,
            line: fault.place.line,
            column: fault.place.column,
            text: fault.text,
        })
        .collect();
    findings.sort_by_key(|finding| (finding.line, finding.column));
    let report = Report {
        file: arguments.file.display().to_string(),
        principals: checked.directory.as_ref().map(|directory| directory.principals.len()),
        grants: checked.directory.as_ref().map(|directory| directory.grants.len()),
        findings,
    };
    match arguments.flag.output {
        output::Format::Json => output::json(&report)?,
        output::Format::Text => output::text(&text(&report))?,
    }
    Ok(if report.principals.is_some() { Outcome::Fine } else { Outcome::Failed })
}

/// One line a finding, then what the file comes to.
fn text(report: &Report) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        let (style, kind) = match finding.kind {
            Kind::Error => (AnsiColor::Red.on_default().bold(), "error"),
            Kind::Warning => (AnsiColor::Yellow.on_default(), "warning"),
        };
        let Finding { line, column, text, .. } = finding;
        let _ = writeln!(out, "{}:{line}:{column}: {style}{kind}{style:#}: {text}", report.file);
    }
    let count = |kind| report.findings.iter().filter(|finding| finding.kind == kind).count();
    let _ = match (report.principals, report.grants) {
        (Some(principals), Some(grants)) => writeln!(
            out,
            "{}: good, with {principals} principals, {grants} grants, {} warnings",
            report.file,
            count(Kind::Warning)
        ),
        _ => {
            writeln!(out, "{}: {} errors, {} warnings", report.file, count(Kind::Error), count(Kind::Warning))
        }
    };
    out
}
