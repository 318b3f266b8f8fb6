//! Whether a table is the one that `infra/alpha.yaml` deploys, and what to do where it isn't.

use aws_sdk_dynamodb::types::{
    IndexStatus, KeySchemaElement, KeyType, ScalarAttributeType, TableDescription, TableStatus,
};

use super::keys;
use crate::ports::StoreError;

/// The keys of the table, and of each index: of what they are made.
const TABLE: &[&str] = &["pk", "sk"];
const INDEXES: [(&str, &[&str]); 3] = [
    (keys::DUE, &["due_pk", "due_sk"]),
    (keys::HELD, &["lease_owner", "lease_until"]),
    (keys::STATE, &["state_pk", "state_sk"]),
];

/// Whether it can be used, as DynamoDB describes it.
pub fn check(table: &TableDescription) -> Result<(), StoreError> {
    let name = table.table_name().unwrap_or_default();
    match table.table_status() {
        Some(TableStatus::Creating) => {
            return Err(unavailable(name, "is still being made; it is ready in a minute"));
        }
        Some(TableStatus::Deleting) => {
            return Err(unavailable(
                name,
                "is being deleted: if nobody meant that, restore it to a point in time under this name, or from a \
                 backup (docs/OPERATIONS.md)",
            ));
        }
        Some(TableStatus::InaccessibleEncryptionCredentials) => {
            return Err(unavailable(
                name,
                "is encrypted with a key that can't be used: enable that key again",
            ));
        }
        Some(TableStatus::Archiving | TableStatus::Archived) => {
            return Err(unavailable(
                name,
                "is archived, since its key couldn't be used: restore it from the backup",
            ));
        }
        // Being updated, it works.
        _ => {}
    }
    let mut wrong = Vec::new();
    compare(&mut wrong, "its key", table, table.key_schema(), TABLE);
    for (index, expected) in INDEXES {
        let found = table.global_secondary_indexes().iter().find(|one| one.index_name() == Some(index));
        let Some(found) = found else {
            wrong.push(format!("it has no index {index} on {}", expected.join(", ")));
            continue;
        };
        match found.index_status() {
            Some(IndexStatus::Creating) if found.backfilling().unwrap_or(true) => {
                return Err(unavailable(
                    name,
                    &format!("is still building its index {index}; wait until that is done"),
                ));
            }
            Some(IndexStatus::Deleting) => wrong.push(format!("its index {index} is being deleted")),
            _ => {}
        }
        compare(&mut wrong, &format!("its index {index}"), table, found.key_schema(), expected);
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(StoreError::Corrupt(format!(
        "table {name} isn't one of alpha's, or is of another version: {}; deploy infra/alpha.yaml of this version, or \
         name another table with ALPHA_STORE=dynamodb:TABLE",
        wrong.join(", ")
    )))
}

fn unavailable(name: &str, why: &str) -> StoreError {
    StoreError::Unavailable(format!("table {name} {why}"))
}

/// Notes where a key isn't made of what it should be: a hash key, a range key, both texts.
fn compare(
    wrong: &mut Vec<String>,
    what: &str,
    table: &TableDescription,
    found: &[KeySchemaElement],
    expected: &[&str],
) {
    let is_text = |name: &str| {
        let mut known = table.attribute_definitions().iter();
        known.any(|one| one.attribute_name() == name && *one.attribute_type() == ScalarAttributeType::S)
    };
    let named = |kind: &KeyType| {
        found.iter().find(|one| one.key_type() == kind).map(KeySchemaElement::attribute_name)
    };
    let keys: Vec<&str> = [KeyType::Hash, KeyType::Range].iter().filter_map(named).collect();
    if keys != expected {
        wrong.push(format!("{what} is on {} instead of {}", keys.join(", "), expected.join(", ")));
    } else if let Some(other) = keys.iter().find(|name| !is_text(name)) {
        wrong.push(format!("{other} is no text"));
    }
}
