//! A house on temporary files, in which processes start and die, and time passes when the test says so.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use alpha::domain::approval::Wish;
use alpha::domain::audit::Entry;
use alpha::domain::delivery::{Act, Row, Slot};
use alpha::domain::errand::Errand;
use alpha::domain::ids::{AccountId, ChannelId, JobId, Person, ReceiptKey};
use alpha::domain::job::{Job, State};
use alpha::domain::proposal::Case;
use alpha::domain::receipt::{Button, Receipt, Said, Sender, Subject};
use alpha::domain::role::{RoleRef, Snapshot};
use alpha::domain::rollout::Watch;
use alpha::engine::{DirectorySource, Engine, Outcome, Settings, Speaker, Step, World};
use alpha::local::account::{Faults, SimulatedAccount};
use alpha::local::checks::NobodyElse;
use alpha::local::clock::ManualClock;
use alpha::local::reasoner::FactsReasoner;
use alpha::local::store::SqliteStore;
use alpha::ports::{Checks, Claim, Clock as _, JobQuery, Reasoner, Roles, Store as _};
use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::people::{Crowd, ana, directory, riley};
use super::store::{Trouble, Troubled};
use crate::serve::alpha::set_tag;
use crate::store::Place;

/// How long a claim holds.
pub const LEASE: Duration = Duration::from_secs(30);

/// What outlives every process, and the world around it.
pub struct House {
    pub clock: Arc<ManualClock>,
    pub account: Arc<SimulatedAccount>,
    pub faults: Faults,
    pub people: Arc<Crowd>,
    folder: tempfile::TempDir,
    /// Where jobs are kept, if not in a file of its own.
    kept: Option<Place>,
    is_silent: AtomicBool,
}

/// A process: an engine with a store of its own over the one file.
pub struct Process {
    pub store: Arc<Troubled>,
    pub engine: Arc<Engine>,
}

impl House {
    pub async fn new() -> Self {
        Self::keeping(None).await
    }

    /// One that keeps its jobs elsewhere.
    pub async fn keeping(kept: Option<Place>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at("2026-11-21T15:30:00Z".parse().unwrap()));
        let faults = Faults::none();
        let account = SimulatedAccount::open(
            folder.path().join("account.db"),
            AccountId::new(SimulatedAccount::ACCOUNT),
            SimulatedAccount::SEED,
            Arc::clone(&clock) as _,
        )
        .unwrap()
        .with_faults(faults.clone());
        account.work().await.unwrap();
        Self {
            clock,
            account: Arc::new(account),
            faults,
            people: Arc::default(),
            folder,
            kept,
            is_silent: AtomicBool::new(false),
        }
    }

    /// Starts a process.
    pub fn start(&self, owner: &str) -> Process {
        self.start_with(owner, Arc::clone(&self.account) as _)
    }

    /// Starts a process that reaches roles in a way of its own.
    pub fn start_with(&self, owner: &str, roles: Arc<dyn Roles>) -> Process {
        self.start_advised(owner, roles, Arc::new(FactsReasoner))
    }

    /// Starts a process that somebody else advises.
    pub fn start_advised(&self, owner: &str, roles: Arc<dyn Roles>, reasoner: Arc<dyn Reasoner>) -> Process {
        self.start_changed(owner, |world, _| (world.roles, world.reasoner) = (roles, reasoner))
    }

    /// Starts a process that somebody else advises, and whose proposals somebody else checks.
    pub fn start_checked(
        &self,
        owner: &str,
        roles: Arc<dyn Roles>,
        reasoner: Arc<dyn Reasoner>,
        checks: Arc<dyn Checks>,
    ) -> Process {
        self.start_changed(owner, |world, _| {
            (world.roles, world.reasoner, world.checks) = (roles, reasoner, checks);
        })
    }

    /// Starts a process whose world or settings are other than usual.
    pub fn start_changed(&self, owner: &str, change: impl FnOnce(&mut World, &mut Settings)) -> Process {
        let store = match &self.kept {
            Some(place) => place.open(),
            None => Arc::new(SqliteStore::open(&self.file()).unwrap()),
        };
        let store = Arc::new(Troubled::new(store));
        let directory = Arc::new(directory());
        let mut world = World {
            store: Arc::clone(&store) as _,
            evidence: Arc::clone(&self.account) as _,
            roles: Arc::clone(&self.account) as _,
            health: Arc::clone(&self.account) as _,
            checks: Arc::new(NobodyElse),
            reasoner: Arc::new(FactsReasoner),
            people: Arc::clone(&self.people) as _,
            directory: DirectorySource(Arc::new(move || Some(Arc::clone(&directory)))),
            clock: Arc::clone(&self.clock) as _,
        };
        let mut settings = Settings {
            others: Vec::new(),
            scopes: std::collections::BTreeMap::new(),
            home: self.account.account().clone(),
            watch: Watch {
                soak: [Duration::ZERO, Duration::from_secs(5), Duration::from_secs(5)],
                min_calls: 10,
            },
            guardrails: "sandbox".to_owned(),
            claim: Claim { owner: owner.to_owned(), lease: LEASE },
            parallel: 8,
            timeout: Duration::from_secs(10),
        };
        change(&mut world, &mut settings);
        let engine = Arc::new(Engine::new(world, settings, Arc::new(Notify::new())));
        Process { store, engine }
    }

    /// Where the store is.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("alpha.db")
    }

    /// Whether a text stands anywhere in the files of the store.
    pub fn is_kept(&self, text: &str) -> bool {
        let files = std::fs::read_dir(self.folder.path()).unwrap().map(|file| file.unwrap().path());
        let ours = files.filter(|path| path.to_str().unwrap().contains("alpha.db"));
        let mut bytes = ours.map(|path| std::fs::read(path).unwrap());
        bytes.any(|bytes| bytes.windows(text.len()).any(|part| part == text.as_bytes()))
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Time passes, and the roles work.
    pub async fn pass(&self, time: Duration) {
        self.clock.advance(time);
        if !self.is_silent.load(Ordering::SeqCst) {
            self.account.work().await.unwrap();
        }
    }

    /// From now on no role calls anything.
    pub async fn falls_silent(&self) {
        self.is_silent.store(true, Ordering::SeqCst);
        self.account.rest().await.unwrap();
    }

    /// The same, until then.
    pub async fn pass_until(&self, then: Timestamp) {
        let time = Duration::try_from(then.duration_since(self.now())).unwrap_or_default();
        self.pass(time).await;
    }

    pub fn role(&self, name: &str) -> RoleRef {
        RoleRef { account: self.account.account().clone(), name: name.to_owned() }
    }

    /// How a role stands now, whatever faults are ordered.
    pub async fn stands(&self, name: &str) -> Snapshot {
        // A second look at the same file, because orders of faults are for the engine alone.
        let clock = Arc::new(ManualClock::at(self.now()));
        let path = self.folder.path().join("account.db");
        let other =
            SimulatedAccount::open(path, self.account.account().clone(), SimulatedAccount::SEED, clock);
        let errand = Errand { job: JobId::new("j-0000000000000000"), actor: "ana".to_owned() };
        other.unwrap().read(&errand, &self.role(name)).await.unwrap()
    }

    /// Somebody else sets or removes the tag `alpha-scope` of a role.
    pub fn tag(&self, role: &str, value: Option<&str>) {
        let account = rusqlite::Connection::open(self.folder.path().join("account.db")).unwrap();
        set_tag(&account, role, value);
    }

    /// The managed policies that jobs made and that are still there.
    pub fn left_over(&self) -> Vec<String> {
        let account = rusqlite::Connection::open(self.folder.path().join("account.db")).unwrap();
        let mut query = account.prepare("SELECT arn FROM policies WHERE arn LIKE '%alpha-canary-%'").unwrap();
        query.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    }
}

