//! What an event makes of a job: the whole table, total and pure.

use std::cmp::Ordering;
use std::time::Duration;

use jiff::Timestamp;

use super::{Event, IllegalEvent, Job, Judgement, Phase, State, Transition};
use crate::domain::approval::{Order, Verdict, Word};
use crate::domain::audit::Entry;
use crate::domain::delivery::{Act, Reaction, Reply, Row, Slot};
use crate::domain::ids::{DeliveryId, Digest};
use crate::domain::rollout::Stage;
use crate::domain::rollout::judge::pause;

/// How long people have to decide.
pub const TIME_TO_DECIDE: Duration = Duration::from_hours(8);
/// When they are reminded first; then after twice as long each time.
pub const FIRST_REMINDER: Duration = Duration::from_mins(15);
/// How often work is tried before it is given up. The way back is tried longer: giving that up leaves a role half
/// changed.
const TRIES: u32 = 8;
const TRIES_BACK: u32 = 30;
/// For how many looks a judgement waits for its sources after its time came.
const LATE_LOOKS: u32 = 60;

/// What an event makes of a job.
pub fn next(job: &Job, event: &Event, now: Timestamp) -> Result<Transition, IllegalEvent> {
    let mut draft = Draft::of(job, now);
    match (&job.state, event) {
        (State::Requested, Event::Admitted) => {
            draft.tell(Act::Post(Slot::Root));
            draft.react(Reaction::Eyes);
            draft.go(State::Collecting);
        }
        (State::Requested, Event::Refused { why }) => {
            draft.answer(why);
            draft.rest(State::Failed { why: why.clone() });
        }
        (State::Collecting | State::Proposing, Event::Progressed { lines }) => draft.progressed(lines),
        (State::Collecting, Event::Collected { .. }) => {
            draft.go(State::Proposing);
            draft.tell(Act::Update(Slot::Root));
        }
        (State::Collecting | State::Proposing, Event::NothingToDo { why }) => {
            draft.end(State::NothingToDo { why: why.clone() });
        }
        (State::Proposing, Event::Proposed(brief)) => {
            draft.job.case = Some((**brief).clone());
            draft.ask(0);
            draft.tell(Act::Post(Slot::Card(brief.revision)));
            draft.tell(Act::Update(Slot::Root));
        }
        (State::AwaitingDecision { expires, reminders, .. }, Event::Due) => {
            if now >= *expires {
                draft.end(State::Expired);
            } else {
                draft.remind(*expires, *reminders + 1);
                draft.tell(Act::Post(Slot::Reminder(*reminders + 1)));
            }
        }
        (
            State::Requested
            | State::Collecting
            | State::Proposing
            | State::AwaitingDecision { .. }
            | State::Approved,
            Event::Decided(decision),
        ) if decision.verdict == Verdict::Withdraw => {
            draft.job.decision = Some(decision.clone());
            draft.end(State::Cancelled);
        }
        (State::AwaitingDecision { .. }, Event::Decided(decision)) => {
            draft.job.decision = Some(decision.clone());
            if decision.verdict == Verdict::Approve {
                draft.go(State::Approved);
                draft.card();
                draft.tell(Act::Update(Slot::Root));
                draft.react(Reaction::Hourglass);
            } else {
                draft.end(State::Denied);
            }
        }
        (State::AwaitingDecision { .. } | State::Approved, Event::Changed { why }) => {
            draft.end(State::Superseded { why: why.clone() });
        }
        (State::Approved, Event::Verified) => draft.enter(Stage::ALL[0]),
        (State::Staging { stage, phase: Phase::Writing { step } }, Event::Wrote { step: done, .. })
            if step == done =>
        {
            draft.wrote(*stage, step + 1);
        }
        (State::Staging { stage, phase }, Event::Foreign { why, remains }) => {
            if remains.is_none() && !job.has_written(*stage, phase) {
                draft.end(State::Superseded { why: why.clone() });
            } else {
                draft.stuck(why, remains.as_deref());
            }
        }
        (
            State::Staging { stage, phase: Phase::Soaking { since, until, extended } },
            Event::Judged(judgement),
        ) => {
            draft.judged(*stage, judgement, (*since, *until, *extended));
        }
        (State::Staging { stage, phase: Phase::Accepted }, Event::Verified) => draft.leave(*stage),
        (State::Held { stage, .. }, Event::Ordered(word)) if word.order == Order::Continue => {
            draft.heed(word);
            draft.go(State::Staging { stage: *stage, phase: Phase::Accepted });
        }
        (State::Staging { .. } | State::Held { .. }, Event::Ordered(word))
            if word.order == Order::RollBack =>
        {
            draft.heed(word);
            draft.back(format!("asked for by {word}"));
        }
        (State::Succeeded, Event::Ordered(word)) if word.order == Order::RollBack => {
            draft.job.epoch += 1;
            draft.tell(Act::Update(Slot::Outcome(job.epoch)));
            draft.heed(word);
            draft.back(format!("asked for by {word}"));
        }
        (State::RollingBack { .. }, Event::Undid { .. }) => draft.stay(),
        (State::RollingBack { why, .. }, Event::Undone) => {
            draft.end(State::RolledBack { why: why.clone() });
        }
        (State::RollingBack { .. }, Event::Foreign { why, remains }) => draft.stuck(why, remains.as_deref()),
        (_, Event::Faltered { why }) if job.work().is_some() => draft.faltered(why),
        (_, Event::GaveUp { why }) if job.work().is_some() => draft.gave_up(why),
        _ => return Err(IllegalEvent { state: job.state.word(), event: event.word() }),
    }
    Ok(draft.finish(event))
}

