//! `alpha job`: what operators see and do on the store of a running service, by the same functions.

mod act;
mod form;
mod look;

use super::outcome::{Failure, Outcome, Result};
use super::output::Flag;
use super::serve::wait_for;
use crate::app::{Desk, NoHouse, Records, check_approvers};
use crate::config::StoreFlags;
use crate::iam::legible::legible;

/// The commands on jobs.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List jobs, the newest first
    List(look::List),
    /// Show one job: how far it is, what it proposes, what was decided
    Show(look::One),
    /// Print the whole difference that a job proposes, with the policies before and after
    Diff(look::One),
    /// Tell what happened to a job, in order, or to all jobs of a role
    History(look::History),
    /// Approve a job
    Approve(act::Bound),
    /// Deny a job
    Deny(act::Deny),
    /// Cancel a job before anything is written
    Cancel(act::Act),
    /// Let a job that was held go on
    Continue(act::Act),
    /// Take a job's change back
    Rollback(act::Act),
}

/// What all of them are told.
#[derive(Debug, clap::Args)]
pub struct Common {
    #[command(flatten)]
    flags: StoreFlags,
    #[command(flatten)]
    output: Flag,
}

/// Runs one.
pub fn run(command: &Command) -> Result {
    match command {
        Command::List(list) => list.run(),
        Command::Show(one) => one.show(),
        Command::Diff(one) => one.diff(),
        Command::History(history) => history.run(),
        Command::Approve(bound) => bound.approve(),
        Command::Deny(deny) => deny.run(),
        Command::Cancel(act) => act.run(crate::domain::approval::Wish::Cancel),
        Command::Continue(act) => act.run(crate::domain::approval::Wish::Continue),
        Command::Rollback(act) => act.run(crate::domain::approval::Wish::RollBack),
    }
}

impl Common {
    /// Looks at what is kept.
    fn look<T>(&self, work: impl AsyncFnOnce(&Records) -> anyhow::Result<T>) -> Result<T> {
        let config = self.flags.load_to_look().map_err(|problems| Failure::Usage(problems.to_string()))?;
        start_logging()?;
        wait_for(async {
            let records = Records::open(&config).await?;
            work(&records).await.map_err(NoHouse::from)
        })
    }

    /// Decides something at a desk.
    fn at_desk<T>(&self, work: impl AsyncFnOnce(&Desk) -> anyhow::Result<T>) -> Result<T> {
        let config = self.flags.load(&check_approvers);
        let config = config.map_err(|problems| Failure::Usage(problems.to_string()))?;
        start_logging()?;
        wait_for(async {
            let desk = Desk::open(&config).await?;
            work(&desk).await.map_err(NoHouse::from)
        })
    }
}

fn start_logging() -> Result<()> {
    super::logging::start(&std::env::var("ALPHA_LOG").unwrap_or_else(|_| "warn".to_owned()))
}

/// Names the jobs that could not be read; what a command comes to that left them out.
fn left_out(unreadable: &[impl std::fmt::Display]) -> Outcome {
    for error in unreadable {
        anstream::eprintln!("alpha: {}", legible(&error.to_string()));
    }
    if unreadable.is_empty() { FINE } else { Outcome::Failed }
}

/// That a job isn't there.
fn missing(job: &str) -> Failure {
    Failure::Failed(anyhow::anyhow!("there is no job {job}; alpha job list names those that there are"))
}

/// What a command that showed something came to.
const FINE: Outcome = Outcome::Fine;
