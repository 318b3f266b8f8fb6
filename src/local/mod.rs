//! What lies on this machine: log files, the clock, the simulated account with its workload, and text made from facts.

pub mod account;
pub mod clock;
pub mod reasoner;
pub mod trail;
