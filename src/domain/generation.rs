//! Whose turn it is to have Access Analyzer generate a policy: in each account and Region one at a time, so many a day.
//!
//! What several processes keep between them is a [`Queue`], changed only by whoever saw how it stood. Nobody leaves a
//! place for good by dying: who shows no sign of life for [`LAPSE`] has left it, and what they had started is cancelled
//! by the next in turn.

use std::time::Duration;

use jiff::Timestamp;

use super::ids::JobId;

/// After how long without a sign of life a place is free.
pub const LAPSE: Duration = Duration::from_mins(5);
/// How much older a sign of life is before another is given: a queue isn't written each time that it is looked at.
const FRESH: Duration = Duration::from_mins(1);
/// In which time the quota counts. Whether AWS's day begins at midnight isn't written down anywhere, so it never does.
const DAY: Duration = Duration::from_hours(24);
/// How long nobody asks after AWS said that the quota is used up: others start generations too.
const REFUSED: Duration = Duration::from_hours(1);

/// How many may be generated in a day in a Region; cancelled ones count.
pub fn quota(region: &str) -> usize {
    match region {
        "af-south-1" | "ap-east-1" | "ap-southeast-3" | "eu-south-1" | "me-south-1" => 5,
        _ => 50,
    }
}

/// Who waits, who has the one place, and what was started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Queue {
    /// Who waits, in order.
    pub waiting: Vec<Waiting>,
    /// Who has the place.
    pub running: Option<Running>,
    /// When generations were started within a day.
    pub starts: Vec<Timestamp>,
    /// Until when AWS starts no more, as it said.
    pub refused: Option<Timestamp>,
}

/// Somebody who waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Whose evidence it is to be.
    pub job: JobId,
    /// Their last sign of life.
    pub seen: Timestamp,
}

/// Somebody who has the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// Whose evidence it is to be.
    pub job: JobId,
    /// By which AWS knows a repetition of the start.
    pub token: String,
    /// The generation, once AWS has named it.
    pub generation: Option<String>,
    /// Their last sign of life.
    pub seen: Timestamp,
}

/// What is to be done now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// Wait, at this place from the front.
    Wait(usize),
    /// Start one with this token: again, where it was started before and the answer was lost.
    Start(String),
    /// See how far this one is.
    Follow(String),
    /// Cancel this one first: whoever started it is gone.
    Clear(String),
    /// Do without: there is none left until then.
    Spent(Timestamp),
}

impl Queue {
    /// Looks on behalf of a job, and enters it where it isn't there; the queue changes only where it has to.
    pub fn look(&mut self, job: &JobId, quota: usize, now: Timestamp) -> Turn {
        self.forget(job, now);
        if let Some(running) = self.running.as_mut().filter(|running| running.job == *job) {
            refresh(&mut running.seen, now);
            return match &running.generation {
                Some(generation) => Turn::Follow(generation.clone()),
                None => Turn::Start(running.token.clone()),
            };
        }
        if let Some(until) = self.spent(quota, now) {
            self.waiting.retain(|waiting| waiting.job != *job);
            return Turn::Spent(until);
        }
        let at = self.waiting.iter().position(|waiting| waiting.job == *job).unwrap_or(self.waiting.len());
        if at == self.waiting.len() {
            self.waiting.push(Waiting { job: job.clone(), seen: now });
        }
        refresh(&mut self.waiting[at].seen, now);
        match &self.running {
            _ if at > 0 => Turn::Wait(at + 1),
            Some(running) if is_lapsed(running.seen, now) => match &running.generation {
                Some(generation) => Turn::Clear(generation.clone()),
                None => self.start(job, now),
            },
            Some(_) => Turn::Wait(1),
            None => self.start(job, now),
        }
    }

    /// AWS named what was started.
    pub fn started(&mut self, job: &JobId, generation: &str) {
        if let Some(running) = self.running.as_mut().filter(|running| running.job == *job) {
            running.generation = Some(generation.to_owned());
        }
    }

    /// AWS started nothing, because another generation runs that isn't ours: the job waits on, as the first.
    pub fn put_off(&mut self, job: &JobId, now: Timestamp) {
        if self.running.take_if(|running| running.job == *job).is_some() {
            self.starts.pop();
            self.waiting.insert(0, Waiting { job: job.clone(), seen: now });
        }
    }

