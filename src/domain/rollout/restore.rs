//! The way back: from how a role stands to how it stood.
//!
//! Nothing is undone that this job didn't do: every standing that the job could have brought about, forward or on the
//! way back, is known, and a role that stands otherwise was changed by somebody else.

use crate::domain::proposal::Case;
use crate::domain::role::{Snapshot, Write};
use crate::domain::rollout::Stage;
use crate::domain::rules::place;

/// What is written to bring a role back to a snapshot, in an order in which it can do, between any two writes, no less
/// than the narrower and no more than the wider of both.
pub fn restore(live: &Snapshot, former: &Snapshot) -> Vec<Write> {
    let mut writes = Vec::new();
    let put = |name: &String| {
        former
            .inline
            .get(name)
            .map(|document| Write::PutInline { name: name.clone(), document: document.clone() })
    };
    let (changed, missing): (Vec<&String>, Vec<&String>) = former
        .inline
        .iter()
        .filter(|(name, document)| live.inline.get(*name).is_none_or(|now| !is_same(now, document)))
        .map(|(name, _)| name)
        .partition(|name| live.inline.contains_key(*name));
    writes.extend(missing.into_iter().filter_map(put));
    let detached = former.attached.iter().filter(|(arn, _)| !live.attached.contains_key(*arn));
    writes.extend(detached.map(|(_, policy)| Write::Attach(policy.clone())));
    writes.extend(changed.into_iter().filter_map(put));
    let added = live.inline.keys().filter(|name| !former.inline.contains_key(*name));
    writes.extend(added.map(|name| Write::DeleteInline { name: name.clone() }));
    let attached = live.attached.keys().filter(|arn| !former.attached.contains_key(*arn));
    writes.extend(attached.map(|arn| Write::Detach { arn: arn.clone() }));
    match (&live.boundary, &former.boundary) {
        (Some(now), Some(then)) if now.arn == then.arn => {}
        (_, Some(then)) => writes.push(Write::PutBoundary(then.clone())),
        (Some(_), None) => writes.push(Write::RemoveBoundary),
        (None, None) => {}
    }
    writes
}

/// What the job made in the account, to be deleted once nothing uses it.
pub fn leftovers(case: &Case) -> Vec<Write> {
    let made = case.writes.iter().flat_map(|(_, writes)| writes).filter_map(|write| match write {
        Write::CreatePolicy(policy) => Some(policy.arn.clone()),
        _ => None,
    });
    made.map(|arn| Write::DeletePolicy { arn }).collect()
}

/// Whether a role stands as this job could have left it, at whatever point it was interrupted.
pub fn is_ours(case: &Case, live: &Snapshot) -> bool {
    standings(case).iter().any(|standing| standing.stands_like(live))
}

/// Every standing that the job could have brought about, forward or back.
pub(super) fn standings(case: &Case) -> Vec<Snapshot> {
    let mut known = Vec::new();
    for stage in Stage::ALL {
        for written in 0..=case.writes_of(stage).len() {
            let mut snapshot = case.expected(stage, written);
            for write in restore(&snapshot, &case.snapshot) {
                let next = snapshot.after(&write);
                known.push(std::mem::replace(&mut snapshot, next));
            }
            known.push(snapshot);
        }
    }
    known
}

fn is_same(one: &crate::iam::document::Document, other: &crate::iam::document::Document) -> bool {
    one.canonical_bytes() == other.canonical_bytes()
}

/// The commands by which a person finishes by hand.
pub fn by_hand(role: &str, writes: &[Write]) -> Vec<String> {
    let file = |document: &crate::iam::document::Document| {
        format!("'{}'", document.to_string_compact().replace('\'', "'\\''"))
    };
    writes
        .iter()
        .map(|write| match write {
            Write::CreatePolicy(policy) => {
                let (path, name) = place(&policy.arn).unwrap_or_default();
                let document = file(&policy.document);
                format!(
                    "aws iam create-policy --path {path} --policy-name {name} --policy-document {document}"
                )
            }
            Write::DeletePolicy { arn } => format!("aws iam delete-policy --policy-arn {arn}"),
            Write::PutBoundary(policy) => format!(
                "aws iam put-role-permissions-boundary --role-name {role} --permissions-boundary {}",
                policy.arn
            ),
            Write::RemoveBoundary => format!("aws iam delete-role-permissions-boundary --role-name {role}"),
            Write::PutInline { name, document } => format!(
                "aws iam put-role-policy --role-name {role} --policy-name {name} --policy-document {}",
                file(document)
            ),
            Write::DeleteInline { name } => {
                format!("aws iam delete-role-policy --role-name {role} --policy-name {name}")
            }
            Write::Attach(policy) => {
                format!("aws iam attach-role-policy --role-name {role} --policy-arn {}", policy.arn)
            }
            Write::Detach { arn } => {
                format!("aws iam detach-role-policy --role-name {role} --policy-arn {arn}")
            }
        })
        .collect()
}
