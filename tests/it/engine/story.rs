//! A story: one role's job from the request to its end, in which one thing goes wrong once.

use std::sync::Arc;

use alpha::domain::approval::Wish;
use alpha::domain::ids::JobId;
use alpha::domain::job::{Job, State};
use alpha::domain::proposal::Case;
use alpha::domain::rollout::Stage;
use alpha::domain::rollout::restore::is_ours;
use alpha::engine::{Engine, Outcome, Speaker, Step};
use tokio::sync::Notify;

use super::effects::{Mishap, effect_of, order};
use super::house::{House, LEASE, Process, assert_stands};
use super::people::ana;

/// What goes wrong, and with which effect: its name, and how many of that name came before it.
#[derive(Debug, Clone)]
pub struct Misfortune {
    pub effect: (String, usize),
    pub mishap: Mishap,
}

/// A story that has come to its end.
pub struct Told {
    pub house: House,
    pub process: Process,
    pub id: JobId,
    pub job: Job,
    /// What there was to be decided on, where it came so far.
    pub case: Option<Case>,
    /// The effects, in the order in which they first came due.
    pub effects: Vec<(String, usize)>,
    /// Whether what was to go wrong did.
    pub struck: bool,
}

/// A process that was frozen in the middle of a step.
type Frozen = tokio::task::JoinHandle<()>;

struct Teller {
    house: House,
    process: Process,
    id: JobId,
    effects: Vec<(String, usize)>,
    wanted: Option<Misfortune>,
    struck: bool,
    thaw: Arc<Notify>,
    frozen: Option<Frozen>,
    processes: usize,
}

/// The name of the decision among the effects: it isn't the engine's, and is stored like one.
const DECIDE: &str = "decide";

/// Tells the story of a role, with what is to go wrong in it.
pub async fn tell(role: &str, wanted: Option<Misfortune>) -> Told {
    tell_in(House::new().await, role, wanted).await
}

/// The same, in a house.
pub async fn tell_in(house: House, role: &str, wanted: Option<Misfortune>) -> Told {
    let process = house.start("process-0");
    let id = process.analyze(role).await;
    let mut teller = Teller {
        house,
        process,
        id,
        effects: Vec::new(),
        wanted,
        struck: false,
        thaw: Arc::default(),
        frozen: None,
        processes: 1,
    };
    teller.tell().await;
    teller.end().await
}

impl Teller {
    async fn tell(&mut self) {
        for _ in 0..400 {
            let job = self.process.job(&self.id).await;
            let wake = match &job.state {
                State::AwaitingDecision { .. } => {
                    self.decide().await;
                    continue;
                }
                State::Held { .. } => {
                    // Whoever is asked because nothing could be seen of the role takes it back.
                    let now = self.house.now();
                    self.process.wants(&ana(), Wish::RollBack, &self.id, now).await;
                    continue;
                }
                _ if !job.is_open() => return,
                _ => job.due.unwrap(),
            };
            self.house.pass_until(wake).await;
            let mishap = self.due(effect_of(&job).unwrap_or_else(|| "due".to_owned()));
            if let Some(mishap) = mishap {
                self.strike(&job, mishap).await;
            }
            self.step().await;
        }
        panic!("the story has no end: {:?}", self.process.job(&self.id).await.state);
    }

    /// Notes an effect that is due; what is to befall it now, if anything.
    fn due(&mut self, name: String) -> Option<Mishap> {
        let before = self.effects.iter().filter(|(known, _)| *known == name).count();
        let effect = (name, before);
        self.effects.push(effect.clone());
        let wanted = self.wanted.as_ref().filter(|wanted| wanted.effect == effect && !self.struck)?;
        Some(wanted.mishap)
    }

    async fn strike(&mut self, job: &Job, mishap: Mishap) {
        if mishap.is_of_the_world() {
            self.struck = order(&self.house, &self.process, job, mishap).await;
        } else {
            self.process.store.order(mishap.trouble(&self.thaw).unwrap());
            self.struck = true;
        }
    }

