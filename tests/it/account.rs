//! The simulated account, through its ports: what an implementation for AWS has to pass too is in `contract`.

mod contract;
mod denials;
mod file;
mod narrowing;
mod past;
mod workload;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use alpha::domain::approval::{Approved, Decision, Verdict};
use alpha::domain::ids::{AccountId, ChannelId, Digest, JobId, Person, PrincipalId, ReceiptKey};
use alpha::domain::job::{Asked, Brief, Job, Options, State};
use alpha::domain::role::{RoleRef, Snapshot};
use alpha::iam::diff::Diff;
use alpha::iam::document::Document;
use alpha::iam::proof::{Containment, Replay, Run, contained};
use alpha::iam::proposal::{Material, Proposal, propose};
use alpha::iam::risk::{Coverage, Replayed, Risk, RiskInput, RiskLevel, assess, open_paths};
use alpha::local::account::SimulatedAccount;
use alpha::local::clock::ManualClock;
use alpha::ports::{Evidence as _, Gathered, Roles as _, Window};
use jiff::Timestamp;

/// An account of its own, on a file of its own, with a clock that stands.
pub struct Scene {
    pub account: Arc<SimulatedAccount>,
    pub clock: Arc<ManualClock>,
    pub path: PathBuf,
    _folder: Option<tempfile::TempDir>,
}

impl Scene {
    /// Seeded in the afternoon of a Saturday.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut scene = Self::on(&folder.path().join("account.db"));
        scene._folder = Some(folder);
        scene
    }

    pub fn on(path: &Path) -> Self {
        let clock = Arc::new(ManualClock::at(noon()));
        let account = SimulatedAccount::open(path, id(), SimulatedAccount::SEED, Arc::clone(&clock) as _).unwrap();
        Self { account: Arc::new(account), clock, path: path.to_owned(), _folder: None }
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
        self.account.read(&role(name)).await.unwrap()
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

/// Proof of an approval, from a job that was approved.
pub fn approved() -> Approved {
    let digest = Digest::new("d");
    let asked = Asked {
        by: Person::new("T1", "U1"),
        channel: ChannelId::new("C1"),
        response_url: None,
        receipt: ReceiptKey::new("r"),
        options: Options::default(),
    };
    let mut job = Job::new(JobId::new("j-0123456789abcdef"), role("ci-deployer"), asked, noon());
    job.state = State::Approved;
    job.case = Some(Brief {
        revision: 1,
        digest: digest.clone(),
        severity: RiskLevel::Low,
        stages: Vec::new(),
        approvable: true,
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

/// A proposal with its proofs, made as the engine makes it.
pub struct Worked {
    pub proposal: Proposal,
    pub gathered: Gathered,
    pub run: Run,
    pub containment: Containment,
    pub risk: Risk,
}

pub async fn work_out(scene: &Scene, name: &str, window: Window) -> Worked {
    let snapshot = scene.role(name).await;
    let gathered = scene.account.collect(&snapshot, window).await.unwrap();
    let present = snapshot.policies();
    let proposal = propose(&Material { present: &present, evidence: &gathered.used, removed: &[] });
    let documents = proposal.documents();
    let replay = Replay::new(Some(&present), &documents, &snapshot.boundaries());
    let mut run = Run::default();
    for (call, count) in &gathered.calls {
        (0..*count).for_each(|_| run.count(&replay, call));
    }
    let containment = contained(&documents, &present);
    let diff = Diff::between(&present, &documents);
    let seen = gathered.used.coverage();
    let data_events: Vec<String> = seen.data_services.names().cloned().collect();
    let risk = assess(&RiskInput {
        diff: &diff,
        open_before: &open_paths(&present),
        open_after: &open_paths(&documents),
        containment: Some(&containment),
        coverage: Some(Coverage {
            days: u32::try_from(seen.days.len()).unwrap(),
            data_events: &data_events,
        }),
        replay: Some(Replayed { broken: run.tally.broken, undecided: run.tally.undecided }),
        used_earlier: &[],
        sensitivity: RiskLevel::Low,
    });
    Worked { proposal, gathered, run, containment, risk }
}
