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

    /// Lets one go at that moment.
    pub(super) fn take(&mut self, at: Timestamp) {
        let from = self.full.map_or(at, |full| full.max(at));
        self.full = Some(later(from, self.interval));
    }

    /// Whether it forgets nothing by being forgotten.
    pub(super) fn is_full(&self, now: Timestamp) -> bool {
        self.full.is_none_or(|full| full <= now)
    }
}
