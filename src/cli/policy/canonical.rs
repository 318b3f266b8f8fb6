//! `alpha policy canonical`.

use crate::cli::outcome::{Outcome, Result};

/// Write a policy in canonical form.
#[derive(Debug, clap::Args)]
pub struct Arguments {}

/// Runs it.
pub fn run(_arguments: &Arguments) -> Result {
    Ok(Outcome::Fine)
}
