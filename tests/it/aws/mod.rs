//! AWS through its own clients: what adapters call, and what they make of the answers.

mod calls;
mod tables;
