//! Judging a stage by what was seen of the role. No stage is passed without a look at the role itself: denials don't show
//! that somebody widened it.

use jiff::Timestamp;

use super::{Done, Lost, gave_up, of_account};
use crate::domain::approval::Approved;
use crate::domain::errand::Errand;
use crate::domain::job::{Event, Job, Judgement, Phase, State};
use crate::domain::proposal::Case;
use crate::domain::rollout::Stage;
use crate::domain::rollout::foreign::Found;
use crate::domain::rollout::judge::{Moment, Seen, by_replay, judge};
use crate::engine::Engine;
use crate::ports::AccountError;

impl Engine {
    /// Judges the stage that is being watched.
    pub(super) async fn judge(&self, job: &Job, stage: Stage) -> Result<Done, Lost> {
        let State::Staging { phase: Phase::Soaking { since, until, .. }, .. } = job.state else {
            return Ok(gave_up("nothing is being watched"));
        };
        let case = match self.case_of(job).await {
            Ok(case) => case,
            Err(done) => return Ok(done),
        };
        match self.judgement(job, &case, stage, (since, until)).await {
            Ok(healthy @ Judgement::Healthy { .. }) => {
                self.pass(job, &case, stage, Event::Judged(healthy)).await
            }
            Ok(judgement) => Ok(Done::of(Event::Judged(judgement))),
            Err(done) => Ok(done),
        }
    }

    /// Sees that the role stands as a stage left it that a person let pass.
    pub(super) async fn look(&self, job: &Job, stage: Stage) -> Result<Done, Lost> {
        match self.case_of(job).await {
            Ok(case) => self.pass(job, &case, stage, Event::Verified).await,
            Err(done) => Ok(done),
        }
    }

    /// Lets a stage pass, if the role stands as that stage left it.
    async fn pass(&self, job: &Job, case: &Case, stage: Stage, passed: Event) -> Result<Done, Lost> {
        let Some(approved) = Approved::of(job) else {
            return Ok(gave_up("the job bears no approval of this change"));
        };
        let expected = &case.expected(stage, usize::MAX);
        match self.read_role(job).await {
            Ok(live) if live.stands_like(expected) => Ok(Done::of(passed)),
            Ok(live) => {
                let found = Found { case, reach: (stage, usize::MAX), tried: None, expected, live: &live };
                self.foreign(job, &approved, found).await
            }
            Err(error) => Ok(of_account(&error)),
        }
    }

    /// What is to be thought of the role by what was seen of it.
    async fn judgement(
        &self,
        job: &Job,
        case: &Case,
        stage: Stage,
        (since, until): (Timestamp, Timestamp),
    ) -> Result<Judgement, Done> {
        let Some(planned) = job.planned(stage) else {
            return Err(gave_up(format!("the plan has no stage {stage}")));
        };
        let now = self.now();
        if planned.writes == 0 {
            return Ok(if now < until { Judgement::NotYet { at: until } } else { by_replay(case) });
        }
        match self.in_time(self.world.health.since(&Errand::of(job), &case.snapshot, since)).await {
            Ok(reading) => {
                let seen = Seen {
                    calls: reading.calls,
                    denied: &reading.denied,
                    complete_until: reading.complete_until,
                };
                let moment = Moment { since, until, now };
                Ok(judge(planned, case, &seen, moment))
            }
            Err(error @ AccountError::Unavailable(_)) => Err(of_account(&error)),
            Err(error) => Ok(Judgement::Unreadable { why: error.to_string() }),
        }
    }
}
