//! Slack's side: what people read, and what their clicks carry.
//!
//! Nothing in here decides anything: it puts into Slack's words what the domain says, and into the domain's words what
//! Slack says.

pub mod blocks;
pub mod escape;
pub mod subject;
