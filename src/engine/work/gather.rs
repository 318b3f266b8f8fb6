//! Gathering evidence, which may take minutes: meanwhile the job is held on to, people see how far it is, and it ends
//! as soon as nobody wants it any more.

use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

use super::Lost;
use crate::domain::errand::Errand;
use crate::domain::job::{Event, Job, Work, next};
use crate::domain::role::Snapshot;
use crate::engine::Engine;
use crate::engine::drive::change;
use crate::ports::{AccountError, Gathered, Progress, Saved, StoreError, Window};

/// How many lines are kept of what the sources say, and how much of each.
const LINES: usize = 12;
const LINE: usize = 160;

/// What the sources said last, in the order in which they first spoke.
#[derive(Debug, Default)]
struct Heard(Mutex<Vec<(String, String)>>);

impl Progress for Heard {
    fn tell(&self, source: &str, how: String) {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match said.iter_mut().find(|(known, _)| known == source) {
            Some((_, last)) => *last = how,
            None => said.push((source.to_owned(), how)),
        }
    }
}

impl Heard {
    fn lines(&self) -> Vec<String> {
        let said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let line = |(source, how): &(String, String)| format!("{source}: {how}").chars().take(LINE).collect();
        said.iter().take(LINES).map(line).collect()
    }
}

/// Whose a job is that was looked after.
enum Whose {
    Ours,
    /// Another worker's, who goes on with it.
    Others,
    /// Nobody's: what was begun for it isn't wanted any more.
    Nobodys,
}

impl Engine {
    /// Whether a job is about to gather evidence.
    pub(in crate::engine) fn gathers(&self, job: &Job) -> bool {
        let held = || self.gathered.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&job.id);
        match job.work() {
            Some(Work::Collect) => true,
            Some(Work::Propose) => !held(),
            _ => false,
        }
    }

    /// Gathers what a role used. A job that was lost, or that this process has no time for any more, is left as it is:
    /// whoever has it next goes on with it.
    pub(super) async fn attend(
        &self,
        job: &mut Job,
        role: &Snapshot,
        window: Window,
    ) -> Result<Result<Gathered, AccountError>, Lost> {
        let (errand, heard) = (Errand::of(job), Heard::default());
        let mut collecting = self.world.evidence.collect(&errand, role, window, &heard);
        let mut look = self.looks();
        let mut held = Instant::now();
        loop {
            tokio::select! {
                biased;
                answer = &mut collecting => return Ok(answer),
                () = self.leaving.cancelled() => return Err(Lost),
                _ = look.tick() => {}
            }
            match self.look_after(job, &heard).await {
                Ok(Whose::Ours) => held = Instant::now(),
                Ok(Whose::Others) => {
                    tracing::warn!(job = %job.id, "another worker took this job over");
                    return Err(Lost);
                }
                Ok(Whose::Nobodys) => break,
                // The store may be back before the claim is over.
                Err(error) if held.elapsed() < self.settings.claim.lease => {
                    tracing::warn!(job = %job.id, %error, "the claim on this job could not be renewed yet");
                }
                Err(_) => return Err(Lost),
            }
        }
        drop(collecting);
        tracing::info!(job = %job.id, "what was being gathered isn't wanted any more");
        if let Err(error) = self.in_time(self.world.evidence.abandon(&errand, role)).await {
            tracing::warn!(job = %job.id, %error, "what was begun for it ends by itself");
        }
        Err(Lost)
    }

    /// Holds on to a job for another lease, and stores what is new of its progress.
    async fn look_after(&self, job: &mut Job, heard: &Heard) -> Result<Whose, StoreError> {
        let store = &self.world.store;
        let renewed = store.renew_job(&job.id, &self.settings.claim, self.now()).await?;
        let lines = heard.lines();
        let stored = if renewed && lines != job.progress {
            self.tell_progress(job, lines).await?
        } else {
            store.job(&job.id).await?.filter(|stored| stored.version != job.version)
        };
        Ok(match stored {
            None if renewed => Whose::Ours,
            Some(faster) if !faster.is_open() => Whose::Nobodys,
            Some(_) | None => Whose::Others,
        })
    }

    /// Stores how far it is; what somebody else made of the job, where they were faster.
    async fn tell_progress(&self, job: &mut Job, lines: Vec<String>) -> Result<Option<Job>, StoreError> {
        let Ok(transition) = next(job, &Event::Progressed { lines }, self.now()) else { return Ok(None) };
        let later = transition.job.clone();
        match self.world.store.save(change(transition, None, false)).await? {
            Saved::Saved => {
                *job = later;
                self.told.notify_one();
                Ok(None)
            }
            Saved::Conflict(faster) | Saved::Busy(faster) => Ok(Some(*faster)),
        }
    }
}
