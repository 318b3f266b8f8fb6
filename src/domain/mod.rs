//! What ALPHA decides, apart from policies: jobs, decisions, stages, and what people are told.
//!
//! Pure: no clock, no input or output, nothing asynchronous, no type of Slack's or AWS's clients. Time, randomness and
//! whatever was looked up are arguments. Serialized forms of these types live at the rim (`record`).

pub mod accounts;
pub mod advice;
pub mod analysis;
pub mod approval;
pub mod audit;
pub mod calls;
pub mod command;
pub mod delivery;
pub mod directory;
pub mod errand;
pub mod generation;
pub mod ids;
pub mod job;
pub mod opinion;
pub mod proposal;
pub mod reason;
pub mod receipt;
pub mod role;
pub mod rollout;
pub mod rules;
#[cfg(test)]
pub(crate) mod samples;
pub mod scope;
pub mod secret;
pub mod telling;
