//! Slack, as people see ALPHA: what is said to them, and how it gets there.
//!
//! Knows Slack's Web API and its rules, and nothing of AWS or of how anything is stored beyond the ports. It decides
//! nothing about a job: it tells what a job has become.

pub mod api;
pub mod blocks;
pub mod delivery;
pub mod escape;
#[cfg(test)]
mod loopback;
pub mod pacing;
pub mod people;
