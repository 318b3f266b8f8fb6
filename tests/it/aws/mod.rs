//! AWS through its own clients: what adapters call, and what they make of the answers.

mod accounts;
mod calls;
mod checks;
mod evidence;
mod front;
mod health;
mod reasoner;
pub mod roles;
mod secrets;
mod tables;
mod wire;
