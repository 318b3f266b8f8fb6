//! Those who wait for one thing of which there is so much a while: each has a place that is kept until it is taken.
//!
//! Whoever is sent away is told when it will be their turn and needn't ask before; so a long queue is asked about once
//! for each who waits in it, and nobody who comes later goes first.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;

use super::bucket::Bucket;
use super::{later, until};
use crate::domain::ids::DeliveryId;

/// Those who wait.
#[derive(Debug)]
pub(super) struct Queue {
    bucket: Bucket,
    kept: HashMap<DeliveryId, Timestamp>,
    /// Nobody's turn is before then.
    paused: Option<Timestamp>,
    /// The end of those who come first because they have to try again.
    front: Option<Timestamp>,
}

/// How many places are kept before those are given away that nobody came for, and how long these were waited for.
const MANY: usize = 1_024;
const WAITED: Duration = Duration::from_mins(10);

impl Queue {
    /// So many at once, then one an interval.
    pub(super) fn new(interval: Duration, burst: u32) -> Self {
        Self { bucket: Bucket::new(interval, burst), kept: HashMap::new(), paused: None, front: None }
    }

    /// When it is somebody's turn. Asked for once, the place is kept.
    pub(super) fn turn(&mut self, who: &DeliveryId, now: Timestamp) -> Timestamp {
        if let Some(at) = self.kept.get(who) {
            return *at;
        }
        if self.kept.len() >= MANY && self.kept.len().is_power_of_two() {
            self.kept.retain(|_, at| until(*at, now) < WAITED);
        }
        let at = self.bucket.reserve(now);
        self.kept.insert(who.clone(), at);
        at
    }

    /// Somebody takes their turn.
    pub(super) fn take(&mut self, who: &DeliveryId) {
        self.kept.remove(who);
    }

    /// Nothing goes before then: all who wait do so for as much longer.
    pub(super) fn pause(&mut self, now: Timestamp, end: Timestamp) {
        let from = self.paused.map_or(now, |paused| paused.max(now));
        let longer = until(from, end);
        if longer.is_zero() {
            return;
        }
        self.bucket.empty(now);
        self.bucket.put_off(longer);
        self.kept.values_mut().for_each(|at| *at = later((*at).max(from), longer));
        self.front = self.front.map(|front| later(front.max(from), longer));
        self.paused = Some(end);
    }

    /// Somebody has to try again. They have waited for their turn, so they come before all others.
    pub(super) fn again(&mut self, who: &DeliveryId, now: Timestamp) {
        let at = [self.paused, self.front].into_iter().flatten().fold(now, Timestamp::max);
        let interval = self.bucket.interval();
        self.kept
            .values_mut()
            .filter(|other| **other >= at)
            .for_each(|other| *other = later(*other, interval));
        self.bucket.put_off(interval);
        self.kept.insert(who.clone(), at);
        self.front = Some(later(at, interval));
    }

    /// Whether it makes no difference if it is forgotten.
    pub(super) fn is_idle(&self, now: Timestamp) -> bool {
        self.bucket.is_full(now) && self.kept.values().all(|at| until(*at, now) >= WAITED)
    }
}
