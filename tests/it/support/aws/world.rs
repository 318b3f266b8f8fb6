//! Fills an account of the emulator: roles, policies, a past.
//!
//! Each world is an account of its own number, so that tests share one emulator and don't meet; names of buckets are
//! unique in all of AWS, and so begin with that number.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use alpha::domain::errand::Errand;
use alpha::domain::ids::{AccountId, JobId};
use alpha::domain::role::{ManagedPolicy, RoleRef, Snapshot};
use alpha::iam::arn::Arn;
use alpha::iam::document::Document;
use alpha::local::account::SimulatedAccount;
use alpha::local::clock::ManualClock;
use alpha::ports::{Clock as _, Roles as _};
use aws_sdk_iam::types::Tag;
use aws_types::SdkConfig;
use jiff::{Span, Timestamp};

use super::front::Front;
use super::passage::Aws;

/// The tag that puts a role in ALPHA's reach, as the templates have it by default.
pub const IN_SCOPE: (&str, &str) = ("alpha-scope", "narrow");

/// An account.
#[derive(Debug)]
pub struct World {
    pub account: String,
    pub region: String,
    pub aws: Arc<Aws>,
    /// The operator's, through the front.
    pub sdk: SdkConfig,
    pub iam: aws_sdk_iam::Client,
}

/// A role to be made.
#[derive(Debug, Clone, Default)]
pub struct RoleSpec<'a> {
    pub name: &'a str,
    /// `/` where it is empty.
    pub path: &'a str,
    /// ECS's where there is none.
    pub trust: Option<&'a str>,
    /// Names and documents.
    pub inline: &'a [(&'a str, &'a str)],
    /// ARNs.
    pub attached: &'a [&'a str],
    pub boundary: Option<&'a str>,
    pub tags: &'a [(&'a str, &'a str)],
}

/// A trust policy for a service.
pub fn trusting(service: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"{service}"}},"Action":"sts:AssumeRole"}}]}}"#
    )
}

