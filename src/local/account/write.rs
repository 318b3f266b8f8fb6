//! Writing to a role, with IAM's own checks.
//!
//! Each write is one transaction, and made again it changes nothing: what is there already is left as it is, what is
//! gone already is not missed.

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use super::failure;
use super::roles::{self, Known};
use crate::domain::ids::AccountId;
use crate::domain::role::{ManagedPolicy, RoleRef, Write};
use crate::domain::rules::{self, shown};
use crate::iam::document::Document;
use crate::iam::proposal::MANAGED_COUNT;
use crate::ports::AccountError;

/// Makes a write; whether it changed the role.
pub(super) fn write(
    connection: &mut Connection,
    account: &AccountId,
    role: &RoleRef,
    write: &Write,
    now: i64,
) -> Result<bool, AccountError> {
    let change = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failure::of)?;
    let known = roles::find(&change, account, role)?;
    rules::check(write, account).map_err(refusal)?;
    if let Write::CreatePolicy(ManagedPolicy { document, .. }) | Write::PutInline { document, .. } = write {
        rules::document(document).map_err(refusal)?;
    }
    let changed = match write {
        Write::CreatePolicy(policy) => {
            create(&change, policy)?;
            false
        }
        Write::DeletePolicy { arn } => {
            delete(&change, arn)?;
            false
        }
        Write::PutBoundary(policy) => put_boundary(&change, &known, &policy.arn)?,
        Write::RemoveBoundary => run(
            &change,
            "UPDATE roles SET boundary = NULL WHERE id = ?1 AND boundary NOT NULL",
            params![known.id],
        )?,
        Write::PutInline { name, document } => put_inline(&change, &known, name, document)?,
        Write::DeleteInline { name } => {
            run(&change, "DELETE FROM inline WHERE role = ?1 AND name = ?2", params![known.id, name])?
        }
        Write::Attach(policy) => attach(&change, &known, &policy.arn)?,
        Write::Detach { arn } => {
            run(&change, "DELETE FROM attached WHERE role = ?1 AND arn = ?2", params![known.id, arn])?
        }
    };
    if changed {
        run(&change, "UPDATE roles SET changed = ?2 WHERE id = ?1", params![known.id, now])?;
    }
    change.commit().map_err(failure::of)?;
    Ok(changed)
}

/// Whether a statement changed any row.
fn run(change: &Connection, sql: &str, values: impl rusqlite::Params) -> Result<bool, AccountError> {
    let mut statement = change.prepare_cached(sql).map_err(failure::of)?;
    Ok(statement.execute(values).map_err(failure::of)? > 0)
}

/// A refusal with IAM's code.
fn refused(code: &'static str, why: impl std::fmt::Display) -> AccountError {
    refusal(rules::refused(code, why))
}

fn refusal(refusal: rules::Refusal) -> AccountError {
    AccountError::Rejected(refusal.to_string())
}

fn create(change: &Connection, policy: &ManagedPolicy) -> Result<(), AccountError> {
    match roles::find_policy(change, &policy.arn)? {
        Some(there) if same(&there.document, &policy.document) => return Ok(()),
        Some(_) => {
            return Err(refused(
                "EntityAlreadyExists",
                format_args!("{} is there already and says something else", policy.arn),
            ));
        }
        None => {}
    }
    run(change, "INSERT INTO policies VALUES (?1, 'v1')", params![policy.arn])?;
    let text = policy.document.to_string_compact();
    run(change, "INSERT INTO versions VALUES (?1, 'v1', ?2)", params![policy.arn, text])?;
    Ok(())
}

fn delete(change: &Connection, arn: &str) -> Result<(), AccountError> {
    let in_use = "SELECT EXISTS (SELECT 1 FROM attached WHERE arn = ?1), \
                  EXISTS (SELECT 1 FROM roles WHERE boundary = ?1), \
                  (SELECT count(*) FROM versions WHERE arn = ?1)";
    let (attached, boundary, versions): (bool, bool, i64) = change
        .query_row(in_use, [arn], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .map_err(failure::of)?;
    let conflict = match (attached, boundary, versions) {
        (true, _, _) => "it is attached: detach it first",
        (false, true, _) => "it is a permissions boundary: take it away first",
        (false, false, 2..) => "it has other versions: delete these first",
        (false, false, _) => {
            run(change, "DELETE FROM policies WHERE arn = ?1", params![arn])?;
            return Ok(());
        }
    };
    Err(refused("DeleteConflict", format_args!("{arn} can't be deleted: {conflict}")))
}

/// Whether there is such a managed policy, which IAM calls an entity.
fn exists(change: &Connection, arn: &str) -> Result<(), AccountError> {
    let found: Option<i64> = change
        .query_row("SELECT 1 FROM policies WHERE arn = ?1", [arn], |row| row.get(0))
        .optional()
        .map_err(failure::of)?;
    found
        .map(|_| ())
        .ok_or_else(|| refused("NoSuchEntity", format_args!("there is no policy {}", shown(arn))))
}

fn put_boundary(change: &Connection, known: &Known, arn: &str) -> Result<bool, AccountError> {
    exists(change, arn)?;
    let sql = "UPDATE roles SET boundary = ?2 WHERE id = ?1 AND boundary IS NOT ?2";
    run(change, sql, params![known.id, arn])
}

fn put_inline(
    change: &Connection,
    known: &Known,
    name: &str,
    document: &Document,
) -> Result<bool, AccountError> {
    let there = known.snapshot.inline.get(name);
    let others = known.snapshot.inline_size() - there.map_or(0, Document::size);
    rules::inline_size(others + document.size()).map_err(refusal)?;
    if there.is_some_and(|there| there == document) {
        return Ok(false);
    }
    let sql = "INSERT INTO inline VALUES (?1, ?2, ?3) \
               ON CONFLICT (role, name) DO UPDATE SET document = excluded.document";
    run(change, sql, params![known.id, name, document.to_string_compact()])
}

fn attach(change: &Connection, known: &Known, arn: &str) -> Result<bool, AccountError> {
    exists(change, arn)?;
    let attached = &known.snapshot.attached;
    if !attached.contains_key(arn) && attached.len() >= MANAGED_COUNT {
        return Err(refused(
            "LimitExceeded",
            format_args!(
                "{MANAGED_COUNT} managed policies are attached to the role already, and no more may be"
            ),
        ));
    }
    run(change, "INSERT OR IGNORE INTO attached VALUES (?1, ?2)", params![known.id, arn])
}

fn same(one: &Document, other: &Document) -> bool {
    one.canonical_bytes() == other.canonical_bytes()
}
