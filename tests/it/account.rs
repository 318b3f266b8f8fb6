//! The simulated account, through its ports: what an implementation for AWS has to pass too is in `contract`.

pub mod contract;
mod denials;
mod file;
mod narrowing;
mod past;
mod workload;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use alpha::domain::analysis::{Analysis, Observed, analyse};
use alpha::domain::approval::{Approved, Decision, Verdict};
use alpha::domain::errand::Errand;
use alpha::domain::ids::{AccountId, ChannelId, Digest, JobId, Person, PrincipalId, ReceiptKey};
use alpha::domain::job::{Asked, Brief, Job, Options, State};
use alpha::domain::proposal::Case;
use alpha::domain::role::{RoleRef, Snapshot};
use alpha::domain::rollout::Watch;
use alpha::iam::document::Document;
use alpha::iam::risk::RiskLevel;
use alpha::local::account::SimulatedAccount;
use alpha::local::clock::ManualClock;
use alpha::ports::{Evidence as _, Gathered, Roles as _, Window};
use jiff::Timestamp;

/// An account of its own, on a file of its own, with a clock that stands.
pub struct Scene {
    pub account: Arc<SimulatedAccount>,
    pub clock: Arc<ManualClock>,
    pub path: PathBuf,
    folder: Option<tempfile::TempDir>,
}

impl Scene {
    /// Seeded in the afternoon of a Saturday.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut scene = Self::on(&folder.path().join("account.db"));
        scene.folder = Some(folder);
        scene
    }

    pub fn on(path: &Path) -> Self {
        let clock = Arc::new(ManualClock::at(noon()));
        let account =
            SimulatedAccount::open(path, id(), SimulatedAccount::SEED, Arc::clone(&clock) as _).unwrap();
        Self { account: Arc::new(account), clock, path: path.to_owned(), folder: None }
    }

    /// Time passes in steps of the workload, and the roles work.
    pub async fn pass(&self, time: Duration) {
        let step = Duration::from_millis(250);
        self.account.work().await.unwrap();
        for _ in 0..time.as_millis() / step.as_millis() {
            self.clock.advance(step);
            self.account.work().await.unwrap();
        }
    }

    pub async fn role(&self, name: &str) -> Snapshot {
        self.account.read(&errand(), &role(name)).await.unwrap()
    }
}

pub fn noon() -> Timestamp {
    "2026-11-21T15:30:00Z".parse().unwrap()
}

pub fn id() -> AccountId {
    AccountId::new(SimulatedAccount::ACCOUNT)
}

pub fn role(name: &str) -> RoleRef {
    RoleRef { account: id(), name: name.to_owned() }
}

/// So many days before now.
pub fn days(now: Timestamp, count: i64) -> Window {
    Window { since: now.checked_sub(jiff::SignedDuration::from_hours(24 * count)).unwrap(), until: now }
}

pub fn document(text: &str) -> Document {
    Document::parse(text.as_bytes()).unwrap()
}

pub fn granting(action: &str, resource: &str) -> Document {
    document(&format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"{resource}"}}]}}"#
    ))
}

/// A job for a role.
pub fn job(name: &str, days: u32) -> Job {
    let asked = Asked {
        by: Person::new("T1", "U1"),
        channel: ChannelId::new("C1"),
        response_url: None,
        receipt: ReceiptKey::new("r"),
        options: Options { days, ..Options::default() },
    };
    Job::new(JobId::new("j-0123456789abcdef"), role(name), asked, noon())
}

/// On whose behalf the account is asked.
pub fn errand() -> Errand {
    Errand { job: JobId::new("j-0000000000000000"), actor: "ana".to_owned() }
}

/// Proof of an approval, from a job that was approved.
pub fn approved() -> Approved {
    let digest = Digest::new("d");
    let mut job = job("ci-deployer", 90);
    job.state = State::Approved;
    job.case = Some(Brief {
        revision: 1,
        digest: digest.clone(),
        severity: RiskLevel::Low,
        stages: Vec::new(),
        approvable: true,
        out_of_scope: None,
        path: "/".to_owned(),
        tags: std::collections::BTreeMap::new(),
    });
    job.decision = Some(Decision {
        verdict: Verdict::Approve,
        principal: Some(PrincipalId::new("ana")),
        person: None,
        revision: 1,
        digest,
        at: noon(),
        reason: None,
    });
    Approved::of(&job).unwrap()
}

/// What is known of a role's use in so many days before now.
pub async fn gathered(scene: &Scene, name: &str, count: u32) -> (Snapshot, Gathered) {
    let snapshot = scene.role(name).await;
    let window = days(now(scene), i64::from(count));
    let gathered = scene.account.collect(&errand(), &snapshot, window, &()).await.unwrap();
    (snapshot, gathered)
}

/// What an analysis of a role comes to now.
pub async fn analysis(scene: &Scene, name: &str, count: u32) -> Analysis {
    let (snapshot, gathered) = gathered(scene, name, count).await;
    let observed =
        Observed { snapshot: &snapshot, used: &gathered.used, calls: &gathered.calls, gaps: &gathered.gaps };
    analyse(&job(name, count), &observed, &Watch::default(), "sandbox", now(scene))
}

/// The case of a role, where there is something to decide on.
pub async fn case(scene: &Scene, name: &str) -> Case {
    match analysis(scene, name, 90).await {
        Analysis::Case(case) => *case,
        other => panic!("{name}: {other:?}"),
    }
}

pub fn now(scene: &Scene) -> Timestamp {
    alpha::ports::Clock::now(&*scene.clock)
}
