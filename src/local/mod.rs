//! What lies on this machine: log files, the embedded store.

pub mod store;
pub mod secrets;
pub mod trail;