    /// One step; if the process dies or freezes in it, another process takes over when the claim is over.
    async fn step(&mut self) {
        let (engine, id) = (Arc::clone(&self.process.engine), self.id.clone());
        let step = tokio::spawn(async move { engine.step(&id).await });
        self.watch(step).await;
    }

    /// The decision, by somebody who presses the button again if nothing comes of it.
    async fn decide(&mut self) {
        if let Some(mishap) = self.due(DECIDE.to_owned()) {
            assert!(!mishap.is_of_the_world(), "a decision takes no way to the world");
            self.process.store.order(mishap.trouble(&self.thaw).unwrap());
            self.struck = true;
        }
        let (engine, at) = (Arc::clone(&self.process.engine), self.house.now());
        let subject = self.process.subject(&self.id).await;
        let decided = tokio::spawn(async move { approve(&engine, &subject, at).await });
        self.watch(decided).await;
    }

    async fn watch<T: Send + 'static>(
        &mut self,
        mut work: tokio::task::JoinHandle<Result<T, alpha::ports::StoreError>>,
    ) {
        let store = Arc::clone(&self.process.store);
        tokio::select! {
            done = &mut work => {
                // A store that failed has it done again when the claim is over.
                if done.unwrap().is_err() {
                    self.house.pass(LEASE).await;
                }
                return;
            }
            () = store.hangs.notified() => {}
        }
        if self.wanted.as_ref().is_some_and(|wanted| wanted.mishap == Mishap::Thaws) {
            self.frozen = Some(tokio::spawn(async move { drop(work.await.unwrap()) }));
        } else {
            work.abort();
            assert!(work.await.is_err_and(|error| error.is_cancelled()));
        }
        self.process = self.house.start(&format!("process-{}", self.processes));
        self.processes += 1;
        self.house.pass(LEASE).await;
    }

    async fn end(mut self) -> Told {
        let ended = self.process.job(&self.id).await;
        if let Some(frozen) = self.frozen.take() {
            let history = self.process.store_history(&self.id).await;
            self.thaw.notify_one();
            frozen.await.unwrap();
            assert_eq!(self.process.job(&self.id).await, ended, "who thaws late changes nothing");
            assert_eq!(self.process.store_history(&self.id).await, history);
        }
        // Driving on what has ended does nothing.
        assert_eq!(self.process.engine.step(&self.id).await, Ok(Step::Done));
        let job = self.process.job(&self.id).await;
        assert_eq!(job, ended);
        let case = match job.case {
            Some(_) => Some(self.process.case(&self.id).await),
            None => None,
        };
        let Self { house, process, id, effects, struck, .. } = self;
        Told { house, process, id, job, case, effects, struck }
    }
}

async fn approve(
    engine: &Engine,
    subject: &alpha::domain::receipt::Subject,
    at: jiff::Timestamp,
) -> Result<Outcome, alpha::ports::StoreError> {
    engine.grant(&Speaker::Slack(ana()), Wish::Approve, subject, at).await
}

impl Told {
    /// What holds at the end of every story, however it ends: the role is in a state that belongs to its job's, nothing
    /// is left lying about, everybody is told once, and the history is whole.
    pub async fn is_sound(&self) {
        self.process.is_told_and_written_down(&self.id).await;
        let live = self.house.stands(&self.job.role.name).await;
        match (&self.job.state, &self.case) {
            (State::Succeeded, Some(case)) => {
                assert_stands(&live, &case.expected(Stage::Target, usize::MAX));
            }
            (State::Stuck { why }, Some(case)) => {
                assert!(is_ours(case, &live), "the role stands at a point of the way");
                assert!(why.contains("aws iam "), "the way out is told: {why}");
                return;
            }
            (State::RolledBack { .. } | State::Failed { .. }, Some(case)) => {
                assert_stands(&live, &case.snapshot);
            }
            (State::Failed { .. }, None) => {
                let fresh = House::new().await.stands(&self.job.role.name).await;
                assert_stands(&live, &fresh);
            }
            (state, _) => panic!("no such end is expected: {state:?}"),
        }
        assert_eq!(self.house.left_over(), [""; 0]);
    }
}
