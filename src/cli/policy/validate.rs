//! `alpha policy validate`.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::cli::outcome::{Failure, Outcome, Result};
use crate::cli::{input, output};
use crate::iam::document::MAX_BYTES;
use crate::iam::validate::{Finding, FindingType, Kind, PolicyType, validate};

const AFTER_HELP: &str = "\
Exit status 1 where anything is an ERROR. With --output json: a list with an entry a file,
  {\"file\", \"findings\": [{\"findingType\": \"ERROR|SECURITY_WARNING|WARNING|SUGGESTION\", \"issueCode\",
   \"findingDetails\", \"learnMore\", \"locations\": [{\"pointer\", \"path\"}]}]}
in the order of the document; pointer is a JSON pointer, path the same as Access Analyzer writes it.";

/// Find errors, security warnings, warnings and suggestions.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// Policy documents; - is standard input
    #[arg(required = true, value_name = "POLICY")]
    files: Vec<String>,
    /// What the policies are; a policy with principals is taken for one of a resource
    #[arg(long = "type", value_enum, value_name = "TYPE")]
    kind: Option<Type>,
    /// What resource policies are attached to, such as `AWS::S3::Bucket`, or `AWS::IAM::AssumeRolePolicyDocument`
    #[arg(long, value_name = "TYPE")]
    resource_type: Option<String>,
    #[command(flatten)]
    flag: output::Flag,
}

/// `--type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Type {
    /// Of a user, a group or a role
    Identity,
    /// Of a resource, or a role's trust policy
    Resource,
    /// Service control policy
    Scp,
    /// Resource control policy
    Rcp,
}

#[derive(Serialize)]
struct Report<'a> {
    file: &'a str,
    findings: Vec<Finding>,
}

/// Reports on all files, or on none: one that can't be read ends the command before anything is written.
pub fn run(arguments: &Arguments) -> Result {
    let kind = kind(arguments)?;
    input::once_standard_input(&arguments.files)?;
    let mut reports = Vec::with_capacity(arguments.files.len());
    for path in &arguments.files {
        let bytes = input::read(path, MAX_BYTES)?;
        reports.push(Report { file: input::name(path), findings: validate(&bytes, kind.clone()) });
    }
    match arguments.flag.output {
        output::Format::Json => output::json(&reports)?,
        output::Format::Text => output::text(&text(&reports))?,
    }
    let mut findings = reports.iter().flat_map(|report| &report.findings);
    let failed = findings.any(|finding| finding.issue.weight() == FindingType::Error);
    Ok(if failed { Outcome::Failed } else { Outcome::Fine })
}

fn kind(arguments: &Arguments) -> Result<Option<Kind>> {
    let policy = match (arguments.kind, &arguments.resource_type) {
        (None, None) => return Ok(None),
        (Some(Type::Resource) | None, _) => PolicyType::Resource,
        (Some(_), Some(_)) => {
            return Err(Failure::Usage("--resource-type goes with --type resource only".into()));
        }
        (Some(Type::Identity), None) => PolicyType::Identity,
        (Some(Type::Scp), None) => PolicyType::Scp,
        (Some(Type::Rcp), None) => PolicyType::Rcp,
    };
    Ok(Some(Kind { policy, resource: arguments.resource_type.clone() }))
}

/// One line a finding, the gravest first, then how many there are.
fn text(reports: &[Report<'_>]) -> String {
    let mut out = String::new();
    for report in reports {
        let mut findings: Vec<&Finding> = report.findings.iter().collect();
        findings.sort_by_key(|finding| finding.issue.weight());
        for finding in findings {
            let style = style(finding.issue.weight());
            let places: Vec<String> = finding.locations.iter().map(ToString::to_string).collect();
            let place = match places.join(", ") {
                top if top.is_empty() => "the top level".to_owned(),
                places => places,
            };
            let _ = writeln!(
                out,
                "{}: {style}{}{style:#} {} at {place}: {}",
                report.file,
                finding.issue.weight(),
                finding.issue,
                finding.details
            );
        }
        let count =
            |weight| report.findings.iter().filter(|finding| finding.issue.weight() == weight).count();
        let _ = writeln!(
            out,
            "{}: {} errors, {} security warnings, {} warnings, {} suggestions",
            report.file,
            count(FindingType::Error),
            count(FindingType::SecurityWarning),
            count(FindingType::Warning),
            count(FindingType::Suggestion)
        );
    }
    out
}

fn style(weight: FindingType) -> Style {
    match weight {
        FindingType::Error => AnsiColor::Red.on_default().bold(),
        FindingType::SecurityWarning => AnsiColor::Magenta.on_default().bold(),
        FindingType::Warning => AnsiColor::Yellow.on_default(),
        FindingType::Suggestion => AnsiColor::Cyan.on_default(),
    }
}
