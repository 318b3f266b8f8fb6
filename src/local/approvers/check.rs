//! What makes sense in an approvers file: names, ids of Slack and AWS, and that nobody is two people.

use std::collections::{BTreeMap, BTreeSet};

use super::read::{Right, Someone};
use crate::domain::directory::Verb;
use crate::handwritten::{At, Fault, Place, Reader, did_you_mean};
use crate::iam::arn::Arn;

/// The most characters of a name: it stands in messages.
const LONGEST_NAME: usize = 100;

/// Whether a text can be the name of a person or group.
pub(super) fn name(reader: &mut Reader<'_>, what: &str, word: &At<String>) -> bool {
    let text = &word.value;
    let good = !text.is_empty()
        && text.chars().count() <= LONGEST_NAME
        && text.chars().all(|c| c.is_alphanumeric() || " ._-+@'".contains(c));
    if !good {
        reader.fault_at(
            word.place,
            format!(
                "{what} is {text:?}; expected 1 to {LONGEST_NAME} letters, digits, spaces and any of . _ - + @ '"
            ),
        );
    }
    good
}

/// The workspace or organisation, and the user.
pub(super) fn slack_user(reader: &mut Reader<'_>, word: At<String>) -> Option<At<(String, String)>> {
    let parts = word.value.split_once('/');
    let user = parts.filter(|(team, user)| is_id(team, &['T', 'E']) && is_id(user, &['U', 'W']));
    let Some((team, user)) = user else {
        reader.fault_at(
            word.place,
            format!(
                "{:?} is no Slack user; expected TEAM/USER by ids, such as T0123456789/U0123456789",
                word.value
            ),
        );
        return None;
    };
    Some(At { place: word.place, value: (team.to_owned(), user.to_owned()) })
}

fn is_id(text: &str, starts: &[char]) -> bool {
    text.starts_with(starts)
        && text.len() > 1
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// Whether a text is the ARN of an identity that one person may have.
pub(super) fn aws_identity(reader: &mut Reader<'_>, word: &At<String>) -> bool {
    let good = Arn::parse(&word.value).is_some_and(|arn| {
        let kind = (arn.service, arn.resource_type());
        arn.partition.starts_with("aws")
            && arn.region.is_empty()
            && is_account(arn.account)
            && !arn.resource_id().is_empty()
            && !word.value.contains(['*', '?'])
            && matches!(kind, ("iam", Some("user" | "role")) | ("sts", Some("assumed-role")))
    });
    if !good {
        reader.fault_at(
            word.place,
            format!(
                "{:?} is no identity of a person; expected the ARN of a user, a role or a session, such as \
                 arn:aws:iam::111122223333:user/ana",
                word.value
            ),
        );
    }
    good
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text is an account, or all of them.
pub(super) fn account(reader: &mut Reader<'_>, word: &At<String>) -> bool {
    let good = word.value == "*" || is_account(&word.value);
    if !good {
        let text = &word.value;
        reader.fault_at(
            word.place,
            format!("{text:?} is no account; expected twelve digits, or \"*\" for all"),
        );
    }
    good
}

/// Whether a text is a path that roles may be under.
pub(super) fn path(reader: &mut Reader<'_>, word: &At<String>) -> bool {
    let good = word.value.starts_with('/') && !word.value.contains(['*', '?']);
    if !good {
        let text = &word.value;
        reader.fault_at(
            word.place,
            format!("{text:?} is no path of roles; expected such as /app/, which holds all under it"),
        );
    }
    good
}

/// Nobody is there twice, and no user or identity is two people's.
pub(super) fn people(reader: &mut Reader<'_>, warnings: &mut Vec<Fault>, people: &[Someone]) {
    let mut ids = BTreeMap::new();
    let (mut users, mut teams, mut arns) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for one in people {
        let id = one.id.value.as_str();
        if let Some(first) = ids.insert(id, one.id.place) {
            let text = format!("there is a principal {id:?} already, at line {}", first.line);
            reader.fault_at(one.id.place, text);
        }
        for user in &one.slack {
            let (team, name) = &user.value;
            let called = format!("the Slack user {team}/{name}");
            belongs_to_one(reader, &mut users, (team, name), id, &called, user.place);
            let other = *teams.entry(name).or_insert(id);
            if other != id {
                let text = format!(
                    "the Slack user {name} of another team is {other:?}; if the teams are of one organisation, both \
                     are the same person, and only the first counts"
                );
                warnings.push(Fault { place: user.place, text });
            }
        }
        for arn in &one.aws {
            let called = format!("the AWS identity {}", arn.value);
            belongs_to_one(reader, &mut arns, arn.value.as_str(), id, &called, arn.place);
            if Arn::parse(&arn.value).and_then(|arn| arn.resource_type()) == Some("role") {
                let text = format!("everybody who may assume {} would be {id:?}", arn.value);
                warnings.push(Fault { place: arn.place, text });
            }
        }
    }
}

/// Notes that something is a person's, and refuses it where it is somebody's already.
fn belongs_to_one<'p, K: Ord>(
    reader: &mut Reader<'_>,
    owners: &mut BTreeMap<K, &'p str>,
    key: K,
    id: &'p str,
    called: &str,
    place: Place,
) {
    if let Some(other) = owners.insert(key, id) {
        let text = if other == id {
            format!("{called} is there twice")
        } else {
            format!("{called} is {other:?} already; one can't be two people")
        };
        reader.fault_at(place, text);
    }
}

/// Groups that are granted something have members, members of groups are granted something, and somebody may approve.
pub(super) fn groups(
    reader: &mut Reader<'_>,
    warnings: &mut Vec<Fault>,
    people: &[Someone],
    rights: &[Right],
) {
    let with_members: BTreeSet<&str> =
        people.iter().flat_map(|one| one.groups.iter().map(|group| group.value.as_str())).collect();
    let granted: BTreeSet<&str> = rights.iter().map(|right| right.group.value.as_str()).collect();
    for right in rights.iter().filter(|right| !with_members.contains(right.group.value.as_str())) {
        let group = &right.group.value;
        let meant = did_you_mean(group, with_members.iter().copied());
        warnings.push(Fault {
            place: right.group.place,
            text: format!("nobody is in the group {group:?}{meant}, so this grants nothing"),
        });
    }
    for one in people {
        let mut seen = BTreeSet::new();
        for group in &one.groups {
            if !seen.insert(&group.value) {
                reader.fault_at(
                    group.place,
                    format!("{:?} is in the group {:?} twice", one.id.value, group.value),
                );
            }
            if !granted.contains(group.value.as_str()) {
                let meant = did_you_mean(&group.value, granted.iter().copied());
                let text = format!("the group {:?} is granted nothing{meant}", group.value);
                warnings.push(Fault { place: group.place, text });
            }
        }
        if one.groups.is_empty() {
            let text = format!("{:?} is in no group and may do nothing", one.id.value);
            warnings.push(Fault { place: one.id.place, text });
        }
    }
    let approve = |right: &Right| {
        right.grant.verbs.contains(&Verb::Approve) && with_members.contains(right.group.value.as_str())
    };
    if reader.is_good() && !rights.iter().any(approve) {
        let place = Place { line: 1, column: 1 };
        warnings
            .push(Fault { place, text: "nobody may approve, so nothing will ever be changed".to_owned() });
    }
}
