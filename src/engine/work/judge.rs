//! Judging a stage by what was seen of the role.

use super::{Done, gave_up, of_account};
use crate::domain::job::{Event, Job, Judgement, Phase, State};
use crate::domain::rollout::Stage;
use crate::domain::rollout::judge::{Moment, Seen, by_replay, judge};
use crate::engine::Engine;
use crate::ports::AccountError;

impl Engine {
    /// Judges the stage that is being watched.
    pub(super) async fn judge(&self, job: &Job, stage: Stage) -> Done {
        let State::Staging { phase: Phase::Soaking { since, until, .. }, .. } = job.state else {
            return gave_up("nothing is being watched");
        };
        let case = match self.case_of(job).await {
            Ok(case) => case,
            Err(done) => return done,
        };
        let Some(planned) = job.planned(stage) else {
            return gave_up(format!("the plan has no stage {stage}"));
        };
        let now = self.now();
        if planned.writes == 0 {
            let judgement = if now < until { Judgement::NotYet { at: until } } else { by_replay(&case) };
            return Done::of(Event::Judged(judgement));
        }
        match self.in_time(self.world.health.since(&case.snapshot, since)).await {
            Ok(reading) => {
                let seen = Seen {
                    calls: reading.calls,
                    denied: &reading.denied,
                    complete_until: reading.complete_until,
                };
                let moment = Moment { since, until, now };
                Done::of(Event::Judged(judge(planned, &case, &seen, moment)))
            }
            Err(error @ AccountError::Unavailable(_)) => of_account(&error),
            Err(error) => Done::of(Event::Judged(Judgement::Unreadable { why: error.to_string() })),
        }
    }
}
