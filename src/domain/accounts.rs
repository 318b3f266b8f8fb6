//! The accounts whose roles are narrowed, as an operator configured them.

use std::collections::BTreeMap;

use super::ids::AccountId;
use super::scope::Scope;

/// All of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accounts {
    /// The one that ALPHA runs in, which a role's bare name means.
    pub home: AccountId,
    /// Each, the home account too.
    pub all: BTreeMap<AccountId, Account>,
}

/// One account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// The role to be assumed in it; none where ALPHA's own credentials are of this account.
    pub role: Option<String>,
    /// What that role's trust policy asks for beside.
    pub external_id: Option<String>,
    /// The Regions whose trails and quotas count, the main one first; never empty.
    pub regions: Vec<String>,
    /// Where its calls are recorded.
    pub trail: Trail,
    /// Which of its roles may be changed.
    pub scope: Scope,
}

/// Where an account's calls are recorded; what isn't named isn't looked at, and the card says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trail {
    /// Whether bucket and log group are in the home account, so that ALPHA's own credentials read them.
    pub central: bool,
    /// The trails' ARNs, for Access Analyzer.
    pub arns: Vec<String>,
    /// The role by which Access Analyzer reads them.
    pub evidence_role: Option<String>,
    /// The bucket that the log files are put into.
    pub bucket: Option<String>,
    /// What stands before `AWSLogs/` in its keys, without a slash at the end; may be empty.
    pub prefix: String,
    /// The organisation whose trail it is, which stands in its keys too.
    pub organisation: Option<String>,
    /// The log group that its events go to.
    pub log_group: Option<String>,
}

impl Accounts {
    /// One of them.
    pub fn find(&self, id: &AccountId) -> Option<&Account> {
        self.all.get(id)
    }

    /// Which there are, for people.
    pub fn names(&self) -> Vec<&str> {
        self.all.keys().map(AccountId::as_str).collect()
    }
}

impl Account {
    /// The Region that is asked where only one is.
    pub fn region(&self) -> &str {
        self.regions.first().map_or("us-east-1", String::as_str)
    }
}
