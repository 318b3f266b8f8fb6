//! A role of an AWS account: how it stands, and what may be written to it.
//!
//! A [`Snapshot`] is everything about a role that a change could touch or that a decision was based on. Two snapshots
//! are the same if their digests are; a [`Write`] leads from one snapshot to the next without asking anybody, so that
//! what a role should look like between any two writes is known before the first.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::ids::{AccountId, Digest};
use crate::iam::arn::Arn;
use crate::iam::document::Document;

/// Which role.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoleRef {
    /// Whose.
    pub account: AccountId,
    /// Its name, without the path, as it was asked for.
    pub name: String,
}

impl RoleRef {
    /// The role that an ARN names, whatever its path; none where a text is no ARN of a role.
    pub fn of_arn(text: &str) -> Option<Self> {
        let arn = Arn::parse(text).filter(|arn| arn.service == "iam" && !arn.account.is_empty())?;
        let name = arn.resource.strip_prefix("role/")?.rsplit('/').next().filter(|name| !name.is_empty())?;
        Some(Self { account: AccountId::new(arn.account), name: name.to_owned() })
    }

    /// By which two ways of writing are known to mean one role: IAM's names are unique without regard to case.
    pub fn key(&self) -> String {
        format!("{}/{}", self.account, self.name.to_ascii_lowercase())
    }
}

/// How a role stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Its ARN, with the path.
    pub arn: String,
    /// The identifier that a role of the same name, made anew, wouldn't have.
    pub role_id: String,
    /// Its path, `/` at least.
    pub path: String,
    /// Who may assume it.
    pub trust: Document,
    /// Inline policies by name.
    pub inline: BTreeMap<String, Document>,
    /// Attached managed policies by ARN.
    pub attached: BTreeMap<String, ManagedPolicy>,
    /// The permissions boundary.
    pub boundary: Option<ManagedPolicy>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// When and where it was last used, as far as IAM tells. It says how the role is used, and not how it stands.
    pub last_used: Option<LastUsed>,
}

/// A role's last use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastUsed {
    /// When.
    pub at: Timestamp,
    /// In which Region.
    pub region: String,
}

/// A managed policy as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct ManagedPolicy {
    /// Its ARN.
    pub arn: String,
    /// The default version, such as `v3`.
    pub version: String,
    /// What that version says.
    pub document: Document,
}

/// One change, which repeated changes nothing more.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// Make a managed policy of this account; attached to nothing yet.
    CreatePolicy(ManagedPolicy),
    /// Delete a managed policy that this job made.
    DeletePolicy {
        /// Which.
        arn: String,
    },
    /// Make a managed policy the role's boundary, in place of any other.
    PutBoundary(ManagedPolicy),
    /// Take the boundary away.
    RemoveBoundary,
    /// Write an inline policy, over one of the same name.
    PutInline {
        /// Its name.
        name: String,
        /// What it says.
        document: Document,
    },
    /// Delete an inline policy.
    DeleteInline {
        /// Its name.
        name: String,
    },
    /// Attach a managed policy.
    Attach(ManagedPolicy),
    /// Detach a managed policy; it stays as it is.
    Detach {
        /// Which.
        arn: String,
    },
}

impl Write {
    /// What it writes, where it writes a policy.
    pub fn document(&self) -> Option<&Document> {
        match self {
            Self::CreatePolicy(policy) | Self::PutBoundary(policy) | Self::Attach(policy) => {
                Some(&policy.document)
            }
            Self::PutInline { document, .. } => Some(document),
            Self::DeletePolicy { .. }
            | Self::RemoveBoundary
            | Self::DeleteInline { .. }
            | Self::Detach { .. } => None,
        }
    }

    /// What it does, in a few words, for the log, the history and whoever has to finish by hand.
    pub fn describe(&self) -> String {
        match self {
            Self::CreatePolicy(policy) => format!("create managed policy {}", policy.arn),
            Self::DeletePolicy { arn } => format!("delete managed policy {arn}"),
            Self::PutBoundary(policy) => format!("set the permissions boundary to {}", policy.arn),
            Self::RemoveBoundary => "remove the permissions boundary".to_owned(),
            Self::PutInline { name, .. } => format!("write inline policy {name}"),
            Self::DeleteInline { name } => format!("delete inline policy {name}"),
            Self::Attach(policy) => format!("attach {}", policy.arn),
            Self::Detach { arn } => format!("detach {arn}"),
        }
    }
}

impl Snapshot {
    /// All policies that grant to the role, inline first.
    pub fn policies(&self) -> Vec<Document> {
        let attached = self.attached.values().map(|policy| policy.document.clone());
        self.inline.values().cloned().chain(attached).collect()
    }

    /// What limits the role.
    pub fn boundaries(&self) -> Vec<Document> {
        self.boundary.iter().map(|policy| policy.document.clone()).collect()
    }

    /// How the role stands after a write. Making and deleting managed policies changes nothing of the role.
    #[must_use]
    pub fn after(&self, write: &Write) -> Self {
        let mut next = self.clone();
        next.take(write);
        next
    }

