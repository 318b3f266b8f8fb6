//! What operators do at the command line, on the store of a running service, by the same functions.

use std::sync::Arc;
use std::time::Duration;

use aws_types::SdkConfig;

use super::house::{House, NoHouse, Plan};
use super::{cloud, keeping};
use crate::config::{Account, JobConfig};
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
use crate::ports::{Found, JobQuery, Store};

/// What a service keeps, for whoever looks.
pub struct Records {
    store: Arc<dyn Store>,
    account: Account,
    own: Option<SdkConfig>,
}

/// A desk at which one operator decides.
pub struct Desk {
    house: House,
    engine: Arc<Engine>,
}

/// Which jobs are listed.
#[derive(Debug, Clone, Default)]
pub struct Listed {
    /// Those of a role, by name or ARN.
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
    pub async fn open(config: &JobConfig) -> Result<Self, NoHouse> {
        let own = cloud::own(&config.store, &config.account, None).await?;
        let store = keeping::open(&config.store, false, own.as_ref())?.store;
        Ok(Self { store, account: config.account.clone(), own })
    }

    /// The account that a role's bare name means.
    async fn home(&self) -> Result<AccountId, NoHouse> {
        match (&self.account, &self.own) {
            (Account::Aws(aws), Some(own)) => cloud::home(aws, own).await,
            _ => Ok(AccountId::new(SimulatedAccount::ACCOUNT)),
        }
    }

    /// Jobs, the newest first.
    pub async fn jobs(&self, listed: &Listed) -> anyhow::Result<Found> {
        let role = match &listed.role {
            Some(said) => Some(match RoleRef::of_arn(said) {
                Some(role) => role.key(),
                None => RoleRef { account: self.home().await?, name: said.clone() }.key(),
            }),
            None => None,
        };
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
    pub async fn open(config: &JobConfig) -> Result<Self, NoHouse> {
        let house = House::open(&Plan {
            store: &config.store,
            account: &config.account,
            credentials: None,
            approvers: config.approvers.as_deref(),
            lease: Duration::from_secs(30),
            makes: false,
        })
        .await?;
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
