//! The accounts whose roles are narrowed, as an operator configured them.

use std::collections::BTreeMap;

use super::ids::AccountId;
use super::scope::Scope;

/// Where calls of services without Regions are recorded, such as IAM's.
const GLOBAL: &str = "us-east-1";

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
    /// The Regions in which calls are looked up: those that are configured, and the one in which calls of services without
    /// Regions are recorded.
    pub fn looked_up(&self, role: &str) -> Vec<&str> {
        let mut regions: Vec<&str> = self.regions.iter().map(String::as_str).collect();
        if role.starts_with("arn:aws:") && !regions.contains(&GLOBAL) {
            regions.push(GLOBAL);
        }
        regions
    }

    /// The Region that is asked where only one is.
    pub fn region(&self) -> &str {
        self.regions.first().map_or("us-east-1", String::as_str)
    }

    /// The home account, of which a table of its own says this: what that doesn't say is as it is said in general.
    #[must_use]
    pub fn at_home(self, general: &Self) -> Self {
        let Self { regions, trail, scope, .. } = self;
        // What stands before and within the keys is the bucket's.
        let kept = if trail.bucket.is_some() { &trail } else { &general.trail };
        let (prefix, bucket) = (kept.prefix.clone(), kept.bucket.clone());
        let organisation = trail.organisation.clone().or_else(|| kept.organisation.clone());
        let general = general.clone();
        Self {
            role: None,
            external_id: None,
            regions: if regions.is_empty() { general.regions } else { regions },
            trail: Trail {
                central: false,
                arns: if trail.arns.is_empty() { general.trail.arns } else { trail.arns },
                evidence_role: trail.evidence_role.or(general.trail.evidence_role),
                bucket,
                prefix,
                organisation,
                log_group: trail.log_group.or(general.trail.log_group),
            },
            scope: scope.or(general.scope),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_table_of_the_home_account_does_not_say_is_as_it_is_said_in_general() {
        let some = |text: &str| Some(text.to_owned());
        let general = Account {
            regions: vec!["eu-west-1".to_owned()],
            trail: Trail {
                arns: vec!["arn".to_owned()],
                evidence_role: some("evidence"),
                bucket: some("logs"),
                prefix: "all".to_owned(),
                organisation: some("o-1"),
                log_group: some("group"),
                ..Trail::default()
            },
            ..Account::default()
        };
        // As it is where nobody knew yet that it is the home account: read where the home account's trail is.
        let silent = Trail { central: true, arns: Vec::new(), evidence_role: None, ..general.trail.clone() };
        let said = Account { role: some("role"), trail: silent, ..Account::default() };
        assert_eq!(said.at_home(&general), general);
        assert_eq!(Account::default().at_home(&general), general);
        let trail = Trail { bucket: some("own"), log_group: some("its"), ..Trail::default() };
        let said = Account { regions: vec!["us-east-1".to_owned()], trail, ..Account::default() };
        let expected = Trail {
            bucket: some("own"),
            prefix: String::new(),
            organisation: None,
            log_group: some("its"),
            ..general.trail.clone()
        };
        assert_eq!(said.clone().at_home(&general), Account { trail: expected, ..said });
    }
}
