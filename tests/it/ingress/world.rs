//! A world that nobody looks at: what is received is stored and acknowledged without it.

use std::sync::Arc;
use std::time::Duration;

use alpha::domain::approval::Approved;
use alpha::domain::errand::Errand;
use alpha::domain::ids::{AccountId, Person};
use alpha::domain::proposal::{Case, Prose};
use alpha::domain::role::{RoleRef, Snapshot, Write};
use alpha::domain::rollout::Watch;
use alpha::engine::{DirectorySource, Engine, Settings, World};
use alpha::ports::{
    AccountError, Claim, Clock, Evidence, Gathered, Health, People, PeopleError, Progress, Reading, Reasoner,
    ReasonerError, Roles, Standing, Store, Window,
};
use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::Notify;

/// An engine with a store and a clock, and nothing else.
pub fn engine(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Engine {
    let nothing = Arc::new(Nothing);
    let world = World {
        store,
        evidence: nothing.clone(),
        roles: nothing.clone(),
        health: nothing.clone(),
        checks: Arc::new(alpha::local::checks::NobodyElse),
        reasoner: nothing.clone(),
        people: nothing,
        directory: DirectorySource::none(),
        clock,
    };
    let settings = Settings {
        others: Vec::new(),
        scopes: std::collections::BTreeMap::new(),
        home: AccountId::new("111122223333"),
        watch: Watch::default(),
        guardrails: "sandbox".to_owned(),
        claim: Claim { owner: "test".to_owned(), lease: Duration::from_secs(30) },
        parallel: 1,
        timeout: Duration::from_secs(5),
    };
    Engine::new(world, settings, Arc::new(Notify::new()))
}

#[derive(Debug)]
struct Nothing;

fn asked<T>() -> Result<T, AccountError> {
    Err(AccountError::Unavailable("there is no account here".to_owned()))
}

#[async_trait]
impl Evidence for Nothing {
    async fn collect(
        &self,
        _: &Errand,
        _: &Snapshot,
        _: Window,
        _: &dyn Progress,
    ) -> Result<Gathered, AccountError> {
        asked()
    }
    async fn abandon(&self, _: &Errand, _: &Snapshot) -> Result<(), AccountError> {
        asked()
    }
}

#[async_trait]
impl Roles for Nothing {
    async fn read(&self, _: &Errand, _: &RoleRef) -> Result<Snapshot, AccountError> {
        asked()
    }
    async fn write(&self, _: &Approved, _: &Errand, _: &RoleRef, _: &Write) -> Result<(), AccountError> {
        asked()
    }
}

#[async_trait]
impl Health for Nothing {
    async fn since(&self, _: &Errand, _: &Snapshot, _: Timestamp) -> Result<Reading, AccountError> {
        asked()
    }
}

#[async_trait]
impl Reasoner for Nothing {
    async fn explain(&self, _: &Case) -> Result<Prose, ReasonerError> {
        Err(ReasonerError("there is no model here".to_owned()))
    }
}

#[async_trait]
impl People for Nothing {
    async fn standing(&self, _: &Person) -> Result<Standing, PeopleError> {
        Err(PeopleError::Unknown)
    }

    async fn standing_since(&self, _: &Person, _: Timestamp) -> Result<Standing, PeopleError> {
        Err(PeopleError::Unknown)
    }

    fn standing_known(&self, _: &Person) -> Option<Standing> {
        None
    }
}
