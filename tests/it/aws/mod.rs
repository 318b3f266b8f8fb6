//! AWS through its own clients: what adapters call, and what they make of the answers.

mod accounts;
mod calls;
mod health;
pub mod roles;
mod wire;
