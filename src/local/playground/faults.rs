//! Trouble on demand: what the Web API does wrong next, and how fast it may be called.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// How many faults can wait.
const MOST: usize = 100;

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Fault {
    /// 429, with so many seconds to wait. Nothing is done.
    RateLimited {
        /// Seconds.
        retry_after: u64,
    },
    /// This HTTP status with a body that isn't JSON. Nothing is done.
    Http {
        /// Such as 500 or 503.
        status: u16,
    },
    /// An error of the API. Nothing is done.
    Error {
        /// Slack's word.
        code: String,
    },
    /// It is done, and answered so many milliseconds late.
    Hang {
        /// Milliseconds, a minute at most.
        ms: u64,
    },
    /// It is done, and the connection breaks before the answer.
    Drop,
}

/// A fault that waits for its method to be called.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Planned {
    /// `chat.postMessage`, `response_url`, `upload`, or `*` for whatever comes.
    pub method: String,
    /// How often it happens.
    #[serde(default = "once")]
    pub times: u32,
    /// What happens.
    pub fault: Fault,
}

fn once() -> u32 {
    1
}

/// All faults that wait, and the pacing.
#[derive(Debug, Default)]
pub(super) struct Faults {
    /// In the order in which they were asked for.
    pub planned: Vec<Planned>,
    /// Whether a channel takes about one post a second, as at Slack.
    pub pacing: bool,
    posted: HashMap<String, Instant>,
}

impl Faults {
    /// Plans a fault; whether there was room for it.
    pub(super) fn plan(&mut self, planned: Planned) -> bool {
        let room = self.planned.len() < MOST;
        if room && planned.times > 0 {
            self.planned.push(planned);
        }
        room
    }

    /// The fault of this call, if one waits for it.
    pub(super) fn take(&mut self, method: &str) -> Option<Fault> {
        let at = self.planned.iter().position(|one| one.method == "*" || one.method == method)?;
        let planned = self.planned.get_mut(at)?;
        let fault = planned.fault.clone();
        planned.times -= 1;
        if planned.times == 0 {
            self.planned.remove(at);
        }
        Some(fault)
    }

    /// Whether a post to this channel comes too early.
    pub(super) fn too_fast(&mut self, channel: &str, now: Instant) -> bool {
        if !self.pacing {
            return false;
        }
        let last = self.posted.get(channel);
        if last.is_some_and(|last| now.saturating_duration_since(*last) < Duration::from_secs(1)) {
            return true;
        }
        self.posted.insert(channel.to_owned(), now);
        false
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Fault, Faults, Planned};

    #[test]
    fn a_fault_happens_as_often_as_it_was_asked_for() {
        let mut faults = Faults::default();
        let parsed: Planned = serde_json::from_str(
            r#"{"method": "chat.postMessage", "times": 2, "fault": {"kind": "rate_limited", "retry_after": 3}}"#,
        )
        .unwrap();
        faults.plan(parsed);
        faults.plan(Planned { method: "*".to_owned(), times: 1, fault: Fault::Drop });
        assert_eq!(faults.take("chat.postMessage"), Some(Fault::RateLimited { retry_after: 3 }));
        assert_eq!(faults.take("chat.update"), Some(Fault::Drop));
        assert_eq!(faults.take("chat.update"), None);
        assert!(faults.take("chat.postMessage").is_some() && faults.take("chat.postMessage").is_none());
    }

    #[test]
    fn pacing_takes_one_post_a_second_in_each_channel() {
        let (mut faults, now) = (Faults::default(), Instant::now());
        assert!(!faults.too_fast("C1", now) && !faults.too_fast("C1", now));
        faults.pacing = true;
        assert!(!faults.too_fast("C1", now) && !faults.too_fast("C2", now));
        assert!(faults.too_fast("C1", now + Duration::from_millis(900)));
        assert!(!faults.too_fast("C1", now + Duration::from_secs(1)));
    }
}
