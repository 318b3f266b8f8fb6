//! What the account begins with: its roles, its managed policies, and what each role is in the habit of doing.
//!
//! The texts lie in `seed/`, a file a role. They are written for AWS's example account; where the simulated account has
//! another number, that number stands in its place.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::chance;
use crate::domain::ids::AccountId;
use crate::domain::role::{ManagedPolicy, Snapshot};
use crate::iam::document::{Document, DocumentError};

/// The account that the texts are written for.
const EXAMPLE: &str = "111122223333";

/// The roles' texts.
const ROLES: &[&str] = &[
    include_str!("seed/admin-everything.json"),
    include_str!("seed/alpha.json"),
    include_str!("seed/backup.json"),
    include_str!("seed/bounded.json"),
    include_str!("seed/ci-deployer.json"),
    include_str!("seed/data-pipeline.json"),
    include_str!("seed/identity-center.json"),
    include_str!("seed/image-resizer.json"),
    include_str!("seed/legacy-batch.json"),
    include_str!("seed/log-shipper.json"),
    include_str!("seed/managed.json"),
    include_str!("seed/monthly-report.json"),
    include_str!("seed/not-action.json"),
    include_str!("seed/pass-role.json"),
    include_str!("seed/service-linked-support.json"),
    include_str!("seed/unused.json"),
    include_str!("seed/web-app.json"),
];

/// The managed policies' text.
const POLICIES: &str = include_str!("seed/policies.json");

/// Why the seed can't be read: a mistake in this program.
#[derive(Debug, thiserror::Error)]
pub(super) enum SeedError {
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Document(#[from] DocumentError),
}

/// A role as it begins.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleSeed {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) trust: Value,
    #[serde(default)]
    pub(super) inline: BTreeMap<String, Value>,
    #[serde(default)]
    pub(super) attached: Vec<String>,
    #[serde(default)]
    pub(super) boundary: Option<String>,
    #[serde(default)]
    pub(super) caller: CallerSeed,
    /// How many calls a second the workload makes.
    #[serde(default)]
    pub(super) live: f64,
    /// What it does every day.
    pub(super) calls: Vec<CallSeed>,
    /// What it does only once it was changed; see `workload`.
    #[serde(default)]
    pub(super) rare: Vec<CallSeed>,
}

/// As whom and from where a role's sessions call.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CallerSeed {
    pub(super) session: String,
    pub(super) agent: String,
    pub(super) address: String,
}

/// A call that a role is in the habit of making.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CallSeed {
    /// The first label of the event's source, a colon, and the event's name.
    pub(super) event: String,
    /// Its parameters. In their texts `{n}` is the variant's number, `{id}` an identifier and `{of}` one of `of`.
    pub(super) parameters: Value,
    /// Whether the trail records it as a data event.
    #[serde(default)]
    pub(super) data: bool,
    /// How many variants there are. No multiple of seven, or a weekly call would never go through all of them.
    #[serde(default = "one")]
    pub(super) variants: u64,
    /// What the variants are, where they have names.
    #[serde(default)]
    pub(super) of: Vec<String>,
    /// How often on a day that it is made on.
    #[serde(default = "one")]
    pub(super) daily: u64,
    /// On which days.
    #[serde(default)]
    pub(super) every: Every,
    /// Between which hours (UTC).
    #[serde(default = "all_day")]
    pub(super) hours: [u64; 2],
    /// The error that it ends in although it is allowed.
    #[serde(default)]
    pub(super) error: Option<String>,
    /// What the error says.
    #[serde(default)]
    pub(super) message: Option<String>,
    /// How often the workload makes it, beside the role's other calls.
    #[serde(default = "one")]
    pub(super) live: u64,
}

/// On which days a call is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Every {
    #[default]
    Day,
    Workdays,
}

impl CallSeed {
    /// How many variants there are.
    pub(super) fn count(&self) -> u64 {
        if self.of.is_empty() { self.variants.max(1) } else { self.of.len() as u64 }
    }
}

