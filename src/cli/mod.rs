//! The command line: one file per subcommand family.

mod approvers;
mod blocks;
mod demo;
mod init;
pub mod input;
mod job;
pub mod logging;
pub mod outcome;
pub mod output;
mod policy;
mod preflight;
mod serve;
pub mod trail;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use outcome::{Failure, Outcome};

/// ALPHA narrows AWS roles to what they use, and proves that the narrower policy breaks nothing observed.
#[derive(Debug, Parser)]
#[command(name = "alpha", version, propagate_version = true, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Read, evaluate, expand, compare, narrow and prove IAM policies
    #[command(subcommand, arg_required_else_help = true)]
    Policy(Box<policy::Command>),
    /// Serve Slack: take commands and clicks, narrow roles, tell what came of it
    Serve(Box<serve::Arguments>),
    /// Try everything on this machine, without Slack and without AWS
    Demo(demo::Arguments),
    /// See and decide jobs, on the store of a running service
    #[command(subcommand, arg_required_else_help = true)]
    Job(Box<job::Command>),
    /// Check who may decide
    #[command(subcommand, arg_required_else_help = true)]
    Approvers(approvers::Command),
    /// Write a configuration file that names every setting
    Init(init::Arguments),
    /// Show the messages and modals that people read in Slack
    #[command(subcommand, arg_required_else_help = true)]
    Blocks(blocks::Command),
    /// Compare what is called with what is granted, offline
    Preflight(preflight::Arguments),
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// Runs the program with the given arguments.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let status = if error.use_stderr() { 2 } else { 0 };
            // Whoever closed our standard error can't be told that it is closed.
            let _ = error.print();
            return ExitCode::from(status);
        }
    };
    let result = match &cli.command {
        Command::Policy(command) => policy::run(command),
        Command::Serve(arguments) => serve::run(arguments),
        Command::Demo(arguments) => demo::run(arguments),
        Command::Job(command) => job::run(command),
        Command::Approvers(command) => approvers::run(command),
        Command::Init(arguments) => init::run(arguments),
        Command::Blocks(command) => blocks::run(command),
        Command::Preflight(arguments) => preflight::run(arguments),
        Command::Completions { shell } => completions(*shell),
    };
    match result {
        Ok(outcome) => outcome.into(),
        Err(failure) => {
            if !matches!(failure, Failure::ReaderGone) {
                anstream::eprintln!("alpha: {failure}");
            }
            failure.status()
        }
    }
}

fn completions(shell: clap_complete::Shell) -> outcome::Result {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "alpha", &mut script);
    std::io::Write::write_all(&mut std::io::stdout(), &script).map_err(Failure::of_output)?;
    Ok(Outcome::Fine)
}
