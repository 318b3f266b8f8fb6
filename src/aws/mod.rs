//! AWS: what lies behind the ports for a team that has outgrown one machine.
//!
//! One adapter a service, each beside the table of the calls that it makes ([`calls`]): nothing is called that isn't in
//! its table, and what the tables need is what the bot's role is granted, no more and no less. [`clients`] is how a
//! client is made, [`accounts`] whose credentials it uses, [`fault`] what its errors mean.

pub mod accounts;
pub mod bucket;
pub mod calls;
pub mod checks;
pub mod clients;
pub mod evidence;
pub mod fault;
mod grant;
pub mod health;
pub mod identity;
pub mod needed;
pub mod reasoner;
pub mod roles;
pub mod secrets;
pub mod store;
