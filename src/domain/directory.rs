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
    /// Its path and tags; none before the role was read. Then a request is held to the account alone, since nothing but
    /// reading follows from one, and anything else is granted only where neither path nor tags are asked for.
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
            principal.groups.contains(&grant.group)
                && grant.verbs.contains(&verb)
                && grant.covers(verb, subject)
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
    fn covers(&self, verb: Verb, subject: &Subject<'_>) -> bool {
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
            None => verb == Verb::Request || self.is_of_every_role(),
        };
        account && details && subject.severity <= self.max_severity
    }

    /// Whether neither path nor tags are asked for.
    fn is_of_every_role(&self) -> bool {
        self.tags.is_empty() && self.paths.iter().any(|start| is_under("/", start))
    }
}

/// Whether a path lies under another: `/app/` and `/app` both hold `/app/web/`, and neither holds `/apple/`.
fn is_under(path: &str, start: &str) -> bool {
    let start = start.trim_end_matches('/');
    path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::super::ids::TeamId;
    use super::*;

    const HERE: &str = "111122223333";

    type Tags = &'static [(&'static str, &'static str)];

    fn grant(verbs: &[Verb]) -> Grant {
        Grant {
            group: GroupId::new("security"),
            verbs: verbs.to_vec(),
            accounts: vec!["*".into()],
            paths: vec!["/".into()],
            tags: BTreeMap::new(),
            max_severity: RiskLevel::High,
        }
    }

    fn directory(grants: Vec<Grant>) -> Directory {
        let one = |id: &str, user: (&str, &str), groups: &[&str]| Principal {
            id: PrincipalId::new(id),
            slack: vec![(user.0.into(), user.1.into())],
            aws: Vec::new(),
            groups: groups.iter().map(|group| GroupId::new(*group)).collect(),
        };
        let principals =
            vec![one("ana", ("T1", "U1"), &["security", "platform"]), one("bo", ("E1", "U2"), &["platform"])];
        Directory { principals, grants }
    }

    /// Whether ana may do something to a role of an account, with or without knowing its path and tags.
    fn allows(grant: Grant, verb: Verb, account: &str, path: Option<&str>, tags: &[(&str, &str)]) -> bool {
        let directory = directory(vec![grant]);
        let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let account = AccountId::new(account);
        let subject = Subject {
            account: &account,
            details: path.map(|path| (path, &tags)),
            severity: RiskLevel::Medium,
        };
        directory.allows(&directory.principals[0], verb, &subject)
    }

    #[test]
    fn a_person_is_known_by_workspace_or_organisation_and_user() {
        let directory = directory(Vec::new());
        let within = |team: &str, enterprise: &str, user: &str| Person {
            enterprise: Some(TeamId::new(enterprise)),
            ..Person::new(team, user)
        };
        for (person, id) in [
            (Person::new("T1", "U1"), Some("ana")),
            (Person::new("T2", "U1"), None),
            (Person::new("T1", "U2"), None),
            (within("T9", "E1", "U2"), Some("bo")),
            (within("T9", "E2", "U2"), None),
        ] {
            assert_eq!(directory.principal_of(&person).map(|one| one.id.as_str()), id, "{person}");
        }
    }

    #[test]
    fn only_members_may_only_what_is_granted() {
        let directory = directory(vec![grant(&[Verb::Approve])]);
        let account = AccountId::new(HERE);
        let subject = Subject { account: &account, details: None, severity: RiskLevel::Low };
        let [ana, bo] = [&directory.principals[0], &directory.principals[1]];
        for (who, verb, allowed) in [
            (ana, Verb::Approve, true),
            (ana, Verb::Operate, false),
            (ana, Verb::Request, false),
            (bo, Verb::Approve, false),
        ] {
            assert_eq!(directory.allows(who, verb, &subject), allowed, "{} {}", who.id, verb.as_str());
        }
    }

    #[test]
    fn a_grant_of_accounts_ends_there() {
        for (accounts, allowed) in
            [(&["*"][..], true), (&[HERE], true), (&["444455556666"], false), (&[], false)]
        {
            let accounts: Vec<String> = accounts.iter().map(|account| (*account).to_owned()).collect();
            let grant = Grant { accounts: accounts.clone(), ..grant(&[Verb::Approve]) };
            assert_eq!(allows(grant, Verb::Approve, HERE, Some("/"), &[]), allowed, "{accounts:?}");
        }
    }

    #[test]
    fn a_path_holds_what_is_under_it_and_no_name_that_begins_alike() {
        for (start, path, allowed) in [
            ("/", "/", true),
            ("/", "/app/web/", true),
            ("/app/", "/app/", true),
            ("/app", "/app/web/", true),
            ("/app/", "/apple/", false),
            ("/app/web/", "/app/", false),
            ("/app/", "/", false),
        ] {
            let grant = Grant { paths: vec![start.into()], ..grant(&[Verb::Approve]) };
            assert_eq!(allows(grant, Verb::Approve, HERE, Some(path), &[]), allowed, "{path} under {start}");
        }
    }

    #[test]
    fn every_tag_has_to_be_there() {
        let cases: [(Tags, Tags, bool); 6] = [
            (&[], &[], true),
            (&[("team", "web")], &[("team", "web"), ("env", "dev")], true),
            (&[("team", "web")], &[("team", "data")], false),
            (&[("team", "*")], &[("team", "data")], true),
            (&[("team", "*")], &[("env", "dev")], false),
            (&[("team", "web"), ("env", "dev")], &[("team", "web")], false),
        ];
        for (asked, tags, allowed) in cases {
            let asked = asked.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
            let grant = Grant { tags: asked, ..grant(&[Verb::Approve]) };
            assert_eq!(
                allows(grant.clone(), Verb::Approve, HERE, Some("/"), tags),
                allowed,
                "{:?}",
                grant.tags
            );
        }
    }

    #[test]
    fn a_grant_ends_at_its_severity() {
        for (most, allowed) in [(RiskLevel::Low, false), (RiskLevel::Medium, true), (RiskLevel::High, true)] {
            let grant = Grant { max_severity: most, ..grant(&[Verb::Approve]) };
            assert_eq!(allows(grant, Verb::Approve, HERE, Some("/"), &[]), allowed, "{most}");
        }
    }

    #[test]
    fn of_a_role_that_was_not_read_only_a_request_is_granted_by_path_or_tags() {
        let by_path = || Grant { paths: vec!["/app/".into()], ..grant(&Verb::ALL) };
        let by_tag = || Grant { tags: [("team".to_owned(), "web".to_owned())].into(), ..grant(&Verb::ALL) };
        for (verb, narrow) in [(Verb::Request, true), (Verb::Approve, false), (Verb::Operate, false)] {
            assert_eq!(allows(by_path(), verb, HERE, None, &[]), narrow, "{} by path", verb.as_str());
            assert_eq!(allows(by_tag(), verb, HERE, None, &[]), narrow, "{} by tag", verb.as_str());
            assert!(allows(grant(&Verb::ALL), verb, HERE, None, &[]), "{} to all", verb.as_str());
        }
    }

    #[test]
    fn somebody_may_approve_where_a_member_has_the_right() {
        assert!(directory(vec![grant(&[Verb::Approve])]).has_approvers());
        assert!(!directory(vec![grant(&[Verb::Request, Verb::Operate])]).has_approvers());
        let nobody = Grant { group: GroupId::new("nobody"), ..grant(&[Verb::Approve]) };
        assert!(!directory(vec![nobody]).has_approvers());
        assert!(!Directory::default().has_approvers());
    }
}
