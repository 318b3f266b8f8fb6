//! The only place that chooses adapters.

mod account;
mod cloud;
mod demo;
mod house;
mod keeping;
mod known;
mod operator;
mod serve;

pub use crate::local::approvers;

/// What is wrong with an approvers file, if anything is.
pub fn check_approvers(path: &std::path::Path) -> Result<(), String> {
    approvers::Approvers::open(path).map(drop).map_err(|bad| bad.to_string())
}

/// What people read in Slack, for the command line to show.
pub mod blocks {
    pub use crate::slack::blocks::examples::payload;
    pub use crate::slack::blocks::{File, readable};
}

pub use crate::local::trail::{Detail, OpenError, Report, Skipped, Trail};
pub use demo::{Demo, demo};
pub use house::NoHouse;
pub use operator::{Desk, Listed, Records};
pub use serve::serve;

/// The CloudTrail logs behind paths: files, folders, and `-` for standard input.
pub fn trail(paths: &[String]) -> Result<Trail, OpenError> {
    Trail::open(paths)
}
