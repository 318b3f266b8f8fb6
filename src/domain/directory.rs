//! The approvers directory: who is who, and who may do what to which roles.
//!
//! It is read from a file elsewhere; in here it only answers. An unknown person has no rights, and whoever may do
//! something by one grant may do it.

use std::collections::BTreeMap;

use super::ids::{AccountId, GroupId, Person, PrincipalId};
use crate::iam::risk::RiskLevel;

/// Everybody who may do something, and what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directory {
    /// People, in the order of the file.
    pub principals: Vec<Principal>,
    /// Rights, in the order of the file.
    pub grants: Vec<Grant>,
}

/// One person, however many accounts they have elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// What the file calls them.
    pub id: PrincipalId,
    /// Their Slack users, as (workspace or organisation, user).
    pub slack: Vec<(String, String)>,
    /// Their AWS identities, by ARN.
    pub aws: Vec<String>,
    /// Their groups.
    pub groups: Vec<GroupId>,
}

/// What the members of a group may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Who.
    pub group: GroupId,
    /// What.
    pub verbs: Vec<Verb>,
    /// To roles of which accounts; `*` is all.
    pub accounts: Vec<String>,
    /// To roles under which paths; `/` is all.
    pub paths: Vec<String>,
    /// To roles that bear all of these tags; a value `*` asks for the key alone.
    pub tags: BTreeMap<String, String>,
    /// Up to which severity.
    pub max_severity: RiskLevel,
}

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verb {
    /// Ask for an analysis.
    Request,
    /// Approve and deny.
    Approve,
    /// Continue, cancel and roll back what runs.
    Operate,
}

impl Verb {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Request, Self::Approve, Self::Operate];

    /// As the file spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Approve => "approve",
            Self::Operate => "operate",
        }
    }
}

/// What is known of a role when a right to it is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Its account.
    pub account: &'a AccountId,
    /// Its path and tags; none before the role was read, and then only grants that ask for neither apply... to a
    /// request alone: reading is all that follows from one.
    pub details: Option<(&'a str, &'a BTreeMap<String, String>)>,
    /// How severe the change is; low before it is known.
    pub severity: RiskLevel,
}

impl Directory {
    /// Who a Slack user is.
    pub fn principal_of(&self, person: &Person) -> Option<&Principal> {
        self.principals
            .iter()
            .find(|principal| principal.slack.iter().any(|(team, user)| person.is_called(team, user)))
    }

    /// The person of that name.
    pub fn principal(&self, id: &PrincipalId) -> Option<&Principal> {
        self.principals.iter().find(|principal| principal.id == *id)
    }

    /// Whether a person may do something to a role.
    pub fn allows(&self, principal: &Principal, verb: Verb, subject: &Subject<'_>) -> bool {
        self.grants.iter().any(|grant| {
            principal.groups.contains(&grant.group) && grant.verbs.contains(&verb) && grant.covers(subject)
        })
    }

    /// Whether anybody at all may approve.
    pub fn has_approvers(&self) -> bool {
        self.grants.iter().any(|grant| {
            grant.verbs.contains(&Verb::Approve)
                && self.principals.iter().any(|principal| principal.groups.contains(&grant.group))
        })
    }
}

impl Grant {
    fn covers(&self, subject: &Subject<'_>) -> bool {
        let account =
            self.accounts.iter().any(|account| account == "*" || account == subject.account.as_str());
        let details = match subject.details {
            Some((path, tags)) => {
                self.paths.iter().any(|start| is_under(path, start))
                    && self
                        .tags
                        .iter()
                        .all(|(key, value)| tags.get(key).is_some_and(|found| value == "*" || found == value))
            }
            None => true,
        };
        account && details && subject.severity <= self.max_severity
    }
}

/// Whether a path lies under another: `/app/` and `/app` both hold `/app/web/`, and neither holds `/apple/`.
fn is_under(path: &str, start: &str) -> bool {
    let start = start.trim_end_matches('/');
    path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
