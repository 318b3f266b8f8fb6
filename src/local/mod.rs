//! What lies on this machine: log files and the approvers file; the embedded store and the simulated account when they
//! arrive.

pub mod approvers;
pub mod trail;
