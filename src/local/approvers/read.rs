//! The tables of an approvers file -> people and grants, each with the place where it stands.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::check;
use crate::domain::directory::{Directory, Grant, Principal, Verb};
use crate::domain::ids::{GroupId, PrincipalId};
use crate::handwritten::{At, Fault, Reader, did_you_mean};
use crate::iam::risk::RiskLevel;

const PRINCIPAL_KEYS: [&str; 4] = ["id", "slack", "aws", "groups"];
const GRANT_KEYS: [&str; 6] = ["group", "verbs", "accounts", "paths", "tags", "max_severity"];

/// A person of the file.
#[derive(Debug)]
pub(super) struct Someone {
    /// Their name, and where they stand.
    pub id: At<String>,
    /// Their Slack users, as written and taken apart.
    pub slack: Vec<At<(String, String)>>,
    /// Their AWS identities.
    pub aws: Vec<At<String>>,
    /// Their groups.
    pub groups: Vec<At<String>>,
}

/// A grant of the file.
#[derive(Debug)]
pub(super) struct Right {
    /// Of which group, and where it stands.
    pub group: At<String>,
    /// What it grants.
    pub grant: Grant,
}

/// Reads a file: what it says, what is wrong, and what is odd. What it says is only good where nothing is wrong.
pub(super) fn read(text: &str) -> (Directory, Vec<Fault>, Vec<Fault>) {
    let mut reader = Reader::new(text);
    let (mut people, mut rights) = (Vec::new(), Vec::new());
    let mut warnings = Vec::new();
    if let Some(top) = reader.table() {
        reader.known(&top, "the file", &["principal", "grant"]);
        for table in tables(&mut reader, &top, "principal") {
            people.extend(someone(&mut reader, table));
        }
        for table in tables(&mut reader, &top, "grant") {
            rights.extend(right(&mut reader, table));
        }
        check::people(&mut reader, &mut warnings, &people);
        check::groups(&mut reader, &mut warnings, &people, &rights);
    }
    warnings.sort();
    let directory = Directory {
        principals: people.into_iter().map(principal).collect(),
        grants: rights.into_iter().map(|right| right.grant).collect(),
    };
    (directory, reader.into_faults(), warnings)
}

fn principal(one: Someone) -> Principal {
    Principal {
        id: PrincipalId::new(one.id.value),
        slack: one.slack.into_iter().map(|user| user.value).collect(),
        aws: one.aws.into_iter().map(|arn| arn.value).collect(),
        groups: one.groups.into_iter().map(|group| GroupId::new(group.value)).collect(),
    }
}

/// The tables under `[[name]]`.
fn tables<'t, 's>(
    reader: &mut Reader<'_>,
    top: &'t DeTable<'s>,
    name: &str,
) -> Vec<Spanned<&'t DeTable<'s>>> {
    let Some(value) = top.get(name) else { return Vec::new() };
    let list = value.get_ref().as_array();
    let found: Option<Vec<_>> = list.and_then(|list| {
        list.iter().map(|item| Some(Spanned::new(item.span(), item.get_ref().as_table()?))).collect()
    });
    found.unwrap_or_else(|| {
        reader.fault(value.span(), format!("expected [[{name}]] on a line of its own before each {name}"));
        Vec::new()
    })
}

fn someone(reader: &mut Reader<'_>, table: Spanned<&DeTable<'_>>) -> Option<Someone> {
    let (span, table) = (table.span(), table.into_inner());
    reader.known(table, "a principal", &PRINCIPAL_KEYS);
    let slack = list(reader, table, "slack");
    let slack = slack.into_iter().filter_map(|user| check::slack_user(reader, user)).collect();
    let mut aws = list(reader, table, "aws");
    aws.retain(|arn| check::aws_identity(reader, arn));
    let mut groups = list(reader, table, "groups");
    groups.retain(|group| check::name(reader, "a group", group));
    let Some(id) = table.get("id") else {
        reader.fault(span, "a principal has no id; expected id = \"NAME\"".to_owned());
        return None;
    };
    let id = reader.word("id", id)?;
    check::name(reader, "an id", &id).then_some(Someone { id, slack, aws, groups })
}

