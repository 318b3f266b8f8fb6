//! Replay and no-new-access: what is claimed of a proposal, with counts and counter-examples.
//!
//! Both look at documents and records alone and know nothing of how a proposal was made. Both have three answers; what
//! can't be decided is counted apart and listed, and never taken for a yes.

mod denial;
mod kinds;
mod replay;

pub use crate::iam::grants::{Containment, contained};
pub use denial::{Denials, Explained};
pub use kinds::Kinds;
pub use replay::{Fate, Replay, Replayed, Run, Tally};
