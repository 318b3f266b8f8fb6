//! What all of Slack's forms have in common: identifiers, and who somebody is.

use serde::Deserialize;

use crate::domain::ids::{Person, ReceiptKey, TeamId, UserId};

/// No identifier of Slack's is longer.
const LONGEST_ID: usize = 255;
/// No address for answers is longer.
const LONGEST_URL: usize = 1_000;

/// What something received calls itself. It is read first and by itself: of what we don't act on nothing else is known,
/// not even its form.
#[derive(Debug, Deserialize)]
pub(super) struct Kind {
    pub r#type: String,
}

/// Anything that Slack gives as an object with an id.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Named {
    pub id: Option<String>,
}

/// An identifier, where it is one at all.
pub(super) fn id(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty() && text.len() <= LONGEST_ID)
}

/// An address for answers. Whether it is followed is decided where it would be.
pub(super) fn response_url(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty() && text.len() <= LONGEST_URL)
}

/// Who somebody is, from what a form says of them and of where it came from.
#[derive(Debug, Default)]
pub(super) struct Identity {
    /// The user.
    pub user: Option<String>,
    /// The user's own workspace.
    pub team: Option<String>,
    /// The user's own organisation.
    pub enterprise: Option<String>,
    /// The workspace that the form came from; none where ALPHA is installed in a whole organisation.
    pub from_team: Option<String>,
    /// The organisation that the form came from.
    pub from_enterprise: Option<String>,
}

impl Identity {
    /// The person. Where the form came from says nothing of somebody who belongs elsewhere: its organisation is theirs
    /// only if its workspace is, or if it names none.
    pub fn person(self) -> Option<Person> {
        let user = id(self.user)?;
        let from_team = id(self.from_team);
        let from_enterprise = id(self.from_enterprise);
        let team = id(self.team);
        let is_at_home = match (&team, &from_team) {
            (Some(team), Some(from)) => team == from || Some(team) == from_enterprise.as_ref(),
            (None, _) | (_, None) => true,
        };
        let enterprise = id(self.enterprise).or_else(|| from_enterprise.filter(|_| is_at_home));
        let team = team.or(from_team).or_else(|| enterprise.clone())?;
        Some(Person {
            team: TeamId::new(team),
            enterprise: enterprise.map(TeamId::new),
            user: UserId::new(user),
        })
    }
}

/// The key of one thing received: its kind, whose it is, and what makes it the one that it is.
pub(super) fn key(kind: &str, team: &TeamId, parts: &[&str]) -> ReceiptKey {
    let length =
        kind.len() + team.as_str().len() + parts.iter().map(|part| part.len() + 1).sum::<usize>() + 1;
    let mut key = String::with_capacity(length);
    key.extend([kind, ":", team.as_str()]);
    parts.iter().for_each(|part| key.extend([":", part]));
    ReceiptKey::new(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(
        user: &str,
        team: &str,
        enterprise: &str,
        from: (&str, &str),
    ) -> Option<(String, Option<String>)> {
        let some = |text: &str| Some(text.to_owned());
        let identity = Identity {
            user: some(user),
            team: some(team),
            enterprise: some(enterprise),
            from_team: some(from.0),
            from_enterprise: some(from.1),
        };
        let person = identity.person()?;
        Some((person.to_string(), person.enterprise.map(|enterprise| enterprise.as_str().to_owned())))
    }

    #[test]
    fn a_person_is_of_their_own_workspace_and_never_of_ours_by_coming_from_there() {
        let known =
            |person: &str, enterprise: Option<&str>| Some((person.to_owned(), enterprise.map(str::to_owned)));
        for ((user, team, enterprise, from), expected) in [
            (("U1", "T1", "", ("T1", "")), known("T1/U1", None)),
            (("U1", "T1", "", ("T1", "E1")), known("T1/U1", Some("E1"))),
            (("U1", "T2", "", ("T1", "E1")), known("T2/U1", None)),
            (("U1", "T2", "E2", ("T1", "E1")), known("T2/U1", Some("E2"))),
            (("U1", "T2", "", ("", "E1")), known("T2/U1", Some("E1"))),
            (("U1", "E1", "", ("T1", "E1")), known("E1/U1", Some("E1"))),
            (("U1", "", "", ("T1", "")), known("T1/U1", None)),
            (("U1", "", "", ("", "E1")), known("E1/U1", Some("E1"))),
            (("U1", "", "", ("", "")), None),
            (("", "T1", "", ("T1", "")), None),
        ] {
            assert_eq!(person(user, team, enterprise, from), expected, "{user} {team} {enterprise} {from:?}");
        }
    }

    #[test]
    fn what_is_too_long_is_no_identifier() {
        assert_eq!(id(Some("U".repeat(256))), None);
        assert_eq!(id(Some("U".repeat(255))).map(|id| id.len()), Some(255));
        assert_eq!(key("cmd", &TeamId::new("T1"), &["a", "b"]).as_str(), "cmd:T1:a:b");
    }
}
