//! `alpha policy validate`.

use crate::cli::outcome::{Outcome, Result};

/// Find errors, security warnings, warnings and suggestions.
#[derive(Debug, clap::Args)]
pub struct Arguments {}

/// Runs it.
pub fn run(_arguments: &Arguments) -> Result {
    Ok(Outcome::Fine)
}