    /// Takes a write in, as [`after`](Self::after) tells it.
    pub fn take(&mut self, write: &Write) {
        match write {
            Write::CreatePolicy(_) | Write::DeletePolicy { .. } => {}
            Write::PutBoundary(policy) => self.boundary = Some(policy.clone()),
            Write::RemoveBoundary => self.boundary = None,
            Write::PutInline { name, document } => {
                self.inline.insert(name.clone(), document.clone());
            }
            Write::DeleteInline { name } => {
                self.inline.remove(name);
            }
            Write::Attach(policy) => {
                self.attached.insert(policy.arn.clone(), policy.clone());
            }
            Write::Detach { arn } => {
                self.attached.remove(arn);
            }
        }
    }

    /// Whether two sights of the role are of the same standing, as their digests tell it. Nearly always they are the
    /// same to the letter, which takes no canonical form to see.
    pub fn stands_like(&self, other: &Self) -> bool {
        let Self { arn, role_id, path: _, trust, inline, attached, boundary, tags: _, last_used: _ } = self;
        let to_the_letter = *arn == other.arn
            && *role_id == other.role_id
            && *trust == other.trust
            && *inline == other.inline
            && *attached == other.attached
            && *boundary == other.boundary;
        to_the_letter || self.digest() == other.digest()
    }

    /// By which two sights of the role are known to be of the same standing: identity, trust, boundary and policies, in
    /// canonical form. Tags are left out: they say who may decide, and are looked at then.
    pub fn digest(&self) -> Digest {
        let mut hash = Hasher::new("alpha snapshot 1");
        hash.add(&self.arn);
        hash.add(&self.role_id);
        hash.add_bytes(&self.trust.canonical_bytes());
        hash.count(self.inline.len());
        for (name, document) in &self.inline {
            hash.add(name);
            hash.add_bytes(&document.canonical_bytes());
        }
        hash.count(self.attached.len());
        self.attached.values().for_each(|policy| hash.policy(policy));
        hash.count(usize::from(self.boundary.is_some()));
        self.boundary.iter().for_each(|policy| hash.policy(policy));
        hash.finish()
    }

    /// How many characters the inline policies have together, as IAM counts them.
    pub fn inline_size(&self) -> usize {
        self.inline.values().map(Document::size).sum()
    }

    /// The names of what grants, for people.
    pub fn policy_names(&self) -> BTreeSet<String> {
        self.inline.keys().cloned().chain(self.attached.keys().cloned()).collect()
    }
}

/// Hashes fields in order, each with its length, so that no two lists of fields are confused.
#[derive(Debug)]
pub struct Hasher(Sha256);

impl Hasher {
    /// For one purpose, named so that hashes for different purposes never agree.
    pub fn new(purpose: &str) -> Self {
        let mut hasher = Self(Sha256::new());
        hasher.add(purpose);
        hasher
    }

    /// Adds a field.
    pub fn add(&mut self, field: &str) {
        self.add_bytes(field.as_bytes());
    }

    /// Adds a field of bytes.
    pub fn add_bytes(&mut self, field: &[u8]) {
        self.count(field.len());
        self.0.update(field);
    }

    /// Adds a number.
    pub fn count(&mut self, number: usize) {
        self.0.update(u64::try_from(number).unwrap_or(u64::MAX).to_be_bytes());
    }

    fn policy(&mut self, policy: &ManagedPolicy) {
        self.add(&policy.arn);
        self.add(&policy.version);
        self.add_bytes(&policy.document.canonical_bytes());
    }

    /// The hash, in hexadecimal.
    pub fn finish(self) -> Digest {
        Digest::new(hex::encode(self.0.finalize()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples::{allow, document, snapshot};

    #[test]
    fn an_arn_names_a_role_whatever_its_path() {
        let role = |text: &str| RoleRef::of_arn(text).map(|role| role.key());
        for arn in ["arn:aws:iam::111122223333:role/Web", "arn:aws-cn:iam::111122223333:role/a/b/Web"] {
            assert_eq!(role(arn).as_deref(), Some("111122223333/web"), "{arn}");
        }
        for text in
            ["Web", "arn:aws:iam::111122223333:role/", "arn:aws:iam:::role/Web", "arn:aws:s3:::role/Web"]
        {
            assert_eq!(role(text), None, "{text}");
        }
    }

    #[test]
    fn two_sights_are_of_one_standing_where_their_digests_are_the_same_however_the_policies_are_written() {
        let role = snapshot();
        let changed = |change: fn(&mut Snapshot)| {
            let mut other = role.clone();
            change(&mut other);
            other
        };
        for (other, same) in [
            (role.clone(), true),
            (changed(|other| other.tags.clear()), true),
            (
                changed(|other| {
                    let spelt = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["S3:*","s3:GetObject"],"Resource":["*"]}]}"#;
                    other.inline.insert("files".to_owned(), document(spelt));
                }),
                true,
            ),
            (changed(|other| other.role_id.push('X')), false),
            (changed(|other| other.trust = allow(&["sts:AssumeRole"])), false),
            (changed(|other| other.take(&Write::DeleteInline { name: "files".to_owned() })), false),
            (changed(|other| other.boundary = other.attached.values().next().cloned()), false),
            (changed(|other| other.attached.values_mut().for_each(|policy| policy.version.push('1'))), false),
        ] {
            assert_eq!(role.stands_like(&other), same, "{other:?}");
            assert_eq!(role.digest() == other.digest(), same, "{other:?}");
        }
    }
}
