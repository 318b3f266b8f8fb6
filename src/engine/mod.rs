//! The engine: the only interpreter of what the domain decides.
//!
//! It loads a job, does the work that follows from its state, asks the domain what that makes of the job, and stores
//! the answer on condition that nobody was faster. Recovery is the same loop: whatever a crash interrupted is due, and
//! is done again, which is harmless. No decision is made here.

mod answers;
mod asking;
mod cases;
mod courtesy;
mod desk;
mod drive;
mod inbox;
mod listing;
mod places;
mod rights;
mod run;
mod sight;
mod step;
mod work;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::domain::directory::Directory;
use crate::domain::ids::{AccountId, JobId};
use crate::domain::job::Job;
use crate::domain::role::Snapshot;
use crate::domain::rollout::Watch;
use crate::domain::scope::Scope;
use crate::ports::{
    Census, Checks, Claim, Clock, Evidence, Gathered, Health, People, Reasoner, Roles, Store, StoreError,
};

pub use answers::refused;
pub use desk::Answer;
pub use rights::{Outcome, Speaker};
pub use step::Step;

/// The world, as far as the engine touches it.
#[derive(Debug, Clone)]
pub struct World {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// What roles used.
    pub evidence: Arc<dyn Evidence>,
    /// Roles themselves.
    pub roles: Arc<dyn Roles>,
    /// How they fare.
    pub health: Arc<dyn Health>,
    /// What others think of a proposal.
    pub checks: Arc<dyn Checks>,
    /// Advice in words.
    pub reasoner: Arc<dyn Reasoner>,
    /// Who people are.
    pub people: Arc<dyn People>,
    /// Who may do what; none where there is no approvers file.
    pub directory: DirectorySource,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// Where the directory is read from, each time that it is needed.
#[derive(Clone)]
pub struct DirectorySource(pub Arc<dyn Fn() -> Option<Arc<Directory>> + Send + Sync>);

impl DirectorySource {
    /// No directory: anybody may ask, nobody may decide.
    pub fn none() -> Self {
        Self(Arc::new(|| None))
    }

    /// The directory as it is now.
    pub fn current(&self) -> Option<Arc<Directory>> {
        (self.0)()
    }
}

impl std::fmt::Debug for DirectorySource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DirectorySource")
    }
}

/// What an operator chose.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The account whose roles bare names mean.
    pub home: AccountId,
    /// The other accounts whose roles are narrowed.
    pub others: Vec<AccountId>,
    /// Which roles of each may be changed; all of an account that isn't here.
    pub scopes: BTreeMap<AccountId, Scope>,
    /// How stages are watched.
    pub watch: Watch,
    /// Which guardrails apply where a request names none.
    pub guardrails: String,
    /// Who this process is, and how long what it claims stays claimed.
    pub claim: Claim,
    /// How many jobs are worked on at a time.
    pub parallel: usize,
    /// How long a request to an account may take.
    pub timeout: Duration,
}

/// The engine.
#[derive(Debug)]
pub struct Engine {
    world: World,
    settings: Settings,
    /// Rung when a job may be due.
    due: Notify,
    /// Rung when something was received.
    received: Notify,
    /// Rung when there may be something to tell.
    told: Arc<Notify>,
    /// What was gathered for jobs whose proposal comes next; gathered again where it isn't here.
    gathered: Mutex<HashMap<JobId, Arc<(Snapshot, Gathered)>>>,
    /// Cases that were loaded.
    cases: cases::Cases,
    /// Whether it is time to begin work.
    courtesy: courtesy::Courtesy,
    /// The jobs that are being driven.
    driving: drive::Driving,
    /// Over when this process stops, and waits for nothing that takes minutes.
    leaving: CancellationToken,
}

impl Engine {
    /// An engine in a world. `told` is rung when there may be something to tell.
    pub fn new(world: World, settings: Settings, told: Arc<Notify>) -> Self {
        Self {
            world,
            settings,
            due: Notify::new(),
            received: Notify::new(),
            told,
            gathered: Mutex::default(),
            cases: cases::Cases::default(),
            courtesy: courtesy::Courtesy::new(),
            driving: drive::Driving::default(),
            leaving: CancellationToken::new(),
        }
    }

    /// How many jobs, rows and receipts there are.
    pub async fn census(&self) -> Result<Census, StoreError> {
        self.world.store.census().await
    }

    /// Whether the store can be used.
    pub async fn ready(&self) -> Result<(), StoreError> {
        self.world.store.ready().await
    }

    /// Why a role that a job is about may not be changed as it stands, and what to do about it.
    fn out_of_scope(&self, job: &Job, role: &Snapshot) -> Option<String> {
        self.settings.scopes.get(&job.role.account)?.excludes(&role.arn, &role.tags)
    }

    fn now(&self) -> jiff::Timestamp {
        self.world.clock.now()
    }

    fn ring(&self) {
        self.due.notify_one();
        self.told.notify_one();
    }
}
