//! What lies on this machine: log files, and a Slack on loopback; the embedded store and the simulated account when they
//! arrive.

pub mod playground;
pub mod trail;
