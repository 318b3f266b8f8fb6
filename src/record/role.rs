//! Roles: how they stand, and what is written to them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::policy::PolicyRecord;
use super::time::At;
use crate::domain::ids::AccountId;
use crate::domain::role::{LastUsed, ManagedPolicy, RoleRef, Snapshot, Write};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleRefRecord {
    account: String,
    name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotRecord {
    arn: String,
    role_id: String,
    path: String,
    trust: PolicyRecord,
    inline: BTreeMap<String, PolicyRecord>,
    attached: BTreeMap<String, ManagedPolicyRecord>,
    boundary: Option<ManagedPolicyRecord>,
    tags: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_used: Option<LastUsedRecord>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LastUsedRecord {
    at: At,
    region: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManagedPolicyRecord {
    arn: String,
    version: String,
    document: PolicyRecord,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum WriteRecord {
    CreatePolicy(ManagedPolicyRecord),
    DeletePolicy { arn: String },
    PutBoundary(ManagedPolicyRecord),
    RemoveBoundary,
    PutInline { name: String, document: PolicyRecord },
    DeleteInline { name: String },
    Attach(ManagedPolicyRecord),
    Detach { arn: String },
}

impl From<&RoleRef> for RoleRefRecord {
    fn from(RoleRef { account, name }: &RoleRef) -> Self {
        Self { account: account.to_string(), name: name.clone() }
    }
}

impl From<RoleRefRecord> for RoleRef {
    fn from(RoleRefRecord { account, name }: RoleRefRecord) -> Self {
        Self { account: AccountId::new(account), name }
    }
}

impl From<&Snapshot> for SnapshotRecord {
    fn from(snapshot: &Snapshot) -> Self {
        let Snapshot { arn, role_id, path, trust, inline, attached, boundary, tags, last_used } = snapshot;
        Self {
            arn: arn.clone(),
            role_id: role_id.clone(),
            path: path.clone(),
            trust: trust.into(),
            inline: inline.iter().map(|(name, document)| (name.clone(), document.into())).collect(),
            attached: attached.iter().map(|(arn, policy)| (arn.clone(), policy.into())).collect(),
            boundary: boundary.as_ref().map(ManagedPolicyRecord::from),
            tags: tags.clone(),
            last_used: last_used
                .as_ref()
                .map(|LastUsed { at, region }| LastUsedRecord { at: At(*at), region: region.clone() }),
        }
    }
}

impl From<SnapshotRecord> for Snapshot {
    fn from(record: SnapshotRecord) -> Self {
        let SnapshotRecord { arn, role_id, path, trust, inline, attached, boundary, tags, last_used } =
            record;
        Self {
            arn,
            role_id,
            path,
            trust: trust.0,
            inline: inline.into_iter().map(|(name, document)| (name, document.0)).collect(),
            attached: attached.into_iter().map(|(arn, policy)| (arn, policy.into())).collect(),
            boundary: boundary.map(Into::into),
            tags,
            last_used: last_used.map(|LastUsedRecord { at, region }| LastUsed { at: at.0, region }),
        }
    }
}

impl From<&ManagedPolicy> for ManagedPolicyRecord {
    fn from(ManagedPolicy { arn, version, document }: &ManagedPolicy) -> Self {
        Self { arn: arn.clone(), version: version.clone(), document: document.into() }
    }
}

impl From<ManagedPolicyRecord> for ManagedPolicy {
    fn from(ManagedPolicyRecord { arn, version, document }: ManagedPolicyRecord) -> Self {
        Self { arn, version, document: document.0 }
    }
}

impl From<&Write> for WriteRecord {
    fn from(write: &Write) -> Self {
        match write {
            Write::CreatePolicy(policy) => Self::CreatePolicy(policy.into()),
            Write::DeletePolicy { arn } => Self::DeletePolicy { arn: arn.clone() },
            Write::PutBoundary(policy) => Self::PutBoundary(policy.into()),
            Write::RemoveBoundary => Self::RemoveBoundary,
            Write::PutInline { name, document } => {
                Self::PutInline { name: name.clone(), document: document.into() }
            }
            Write::DeleteInline { name } => Self::DeleteInline { name: name.clone() },
            Write::Attach(policy) => Self::Attach(policy.into()),
            Write::Detach { arn } => Self::Detach { arn: arn.clone() },
        }
    }
}

impl From<WriteRecord> for Write {
    fn from(record: WriteRecord) -> Self {
        match record {
            WriteRecord::CreatePolicy(policy) => Self::CreatePolicy(policy.into()),
            WriteRecord::DeletePolicy { arn } => Self::DeletePolicy { arn },
            WriteRecord::PutBoundary(policy) => Self::PutBoundary(policy.into()),
            WriteRecord::RemoveBoundary => Self::RemoveBoundary,
            WriteRecord::PutInline { name, document } => Self::PutInline { name, document: document.0 },
            WriteRecord::DeleteInline { name } => Self::DeleteInline { name },
            WriteRecord::Attach(policy) => Self::Attach(policy.into()),
            WriteRecord::Detach { arn } => Self::Detach { arn },
        }
    }
}
