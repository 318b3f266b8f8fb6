//! AWS through its own clients: what adapters call, and what they make of the answers.

mod accounts;
mod calls;
mod checks;
mod front;
mod reasoner;
mod secrets;
mod evidence;
mod health;
pub mod roles;
mod wire;
