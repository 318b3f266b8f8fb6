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

/// Whether the templates grant what the adapters call.
pub mod preflight {
    use crate::aws::needed;
    pub use crate::preflight::{MAX_BYTES, Report, TemplateError};

    /// The templates that came with the program, by where they lie in its sources.
    pub const SHIPPED: &[(&str, &str)] = &[
        ("infra/alpha.yaml", include_str!("../../infra/alpha.yaml")),
        ("infra/member.yaml", include_str!("../../infra/member.yaml")),
    ];

    /// What is wrong with a template.
    pub fn judge(text: &str) -> Result<Report, TemplateError> {
        crate::preflight::judge(text, needed::ALL)
    }
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
