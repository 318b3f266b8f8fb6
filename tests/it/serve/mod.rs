//! The service as a process of its own: killed, stopped, and started where it can't work, over real TCP.

pub mod alpha;
mod crashing;
mod environment;
mod scope;
pub mod slack;
mod spoilt;
mod stopping;
mod vault;
mod wire;

use std::time::{Duration, Instant};

/// Waits until something is there.
pub fn until<T>(what: &str, within: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + within;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "not within {within:?}: {what}");
        std::thread::sleep(Duration::from_millis(25));
    }
}
