//! AWS through its own clients: what adapters call, and what they make of the answers.

mod accounts;
mod calls;
mod checks;
mod connect;
mod denied;
mod evidence;
mod front;
mod health;
mod reasoner;
pub mod roles;
mod secrets;
mod story;
mod tables;
mod wire;

use std::sync::OnceLock;

use crate::support::emulator::Emulator;

/// An emulator that answers at once: the one that all tests share is filled with thousands of roles by some.
fn quiet() -> &'static Emulator {
    static QUIET: OnceLock<Emulator> = OnceLock::new();
    QUIET.get_or_init(Emulator::start)
}