/// A managed policy as it begins, its versions from `v1` on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicySeed {
    pub(super) arn: String,
    /// Which version is the default.
    #[serde(default = "one_usize")]
    pub(super) default: usize,
    pub(super) versions: Vec<Value>,
}

/// The roles of an account.
pub(super) fn roles(account: &AccountId) -> Result<Vec<RoleSeed>, SeedError> {
    ROLES.iter().map(|text| Ok(serde_json::from_str(&text.replace(EXAMPLE, account.as_str()))?)).collect()
}

/// The managed policies of an account.
pub(super) fn policies(account: &AccountId) -> Result<Vec<PolicySeed>, SeedError> {
    Ok(serde_json::from_str(&POLICIES.replace(EXAMPLE, account.as_str()))?)
}

/// A policy of the seed.
pub(super) fn document(value: &Value) -> Result<Document, SeedError> {
    Ok(Document::parse(value.to_string().as_bytes())?)
}

/// A role as it begins.
pub(super) fn snapshot(
    role: &RoleSeed,
    policies: &[PolicySeed],
    account: &AccountId,
    seed: u64,
) -> Result<Snapshot, SeedError> {
    let managed = |arn: &String| -> Result<Option<ManagedPolicy>, SeedError> {
        let Some(policy) = policies.iter().find(|policy| policy.arn == *arn) else { return Ok(None) };
        let Some(text) = policy.versions.get(policy.default - 1) else { return Ok(None) };
        let version = format!("v{}", policy.default);
        Ok(Some(ManagedPolicy { arn: arn.clone(), version, document: document(text)? }))
    };
    let attached = role.attached.iter().filter_map(|arn| managed(arn).transpose());
    let boundary = role.boundary.as_ref().map(managed).transpose()?.flatten();
    let inline = role.inline.iter().map(|(name, value)| Ok((name.clone(), document(value)?)));
    Ok(Snapshot {
        last_used: None,
        arn: role.arn(account),
        role_id: role.id(seed),
        path: role.path.clone(),
        trust: document(&role.trust)?,
        inline: inline.collect::<Result<_, SeedError>>()?,
        attached: attached
            .map(|policy| policy.map(|policy| (policy.arn.clone(), policy)))
            .collect::<Result<_, SeedError>>()?,
        boundary,
        tags: role.tags.clone(),
    })
}

impl RoleSeed {
    /// Its ARN.
    pub(super) fn arn(&self, account: &AccountId) -> String {
        format!("arn:aws:iam::{account}:role{}{}", self.path, self.name)
    }

    /// Its unique identifier.
    pub(super) fn id(&self, seed: u64) -> String {
        chance::unique_id("AROA", &[seed, chance::of_text(&self.name)])
    }
}

fn one() -> u64 {
    1
}

fn one_usize() -> usize {
    1
}

fn all_day() -> [u64; 2] {
    [0, 24]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_are_sound() {
        let account = AccountId::new("444455556666");
        for role in roles(&account).unwrap() {
            assert!(role.path.starts_with('/') && role.path.ends_with('/'), "{}", role.name);
            document(&role.trust).unwrap();
            for call in role.calls.iter().chain(&role.rare) {
                let (source, name) = call.event.split_once(':').unwrap();
                assert!(!source.is_empty() && !name.is_empty());
                assert!(
                    call.count() % 7 != 0,
                    "{}: {} has a multiple of seven variants",
                    role.name,
                    call.event
                );
                assert!(call.hours[0] < call.hours[1] && call.hours[1] <= 24);
                assert!(call.data || !call.event.starts_with("s3:GetObject"));
            }
            assert!(role.calls.is_empty() || !role.caller.session.is_empty(), "{}", role.name);
            assert!(!role.arn(&account).contains(EXAMPLE));
        }
        for policy in policies(&account).unwrap() {
            assert!(policy.versions.len() <= 5 && (1..=policy.versions.len()).contains(&policy.default));
        }
    }
}