/// Somebody in the channel.
pub fn sender(person: Person) -> Sender {
    Sender {
        person,
        channel: ChannelId::new("C1"),
        thread: None,
        response_url: Some("https://hooks.slack.com/commands/T1/1/a".to_owned()),
        direct: false,
    }
}

impl Process {
    /// Asks for an analysis, and gives the job.
    pub async fn analyze(&self, role: &str) -> JobId {
        let line = format!("analyze {role}");
        let key = ReceiptKey::new(format!("command:{role}"));
        let answer = self.engine.command(sender(riley()), &line, key).await.unwrap();
        let query = JobQuery { limit: 50, ..JobQuery::default() };
        let jobs = self.store.jobs(&query).await.unwrap().jobs;
        let job = jobs.into_iter().find(|job| job.role.name == role);
        job.unwrap_or_else(|| panic!("{role}: {}", answer.text)).id
    }

    pub async fn job(&self, id: &JobId) -> Job {
        self.store.job(id).await.unwrap().unwrap()
    }

    pub async fn case(&self, id: &JobId) -> Case {
        self.store.case(id, 1).await.unwrap().unwrap()
    }

    pub async fn store_history(&self, id: &JobId) -> Vec<Entry> {
        self.store.history(id).await.unwrap()
    }

    /// What the buttons of the job's card carry.
    pub async fn subject(&self, id: &JobId) -> Subject {
        Subject::of(&self.job(id).await)
    }

    /// Somebody wants something of a job, now.
    pub async fn wants(&self, who: &Person, wish: Wish<'_>, id: &JobId, at: Timestamp) -> Outcome {
        let subject = self.subject(id).await;
        self.engine.grant(&Speaker::Slack(who.clone()), wish, &subject, at).await.unwrap()
    }

    /// A button is pressed, which is stored for the workers.
    pub async fn click(&self, who: &Person, button: Button, id: &JobId, at: Timestamp, key: &str) {
        let subject = self.subject(id).await;
        let said = Said::Click { button, subject, trigger: None };
        let receipt = Receipt { key: ReceiptKey::new(key), at, from: sender(who.clone()), said };
        self.engine.receive(receipt).await.unwrap();
    }

