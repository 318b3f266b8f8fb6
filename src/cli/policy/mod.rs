//! `alpha policy ...`: every claim of the policy engine, reproducible on the command line.

mod canonical;
mod diff;
mod evaluate;
mod expand;
mod from_cloudtrail;
mod propose;
mod replay;
mod report;
mod shrink;
mod unknown;
mod validate;

use super::outcome::Result;

/// The verbs.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Decide a request, as IAM would, and name the deciding statements
    Evaluate(evaluate::Arguments),
    /// List the actions that patterns or a policy stand for
    Expand(expand::Arguments),
    /// Write actions as the fewest readable patterns that match nothing else
    Shrink(shrink::Arguments),
    /// Show what a new policy gains and loses against an old one
    Diff(diff::Arguments),
    /// Find errors, security warnings, warnings and suggestions
    Validate(validate::Arguments),
    /// Write a policy in canonical form
    Canonical(canonical::Arguments),
    /// Derive a policy from CloudTrail logs, with a coverage report
    FromCloudtrail(from_cloudtrail::Arguments),
    /// Propose the least policy, with its proofs, diff and risk
    Propose(propose::Arguments),
    /// Find the observed calls that a policy would break
    Replay(replay::Arguments),
}

/// Runs the chosen verb.
pub fn run(command: &Command) -> Result {
    match command {
        Command::Evaluate(arguments) => evaluate::run(arguments),
        Command::Expand(arguments) => expand::run(arguments),
        Command::Shrink(arguments) => shrink::run(arguments),
        Command::Diff(arguments) => diff::run(arguments),
        Command::Validate(arguments) => validate::run(arguments),
        Command::Canonical(arguments) => canonical::run(arguments),
        Command::FromCloudtrail(arguments) => from_cloudtrail::run(arguments),
        Command::Propose(arguments) => propose::run(arguments),
        Command::Replay(arguments) => replay::run(arguments),
    }
}
