//! One write to a role.
//!
//! Each is harmless to repeat. Where the answer was lost, it is looked at how things stand before anything is believed
//! of it.

use aws_sdk_iam::Client;
use aws_sdk_iam::types::Role;

use super::calls::{ATTACH, DELETE_BOUNDARY, DELETE_ROLE_POLICY, DETACH, PUT_BOUNDARY, PUT_ROLE_POLICY};
use super::managed::{self, gone, is_same};
use super::read::{attached_arns, boundary_arn, inline_policy};
use super::trouble::Trouble;
use crate::aws::calls::On;
use crate::aws::fault::{Fault, Kind};
use crate::domain::errand::Errand;
use crate::domain::role::Write;
use crate::domain::scope::Scope;
use crate::ports::AccountError;

/// Makes a write.
pub(super) async fn make(
    iam: &Client,
    (role, scope): (&Role, &Scope),
    errand: &Errand,
    write: &Write,
) -> Result<(), Trouble> {
    match attempt(iam, role, errand, write).await {
        Err(trouble) if trouble.is_unknown() => match stands(iam, role.role_name(), write).await {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(trouble),
        },
        Err(Trouble::Fault(fault)) if fault.kind == Kind::Denied => {
            Err(out_of_scope(role, scope, write, fault.at(On::RolesInScope, role.arn())))
        }
        answer => answer,
    }
}

async fn attempt(iam: &Client, role: &Role, errand: &Errand, write: &Write) -> Result<(), Trouble> {
    let name = role.role_name();
    match write {
        Write::CreatePolicy(policy) => managed::create(iam, errand, policy).await,
        Write::DeletePolicy { arn } => managed::delete(iam, arn).await,
        Write::PutBoundary(policy) => {
            managed::ready(iam, policy).await?;
            let asked = iam.put_role_permissions_boundary().role_name(name).permissions_boundary(&policy.arn);
            made(asked.send().await.map_err(|error| Fault::of(&PUT_BOUNDARY, &error)))
        }
        // Without a boundary nothing is asked: what is granted depends on the one that is there.
        Write::RemoveBoundary if boundary_arn(role).is_none() => Ok(()),
        Write::RemoveBoundary => {
            let asked = iam.delete_role_permissions_boundary().role_name(name);
            let answer = asked.send().await.map(drop).map_err(|error| Fault::of(&DELETE_BOUNDARY, &error));
            made(gone(answer))
        }
        Write::PutInline { name: policy, document } => {
            let text = document.to_string_compact();
            let asked = iam.put_role_policy().role_name(name).policy_name(policy).policy_document(text);
            made(asked.send().await.map_err(|error| Fault::of(&PUT_ROLE_POLICY, &error)))
        }
        Write::DeleteInline { name: policy } => {
            let asked = iam.delete_role_policy().role_name(name).policy_name(policy);
            let answer = asked.send().await.map(drop).map_err(|error| Fault::of(&DELETE_ROLE_POLICY, &error));
            made(gone(answer))
        }
        Write::Attach(policy) => {
            managed::ready(iam, policy).await?;
            let asked = iam.attach_role_policy().role_name(name).policy_arn(&policy.arn);
            made(asked.send().await.map_err(|error| Fault::of(&ATTACH, &error)))
        }
        Write::Detach { arn } => {
            let asked = iam.detach_role_policy().role_name(name).policy_arn(arn);
            let answer = asked.send().await.map(drop).map_err(|error| Fault::of(&DETACH, &error));
            made(gone(answer))
        }
    }
}

fn made<T>(answer: Result<T, Fault>) -> Result<(), Trouble> {
    answer.map(drop).map_err(Trouble::from)
}

/// Whether things stand as a write leaves them.
async fn stands(iam: &Client, role: &str, write: &Write) -> Result<bool, Trouble> {
    let present = |answer: Result<bool, Trouble>| match answer {
        Err(trouble) if trouble.is_missing() => Ok(false),
        answer => answer,
    };
    let bounded = || async {
        let answer = iam.get_role().role_name(role).send().await;
        let answer = answer.map_err(|error| Fault::of(&super::calls::GET_ROLE, &error))?;
        Ok::<_, Trouble>(answer.role.as_ref().and_then(boundary_arn).map(str::to_owned))
    };
    match write {
        Write::CreatePolicy(policy) => {
            let there = managed::read(iam, &policy.arn).await;
            present(there.map(|there| is_same(&there.document, &policy.document)))
        }
        Write::DeletePolicy { arn } => {
            present(managed::read(iam, arn).await.map(|_| true)).map(|there| !there)
        }
        Write::PutBoundary(policy) => Ok(bounded().await?.as_deref() == Some(policy.arn.as_str())),
        Write::RemoveBoundary => Ok(bounded().await?.is_none()),
        Write::PutInline { name, document } => {
            present(inline_policy(iam, role, name).await.map(|there| is_same(&there, document)))
        }
        Write::DeleteInline { name } => {
            present(inline_policy(iam, role, name).await.map(|_| true)).map(|there| !there)
        }
        Write::Attach(policy) => Ok(attached_arns(iam, role).await?.contains(&policy.arn)),
        Write::Detach { arn } => Ok(!attached_arns(iam, role).await?.contains(arn)),
    }
}

/// Why AWS may not let ALPHA write this to this role, beside a grant that is missing.
fn out_of_scope(role: &Role, scope: &Scope, write: &Write, fault: Fault) -> Trouble {
    let limited = match write {
        Write::CreatePolicy(_) | Write::DeletePolicy { .. } => {
            return AccountError::Denied(format!(
                "{fault}. ALPHA makes and deletes managed policies under the path /alpha/ alone"
            ))
            .into();
        }
        Write::PutBoundary(_) => ", or its boundary is none of RestorableBoundaries",
        Write::RemoveBoundary => ", or its boundary is none of ALPHA's own",
        Write::Attach(_) | Write::Detach { .. } => ", or the policy is none of RestorablePolicies",
        Write::PutInline { .. } | Write::DeleteInline { .. } => "",
    };
    let tags = role.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect();
    AccountError::Denied(match scope.excludes(role.arn(), &tags) {
        Some(why) => format!("{fault}. ALPHA may not change this role. {why}"),
        None => format!(
            "{fault}. By what ALPHA was told it may change this role: what its stack says (RoleTag, WritableRoles, \
             ProtectedRoles) is something else, or a grant is missing{limited}"
        ),
    })
    .into()
}
