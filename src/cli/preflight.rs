//! `alpha preflight`: whether what is called is granted. Needs no configuration, no credentials and no network.

use crate::app::preflight::{MAX_BYTES, Report, SHIPPED, judge};

use super::outcome::{Failure, Outcome, Result};
use super::{input, output};

const AFTER_HELP: &str = "\
Exit status 0 where each template grants what is called and no more, 1 where one doesn't, 2 where one can't be read.
With --output json: a list with an entry a template,
  {\"template\", \"stacks\", \"requests\", \"findings\": [{\"line\", \"kind\": \"missing|superfluous|invalid\", \"role\", \"policy\",
   \"statement\", \"action\", \"resources\", \"text\"}]}
in the order of the template's lines. Resources are those of a made-up stack.";

/// Compare what is called with what is granted, offline
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// What this program itself calls of AWS, against the grants of its own CloudFormation templates
    #[arg(long = "self", required = true)]
    of_itself: bool,
    /// Templates to judge; without one, those that came with the program
    #[arg(long = "template", value_name = "FILE", num_args = 1..)]
    templates: Vec<String>,
    #[command(flatten)]
    flag: output::Flag,
}

#[derive(serde::Serialize)]
struct Judged<'a> {
    template: &'a str,
    #[serde(flatten)]
    report: Report,
}

/// Judges all templates, or none: one that can't be read ends the command before anything is written.
pub fn run(arguments: &Arguments) -> Result {
    input::once_standard_input(&arguments.templates)?;
    let given: Vec<(&str, String)> =
        arguments.templates.iter().map(|path| Ok((path.as_str(), read(path)?))).collect::<Result<_>>()?;
    let shipped = SHIPPED.iter().filter(|_| given.is_empty()).map(|(name, text)| (*name, *text));
    let all = given.iter().map(|(path, text)| (input::name(path), text.as_str())).chain(shipped);
    let judged: Vec<Judged<'_>> = all
        .map(|(template, text)| {
            let report = judge(text).map_err(|error| Failure::Usage(format!("{template}: {error}")))?;
            Ok(Judged { template, report })
        })
        .collect::<Result<_>>()?;
    match arguments.flag.output {
        output::Format::Json => output::json(&judged)?,
        output::Format::Text => output::text(&judged.iter().map(text).collect::<String>())?,
    }
    let is_clean = judged.iter().all(|judged| judged.report.findings.is_empty());
    Ok(if is_clean { Outcome::Fine } else { Outcome::Failed })
}

fn read(path: &str) -> Result<String> {
    let bytes = input::read(path, MAX_BYTES).map_err(|failure| match failure {
        Failure::Failed(error) => Failure::Usage(format!("{error:#}")),
        other => other,
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::Usage(format!("{}: invalid UTF-8 at byte {at}", input::name(path)))
    })
}

/// A line for each finding, then one for the whole.
fn text(judged: &Judged<'_>) -> String {
    let Judged { template, report } = judged;
    let mut lines: Vec<String> =
        report.findings.iter().map(|finding| format!("{template}:{finding}\n")).collect();
    lines.push(match report.findings.len() {
        0 => format!(
            "{template}: grants what is called, and no more ({} requests in {} stacks)\n",
            report.requests, report.stacks
        ),
        1 => format!("{template}: 1 finding\n"),
        several => format!("{template}: {several} findings\n"),
    });
    lines.concat()
}