/// A transition being worked out.
struct Draft {
    job: Job,
    now: Timestamp,
    rows: Vec<Row>,
    /// Whether it goes down in the history.
    counts: bool,
}

impl Draft {
    fn of(job: &Job, now: Timestamp) -> Self {
        let mut job = job.clone();
        job.version += 1;
        job.updated = now;
        job.progress.clear();
        Self { job, now, rows: Vec::new(), counts: true }
    }

    /// To a state whose work is to be done now.
    fn go(&mut self, state: State) {
        self.job.state = state;
        self.job.attempts = 0;
        self.job.due = Some(self.now);
    }

    /// To a state in which nothing happens by itself.
    fn rest(&mut self, state: State) {
        self.job.state = state;
        self.job.attempts = 0;
        self.job.due = None;
    }

    /// In the same state, whose work goes on.
    fn stay(&mut self) {
        self.job.attempts = 0;
        self.job.due = Some(self.now);
    }

    /// Further with what takes its time; its work is the same as before, and goes on.
    fn progressed(&mut self, lines: &[String]) {
        self.job.progress = lines.to_vec();
        self.counts = false;
        self.tell(Act::Update(Slot::Root));
    }

    /// To an end: everybody hears of it.
    fn end(&mut self, state: State) {
        let reaction = state.reaction();
        // Whoever was refused before anything was posted has been answered; there is no thread to tell.
        let untold = self.job.state == State::Requested;
        self.rest(state);
        if untold {
            self.tell(Act::Post(Slot::Root));
        }
        self.card();
        self.tell(Act::Update(Slot::Root));
        self.tell(Act::Post(Slot::Outcome(self.job.epoch)));
        // What failed before there was a proposal concerns whoever asked, and nobody else in the channel.
        if self.job.case.is_some() || !matches!(self.job.state, State::Failed { .. }) {
            self.tell(Act::Post(Slot::Announcement(self.job.epoch)));
        }
        self.react(reaction);
    }

    /// To where a person has to look: at what was found, and at what of the job's own doing stands.
    fn stuck(&mut self, why: &str, remains: Option<&str>) {
        let nothing = "Nothing of what this job did stands, so there is nothing of it to take back by hand.";
        self.end(State::Stuck { why: format!("{why}.\n{}", remains.unwrap_or(nothing)) });
    }

    /// Asks people, with all their time before them.
    fn ask(&mut self, reminders: u32) {
        let expires = self.later(TIME_TO_DECIDE);
        self.remind(expires, reminders);
    }

