//! People whose standing the test decides, and what each of them may do.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use alpha::domain::directory::{Directory, Grant, Principal, Verb};
use alpha::domain::ids::{GroupId, Person, PrincipalId};
use alpha::iam::risk::RiskLevel;
use alpha::ports::{People, PeopleError, Standing};
use async_trait::async_trait;
use jiff::Timestamp;

pub const TEAM: &str = "T1";

/// A Slack user of the workspace.
pub fn person(user: &str) -> Person {
    Person::new(TEAM, user)
}

/// Who asks. She may approve what others ask for.
pub fn riley() -> Person {
    person("URILEY")
}

/// The same person's second Slack user.
pub fn riley_again() -> Person {
    person("URILEY2")
}

pub fn ana() -> Person {
    person("UANA")
}

pub fn ben() -> Person {
    person("UBEN")
}

/// A full member whom the approvers file doesn't name.
pub fn noor() -> Person {
    person("UNOOR")
}

/// So many further approvers.
pub const CROWD: usize = 8;

/// One of the further approvers.
pub fn approver(number: usize) -> Person {
    person(&format!("UCROWD{}", number % CROWD))
}

/// Who is who, and may do what.
pub fn directory() -> Directory {
    let one = |id: &str, users: &[&str], groups: &[&str]| Principal {
        id: PrincipalId::new(id),
        slack: users.iter().map(|user| (TEAM.to_owned(), (*user).to_owned())).collect(),
        aws: Vec::new(),
        groups: groups.iter().map(|group| GroupId::new(*group)).collect(),
    };
    let mut principals = vec![
        one("riley", &["URILEY", "URILEY2"], &["security"]),
        one("ana", &["UANA"], &["security"]),
        one("ben", &["UBEN"], &["security"]),
        one("gus", &["UGUS"], &["security"]),
    ];
    principals.extend(
        (0..CROWD)
            .map(|number| one(&format!("crowd-{number}"), &[approver(number).user.as_str()], &["security"])),
    );
    let grants = vec![Grant {
        group: GroupId::new("security"),
        verbs: Verb::ALL.to_vec(),
        accounts: vec!["*".to_owned()],
        paths: vec!["/".to_owned()],
        tags: BTreeMap::new(),
        max_severity: RiskLevel::High,
    }];
    Directory { principals, grants }
}

/// Everybody is a member, unless the test says otherwise.
#[derive(Debug, Default)]
pub struct Crowd {
    standings: Mutex<HashMap<Person, Result<Standing, PeopleError>>>,
    once: Mutex<Vec<Result<Standing, PeopleError>>>,
    known: Mutex<HashMap<Person, Standing>>,
}

impl Crowd {
    /// From now on somebody stands so.
    pub fn set(&self, person: Person, standing: Result<Standing, PeopleError>) {
        self.standings.lock().unwrap().insert(person, standing);
    }

    /// Somebody was looked up a moment ago, and stood so.
    pub fn was_seen(&self, person: Person, standing: Standing) {
        self.known.lock().unwrap().insert(person, standing);
    }

    /// The next one who is looked up stands so.
    pub fn next(&self, standing: Result<Standing, PeopleError>) {
        self.once.lock().unwrap().push(standing);
    }
}

#[async_trait]
impl People for Crowd {
    async fn standing(&self, person: &Person) -> Result<Standing, PeopleError> {
        if let Some(once) = self.once.lock().unwrap().pop() {
            return once;
        }
        self.standings.lock().unwrap().get(person).cloned().unwrap_or(Ok(Standing::Member))
    }

    async fn standing_since(&self, person: &Person, _since: Timestamp) -> Result<Standing, PeopleError> {
        self.standing(person).await
    }

    fn standing_known(&self, person: &Person) -> Option<Standing> {
        self.known.lock().unwrap().get(person).copied()
    }
}
