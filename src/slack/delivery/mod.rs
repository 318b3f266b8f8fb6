//! The outbox, emptied: takes rows from the store, does what they say in Slack, and stores what came of it.
//!
//! A row is settled after its call and never before, so a message that Slack refuses for now is not lost; and one that
//! may have arrived is looked for before it is sent again, so it doesn't come twice. Which message follows which is the
//! store's order within a lane of a job; nothing here waits for another lane, job or channel. What turns out to need
//! nothing (a message that says it already, a reaction that the job has moved past) is done without a call. No state of
//! a job is decided here.

mod act;
mod alert;
mod decide;
mod diff;
mod find;
mod line;
mod open;
mod place;
mod post;
mod react;
mod reply;
mod said;
#[cfg(test)]
mod tests;
mod update;
mod words;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::api::Api;
use super::blocks;
use super::pacing::{Limits, until};
use crate::domain::delivery::Row;
use crate::domain::ids::ChannelId;
use crate::ports::{Claim, Clock, Store};
use line::Line;

pub use alert::{Count, Noted};

/// How many rows are under way at once.
const HELD: usize = 64;
/// How many rows are claimed in one go.
const BATCH: usize = 16;
/// How often the store is asked at least, and at most, while nobody wakes us.
const POLL: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(1));

/// How messages are delivered.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where outcomes are announced, if anywhere.
    pub announce: Option<ChannelId>,
    /// What messages say beyond the job.
    pub context: blocks::Context,
    /// By which name, and for how long, rows are held: a name that nobody else uses, so that nobody lets go what is
    /// under way here.
    pub claim: Claim,
    /// How fast Slack is called.
    pub limits: Limits,
    /// How long what is under way may take when it is time to stop.
    pub grace: Duration,
}

impl Settings {
    /// With what Slack asks for, and no announcements.
    pub fn new(claim: Claim, context: blocks::Context) -> Self {
        Self { announce: None, context, claim, limits: Limits::default(), grace: Duration::from_secs(5) }
    }
}

/// Empties the outbox.
pub struct Delivery {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    line: Line,
    settings: Settings,
    count: Count,
    reacted: react::Progress,
    said: said::Said,
}

impl Delivery {
    /// From its parts. `count` hears of everything that is to be counted.
    pub fn new(
        store: Arc<dyn Store>,
        api: Arc<Api>,
        clock: Arc<dyn Clock>,
        settings: Settings,
        count: Count,
    ) -> Self {
        // Nobody waits in place until their claim is nearly over: what was to be sent would count as possibly sent.
        let patience = settings.limits.patience.min(settings.claim.lease / 4);
        let limits = Limits { patience, ..settings.limits.clone() };
        let line = Line::new(api, Arc::clone(&clock), limits);
        let (reacted, said) = Default::default();
        Self { store, clock, line, settings, count, reacted, said }
    }

    /// Delivers until it is told to stop; then it claims nothing more, lets what is under way come to an end, and puts
    /// down what doesn't as possibly sent. `wake` is told by [`Notify::notify_one`] of every new row.
    pub async fn run(self: Arc<Self>, wake: Arc<Notify>, stop: CancellationToken) {
        let cut = CancellationToken::new();
        let mut tasks = JoinSet::new();
        while !stop.is_cancelled() {
            let limit = BATCH.min(HELD - tasks.len().min(HELD));
            let rows = self.claim(limit).await;
            let more = limit > 0 && rows.len() == limit;
            for row in rows {
                tasks.spawn(Arc::clone(&self).handle(row, cut.clone()));
            }
            if more {
                continue;
            }
            let idle = self.idle(tasks.is_empty()).await;
            tokio::select! {
                () = stop.cancelled() => {}
                () = wake.notified() => {}
                Some(_) = tasks.join_next() => while tasks.try_join_next().is_some() {},
                () = tokio::time::sleep(idle) => {}
            }
        }
        if tokio::time::timeout(self.settings.grace, drained(&mut tasks)).await.is_err() {
            cut.cancel();
            drained(&mut tasks).await;
        }
    }

    async fn claim(&self, limit: usize) -> Vec<Row> {
        if limit == 0 {
            return Vec::new();
        }
        match self.store.claim_rows(&self.settings.claim, self.clock.now(), limit).await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::warn!(%error, "no messages can be taken from the store; they wait there");
                Vec::new()
            }
        }
    }

    /// How long to wait for somebody to wake us.
    async fn idle(&self, nothing_under_way: bool) -> Duration {
        let (least, most) = POLL;
        if !nothing_under_way {
            return least;
        }
        match self.store.next_due().await {
            Ok(due) => due.map_or(most, |due| until(self.clock.now(), due)).clamp(least, most),
            Err(_) => most,
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery").field("settings", &self.settings).finish_non_exhaustive()
    }
}

async fn drained(tasks: &mut JoinSet<()>) {
    while tasks.join_next().await.is_some() {}
}
