//! CloudTrail records: who called what, how it ended, and which authorisations it needed.
//!
//! Pure: bytes go in, calls come out. [`framing`] cuts a stream into records without holding it, `record` reads one,
//! `needs` says which authorisations the call needed, [`Filter`] which calls are asked for. Nothing here guesses: a
//! resource that a record doesn't name is [`Target::Unknown`](crate::iam::evaluate::Target), an event that no action
//! is known for is [`Needs::Unknown`], and what isn't a call is counted apart.

mod call;
mod caller;
mod circumstances;
mod ending;
mod filter;
pub mod framing;
mod needs;
mod params;
mod reader;
mod record;
mod stream;

pub use call::{Apart, Call, Ending, Need, Needs};
pub use filter::{Filter, RoleFilter};
pub use needs::{actions_of_event, is_behind_an_event, service_of_source};
pub use reader::{Reader, Seen};
pub use stream::Stream;
