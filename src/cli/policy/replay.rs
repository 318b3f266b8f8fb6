//! `alpha policy replay`.

use crate::cli::outcome::{Outcome, Result};

/// Find the observed calls that a policy would break.
#[derive(Debug, clap::Args)]
pub struct Arguments {}

/// Runs it.
pub fn run(_arguments: &Arguments) -> Result {
    Ok(Outcome::Fine)
}
