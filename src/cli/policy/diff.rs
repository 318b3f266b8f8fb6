//! `alpha policy diff`.

use crate::cli::outcome::{Outcome, Result};

/// Show what a new policy gains and loses against an old one.
#[derive(Debug, clap::Args)]
pub struct Arguments {}

/// Runs it.
pub fn run(_arguments: &Arguments) -> Result {
    Ok(Outcome::Fine)
}