    /// The next reminder comes after twice as long as the one before it.
    fn remind(&mut self, expires: Timestamp, reminders: u32) {
        let pause = FIRST_REMINDER.saturating_mul(1u32.checked_shl(reminders).unwrap_or(u32::MAX));
        let remind = self.later(pause);
        self.job.state = State::AwaitingDecision { expires, remind, reminders };
        self.job.attempts = 0;
        self.job.due = Some(remind.min(expires));
    }

    /// Into a stage: its writes, or its watch where it has none.
    fn enter(&mut self, stage: Stage) {
        let writes = self.job.planned(stage).map_or(0, |planned| planned.writes);
        if writes > 0 {
            self.go(State::Staging { stage, phase: Phase::Writing { step: 0 } });
        } else {
            self.watch(stage, false);
        }
        self.tell(Act::Update(Slot::Root));
    }

    /// So many writes of a stage were made.
    fn wrote(&mut self, stage: Stage, step: u32) {
        if self.job.planned(stage).is_some_and(|planned| step < planned.writes) {
            self.go(State::Staging { stage, phase: Phase::Writing { step } });
        } else {
            self.watch(stage, false);
            self.tell(Act::Update(Slot::Root));
        }
    }

    /// A stage is watched from now on. One that is skipped needs no time.
    fn watch(&mut self, stage: Stage, extended: bool) {
        let soak = match self.job.planned(stage) {
            Some(planned) if planned.writes > 0 || stage == Stage::Sandbox => planned.soak,
            Some(_) | None => Duration::ZERO,
        };
        let until = self.later(soak);
        let look = self.later(pause(soak));
        self.go(State::Staging { stage, phase: Phase::Soaking { since: self.now, until, extended } });
        self.job.due = Some(until.min(look));
    }

    fn judged(
        &mut self,
        stage: Stage,
        judgement: &Judgement,
        (since, until, extended): (Timestamp, Timestamp, bool),
    ) {
        match judgement {
            Judgement::Healthy { .. } => self.leave(stage),
            Judgement::Unhealthy { what } => self.back(format!("{stage}: {what}")),
            Judgement::TooFew { .. } if !extended => {
                let soak = Duration::try_from(until.duration_since(since)).unwrap_or_default();
                let until = self.later(soak);
                self.go(State::Staging { stage, phase: Phase::Soaking { since, until, extended: true } });
                self.job.due = Some(until);
                self.tell(Act::Update(Slot::Root));
            }
            Judgement::TooFew { what } => self.hold(stage, format!("too few calls to judge by: {what}")),
            Judgement::Unreadable { why } => self.hold(stage, format!("its health can't be read: {why}")),
            Judgement::NotYet { at } => {
                // A look takes its time, so that its own next one may be past by now.
                let soak = Duration::try_from(until.duration_since(since)).unwrap_or_default();
                if Duration::try_from(self.now.duration_since(until))
                    .is_ok_and(|late| late >= pause(soak) * LATE_LOOKS)
                {
                    self.hold(stage, "what there is to see of it comes too late".to_owned());
                } else {
                    // It could be looked at: failures before that are no failures in a row.
                    self.job.attempts = 0;
                    self.job.due = Some(*at);
                    self.counts = false;
                }
            }
        }
    }

    /// Out of a stage that did no harm.
    fn leave(&mut self, stage: Stage) {
        match stage.next() {
            Some(next) => self.enter(next),
            None => self.end(State::Succeeded),
        }
    }

    fn hold(&mut self, stage: Stage, why: String) {
        let time = self.job.held + 1;
        self.rest(State::Held { stage, why, since: self.now, time });
        self.job.held = time;
        self.tell(Act::Post(Slot::Held(time)));
        self.tell(Act::Update(Slot::Root));
    }

    /// An operator has the last word; a question that was asked is answered with it.
    fn heed(&mut self, word: &Word) {
        self.job.word = Some(word.clone());
        if let State::Held { time, .. } = self.job.state {
            self.tell(Act::Update(Slot::Held(time)));
        }
    }

    /// Onto the way back.
    fn back(&mut self, why: String) {
        let stage = self.job.state.stage();
        self.go(State::RollingBack { why, stage });
        self.tell(Act::Update(Slot::Root));
    }