    /// AWS started nothing, because the quota is used up, whoever used it.
    pub fn refuse(&mut self, job: &JobId, now: Timestamp) {
        if self.running.take_if(|running| running.job == *job).is_some() {
            self.starts.pop();
        }
        self.leave(job);
        self.refused = Some(later(now, REFUSED));
    }

    /// A job is done here, or wants nothing more of it.
    pub fn leave(&mut self, job: &JobId) {
        self.waiting.retain(|waiting| waiting.job != *job);
        self.running.take_if(|running| running.job == *job);
    }

    /// A generation is over that somebody left behind.
    pub fn cleared(&mut self, generation: &str) {
        self.running.take_if(|running| running.generation.as_deref() == Some(generation));
    }

    /// Whether a job waits here, or has the place.
    pub fn knows(&self, job: &JobId) -> bool {
        let running = self.running.as_ref().is_some_and(|running| running.job == *job);
        running || self.waiting.iter().any(|waiting| waiting.job == *job)
    }

    /// What a job has started.
    pub fn generation_of(&self, job: &JobId) -> Option<&str> {
        self.running.as_ref().filter(|running| running.job == *job)?.generation.as_deref()
    }

    /// How many are left for now.
    pub fn left(&self, quota: usize, now: Timestamp) -> usize {
        if self.refused.is_some_and(|until| until > now) {
            return 0;
        }
        quota.saturating_sub(self.starts.iter().filter(|start| later(**start, DAY) > now).count())
    }

    fn start(&mut self, job: &JobId, now: Timestamp) -> Turn {
        let token = format!("alpha-{job}-{}", now.as_millisecond());
        self.waiting.retain(|waiting| waiting.job != *job);
        self.starts.push(now);
        self.running = Some(Running { job: job.clone(), token: token.clone(), generation: None, seen: now });
        Turn::Start(token)
    }

    /// Until when there is none left.
    fn spent(&self, quota: usize, now: Timestamp) -> Option<Timestamp> {
        if self.left(quota, now) > 0 {
            return None;
        }
        let refused = self.refused.filter(|until| *until > now);
        Some(refused.or_else(|| self.starts.first().map(|first| later(*first, DAY))).unwrap_or(now))
    }

    /// Forgets what no longer counts: old starts, and those who waited and are gone.
    fn forget(&mut self, but: &JobId, now: Timestamp) {
        self.starts.retain(|start| later(*start, DAY) > now);
        self.refused.take_if(|until| *until <= now);
        self.waiting.retain(|waiting| waiting.job == *but || !is_lapsed(waiting.seen, now));
    }
}

fn refresh(seen: &mut Timestamp, now: Timestamp) {
    if later(*seen, FRESH) <= now {
        *seen = now;
    }
}

fn is_lapsed(seen: Timestamp, now: Timestamp) -> bool {
    later(seen, LAPSE) <= now
}

