//! The one line to Slack that deliveries take: each call waits for its turn, and what Slack asks to wait is waited.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::act::Halt;
use crate::domain::ids::ChannelId;
use crate::ports::Clock;
use crate::slack::api::{Api, ApiError, Method};
use crate::slack::pacing::{Limits, Pacing, Turn, later};

/// The line to Slack.
#[derive(Debug)]
pub(super) struct Line {
    api: Arc<Api>,
    clock: Arc<dyn Clock>,
    pacing: Mutex<Pacing>,
}

/// A place in the line, given back when it is dropped.
struct Place<'a> {
    line: &'a Line,
    channel: &'a ChannelId,
}

impl Line {
    pub(super) fn new(api: Arc<Api>, clock: Arc<dyn Clock>, limits: Limits) -> Self {
        Self { api, clock, pacing: Mutex::new(Pacing::new(limits)) }
    }

    /// The client, for what can't wait.
    pub(super) fn api(&self) -> &Api {
        &self.api
    }

    /// Makes a call that concerns a channel when it is its turn, if that is soon.
    pub(super) async fn call<T>(
        &self,
        method: Method,
        channel: &ChannelId,
        call: impl Future<Output = Result<T, ApiError>> + Send,
    ) -> Result<T, Halt> {
        let turn = self.pacing().ask(method, channel, self.clock.now());
        let wait = match turn {
            Turn::In(wait) => wait,
            Turn::Later(then) => return Err(Halt::Later(then)),
        };
        let _place = Place { line: self, channel };
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        call.await.map_err(|error| {
            if let Some(after) = error.after() {
                let end: Timestamp = later(self.clock.now(), after);
                self.pacing().pause(error.method, channel, end);
            }
            Halt::Failed(error)
        })
    }

    fn pacing(&self) -> MutexGuard<'_, Pacing> {
        self.pacing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.line.pacing().done(self.channel);
    }
}
