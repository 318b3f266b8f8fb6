//! What every way of running shares: the store, the account, the directory, and an engine over them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aws_types::SdkConfig;
use tokio::sync::Notify;

use super::account::Premises;
use super::cloud;
use super::keeping::{self, Kept};
use crate::config::{Account, Credentials, Store as StoreChoice};
use crate::domain::rollout::Watch;
use crate::engine::{DirectorySource, Engine, Settings, World};
use crate::local::approvers::{Approvers, BadApprovers};
use crate::local::clock::SystemClock;
use crate::ports::{Claim, Clock, People};

/// How many jobs are worked on at a time.
const PARALLEL: usize = 64;

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
    pub kept: Kept,
    /// The account.
    pub account: Premises,
    /// ALPHA's own way into AWS, where it needs one.
    pub own: Option<SdkConfig>,
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
    pub account: &'a Account,
    /// Where the secrets are; none where nobody needs any.
    pub credentials: Option<&'a Credentials>,
    /// The approvers file.
    pub approvers: Option<&'a Path>,
    /// How long a claim holds.
    pub lease: Duration,
    /// Whether what isn't there is made.
    pub makes: bool,
}

impl House {
    /// Opens what the plan names.
    pub async fn open(plan: &Plan<'_>) -> Result<Self, NoHouse> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let directory = directory(plan.approvers)?;
        let own = cloud::own(plan.store, plan.account, plan.credentials).await?;
        let kept = keeping::open(plan.store, plan.makes, own.as_ref())?;
        let account = match (plan.account, plan.store, &own) {
            (Account::Simulated(scope), StoreChoice::Sqlite(path), _) => {
                Premises::simulated(path, scope, plan.makes, &clock)?
            }
            (Account::Aws(aws), _, Some(own)) => Premises::aws(aws, own, &kept.store, &clock).await?,
            (Account::Simulated(_), StoreChoice::DynamoDb(_), _) => {
                return Err(NoHouse::Usage(
                    "a simulated account never goes with a production store".to_owned(),
                ));
            }
            (Account::Aws(_), _, None) => {
                return Err(anyhow::anyhow!("there is no way into AWS, where the roles are").into());
            }
        };
        let random =
            getrandom::u64().map_err(|error| anyhow::anyhow!("the system has no random numbers: {error}"))?;
        Ok(Self {
            kept,
            account,
            own,
            clock,
            directory,
            claim: Claim { owner: format!("{}-{random:016x}", std::process::id()), lease: plan.lease },
            told: Arc::new(Notify::new()),
        })
    }

    /// An engine over all of it.
    pub fn engine(&self, people: Arc<dyn People>, watch: Watch, guardrails: String) -> Engine {
        let account = &self.account;
        let world = World {
            store: Arc::clone(&self.kept.store),
            evidence: Arc::clone(&account.evidence),
            roles: Arc::clone(&account.roles),
            health: Arc::clone(&account.health),
            checks: Arc::clone(&account.checks),
            reasoner: Arc::clone(&account.reasoner),
            people,
            directory: self.directory.clone(),
            clock: Arc::clone(&self.clock),
        };
        let settings = Settings {
            others: account.others.clone(),
            home: account.home.clone(),
            scopes: account.scopes.clone(),
            watch,
            guardrails,
            claim: self.claim.clone(),
            parallel: PARALLEL,
            timeout: account.timeout,
        };
        Engine::new(world, settings, Arc::clone(&self.told))
    }
}

fn directory(path: Option<&Path>) -> Result<DirectorySource, NoHouse> {
    let Some(path) = path else { return Ok(DirectorySource::none()) };
    let approvers = Approvers::open(path)?;
    Ok(DirectorySource(Arc::new(move || Some(approvers.current()))))
}
