//! The workers: what is due is claimed and driven, what was received is acted on, until told to stop.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Engine;
use super::places::Places;
use crate::domain::job::{Job, State};
use crate::ports::StoreError;

/// How long the workers sleep at most: what other processes leave in the store is found by looking.
const LONGEST_SLEEP: Duration = Duration::from_millis(500);
/// How long they sleep at least: what is due and can't be claimed is held by somebody else.
const SHORTEST_SLEEP: Duration = Duration::from_millis(20);
/// How long they wait after the store failed them.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

impl Engine {
    /// Says what a former process left behind. All of it is due, or will be when its claims end, and is then done by
    /// the same loop as everything else.
    pub async fn recover(&self) -> Result<(), StoreError> {
        let census = self.world.store.census().await?;
        let open: u64 = census
            .jobs
            .iter()
            .filter(|(state, _)| !State::is_terminal_word(state))
            .map(|(_, count)| count)
            .sum();
        if open > 0 || census.receipts > 0 {
            tracing::info!(jobs = open, receipts = census.receipts, "taking up what was left open");
        }
        self.due.notify_one();
        self.received.notify_one();
        Ok(())
    }

    /// Works until stopped, then finishes what it holds, for as long as a lease at most, and lets the rest go.
    pub async fn run(self: &Arc<Self>, stop: CancellationToken) {
        let tracker = TaskTracker::new();
        tokio::join!(self.hear_all(&tracker, &stop), self.work_all(&tracker, &stop));
        // What takes minutes isn't waited for: it is gone on with by whoever claims it next.
        self.leaving.cancel();
        tracker.close();
        if tokio::time::timeout(self.settings.claim.lease, tracker.wait()).await.is_err() {
            tracing::warn!("some jobs were still being worked on; they go on after their claims end");
        }
        if let Err(error) = self.world.store.release(&self.settings.claim.owner).await {
            tracing::warn!(%error, "claims could not be released; they end by themselves");
        }
    }

    /// Acts on what is received.
    async fn hear_all(self: &Arc<Self>, tracker: &TaskTracker, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            match self.spread_receipts(tracker).await {
                Ok(true) => {}
                Ok(false) => self.sleep(&self.received, stop).await,
                Err(error) => failed(&error, stop).await,
            }
        }
    }

    /// Drives jobs that are due, so many at a time.
    async fn work_all(self: &Arc<Self>, tracker: &TaskTracker, stop: &CancellationToken) {
        let places = Places::new(self.settings.parallel);
        while !stop.is_cancelled() {
            let free = places.free();
            if free == 0 {
                self.sleep(&self.due, stop).await;
                continue;
            }
            let limit = free.min(self.courtesy.wait(stop).await);
            match self.world.store.claim_jobs(&self.settings.claim, self.now(), limit).await {
                Ok(jobs) => {
                    let idle = jobs.is_empty();
                    for job in jobs {
                        self.spawn(job, &places, tracker).await;
                    }
                    if idle {
                        self.sleep(&self.due, stop).await;
                    }
                }
                Err(error) => failed(&error, stop).await,
            }
        }
    }

    async fn spawn(self: &Arc<Self>, job: Job, places: &Arc<Places>, tracker: &TaskTracker) {
        let place = places.take().await;
        let engine = Arc::clone(self);
        tracker.spawn(async move {
            let id = job.id.clone();
            if let Err(error) = engine.drive(job, place).await {
                tracing::error!(job = %id, %error, "a job could not be stored; it goes on after its claim ends");
            }
            engine.due.notify_one();
        });
    }

    /// Sleeps until something may be due, is rung awake, or is stopped.
    async fn sleep(&self, bell: &Notify, stop: &CancellationToken) {
        let due = self.world.store.next_due().await.ok().flatten();
        let until = due.map_or(LONGEST_SLEEP, |due| {
            Duration::try_from(due.duration_since(self.now())).unwrap_or(SHORTEST_SLEEP)
        });
        tokio::select! {
            () = stop.cancelled() => {}
            () = bell.notified() => {}
            () = tokio::time::sleep(until.clamp(SHORTEST_SLEEP, LONGEST_SLEEP)) => {}
        }
    }
}

async fn failed(error: &StoreError, stop: &CancellationToken) {
    tracing::error!(%error, "the store failed the workers; they try again");
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(AFTER_FAILURE) => {}
    }
}