fn right(reader: &mut Reader<'_>, table: Spanned<&DeTable<'_>>) -> Option<Right> {
    let (span, table) = (table.span(), table.into_inner());
    reader.known(table, "a grant", &GRANT_KEYS);
    let verbs = verbs(reader, table, &span);
    let accounts = some(reader, table, "accounts", "*", check::account);
    let paths = some(reader, table, "paths", "/", check::path);
    let tags = tags(reader, table);
    let max_severity = severity(reader, table);
    let Some(group) = table.get("group") else {
        reader.fault(span, "a grant has no group; expected group = \"NAME\"".to_owned());
        return None;
    };
    let group = reader.word("group", group)?;
    let good = check::name(reader, "a group", &group);
    let grant =
        Grant { group: GroupId::new(group.value.clone()), verbs, accounts, paths, tags, max_severity };
    good.then_some(Right { group, grant })
}

fn verbs(reader: &mut Reader<'_>, table: &DeTable<'_>, grant: &std::ops::Range<usize>) -> Vec<Verb> {
    let known = Verb::ALL.map(Verb::as_str);
    if table.get("verbs").is_none_or(is_empty_list) {
        let span = table.get("verbs").map_or_else(|| grant.clone(), Spanned::span);
        reader.fault(span, format!("a grant has no verbs; expected some of {}", known.join(", ")));
        return Vec::new();
    }
    let mut verbs = Vec::new();
    for word in list(reader, table, "verbs") {
        match Verb::ALL.into_iter().find(|verb| verb.as_str() == word.value) {
            Some(verb) => verbs.push(verb),
            None => reader.fault_at(
                word.place,
                format!(
                    "there is no verb {:?}{}; expected {}",
                    word.value,
                    did_you_mean(&word.value, known),
                    known.join(", ")
                ),
            ),
        }
    }
    verbs
}

/// A list that narrows a grant: all where it isn't there, and refused where it is empty, since nobody can tell whether
/// all or nothing was meant.
fn some(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    key: &str,
    all: &str,
    good: impl Fn(&mut Reader<'_>, &At<String>) -> bool,
) -> Vec<String> {
    let Some(value) = table.get(key) else { return vec![all.to_owned()] };
    if is_empty_list(value) {
        reader.fault(
            value.span(),
            format!("{key} is empty; leave it out for all, which is the same as [{all:?}]"),
        );
    }
    let mut words = list(reader, table, key);
    words.retain(|word| good(reader, word));
    words.into_iter().map(|word| word.value).collect()
}

fn tags(reader: &mut Reader<'_>, table: &DeTable<'_>) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::new();
    let Some(value) = table.get("tags") else { return tags };
    let Some(pairs) = value.get_ref().as_table() else {
        reader.fault(
            value.span(),
            "tags is no table; expected such as { team = \"web\", owner = \"*\" }".to_owned(),
        );
        return tags;
    };
    for (key, value) in pairs {
        // White space counts in a tag, so that it is taken as it stands.
        match value.get_ref().as_str() {
            Some(text) => drop(tags.insert(key.get_ref().to_string(), text.to_owned())),
            None => drop(reader.word(&format!("tags.{}", key.get_ref()), value)),
        }
    }
    tags
}

fn severity(reader: &mut Reader<'_>, table: &DeTable<'_>) -> RiskLevel {
    const ALL: [RiskLevel; 3] = [RiskLevel::Low, RiskLevel::Medium, RiskLevel::High];
    let Some(value) = table.get("max_severity") else { return RiskLevel::High };
    let Some(word) = reader.word("max_severity", value) else { return RiskLevel::Low };
    ALL.into_iter().find(|level| level.as_str() == word.value).unwrap_or_else(|| {
        let known = ALL.map(RiskLevel::as_str);
        let meant = did_you_mean(&word.value, known);
        reader.fault_at(
            word.place,
            format!("there is no severity {:?}{meant}; expected {}", word.value, known.join(", ")),
        );
        RiskLevel::Low
    })
}

fn list(reader: &mut Reader<'_>, table: &DeTable<'_>, key: &str) -> Vec<At<String>> {
    table.get(key).and_then(|value| reader.words(key, value)).unwrap_or_default()
}

fn is_empty_list(value: &Spanned<DeValue<'_>>) -> bool {
    value.get_ref().as_array().is_some_and(|list| list.is_empty())
}
