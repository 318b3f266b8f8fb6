//! `alpha policy propose`.

use crate::cli::outcome::{Outcome, Result};

/// Propose the least policy, with its proofs, diff and risk.
#[derive(Debug, clap::Args)]
pub struct Arguments {}

/// Runs it.
pub fn run(_arguments: &Arguments) -> Result {
    Ok(Outcome::Fine)
}
