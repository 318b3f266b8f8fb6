//! The only place that chooses adapters.

pub use crate::local::approvers;
pub use crate::local::trail::{Detail, OpenError, Report, Skipped, Trail};

/// The CloudTrail logs behind paths: files, folders, and `-` for standard input.
pub fn trail(paths: &[String]) -> Result<Trail, OpenError> {
    Trail::open(paths)
}
