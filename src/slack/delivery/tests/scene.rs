//! A worker between a store in memory and a Slack on loopback, and what is put before it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::store::Memory;
use crate::domain::delivery::{Act, Posted, Reaction, Reply, Row, Slot, Status};
use crate::domain::ids::{AccountId, ChannelId, DeliveryId, JobId, Person, ReceiptKey};
use crate::domain::job::{Asked, Brief, Job, Options, State};
use crate::domain::proposal::{Case, CoverageFacts, DiffFacts, ProofFacts};
use crate::domain::role::{RoleRef, Snapshot};
use crate::iam::document::Document;
use crate::iam::risk::{Risk, RiskLevel};
use crate::ports::{Claim, Clock, Store};
use crate::slack::blocks;
use crate::slack::delivery::{Delivery, Noted, Settings};
use crate::slack::loopback::Loopback;
use crate::slack::pacing::{Limits, later};

const LEASE: Duration = Duration::from_secs(30);

/// A clock that stands still until it is moved.
#[derive(Debug, Default)]
pub(super) struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(1_790_000_000_000 + self.0.load(Ordering::Relaxed)).unwrap()
    }
}

pub(super) struct Scene {
    pub slack: Loopback,
    pub store: Arc<Memory>,
    pub clock: Arc<Hands>,
    pub noted: Arc<Mutex<BTreeMap<Noted, u32>>>,
    pub stop: CancellationToken,
    pub worker: JoinHandle<()>,
    wake: Arc<Notify>,
}

