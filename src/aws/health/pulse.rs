//! How late a source is: measured by what it delivered, never taken for granted.

use jiff::{SignedDuration, Timestamp};

/// What is taken for the lag where too little was delivered to measure it: what CloudTrail says it needs at most.
const UNMEASURED: SignedDuration = SignedDuration::from_mins(15);
/// How many deliveries make a measure.
const ENOUGH: usize = 100;

/// The newest deliveries of a source, of whomever they tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Pulse {
    seen: usize,
    newest: Option<Timestamp>,
    slowest: SignedDuration,
}

impl Pulse {
    /// Something that happened then was delivered then. Where nobody knows when it was delivered, it counts as delivered
    /// when it happened, and measures nothing.
    pub(super) fn beat(&mut self, happened: Timestamp, delivered: Option<Timestamp>) {
        let at = delivered.unwrap_or(happened);
        self.newest = self.newest.max(Some(at));
        self.slowest = self.slowest.max(at.duration_since(happened));
        self.seen += usize::from(delivered.is_some());
    }

    /// Until when the source is complete, as far as whoever looked at `looked` may know: everything that happened longer
    /// before its last delivery than its slowest delivery took. None where nothing was delivered.
    pub(super) fn complete_until(&self, looked: Timestamp) -> Option<Timestamp> {
        let lag = if self.seen < ENOUGH { self.slowest.max(UNMEASURED) } else { self.slowest };
        self.newest?.min(looked).checked_sub(lag).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn pulse(count: i64, lag: i64) -> Pulse {
        let mut pulse = Pulse::default();
        (0..count).for_each(|second| pulse.beat(at(second), Some(at(second + lag))));
        pulse
    }

    #[test]
    fn a_source_is_complete_until_its_slowest_delivery_before_its_last() {
        let mut measured = pulse(200, 60);
        assert_eq!(measured.complete_until(at(10_000)), Some(at(199)));
        measured.beat(at(-40), Some(at(260)));
        assert_eq!(measured.complete_until(at(10_000)), Some(at(260 - 300)));
    }

    #[test]
    fn it_is_never_complete_until_now_nor_beyond_the_look() {
        for lag in [0, 1, 300] {
            let complete = pulse(200, lag).complete_until(at(100)).unwrap();
            assert!(complete <= at(100 - lag), "{lag}: {complete}");
        }
    }

    #[test]
    fn few_deliveries_measure_nothing_and_none_tell_nothing() {
        assert_eq!(pulse(99, 1).complete_until(at(10_000)), Some(at(99 - 900)));
        assert_eq!(pulse(99, 2_000).complete_until(at(10_000)), Some(at(98)));
        assert_eq!(Pulse::default().complete_until(at(0)), None);
        let mut unmeasured = Pulse::default();
        (0..500).for_each(|second| unmeasured.beat(at(second), None));
        assert_eq!(unmeasured.complete_until(at(10_000)), Some(at(499 - 900)));
    }
}
