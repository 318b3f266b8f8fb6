//! How fast Slack may be called: about one post a second in a channel, so many calls of a method a minute, and not at
//! all while Slack has asked to wait.
//!
//! Pure: time is an argument, and nothing waits here. Whoever asks is told to go now, to wait a moment, or to come back
//! later; what waits long must hold nothing meanwhile, so that one channel holds up no other.

mod bucket;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;

use super::api::Method;
use crate::domain::ids::ChannelId;
use bucket::Bucket;

/// How fast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// How long between two posts in one channel.
    pub post_interval: Duration,
    /// How many posts a channel takes at once before that.
    pub post_burst: u32,
    /// How many calls may be under way in one channel: what hangs there keeps no more busy.
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
    /// Come back then; no place is kept.
    Later(Timestamp),
}

/// Who may call when.
#[derive(Debug)]
pub struct Pacing {
    limits: Limits,
    channels: HashMap<ChannelId, Lane>,
    methods: HashMap<Method, Bucket>,
    pauses: HashMap<(Method, Option<ChannelId>), Timestamp>,
}

/// How many channels are remembered; those that are idle are forgotten first.
const CHANNELS: usize = 1_024;
/// How long whoever finds a channel busy stays away.
const BUSY: Duration = Duration::from_millis(500);

/// How far ahead those who are sent away are spread.
const AWAY: Duration = Duration::from_secs(30);

/// One channel.
#[derive(Debug)]
struct Lane {
    posts: Bucket,
    running: u32,
    /// When the last of those who were sent away comes back.
    tail: Timestamp,
}

impl Pacing {
    /// A pacing by these limits.
    pub fn new(limits: Limits) -> Self {
        Self { limits, channels: HashMap::new(), methods: HashMap::new(), pauses: HashMap::new() }
    }

    /// Asks for a call of a method that concerns a channel.
    pub fn ask(&mut self, method: Method, channel: &ChannelId, now: Timestamp) -> Turn {
        self.forget(now);
        let paused = self.paused_until(method, channel, now);
        let limits = &self.limits;
        let tier = self.methods.entry(method).or_insert_with(|| bucket_of(method, limits));
        let lane = self.channels.entry(channel.clone()).or_insert_with(|| Lane::new(limits, now));
        if lane.running >= limits.running {
            return Turn::Later(lane.queue(now, later(now, BUSY), limits.post_interval));
        }
        let mut at = paused.max(tier.earliest(now));
        if method.posts() {
            at = at.max(lane.posts.earliest(now));
        }
        let wait = until(now, at);
        if wait > limits.patience {
            return Turn::Later(lane.queue(now, at, limits.post_interval));
        }
        // Charged when it is asked for, lest a channel that waits hold up those that needn't.
        tier.take(now);
        if method.posts() {
            lane.posts.take(at);
        }
        lane.running += 1;
        Turn::In(wait)
    }

    /// Says that a call is over.
    pub fn done(&mut self, channel: &ChannelId) {
        if let Some(lane) = self.channels.get_mut(channel) {
            lane.running = lane.running.saturating_sub(1);
        }
    }

    /// Says that Slack asked to wait: in that channel for what posts, everywhere for what doesn't.
    pub fn pause(&mut self, method: Method, channel: &ChannelId, until: Timestamp) {
        let channel = method.posts().then(|| channel.clone());
        let end = self.pauses.entry((method, channel)).or_insert(until);
        *end = (*end).max(until);
    }

    fn paused_until(&self, method: Method, channel: &ChannelId, now: Timestamp) -> Timestamp {
        let channel = method.posts().then(|| channel.clone());
        self.pauses.get(&(method, channel)).copied().map_or(now, |end| end.max(now))
    }

    /// Forgets what makes no difference any more.
    fn forget(&mut self, now: Timestamp) {
        self.pauses.retain(|_, end| *end > now);
        if self.channels.len() >= CHANNELS {
            self.channels.retain(|_, lane| lane.running > 0 || !lane.posts.is_full(now) || lane.tail > now);
        }
    }
}

impl Lane {
    fn new(limits: &Limits, now: Timestamp) -> Self {
        Self { posts: Bucket::new(limits.post_interval, limits.post_burst), running: 0, tail: now }
    }

    /// A time to come back, one after the other: if all came back at once, all but one would be sent away again. Nobody
    /// is sent away for long, though, as others may have gone before by then.
    fn queue(&mut self, now: Timestamp, at: Timestamp, interval: Duration) -> Timestamp {
        let back = self.tail.min(later(now, AWAY)).max(at);
        self.tail = self.tail.max(later(back, interval));
        back
    }
}

/// A method's tier: half of what it allows in a minute may come at once.
fn bucket_of(method: Method, limits: &Limits) -> Bucket {
    if limits.tiers {
        Bucket::new(Duration::from_mins(1) / method.a_minute(), method.a_minute() / 2)
    } else {
        Bucket::new(Duration::ZERO, 1)
    }
}

/// So long after.
pub(super) fn later(now: Timestamp, wait: Duration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(now)
}

/// How long until then; nothing where that has passed.
pub(super) fn until(now: Timestamp, then: Timestamp) -> Duration {
    Duration::try_from(now.duration_until(then)).unwrap_or_default()
}
