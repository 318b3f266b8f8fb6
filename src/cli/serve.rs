//! `alpha serve`.

use super::logging;
use super::outcome::{Failure, Outcome, Result};
use crate::app;
use crate::config::ServeFlags;

/// Serve Slack: take commands and clicks, narrow roles, tell what came of it
///
/// Configured by flags, the environment, and ./alpha.toml, in this order; `alpha init` writes a commented file. Two
/// secrets come from the environment or the file alone: `SLACK_SIGNING_SECRET` and `SLACK_BOT_TOKEN`. A value that is
/// wrong or missing is named, and the exit status is 2, before anything listens.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    flags: ServeFlags,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result {
    let config = arguments
        .flags
        .load(&app::check_approvers)
        .map_err(|problems| Failure::Usage(problems.to_string()))?;
    logging::start(&config.log)?;
    wait_for(app::serve(config))?;
    Ok(Outcome::Fine)
}

/// Runs something asynchronous to its end.
pub fn wait_for<T>(work: impl Future<Output = std::result::Result<T, app::NoHouse>>) -> Result<T> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(anyhow::Error::from)?;
    runtime.block_on(work).map_err(|error| match error {
        app::NoHouse::Usage(text) => Failure::Usage(text),
        app::NoHouse::Failed(error) => Failure::Failed(error),
    })
}