impl Scene {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// As it is started, but for what `change` does to the settings.
    pub async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::waiting(Duration::from_millis(500), change).await
    }

    /// The same, with calls that may take so long.
    pub async fn waiting(longest: Duration, change: impl FnOnce(&mut Settings)) -> Self {
        let slack = Loopback::start().await;
        let (store, clock) = (Arc::new(Memory::default()), Arc::new(Hands::default()));
        let noted = Arc::new(Mutex::new(BTreeMap::new()));
        let claim = Claim { owner: "w1".to_owned(), lease: LEASE };
        let mut settings = Settings::new(claim, blocks::Context::default());
        settings.limits = Limits::none();
        settings.grace = Duration::from_millis(200);
        change(&mut settings);
        let counted = Arc::clone(&noted);
        let count = Arc::new(move |what: Noted| *counted.lock().unwrap().entry(what).or_default() += 1);
        let delivery = Arc::new(Delivery::new(
            Arc::clone(&store) as Arc<dyn Store>,
            slack.api_that_waits(longest),
            Arc::clone(&clock) as Arc<dyn Clock>,
            settings,
            count,
        ));
        let (wake, stop) = (Arc::new(Notify::new()), CancellationToken::new());
        let worker = tokio::spawn(delivery.run(Arc::clone(&wake), stop.clone()));
        Self { slack, store, clock, noted, stop, worker, wake }
    }

    /// A job that was asked for in a channel, by U1.
    pub fn job(&self, id: &str, channel: &str) -> JobId {
        let id = JobId::new(id);
        let role = RoleRef { account: AccountId::new("123456789012"), name: "ci-deployer".to_owned() };
        let asked = Asked {
            by: Person::new("T1", "U1"),
            channel: ChannelId::new(channel),
            response_url: None,
            receipt: ReceiptKey::new(id.as_str()),
            options: Options::default(),
        };
        let job = Job::new(id.clone(), role, asked, self.clock.now());
        self.store.state().jobs.insert(id.clone(), job);
        id
    }

    /// A job is so far that its root bears this.
    pub fn comes_to(&self, job: &JobId, reaction: Reaction) {
        let state = match reaction {
            Reaction::Eyes => State::Collecting,
            Reaction::Hourglass => State::Approved,
            Reaction::Check => State::Succeeded,
            Reaction::Cross => State::Expired,
            Reaction::Rewind => State::RolledBack { why: "denied".to_owned() },
        };
        self.store.state().jobs.get_mut(job).unwrap().state = state;
    }

    /// A decision is asked for on the first revision of a job.
    pub fn asks(&self, job: &JobId) {
        self.case(job, 1);
        let expires = later(self.clock.now(), Duration::from_hours(8));
        let mut state = self.store.state();
        let case = &state.cases[&(job.clone(), 1)];
        let brief = Brief {
            revision: 1,
            digest: case.digest(),
            severity: case.risk.level,
            stages: Vec::new(),
            approvable: true,
            out_of_scope: None,
            path: case.snapshot.path.clone(),
            tags: BTreeMap::new(),
        };
        let asking = state.jobs.get_mut(job).unwrap();
        asking.state = State::AwaitingDecision { expires, remind: expires, reminders: 0 };
        asking.case = Some(brief);
    }

    pub fn case(&self, job: &JobId, revision: u32) {
        let trust = Document::parse(br#"{"Version":"2012-10-17","Statement":[]}"#).unwrap();
        let case = Case {
            job: job.clone(),
            revision,
            snapshot: Snapshot {
                last_used: None,
                arn: "arn:aws:iam::123456789012:role/ci-deployer".to_owned(),
                role_id: "AROA1".to_owned(),
                path: "/".to_owned(),
                trust,
                inline: BTreeMap::new(),
                attached: BTreeMap::new(),
                boundary: None,
                tags: BTreeMap::new(),
            },
            used: Vec::new(),
            proposed: Vec::new(),
            writes: Vec::new(),
            stages: Vec::new(),
            coverage: CoverageFacts::default(),
            proofs: ProofFacts::default(),
            changes: DiffFacts { whole: "- s3:*\n+ s3:GetObject\n".to_owned(), ..DiffFacts::default() },
            risk: Risk { level: RiskLevel::Low, reasons: Vec::new() },
            opinions: Vec::new(),
            prose: None,
            guardrails: "none".to_owned(),
            made: self.clock.now(),
        };
        self.store.state().cases.insert((job.clone(), revision), case);
    }

    /// Puts a row into the outbox and wakes the worker.
    pub fn put(&self, id: &str, job: Option<&JobId>, act: Act) {
        self.store.put(Row::new(DeliveryId::new(id), job.cloned(), act, self.clock.now()));
        self.wake.notify_one();
    }

    /// Moves the clock.
    pub fn pass(&self, seconds: i64) {
        self.pass_milliseconds(seconds * 1_000);
    }

    pub fn pass_milliseconds(&self, milliseconds: i64) {
        self.clock.0.fetch_add(milliseconds, Ordering::Relaxed);
        self.wake.notify_one();
    }

    /// Waits until nothing is under way, and nothing more can be done at this time.
    pub async fn settles(&self) {
        while self.store.state().is_busy(self.clock.now()) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// The row, once that holds of it and nobody has it in hand.
    pub async fn row(&self, id: &str, is: impl Fn(&Row) -> bool) -> Row {
        let waiting = async {
            loop {
                let settled = self.store.settled.notified();
                tokio::pin!(settled);
                settled.as_mut().enable();
                let held =
                    self.store.state().rows.iter().find(|held| held.row.id.as_str() == id).cloned().unwrap();
                if held.claim.is_none() && is(&held.row) {
                    return held.row;
                }
                settled.await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(20), waiting).await;
        waited.unwrap_or_else(|_| panic!("{id} never came there: {:?}", self.store.state().rows))
    }

    pub async fn sent(&self, id: &str) -> Row {
        self.row(id, |row| row.status == Status::Sent).await
    }

    pub async fn dead(&self, id: &str) -> String {
        match self.row(id, |row| matches!(row.status, Status::Dead(_))).await.status {
            Status::Dead(why) => why,
            other => panic!("{other:?}"),
        }
    }

    pub async fn tried(&self, id: &str, times: u32) -> Row {
        self.row(id, |row| row.attempts == times).await
    }

    pub fn posted(&self, job: &JobId, slot: &Slot) -> Option<Posted> {
        self.store.state().posted.get(job)?.iter().find(|posted| posted.slot == *slot).cloned()
    }

    pub fn noted(&self, what: Noted) -> u32 {
        self.noted.lock().unwrap().get(&what).copied().unwrap_or_default()
    }

    /// What a message of a job says now, in short.
    pub fn words(&self, job: &JobId, slot: &Slot) -> String {
        let job = self.store.state().jobs[job].clone();
        blocks::message(slot, &job, None, &blocks::Context::default()).text
    }

    /// Texts of what is said in a channel: whether in a thread, and what.
    pub fn texts(&self, channel: &str) -> Vec<(bool, String)> {
        self.slack.said(channel).into_iter().map(|said| (said.thread.is_some(), said.text)).collect()
    }
}

pub(super) fn reply(text: &str) -> Reply {
    Reply {
        to: Person::new("T1", "U1"),
        channel: ChannelId::new("C1"),
        thread: None,
        response_url: None,
        visible: false,
        text: text.to_owned(),
    }
}
