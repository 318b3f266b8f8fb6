//! What operators do at the command line, on the store of a running service, by the same functions.

use std::sync::Arc;
use std::time::Duration;

use super::house::{House, NoHouse, Plan, existing};
use crate::config::{Account, JobConfig, Store};
use crate::domain::approval::{Refusal, Wish};
use crate::domain::audit::Entry;
use crate::domain::ids::{AccountId, JobId, PrincipalId};
use crate::domain::job::Job;
use crate::domain::proposal::Case;
use crate::domain::receipt::Subject;
use crate::domain::role::RoleRef;
use crate::domain::rollout::Watch;
use crate::engine::{Engine, Outcome, Speaker};
use crate::local::account::SimulatedAccount;
use crate::local::people::Nobody;
use crate::local::store::SqliteStore;
use crate::ports::{Found, JobQuery, Store as _};

/// What a service keeps, for whoever looks.
pub struct Records {
    store: SqliteStore,
}

/// A desk at which one operator decides.
pub struct Desk {
    house: House,
    engine: Arc<Engine>,
}

/// Which jobs are listed.
#[derive(Debug, Clone, Default)]
pub struct Listed {
    /// Those of a role, by name.
    pub role: Option<String>,
    /// Those in these states.
    pub states: Vec<&'static str>,
    /// Those that are open.
    pub open: bool,
    /// At most so many.
    pub limit: usize,
}

impl Records {
    /// Opens the store, if there is one.
    pub fn open(config: &JobConfig) -> Result<Self, NoHouse> {
        let Store::Sqlite(path) = &config.store;
        Ok(Self { store: existing(path)? })
    }

    /// Jobs, the newest first.
    pub async fn jobs(&self, listed: &Listed) -> anyhow::Result<Found> {
        let account = AccountId::new(SimulatedAccount::ACCOUNT);
        let role = listed.role.clone().map(|name| RoleRef { account, name }.key());
        let query = JobQuery {
            role,
            states: listed.states.clone(),
            open: listed.open,
            limit: listed.limit,
            ..JobQuery::default()
        };
        Ok(self.store.jobs(&query).await?)
    }

    /// One job.
    pub async fn job(&self, id: &JobId) -> anyhow::Result<Option<Job>> {
        Ok(self.store.job(id).await?)
    }

    /// What a job is decided on.
    pub async fn case(&self, job: &Job) -> anyhow::Result<Option<Case>> {
        match &job.case {
            Some(brief) => Ok(self.store.case(&job.id, brief.revision).await?),
            None => Ok(None),
        }
    }

    /// What happened to a job.
    pub async fn history(&self, id: &JobId) -> anyhow::Result<Vec<Entry>> {
        Ok(self.store.history(id).await?)
    }
}

impl Desk {
    /// Opens the store and what is beside it, which have to be there; nothing is worked on from here.
    pub fn open(config: &JobConfig) -> Result<Self, NoHouse> {
        let house = House::open(&Plan {
            store: &config.store,
            account: Account::Simulated,
            approvers: config.approvers.as_deref(),
            lease: Duration::from_secs(30),
            makes: false,
        })?;
        let engine = Arc::new(house.engine(Arc::new(Nobody), Watch::default(), String::new()));
        Ok(Self { house, engine })
    }

    /// Who the directory knows, by name.
    pub fn principals(&self) -> Vec<PrincipalId> {
        let directory = self.house.directory.current();
        directory.iter().flat_map(|directory| &directory.principals).map(|one| one.id.clone()).collect()
    }

    /// Does what an operator wants of a job, if they may.
    pub async fn grant(
        &self,
        operator: &PrincipalId,
        wish: Wish<'_>,
        subject: &Subject,
    ) -> anyhow::Result<Result<Job, Refusal>> {
        let speaker = Speaker::Operator(operator.clone());
        match self.engine.grant(&speaker, wish, subject, self.house.clock.now()).await? {
            Outcome::Done(job) => Ok(Ok(*job)),
            Outcome::Refused(refusal) => Ok(Err(refusal)),
        }
    }

    /// Why something isn't done, in words.
    pub fn in_words(refusal: &Refusal) -> String {
        crate::engine::refused(refusal)
    }
}
