//! The only place that chooses adapters.

/// What people read in Slack, for the command line to show.
pub mod blocks {
    pub use crate::slack::blocks::examples::payload;
    pub use crate::slack::blocks::{File, readable};
}

pub use crate::local::trail::{Detail, OpenError, Report, Skipped, Trail};

/// The CloudTrail logs behind paths: files, folders, and `-` for standard input.
pub fn trail(paths: &[String]) -> Result<Trail, OpenError> {
    Trail::open(paths)
}
