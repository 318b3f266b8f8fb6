//! A token bucket, kept as the one moment at which it will be full again.

use std::time::Duration;

use jiff::Timestamp;

use super::{later, until};

/// So many at once, then one an interval.
#[derive(Debug, Clone)]
pub(super) struct Bucket {
    interval: Duration,
    burst: u32,
    /// When all that was taken has come back.
    full: Option<Timestamp>,
}

impl Bucket {
    pub(super) fn new(interval: Duration, burst: u32) -> Self {
        Self { interval, burst: burst.max(1), full: None }
    }

    /// When the next may go.
    pub(super) fn earliest(&self, now: Timestamp) -> Timestamp {
        let Some(full) = self.full else { return now };
        let spare = self.interval * (self.burst - 1);
        later(now, until(now, full).saturating_sub(spare))
    }

    /// Keeps the next turn for somebody, and says when it is.
    pub(super) fn reserve(&mut self, now: Timestamp) -> Timestamp {
        let at = self.earliest(now);
        let from = self.full.map_or(at, |full| full.max(at));
        self.full = Some(later(from, self.interval));
        at
    }

    /// Nothing is left to go at once.
    pub(super) fn empty(&mut self, now: Timestamp) {
        let empty = later(now, self.interval * (self.burst - 1));
        self.full = Some(self.full.map_or(empty, |full| full.max(empty)));
    }

    /// All that comes back does so that much later.
    pub(super) fn put_off(&mut self, by: Duration) {
        self.full = self.full.map(|full| later(full, by));
    }

    /// How long one takes to come back.
    pub(super) fn interval(&self) -> Duration {
        self.interval
    }

    /// Whether it forgets nothing by being forgotten.
    pub(super) fn is_full(&self, now: Timestamp) -> bool {
        self.full.is_none_or(|full| full <= now)
    }
}
