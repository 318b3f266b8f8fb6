//! CloudTrail records: who called what, how it ended, and which authorisations it needed.

mod call;

pub use call::{Call, Ending, Need, Needs};
