//! The service's own store and engine, over the crowd, with somebody who asks and somebody who approves.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use alpha::app::approvers::check;
use alpha::domain::ids::{AccountId, ChannelId, Person, PrincipalId};
use alpha::domain::receipt::Sender;
use alpha::domain::rollout::Watch;
use alpha::engine::{DirectorySource, Engine, Settings, Speaker, World};
use alpha::local::account::SimulatedAccount;
use alpha::local::clock::SystemClock;
use alpha::local::reasoner::FactsReasoner;
use alpha::local::store::SqliteStore;
use alpha::ports::{Claim, Clock, People, PeopleError, Standing};
use anyhow::Context as _;
use async_trait::async_trait;
use tokio::sync::Notify;

use super::crowd::Crowd;

const APPROVERS: &str = r#"
    [[principal]]
    id = "asker"
    slack = ["T0ALPHA01/U0REQUEST"]
    groups = ["developers"]

    [[principal]]
    id = "approver"
    slack = ["T0ALPHA01/U0APPROVE"]
    groups = ["security"]

    [[grant]]
    group = "developers"
    verbs = ["request"]

    [[grant]]
    group = "security"
    verbs = ["request", "approve", "operate"]
    max_severity = "high"
"#;

/// The service without Slack.
pub struct House {
    /// The store.
    pub store: Arc<SqliteStore>,
    /// The engine over it.
    pub engine: Arc<Engine>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl House {
    /// With its files in this folder.
    pub async fn open(folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = Arc::new(SqliteStore::open(&folder.join("alpha.db"))?);
        let id = AccountId::new(SimulatedAccount::ACCOUNT);
        let file = folder.join("alpha.db.account");
        let account = SimulatedAccount::open(file, id, SimulatedAccount::SEED, Arc::clone(&clock))?;
        let crowd = Arc::new(Crowd::of(account, Arc::clone(&clock)).await?);
        let directory = Arc::new(check(APPROVERS).directory.context("the approvers make no sense")?);
        let world = World {
            store: Arc::clone(&store) as _,
            evidence: Arc::clone(&crowd) as _,
            roles: Arc::clone(&crowd) as _,
            health: Arc::clone(&crowd) as _,
            checks: Arc::new(alpha::local::checks::NobodyElse),
            reasoner: Arc::new(FactsReasoner),
            people: Arc::new(Everybody),
            directory: DirectorySource(Arc::new(move || Some(Arc::clone(&directory)))),
            clock: Arc::clone(&clock),
        };
        let settings = Settings {
            others: Vec::new(),
            scopes: std::collections::BTreeMap::new(),
            home: crowd.account().clone(),
            watch: Watch { soak: [Duration::ZERO; 3], min_calls: 0 },
            guardrails: "sandbox".to_owned(),
            claim: Claim { owner: format!("race-{}", std::process::id()), lease: Duration::from_secs(30) },
            parallel: 64,
            timeout: Duration::from_secs(10),
        };
        let engine = Arc::new(Engine::new(world, settings, Arc::new(Notify::new())));
        Ok(Self { store, engine, clock })
    }
}

/// Whoever asks.
pub fn asker() -> Sender {
    Sender {
        person: Person::new("T0ALPHA01", "U0REQUEST"),
        channel: ChannelId::new("C0PLATFORM"),
        thread: None,
        response_url: Some("https://hooks.slack.com/commands/T0ALPHA01/1/abcDEF".to_owned()),
        direct: false,
    }
}

/// Whoever approves.
pub fn approver() -> Speaker {
    Speaker::Operator(PrincipalId::new("approver"))
}

/// A workspace of full members.
#[derive(Debug)]
struct Everybody;

#[async_trait]
impl People for Everybody {
    async fn standing(&self, _: &Person) -> Result<Standing, PeopleError> {
        Ok(Standing::Member)
    }

    async fn standing_since(&self, _: &Person, _: jiff::Timestamp) -> Result<Standing, PeopleError> {
        Ok(Standing::Member)
    }

    fn standing_known(&self, _: &Person) -> Option<Standing> {
        Some(Standing::Member)
    }
}
