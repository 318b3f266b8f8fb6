//! How fast Slack may be called: about one post a second in a channel, so many calls of a method a minute, and not at
//! all while Slack has asked to wait.
//!
//! Pure: time is an argument, and nothing waits here. Whoever asks is told to go now, to wait a moment, or to come back
//! later; what waits long must hold nothing meanwhile, so that one channel holds up no other. A place in the queue is
//! kept meanwhile: ten thousand messages for one channel come back once each, when it is their turn.

mod bucket;
mod queue;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;

use super::api::Method;
use crate::domain::ids::{ChannelId, DeliveryId};
use queue::Queue;

/// How fast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// How long between two posts in one channel.
    pub post_interval: Duration,
    /// How many posts a channel takes at once before that.
    pub post_burst: u32,
    /// How many calls of a method may be under way in one channel: what hangs there keeps no more busy.
    pub running: u32,
    /// How long anybody waits in place; for longer they come back.
    pub patience: Duration,
    /// Whether Slack's tiers are kept to beside it.
    pub tiers: bool,
}

impl Default for Limits {
    /// What Slack asks for.
    fn default() -> Self {
        Self {
            post_interval: Duration::from_secs(1),
            post_burst: 4,
            running: 2,
            patience: Duration::from_millis(1_500),
            tiers: true,
        }
    }
}

impl Limits {
    /// As fast as it goes, for a Slack on loopback; what Slack asks to wait is still waited.
    pub fn none() -> Self {
        Self { post_interval: Duration::ZERO, post_burst: 1, tiers: false, ..Self::default() }
    }
}

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Go after this long; the place is kept. It must be given back by [`Pacing::done`].
    In(Duration),
    /// Come back then; the place in the queue is kept.
    Later(Timestamp),
}

/// A call that somebody wants to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call<'a> {
    /// For which row.
    pub row: &'a DeliveryId,
    /// What is called.
    pub method: Method,
    /// Which channel it concerns.
    pub channel: &'a ChannelId,
    /// Whether nobody waits for it.
    pub patient: bool,
}

/// Who may call when.
#[derive(Debug)]
pub struct Pacing {
    limits: Limits,
    /// Those who want to post, by channel.
    channels: HashMap<ChannelId, Queue>,
    /// Those who want to call a method, and apart from them those of whom nobody waits for it.
    methods: HashMap<(Method, bool), Queue>,
    running: HashMap<(ChannelId, Method), u32>,
}

/// How many channels are remembered; those that are idle are forgotten first.
const CHANNELS: usize = 1_024;
/// How long whoever finds a channel busy stays away.
const BUSY: Duration = Duration::from_millis(500);

impl Pacing {
    /// A pacing by these limits.
    pub fn new(limits: Limits) -> Self {
        Self { limits, channels: HashMap::new(), methods: HashMap::new(), running: HashMap::new() }
    }

    /// Asks whether a call may be made.
    pub fn ask(&mut self, call: Call<'_>, now: Timestamp) -> Turn {
        let patience = self.limits.patience;
        let mut at = now;
        if call.method.posts() {
            at = at.max(self.channel(call.channel, now).turn(call.row, now));
        }
        // Asked for only when the channel is ready, lest one that isn't hold up those that are.
        if until(now, at) <= patience {
            at = at.max(self.method(call.method, call.patient).turn(call.row, now));
        }
        let wait = until(now, at);
        if wait > patience {
            return Turn::Later(at);
        }
        let running = self.running.entry((call.channel.clone(), call.method)).or_default();
        if *running >= self.limits.running {
            return Turn::Later(later(now, BUSY));
        }
        *running += 1;
        self.method(call.method, call.patient).take(call.row);
        if call.method.posts() {
            self.channel(call.channel, now).take(call.row);
        }
        Turn::In(wait)
    }

    /// Says that a call is over.
    pub fn done(&mut self, method: Method, channel: &ChannelId) {
        let key = (channel.clone(), method);
        if let Some(running) = self.running.get_mut(&key) {
            *running = running.saturating_sub(1);
            if *running == 0 {
                self.running.remove(&key);
            }
        }
    }

    /// Says that Slack asked to wait: in that channel for what posts, everywhere for what doesn't.
    pub fn pause(&mut self, method: Method, channel: &ChannelId, now: Timestamp, end: Timestamp) {
        if method.posts() {
            self.channel(channel, now).pause(now, end);
        } else {
            for patient in [false, true] {
                self.method(method, patient).pause(now, end);
            }
        }
    }

    /// Says that a call has to be made again. What it waited for it needn't wait for anew.
    pub fn again(&mut self, call: Call<'_>, now: Timestamp) {
        if call.method.posts() {
            self.channel(call.channel, now).again(call.row, now);
        } else {
            self.method(call.method, call.patient).again(call.row, now);
        }
    }

    fn channel(&mut self, channel: &ChannelId, now: Timestamp) -> &mut Queue {
        if self.channels.len() >= CHANNELS && !self.channels.contains_key(channel) {
            self.channels.retain(|_, queue| !queue.is_idle(now));
        }
        let limits = &self.limits;
        let new = || Queue::new(limits.post_interval, limits.post_burst);
        self.channels.entry(channel.clone()).or_insert_with(new)
    }

    fn method(&mut self, method: Method, patient: bool) -> &mut Queue {
        let tiers = self.limits.tiers;
        self.methods.entry((method, patient)).or_insert_with(|| queue_of(method, tiers))
    }
}

/// A method's tier: half of what it allows in a minute may come at once. What nobody waits for has a half to itself,
/// where there is such a thing, so that it never stands in the way of what somebody waits for.
fn queue_of(method: Method, tiers: bool) -> Queue {
    if !tiers {
        return Queue::new(Duration::ZERO, 1);
    }
    let a_minute = if method == Method::ChatUpdate { method.a_minute() / 2 } else { method.a_minute() };
    Queue::new(Duration::from_mins(1) / a_minute, a_minute / 2)
}

/// So long after.
pub(super) fn later(now: Timestamp, wait: Duration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(now)
}

/// How long until then; nothing where that has passed.
pub(super) fn until(now: Timestamp, then: Timestamp) -> Duration {
    Duration::try_from(now.duration_until(then)).unwrap_or_default()
}