fn later(moment: Timestamp, by: Duration) -> Timestamp {
    moment.saturating_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples::at;

    fn job(name: &str) -> JobId {
        JobId::new(name)
    }

    /// A queue in which a job has started a generation.
    fn running(name: &str) -> Queue {
        let mut queue = Queue::default();
        assert!(matches!(queue.look(&job(name), 50, at(0)), Turn::Start(_)));
        queue.started(&job(name), "g-1");
        queue
    }

    #[test]
    fn one_has_the_place_and_the_others_wait_in_the_order_in_which_they_came() {
        let mut queue = running("a");
        assert_eq!(queue.look(&job("b"), 50, at(1)), Turn::Wait(1));
        assert_eq!(queue.look(&job("c"), 50, at(2)), Turn::Wait(2));
        assert_eq!(queue.look(&job("b"), 50, at(3)), Turn::Wait(1));
        assert_eq!(queue.look(&job("a"), 50, at(3)), Turn::Follow("g-1".to_owned()));
        queue.leave(&job("a"));
        assert_eq!(queue.look(&job("c"), 50, at(4)), Turn::Wait(2), "b is first");
        assert!(matches!(queue.look(&job("b"), 50, at(4)), Turn::Start(_)));
        assert_eq!(queue.look(&job("c"), 50, at(5)), Turn::Wait(1));
        assert_eq!(queue.left(50, at(5)), 48);
    }

    #[test]
    fn a_start_whose_answer_was_lost_is_repeated_with_the_same_token() {
        let mut queue = Queue::default();
        let first = queue.look(&job("a"), 50, at(0));
        assert_eq!(queue.look(&job("a"), 50, at(9)), first);
        assert_eq!(queue.starts.len(), 1);
        queue.started(&job("b"), "g-9");
        assert_eq!(queue.look(&job("a"), 50, at(9)), first, "what others started is not ours");
        queue.started(&job("a"), "g-1");
        assert_eq!(queue.look(&job("a"), 50, at(10)), Turn::Follow("g-1".to_owned()));
    }

    #[test]
    fn who_shows_no_sign_of_life_has_left() {
        let lapse = i64::try_from(LAPSE.as_secs()).unwrap();
        let mut queue = running("a");
        queue.look(&job("b"), 50, at(0));
        assert_eq!(queue.look(&job("c"), 50, at(lapse - 1)), Turn::Wait(2));
        assert_eq!(queue.look(&job("c"), 50, at(lapse)), Turn::Clear("g-1".to_owned()), "a and b are gone");
        queue.cleared("g-0");
        assert_eq!(queue.look(&job("c"), 50, at(lapse)), Turn::Clear("g-1".to_owned()));
        queue.cleared("g-1");
        assert!(matches!(queue.look(&job("c"), 50, at(lapse)), Turn::Start(_)));
        // It is taken over where nobody knows what was started.
        assert!(matches!(queue.look(&job("d"), 50, at(3 * lapse)), Turn::Start(_)));
        assert_eq!(queue.starts.len(), 3);
    }

    #[test]
    fn whoever_looks_now_and_then_keeps_the_place() {
        let mut queue = running("a");
        for second in (0..3_600).step_by(10) {
            assert_eq!(queue.look(&job("a"), 50, at(second)), Turn::Follow("g-1".to_owned()));
            assert_eq!(queue.look(&job("b"), 50, at(second)), Turn::Wait(1));
        }
        let before = queue.clone();
        queue.look(&job("a"), 50, at(3_590 + 5));
        assert_eq!(queue, before, "a look alone needs no write");
    }

    #[test]
    fn a_day_has_its_quota_which_cancelled_ones_use_up_too() {
        let mut queue = Queue::default();
        for (name, second) in [("a", 0), ("b", 100), ("c", 200)] {
            assert!(matches!(queue.look(&job(name), 3, at(second)), Turn::Start(_)));
            queue.started(&job(name), name);
            queue.leave(&job(name));
        }
        let day = 24 * 3_600;
        assert_eq!(queue.left(3, at(300)), 0);
        assert_eq!(queue.look(&job("d"), 3, at(300)), Turn::Spent(at(day)));
        assert_eq!(queue.waiting, [], "nobody waits for tomorrow");
        assert!(matches!(queue.look(&job("d"), 3, at(day)), Turn::Start(_)));
        assert_eq!((quota("eu-central-1"), quota("eu-south-1")), (50, 5));
    }

    #[test]
    fn a_running_one_is_followed_when_it_was_the_last_of_the_day() {
        let mut queue = running("a");
        assert_eq!(queue.look(&job("a"), 1, at(10)), Turn::Follow("g-1".to_owned()));
        assert!(matches!(queue.look(&job("b"), 1, at(10)), Turn::Spent(_)));
    }

    #[test]
    fn what_aws_refused_counts_for_nothing() {
        let mut queue = Queue::default();
        queue.look(&job("a"), 50, at(0));
        queue.look(&job("b"), 50, at(0));
        queue.put_off(&job("a"), at(1));
        assert_eq!(queue.left(50, at(1)), 50);
        assert_eq!(queue.look(&job("b"), 50, at(1)), Turn::Wait(2), "the first stays the first");
        assert!(matches!(queue.look(&job("a"), 50, at(2)), Turn::Start(_)));
        queue.refuse(&job("a"), at(3));
        assert_eq!((queue.left(50, at(4)), queue.running.is_none()), (0, true));
        assert_eq!(queue.look(&job("b"), 50, at(4)), Turn::Spent(at(3 + 3_600)));
        assert!(matches!(queue.look(&job("b"), 50, at(3 + 3_600)), Turn::Start(_)));
    }
}