    /// Drives a job by steps, letting time pass, until a person is asked or it has ended.
    pub async fn drive(&self, house: &House, id: &JobId) -> State {
        for _ in 0..200 {
            match self.engine.step(id).await.unwrap() {
                Step::Done | Step::Decision(_) => return self.job(id).await.state,
                Step::Until(then) => house.pass_until(then).await,
            }
        }
        panic!("the job never rests: {:?}", self.job(id).await.state);
    }

    /// The same, until it is in a state of this name.
    pub async fn drive_until(&self, house: &House, id: &JobId, is_there: impl Fn(&State) -> bool) {
        for _ in 0..200 {
            if is_there(&self.job(id).await.state) {
                return;
            }
            if let Step::Until(then) = self.engine.step(id).await.unwrap() {
                house.pass_until(then).await;
            }
        }
        panic!("the job never gets there: {:?}", self.job(id).await.state);
    }

    /// Drives a job to the decision, has it approved, and drives it on to its end.
    pub async fn drive_approved(&self, house: &House, id: &JobId) -> State {
        let asked = self.drive(house, id).await;
        assert!(matches!(asked, State::AwaitingDecision { .. }), "{asked:?}");
        let outcome = self.wants(&ana(), Wish::Approve, id, house.now()).await;
        assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
        self.drive(house, id).await
    }

    /// Takes a step in which this process dies, after the world changed and before that is stored.
    pub async fn dies_in_a_step(&self, id: &JobId) {
        self.store.order(Trouble::DiesBefore);
        let step = self.step_on_the_side(id);
        self.store.hangs.notified().await;
        step.abort();
        assert!(step.await.is_err_and(|error| error.is_cancelled()));
    }

    /// Takes a step that stops where it would be stored, until it is told to thaw.
    pub async fn freezes_in_a_step(&self, id: &JobId) -> (JoinHandle<()>, Arc<Notify>) {
        let thaw = Arc::new(Notify::new());
        self.store.order(Trouble::Freezes(Arc::clone(&thaw)));
        let step = self.step_on_the_side(id);
        self.store.hangs.notified().await;
        (step, thaw)
    }

    fn step_on_the_side(&self, id: &JobId) -> JoinHandle<()> {
        let (engine, id) = (Arc::clone(&self.engine), id.clone());
        tokio::spawn(async move {
            engine.step(&id).await.unwrap();
        })
    }

    /// The rows of a job that post a message, by its slot.
    pub async fn posts(&self, id: &JobId) -> Vec<Slot> {
        let slot = |row: Row| match row.act {
            Act::Post(slot) => Some(slot),
            Act::Update(_) | Act::React(_) | Act::Reply(_) | Act::Open { .. } => None,
        };
        self.store.rows(id).await.unwrap().into_iter().filter_map(slot).collect()
    }

    /// Everybody hears once of each end that a job came to, and its history is whole.
    pub async fn is_told_and_written_down(&self, id: &JobId) {
        let job = self.job(id).await;
        assert!(!job.is_open(), "{:?}", job.state);
        let posts = self.posts(id).await;
        if job.case.is_none() && posts.is_empty() {
            // Refused before there was a thread: the requester alone has been answered.
            let rows = self.store.rows(id).await.unwrap();
            assert!(matches!(rows.as_slice(), [row] if matches!(row.act, Act::Reply(_))), "{rows:?}");
            return self.is_written_down(&job).await;
        }
        for epoch in 0..=job.epoch {
            for slot in [Slot::Outcome(epoch), Slot::Announcement(epoch)] {
                let times = posts.iter().filter(|posted| **posted == slot).count();
                let concerns_nobody_else = job.case.is_none() && matches!(job.state, State::Failed { .. });
                let is_heard = matches!(slot, Slot::Outcome(_)) || !concerns_nobody_else;
                assert_eq!(times, usize::from(is_heard), "{} in {posts:?}", slot.name());
            }
        }
        let ends = posts.iter().filter(|slot| matches!(slot, Slot::Outcome(_))).count();
        assert_eq!(ends, job.epoch as usize + 1, "{posts:?}");
        self.is_written_down(&job).await;
    }

    /// A job's history is whole, and ends where the job is.
    async fn is_written_down(&self, job: &Job) {
        let history = self.store_history(&job.id).await;
        assert_eq!(alpha::domain::audit::first_broken(&history), None);
        let last = history.last().unwrap();
        assert_eq!(job.head, Some((last.number, last.hash.clone())));
        assert_eq!(last.state, job.state.word());
    }
}

/// Whether a role stands as it should: the same policies in canonical form, attachments and boundary.
pub fn assert_stands(found: &Snapshot, expected: &Snapshot) {
    assert_eq!(found.policy_names(), expected.policy_names());
    for (name, document) in &expected.inline {
        assert_eq!(found.inline[name].canonical_bytes(), document.canonical_bytes(), "{name}");
    }
    let versions = |snapshot: &Snapshot| -> Vec<_> {
        snapshot.attached.values().map(|policy| (policy.arn.clone(), policy.version.clone())).collect()
    };
    assert_eq!(versions(found), versions(expected));
    let boundary = |snapshot: &Snapshot| snapshot.boundary.as_ref().map(|policy| policy.arn.clone());
    assert_eq!(boundary(found), boundary(expected));
    assert_eq!(found.digest(), expected.digest());
}
