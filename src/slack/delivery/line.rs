//! The one line to Slack that deliveries take: each call waits for its turn, and what Slack asks to wait is waited.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::act::Halt;
use crate::domain::delivery::{Act, Row, Slot};
use crate::domain::ids::ChannelId;
use crate::ports::Clock;
use crate::slack::api::{Api, ApiError, Class, Method};
use crate::slack::pacing::{Call, Limits, Pacing, Turn, later};

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
    call: Call<'a>,
}

impl Line {
    pub(super) fn new(api: Arc<Api>, clock: Arc<dyn Clock>, limits: Limits) -> Self {
        Self { api, clock, pacing: Mutex::new(Pacing::new(limits)) }
    }

    /// The client, for what can't wait.
    pub(super) fn api(&self) -> &Api {
        &self.api
    }

    /// Makes a call for a row that concerns a channel when it is its turn, if that is soon.
    pub(super) async fn call<T>(
        &self,
        row: &Row,
        method: Method,
        channel: &ChannelId,
        call: impl Future<Output = Result<T, ApiError>> + Send,
    ) -> Result<T, Halt> {
        // How far a job is can be seen elsewhere; for the buttons of a card somebody waits.
        let patient = row.act == Act::Update(Slot::Root);
        let asked = Call { row: &row.id, method, channel, patient };
        let turn = self.pacing().ask(asked, self.clock.now());
        let wait = match turn {
            Turn::In(wait) => wait,
            Turn::Later(then) => return Err(Halt::Later(then)),
        };
        let _place = Place { line: self, call: asked };
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        call.await.map_err(|error| {
            self.failed(asked, &error);
            Halt::Failed(error)
        })
    }

    fn failed(&self, call: Call<'_>, error: &ApiError) {
        let now = self.clock.now();
        if let Some(after) = error.after() {
            self.pacing().pause(error.method, call.channel, now, later(now, after));
        }
        if matches!(error.class(), Class::RetryNotSent { .. } | Class::Ambiguous) {
            self.pacing().again(call, now);
        }
    }

    fn pacing(&self) -> MutexGuard<'_, Pacing> {
        self.pacing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.line.pacing().done(self.call.method, self.call.channel);
    }
}
