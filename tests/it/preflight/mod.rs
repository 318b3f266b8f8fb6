//! `alpha preflight`: what is called against what is granted.

mod command;
mod grants;