    fn faltered(&mut self, why: &str) {
        let back = matches!(self.job.state, State::RollingBack { .. });
        let tries = if back { TRIES_BACK } else { TRIES };
        if self.job.attempts + 1 >= tries {
            return self.gave_up(&format!("given up after {tries} tries: {why}"));
        }
        self.job.attempts += 1;
        let pause = Duration::from_millis(500 << self.job.attempts.min(7)).min(Duration::from_mins(1));
        self.job.due = Some(self.later(pause));
    }

    fn gave_up(&mut self, why: &str) {
        let why = why.to_owned();
        match self.job.state.clone() {
            State::Staging { phase: Phase::Writing { .. }, stage } => self.back(format!("{stage}: {why}")),
            State::Staging { stage, .. } => self.hold(stage, why),
            State::RollingBack { .. } => self.end(State::Stuck { why }),
            _ => self.end(State::Failed { why }),
        }
    }

    /// The card is brought up to date, where there is one.
    fn card(&mut self) {
        if let Some(revision) = self.job.case.as_ref().map(|case| case.revision) {
            self.tell(Act::Update(Slot::Card(revision)));
        }
    }

    fn react(&mut self, reaction: Reaction) {
        self.tell(Act::React(reaction));
    }

    /// Tells the requester alone.
    fn answer(&mut self, text: &str) {
        let asked = &self.job.asked;
        let reply = Reply {
            to: asked.by.clone(),
            channel: asked.channel.clone(),
            thread: None,
            response_url: asked.response_url.clone(),
            visible: false,
            text: text.to_owned(),
        };
        self.tell(Act::Reply(reply));
    }

    /// A message that exists once is named by its place, any other by its number.
    fn tell(&mut self, act: Act) {
        self.job.told += 1;
        let id = match &act {
            Act::Post(slot) => slot.row(&self.job.id),
            Act::Update(_) | Act::React(_) | Act::Reply(_) | Act::Open { .. } => {
                DeliveryId::new(format!("{}:{}", self.job.id, self.job.told))
            }
        };
        self.rows.push(Row::new(id, Some(self.job.id.clone()), act, self.now));
    }

    fn later(&self, pause: Duration) -> Timestamp {
        self.now.saturating_add(pause).unwrap_or(Timestamp::MAX)
    }

    fn finish(mut self, event: &Event) -> Transition {
        let entry = self.counts.then(|| entry(&self.job, event, self.now));
        if let Some(entry) = &entry {
            self.job.head = Some((entry.number, entry.hash.clone()));
        }
        Transition { job: self.job, rows: self.rows, entry }
    }
}

/// The next entry of a job's history.
fn entry(job: &Job, event: &Event, now: Timestamp) -> Entry {
    let (number, previous) = match &job.head {
        Some((number, hash)) => (number + 1, Some(hash)),
        None => (1, None),
    };
    let mut entry = Entry {
        job: job.id.clone(),
        number,
        at: now,
        what: event.word().to_owned(),
        by: event.by(),
        detail: event.detail(),
        state: job.state.word().to_owned(),
        hash: Digest::new(""),
    };
    entry.hash = entry.hash_after(previous);
    entry
}

/// The first entry of a history: that the job was asked for.
pub fn first_entry(job: &mut Job) -> Entry {
    let mut entry = Entry {
        job: job.id.clone(),
        number: 1,
        at: job.created,
        what: "requested".to_owned(),
        by: Some(job.asked.by.to_string()),
        detail: format!("{} over {} days", job.role.name, job.asked.options.days),
        state: job.state.word().to_owned(),
        hash: Digest::new(""),
    };
    entry.hash = entry.hash_after(None);
    job.head = Some((1, entry.hash.clone()));
    entry
}

impl Job {
    /// Whether anything was written, in this stage or in an earlier one, as far as is written down.
    fn has_written(&self, stage: Stage, phase: &Phase) -> bool {
        let in_this = match phase {
            Phase::Writing { step } => *step,
            Phase::Soaking { .. } | Phase::Accepted => u32::MAX,
        };
        let mut stages = self.case.iter().flat_map(|case| &case.stages);
        stages.any(|planned| match planned.stage.cmp(&stage) {
            Ordering::Less => planned.writes > 0,
            Ordering::Equal => planned.writes.min(in_this) > 0,
            Ordering::Greater => false,
        })
    }
}
