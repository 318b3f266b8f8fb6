//! `alpha policy expand`.

use crate::cli::outcome::{Outcome, Result};

/// List the actions that patterns or a policy stand for.
#[derive(Debug, clap::Args)]
pub struct Arguments {}

/// Runs it.
pub fn run(_arguments: &Arguments) -> Result {
    Ok(Outcome::Fine)
}