impl World {
    /// An empty account, whose main Region is `us-east-1`.
    pub async fn new(front: &Front) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(200_000_000_001);
        Self::of(front, &NEXT.fetch_add(1, Ordering::Relaxed).to_string()).await
    }

    async fn of(front: &Front, account: &str) -> Self {
        let region = "us-east-1";
        let sdk = front.operator(account, region).await;
        Self {
            account: account.to_owned(),
            region: region.to_owned(),
            aws: Arc::clone(&front.aws),
            iam: aws_sdk_iam::Client::new(&sdk),
            sdk,
        }
    }

    /// Makes a role, and gives its ARN.
    pub async fn role(&self, spec: &RoleSpec<'_>) -> String {
        let trust = spec.trust.map_or_else(|| trusting("ecs-tasks.amazonaws.com"), str::to_owned);
        let path = if spec.path.is_empty() { "/" } else { spec.path };
        let tags: Vec<Tag> = spec
            .tags
            .iter()
            .map(|(key, value)| Tag::builder().key(*key).value(*value).build().unwrap())
            .collect();
        let make = self.iam.create_role().role_name(spec.name).path(path).assume_role_policy_document(trust);
        let make = make.set_tags(Some(tags)).set_permissions_boundary(spec.boundary.map(str::to_owned));
        let arn = make.send().await.unwrap().role.unwrap().arn;
        for (name, document) in spec.inline {
            let put = self.iam.put_role_policy().role_name(spec.name).policy_name(*name);
            put.policy_document(*document).send().await.unwrap();
        }
        for policy in spec.attached {
            self.iam.attach_role_policy().role_name(spec.name).policy_arn(*policy).send().await.unwrap();
        }
        arn
    }

    /// Makes a managed policy whose newest version, the default, has this number; gives its ARN.
    pub async fn policy(&self, path: &str, name: &str, document: &str, version: usize) -> String {
        let make = self.iam.create_policy().path(path).policy_name(name).policy_document(document);
        let arn = make.send().await.unwrap().policy.unwrap().arn.unwrap();
        for _ in 1..version {
            let next = self.iam.create_policy_version().policy_arn(&arn).policy_document(document);
            next.set_as_default(true).send().await.unwrap();
        }
        arn
    }

    /// Roles of the simulated account, as they stand there and in ALPHA's reach, and what they did in the last days.
    pub async fn simulated(&self, names: &[&str], days: i64) {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(Timestamp::now()));
        let account = AccountId::new(&*self.account);
        let now = clock.now();
        let simulated =
            SimulatedAccount::open(folder.path().join("a"), account.clone(), SimulatedAccount::SEED, clock)
                .unwrap();
        let errand = Errand { job: JobId::new("j-0000000000000000"), actor: "world".to_owned() };
        for name in names {
            let role = RoleRef { account: account.clone(), name: (*name).to_owned() };
            let snapshot = simulated.read(&errand, &role).await.unwrap();
            let id = self.copy(&snapshot, name).await;
            for back in 0..=days {
                let day = now.to_zoned(jiff::tz::TimeZone::UTC).date().saturating_sub(Span::new().days(back));
                let records = simulated.records(&role, day).await.unwrap();
                let records = records.into_iter().map(|record| record.replace(&snapshot.role_id, &id));
                self.aws.events.add(&self.account, records);
            }
        }
    }

    /// Makes a role that stands as another does, and gives its id.
    async fn copy(&self, role: &Snapshot, name: &str) -> String {
        let mut attached = Vec::new();
        for policy in role.attached.values() {
            attached.push(self.managed(policy).await);
        }
        let boundary = match &role.boundary {
            Some(policy) => Some(self.managed(policy).await),
            None => None,
        };
        let inline: Vec<(String, String)> =
            role.inline.iter().map(|(name, document)| (name.clone(), document.to_string_compact())).collect();
        let mut tags: BTreeMap<&str, &str> =
            role.tags.iter().map(|(key, value)| (&**key, &**value)).collect();
        tags.insert(IN_SCOPE.0, IN_SCOPE.1);
        let spec = RoleSpec {
            name,
            path: &role.path,
            trust: Some(&role.trust.to_string_compact()),
            inline: &inline.iter().map(|(name, text)| (&**name, &**text)).collect::<Vec<_>>(),
            attached: &attached.iter().map(String::as_str).collect::<Vec<_>>(),
            boundary: boundary.as_deref(),
            tags: &tags.into_iter().collect::<Vec<_>>(),
        };
        self.role(&spec).await;
        let made = self.iam.get_role().role_name(name).send().await.unwrap();
        made.role.unwrap().role_id
    }

    /// A managed policy of another account's snapshot, made here where it isn't AWS's or here already.
    async fn managed(&self, policy: &ManagedPolicy) -> String {
        let arn = Arn::parse(&policy.arn).unwrap();
        let known = self.iam.get_policy().policy_arn(&policy.arn).send().await;
        if arn.account == "aws" || known.is_ok() {
            return policy.arn.clone();
        }
        let (path, name) = arn.resource.strip_prefix("policy").unwrap().rsplit_once('/').unwrap();
        let version = policy.version.trim_start_matches('v').parse().unwrap();
        self.policy(&format!("{path}/"), name, &policy.document.to_string_compact(), version).await
    }

    /// Makes so many roles `crowd-0`, `crowd-1`, ... at once.
    pub async fn crowd(&self, count: usize) {
        self.aws.moto.crowd(&self.account, count).await;
    }

    /// Takes an action from a managed policy, as if its line were not in the template; gives the old text.
    pub async fn strike(&self, policy: &str, action: &str) -> String {
        let old = self.document(policy).await;
        self.rewrite(policy, &without(&old, action)).await;
        old
    }

    /// What the default version of a managed policy says.
    pub async fn document(&self, policy: &str) -> String {
        let found = self.iam.get_policy().policy_arn(policy).send().await.unwrap().policy.unwrap();
        let version = found.default_version_id.unwrap();
        let found =
            self.iam.get_policy_version().policy_arn(policy).version_id(version).send().await.unwrap();
        let text = found.policy_version.unwrap().document.unwrap();
        percent_encoding::percent_decode_str(&text).decode_utf8().unwrap().into_owned()
    }

    /// Has a managed policy say something else.
    pub async fn rewrite(&self, policy: &str, document: &str) {
        let versions = self.iam.list_policy_versions().policy_arn(policy).send().await.unwrap();
        for old in versions.versions.unwrap_or_default().iter().filter(|own| !own.is_default_version) {
            let id = old.version_id.as_ref().unwrap();
            self.iam.delete_policy_version().policy_arn(policy).version_id(id).send().await.unwrap();
        }
        let next = self.iam.create_policy_version().policy_arn(policy).policy_document(document);
        next.set_as_default(true).send().await.unwrap();
    }

    /// A secret, new or with a new value.
    pub async fn secret(&self, name: &str, value: &str) {
        let client = aws_sdk_secretsmanager::Client::new(&self.sdk);
        if client.put_secret_value().secret_id(name).secret_string(value).send().await.is_err() {
            client.create_secret().name(name).secret_string(value).send().await.unwrap();
        }
    }
}

/// A policy without an action.
pub fn without(policy: &str, action: &str) -> String {
    let mut document = Document::parse(policy.as_bytes()).unwrap();
    let mut is_there = false;
    for patterns in document.statements.iter_mut().filter_map(|own| Some(&mut own.actions.as_mut()?.patterns))
    {
        let before = patterns.len();
        patterns.retain(|own| own != action);
        is_there |= patterns.len() < before;
    }
    assert!(is_there, "{action} isn't there");
    document.statements.retain(|own| own.actions.as_ref().is_some_and(|own| !own.patterns.is_empty()));
    document.to_string_compact()
}
