//! `alpha policy evaluate`.

use crate::cli::outcome::{Outcome, Result};

/// Decide a request, as IAM would, and name the deciding statements.
#[derive(Debug, clap::Args)]
pub struct Arguments {}

/// Runs it.
pub fn run(_arguments: &Arguments) -> Result {
    Ok(Outcome::Fine)
}
