//! An account that is configured, a role in it, its records, and somebody who collects evidence of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use alpha::aws::accounts::Accounts;
use alpha::aws::evidence::{AwsEvidence, Limits};
use alpha::domain::accounts::{Account, Accounts as Configured, Trail};
use alpha::domain::errand::Errand;
use alpha::domain::ids::{AccountId, JobId};
use alpha::domain::role::Snapshot;
use alpha::iam::catalogue::{ActionId, Catalogue};
use alpha::iam::document::Document;
use alpha::iam::evidence::Standing;
use alpha::local::clock::SystemClock;
use alpha::local::store::SqliteStore;
use alpha::ports::{AccountError, Evidence as _, Gathered, Progress, Window};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::emulator::sdk;

pub const ACCOUNT: &str = "111122223333";
pub const ROLE: &str = "arn:aws:iam::111122223333:role/app/web";
pub const TRAIL: &str = "arn:aws:cloudtrail:us-east-1:111122223333:trail/all";
pub const EVIDENCE_ROLE: &str = "arn:aws:iam::111122223333:role/alpha-evidence";

pub struct Scene {
    folder: tempfile::TempDir,
    url: String,
    pub account: Account,
    pub limits: Limits,
    /// How long a call may take that is tried once, where not as usual.
    pub attempt: Option<Duration>,
}

/// What the sources said, in order.
#[derive(Debug, Default)]
pub struct Said(Mutex<Vec<String>>);

impl Progress for Said {
    fn tell(&self, source: &str, how: String) {
        self.0.lock().unwrap().push(format!("{source}: {how}"));
    }
}

impl Said {
    pub fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Scene {
    /// With nothing configured but the Regions: each test adds what it is about.
    pub fn new(url: &str) -> Self {
        let limit = Duration::from_secs(20);
        Self {
            folder: tempfile::tempdir().unwrap(),
            url: url.to_owned(),
            attempt: None,
            account: Account {
                regions: vec!["us-east-1".to_owned(), "eu-west-1".to_owned()],
                ..Account::default()
            },
            limits: Limits {
                lookup: limit,
                files: limit,
                accessed: limit,
                generation: limit,
                unused: limit,
                events: 2_000,
                pace: Duration::from_millis(1),
                pause: Duration::from_millis(20),
            },
        }
    }

    /// With a trail and a role to read it by.
    pub fn with_trail(mut self) -> Self {
        self.account.trail.arns = vec![TRAIL.to_owned()];
        self.account.trail.evidence_role = Some(EVIDENCE_ROLE.to_owned());
        self
    }

    /// With a bucket of log files.
    pub fn with_bucket(mut self, bucket: &str) -> Self {
        let trail = &self.account.trail;
        self.account.trail =
            Trail { bucket: Some(bucket.to_owned()), prefix: "logs".to_owned(), ..trail.clone() };
        self
    }

    /// A process: adapters over the one store.
    pub async fn start(&self) -> AwsEvidence {
        let home = AccountId::new(ACCOUNT);
        let configured =
            Configured { home: home.clone(), all: BTreeMap::from([(home, self.account.clone())]) };
        let mut config = sdk(&self.url).await;
        if let Some(attempt) = self.attempt {
            let timeout = TimeoutConfig::builder().operation_attempt_timeout(attempt).build();
            config =
                config.into_builder().timeout_config(timeout).retry_config(RetryConfig::disabled()).build();
        }
        let accounts = Arc::new(Accounts::new(config, configured));
        let store = SqliteStore::open(&self.folder.path().join("alpha.db")).unwrap();
        AwsEvidence::new(accounts, Arc::new(store), Arc::new(SystemClock), self.limits.clone())
    }

    pub async fn collect(&self) -> Result<Gathered, AccountError> {
        self.start().await.collect(&errand(1), &role(), window(), &()).await
    }

    /// What is collected; no error.
    pub async fn gathered(&self) -> Gathered {
        self.collect().await.unwrap()
    }
}

pub fn errand(number: u32) -> Errand {
    Errand { job: JobId::new(format!("j-{number:016x}")), actor: "ana".to_owned() }
}

pub fn role() -> Snapshot {
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["iam:*","s3:*","sqs:*","ec2:*"],"Resource":"*"}}"#;
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
    Snapshot {
        last_used: None,
        arn: ROLE.to_owned(),
        role_id: "AROAEXAMPLE".to_owned(),
        path: "/app/".to_owned(),
        trust: Document::parse(trust.as_bytes()).unwrap(),
        inline: BTreeMap::from([("all".to_owned(), Document::parse(policy.as_bytes()).unwrap())]),
        attached: BTreeMap::new(),
        boundary: None,
        tags: BTreeMap::new(),
    }
}

/// Three days, of which the last isn't over.
pub fn window() -> Window {
    Window { since: at("2026-11-25T00:00:00Z"), until: at("2026-11-27T12:00:00Z") }
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn standing(gathered: &Gathered, action: &str) -> Standing {
    gathered.used.standing(id(action))
}

pub fn id(action: &str) -> ActionId {
    Catalogue::embedded().find(action).unwrap()
}

/// Whether some gap says all of this.
pub fn tells(gaps: &[String], parts: &[&str]) -> bool {
    gaps.iter().any(|gap| parts.iter().all(|part| gap.contains(part)))
}

/// A record of CloudTrail: that the role called something.
pub fn record(number: usize, event: &str) -> Value {
    record_of("web", number, event)
}

/// The same, of any role.
pub fn record_of(role: &str, number: usize, event: &str) -> Value {
    let (source, name) = event.split_once(':').unwrap();
    json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": "AROAEXAMPLE:i-1",
            "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/i-1"),
            "accountId": ACCOUNT,
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": format!("arn:aws:iam::{ACCOUNT}:role/app/{role}")}},
        },
        "eventTime": format!("2026-11-26T10:{:02}:{:02}Z", number / 60 % 60, number % 60),
        "eventSource": format!("{source}.amazonaws.com"),
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "192.0.2.1",
        "requestParameters": {"bucketName": "files", "key": "a", "roleName": "r"},
        "eventID": format!("0f3a9c1e-6b2d-4c55-8d6e-{number:012x}"),
        "eventType": "AwsApiCall",
        "eventCategory": if name.ends_with("Object") { "Data" } else { "Management" },
        "managementEvent": !name.ends_with("Object"),
        "recipientAccountId": ACCOUNT,
    })
}
