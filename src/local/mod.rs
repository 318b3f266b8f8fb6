//! What lies on this machine: log files, the embedded store, the simulated account with its workload, the playground,
//! files that an operator writes, the clock, and text made from facts.

pub mod account;
pub mod approvers;
pub mod checks;
pub mod clock;
pub mod people;
pub mod playground;
mod private;
pub mod reasoner;
pub mod secrets;
pub mod store;
pub mod trail;
