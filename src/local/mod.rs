//! What lies on this machine: log files now, the embedded store and the simulated account when they arrive.

pub mod secrets;
pub mod trail;
