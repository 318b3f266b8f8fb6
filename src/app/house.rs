//! What every way of running shares: the store, the account, the directory, and an engine over them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use crate::config::{Account, Store as StoreChoice};
use crate::domain::ids::AccountId;
use crate::domain::rollout::Watch;
use crate::engine::{DirectorySource, Engine, Settings, World};
use crate::local::account::SimulatedAccount;
use crate::local::approvers::{Approvers, BadApprovers};
use crate::local::checks::NobodyElse;
use crate::local::clock::SystemClock;
use crate::local::reasoner::FactsReasoner;
use crate::local::store::{OpenError, SqliteStore};
use crate::ports::{Claim, Clock, People, Store};

/// How many jobs are worked on at a time.
const PARALLEL: usize = 64;
/// How long a request to an account may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Why the service can't be put together.
#[derive(Debug, thiserror::Error)]
pub enum NoHouse {
    /// What was asked for makes no sense; the exit status is 2.
    #[error("{0}")]
    Usage(String),
    /// It makes sense, and failed.
    #[error("{0:#}")]
    Failed(#[from] anyhow::Error),
}

impl From<BadApprovers> for NoHouse {
    fn from(bad: BadApprovers) -> Self {
        Self::Usage(bad.to_string())
    }
}

/// What is shared.
pub struct House {
    /// Where everything is kept.
    pub store: Arc<SqliteStore>,
    /// The account.
    pub account: Arc<SimulatedAccount>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Who may do what.
    pub directory: DirectorySource,
    /// By which name this process claims what it works on.
    pub claim: Claim,
    /// Rung when there may be something to tell.
    pub told: Arc<Notify>,
}

/// What a house is built from.
pub struct Plan<'a> {
    /// Where everything is kept.
    pub store: &'a StoreChoice,
    /// Which account.
    pub account: Account,
    /// The approvers file.
    pub approvers: Option<&'a Path>,
    /// How long a claim holds.
    pub lease: Duration,
    /// Whether what isn't there is made.
    pub makes: bool,
}

impl House {
    /// Opens what the plan names.
    pub fn open(plan: &Plan<'_>) -> Result<Self, NoHouse> {
        let StoreChoice::Sqlite(path) = plan.store;
        let Account::Simulated = plan.account;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let directory = directory(plan.approvers)?;
        let store =
            if plan.makes { SqliteStore::open(path).map_err(anyhow::Error::from)? } else { existing(path)? };
        let account = beside(path);
        if !plan.makes && !account.exists() {
            let missing = anyhow::anyhow!("{} is missing: it lies beside the store", account.display());
            return Err(missing.into());
        }
        let account = SimulatedAccount::open(
            account,
            AccountId::new(SimulatedAccount::ACCOUNT),
            SimulatedAccount::SEED,
            Arc::clone(&clock),
        )
        .map_err(anyhow::Error::from)?;
        let random =
            getrandom::u64().map_err(|error| anyhow::anyhow!("the system has no random numbers: {error}"))?;
        Ok(Self {
            store: Arc::new(store),
            account: Arc::new(account),
            clock,
            directory,
            claim: Claim { owner: format!("{}-{random:016x}", std::process::id()), lease: plan.lease },
            told: Arc::new(Notify::new()),
        })
    }

    /// The store as a port.
    pub fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store) as Arc<dyn Store>
    }

    /// An engine over all of it.
    pub fn engine(&self, people: Arc<dyn People>, watch: Watch, guardrails: String) -> Engine {
        let world = World {
            store: self.store(),
            evidence: Arc::clone(&self.account) as _,
            roles: Arc::clone(&self.account) as _,
            health: Arc::clone(&self.account) as _,
            checks: Arc::new(NobodyElse),
            reasoner: Arc::new(FactsReasoner),
            people,
            directory: self.directory.clone(),
            clock: Arc::clone(&self.clock),
        };
        let settings = Settings {
            account: self.account.account().clone(),
            watch,
            guardrails,
            claim: self.claim.clone(),
            parallel: PARALLEL,
            timeout: TIMEOUT,
        };
        Engine::new(world, settings, Arc::clone(&self.told))
    }
}

/// The store of a service, which has to be there.
pub(super) fn existing(path: &Path) -> Result<SqliteStore, NoHouse> {
    SqliteStore::open_existing(path).map_err(|error| match error {
        OpenError::Missing(_) => {
            anyhow::anyhow!("{error}; name the store of a service with --store or ALPHA_STORE").into()
        }
        error => NoHouse::from(anyhow::Error::from(error)),
    })
}

fn directory(path: Option<&Path>) -> Result<DirectorySource, NoHouse> {
    let Some(path) = path else { return Ok(DirectorySource::none()) };
    let approvers = Approvers::open(path)?;
    Ok(DirectorySource(Arc::new(move || Some(approvers.current()))))
}

/// The simulated account lies beside the store: `alpha.db` has `alpha.db.account`.
fn beside(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(".account");
    PathBuf::from(name)
}
