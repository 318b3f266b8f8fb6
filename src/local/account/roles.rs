//! Roles as they stand in the file.
//!
//! Reading only; what may be written, and how, is in `write`.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::failure::{self, unreadable};
use crate::domain::ids::AccountId;
use crate::domain::role::{ManagedPolicy, RoleRef, Snapshot};
use crate::domain::rules::{LONGEST, reserved, shown};
use crate::handwritten::nearest;
use crate::iam::document::Document;
use crate::ports::AccountError;

/// A role, as far as the file knows it.
#[derive(Debug, Clone)]
pub(super) struct Known {
    /// Its number in the file.
    pub(super) id: i64,
    /// How it stands.
    pub(super) snapshot: Snapshot,
    /// Whether it stands as it was seeded.
    pub(super) as_seeded: bool,
    /// When it was last changed, in milliseconds.
    pub(super) changed: i64,
}

/// A role by its name, in whatever case.
pub(super) fn find(
    connection: &Connection,
    account: &AccountId,
    role: &RoleRef,
) -> Result<Known, AccountError> {
    if role.account != *account {
        return Err(AccountError::Denied(format!(
            "account {} is out of reach; the simulated account is {account}",
            shown(role.account.as_str())
        )));
    }
    let missing = |like| AccountError::NoSuchRole { name: shown(&role.name), like };
    if role.name.len() > LONGEST {
        return Err(missing(None));
    }
    let id: Option<i64> = connection
        .query_row("SELECT id FROM roles WHERE name = ?1", [&role.name], |row| row.get(0))
        .optional()
        .map_err(failure::of)?;
    let Some(id) = id else {
        let names = names(connection)?;
        return Err(missing(nearest(&role.name, names.iter().map(String::as_str)).map(str::to_owned)));
    };
    let known = load(connection, id)?;
    match reserved(&known.snapshot.path, known.snapshot.arn.rsplit('/').next().unwrap_or_default()) {
        Some(why) => Err(AccountError::Reserved(why)),
        None => Ok(known),
    }
}

/// The names of all roles, in order.
pub(super) fn names(connection: &Connection) -> Result<Vec<String>, AccountError> {
    let mut query = connection.prepare_cached("SELECT name FROM roles ORDER BY name").map_err(failure::of)?;
    let rows = query.query_map([], |row| row.get(0)).map_err(failure::of)?;
    rows.collect::<Result<_, _>>().map_err(failure::of)
}

/// A row of a role: ARN, unique identifier, path, trust, boundary, digest as seeded, when changed.
type Row = (String, String, String, String, Option<String>, String, i64);

/// A role by its number.
pub(super) fn load(connection: &Connection, id: i64) -> Result<Known, AccountError> {
    let sql = "SELECT arn, unique_id, path, trust, boundary, seeded, changed FROM roles WHERE id = ?1";
    let mut query = connection.prepare_cached(sql).map_err(failure::of)?;
    let (arn, role_id, path, trust, boundary, seeded, changed): Row = query
        .query_row([id], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
        })
        .map_err(failure::of)?;
    let attached = pairs(connection, "SELECT arn, arn FROM attached WHERE role = ?1", id)?;
    let attached = attached.into_keys().map(|arn| Ok((arn.clone(), policy(connection, &arn)?)));
    let snapshot = Snapshot {
        last_used: None,
        trust: document(&trust, &arn)?,
        inline: pairs(connection, "SELECT name, document FROM inline WHERE role = ?1", id)?
            .into_iter()
            .map(|(name, text)| Ok((name.clone(), document(&text, &name)?)))
            .collect::<Result<_, AccountError>>()?,
        attached: attached.collect::<Result<_, AccountError>>()?,
        boundary: boundary.map(|arn| policy(connection, &arn)).transpose()?,
        tags: pairs(connection, "SELECT key, value FROM tags WHERE role = ?1", id)?,
        arn,
        role_id,
        path,
    };
    Ok(Known { id, as_seeded: snapshot.digest().as_str() == seeded, snapshot, changed })
}

/// A managed policy with its default version.
fn policy(connection: &Connection, arn: &str) -> Result<ManagedPolicy, AccountError> {
    find_policy(connection, arn)?.ok_or_else(|| unreadable(arn, "it is attached and isn't there"))
}

/// A managed policy with its default version, where there is such a policy.
pub(super) fn find_policy(connection: &Connection, arn: &str) -> Result<Option<ManagedPolicy>, AccountError> {
    let sql = "SELECT version, document FROM policies JOIN versions USING (arn, version) WHERE arn = ?1";
    let mut query = connection.prepare_cached(sql).map_err(failure::of)?;
    let found: Option<(String, String)> = query
        .query_row(params![arn], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
        .map_err(failure::of)?;
    found
        .map(|(version, text)| {
            Ok(ManagedPolicy { arn: arn.to_owned(), version, document: document(&text, arn)? })
        })
        .transpose()
}

fn pairs(connection: &Connection, sql: &str, role: i64) -> Result<BTreeMap<String, String>, AccountError> {
    let mut query = connection.prepare_cached(sql).map_err(failure::of)?;
    let rows = query.query_map([role], |row| Ok((row.get(0)?, row.get(1)?))).map_err(failure::of)?;
    rows.collect::<Result<_, _>>().map_err(failure::of)
}

fn document(text: &str, of: &str) -> Result<Document, AccountError> {
    Document::parse(text.as_bytes()).map_err(|error| unreadable(of, &error.to_string()))
}
