//! The policy engine: pure, exact, without network, clock or files.
//!
//! Nothing in here can fail for a reason outside the program, and nothing here imports an adapter. A verdict that
//! can't be reached from what is known is said to be undecided or unproved; it is never guessed.

pub mod actions;
pub mod arn;
pub mod catalogue;
pub mod cloudtrail;
pub mod diff;
pub mod document;
pub mod evaluate;
pub mod evidence;
pub mod grants;
pub mod json;
pub mod legible;
pub mod pattern;
pub mod proof;
pub mod proposal;
pub mod risk;
pub mod shorten;
pub mod validate;
