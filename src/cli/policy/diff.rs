//! `alpha policy diff`.

use serde::Serialize;

use super::report::{ContainmentForm, DiffForm, RiskForm, containment_text, risk_text};
use crate::cli::input;
use crate::cli::outcome::{Failure, Outcome, Result};
use crate::cli::output::{self, Format};
use crate::iam::diff::{Diff, render};
use crate::iam::grants::{Containment, MOST_WEIGHT, contained, weight};
use crate::iam::risk::{Risk, RiskInput, RiskLevel, assess, open_paths};

/// Show what a new policy gains and loses against an old one.
///
/// Compares what is granted, not how it is written: actions, resources and conditions, Denies taken into account. Ends
/// with whether the new policies grant anything that the old ones don't, and with the risk of the change. The exit
/// status is 0 whether or not there is a difference.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The old policy; `-` is standard input
    #[arg(value_name = "OLD")]
    first_old: Option<String>,
    /// The new policy
    #[arg(value_name = "NEW")]
    first_new: Option<String>,
    /// A further old policy; may be repeated
    #[arg(long = "old", value_name = "FILE")]
    old: Vec<String>,
    /// A further new policy; may be repeated
    #[arg(long = "new", value_name = "FILE")]
    new: Vec<String>,
    #[command(flatten)]
    output: output::Flag,
}

#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    diff: DiffForm<'a>,
    containment: ContainmentForm<'a>,
    risk: RiskForm<'a>,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result {
    let mut paths: Vec<String> = arguments.first_old.iter().chain(&arguments.old).cloned().collect();
    let old_count = paths.len();
    paths.extend(arguments.first_new.iter().chain(&arguments.new).cloned());
    if old_count == 0 || old_count == paths.len() {
        return Err(Failure::Usage(
            "two sides are needed: alpha policy diff OLD NEW, with --old and --new for further policies"
                .into(),
        ));
    }
    let mut old = input::documents(&paths)?;
    let new = old.split_off(old_count);
    let weight = weight(&old) + weight(&new);
    if weight > MOST_WEIGHT {
        return Err(Failure::Failed(anyhow::anyhow!(
            "the policies have too many patterns and condition values to be compared: they weigh {weight}, of at most \
             {MOST_WEIGHT} (a pattern with wildcards inside weighs an eighth of its length more); policies that IAM stores \
             weigh less"
        )));
    }
    let diff = Diff::between(&old, &new);
    let containment = contained(&new, &old);
    let risk = assess(&RiskInput {
        diff: &diff,
        open_before: &open_paths(&old),
        open_after: &open_paths(&new),
        containment: Some(&containment),
        coverage: None,
        replay: None,
        used_earlier: &[],
        sensitivity: RiskLevel::Low,
    });
    match arguments.output.output {
        Format::Text => output::text(&text(&diff, &containment, &risk))?,
        Format::Json => output::json(&Report {
            diff: DiffForm::of(&diff),
            containment: ContainmentForm::of(&containment),
            risk: RiskForm::of(&risk),
        })?,
    }
    Ok(Outcome::Fine)
}

fn text(diff: &Diff, containment: &Containment, risk: &Risk) -> String {
    format!("{}\n{}\n{}", render(diff), containment_text(containment), risk_text(risk))
}
