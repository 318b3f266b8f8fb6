//! A role by its name, in whatever case; and which roles are none to be looked at.

use std::time::Duration;

use aws_sdk_iam::Client;
use aws_sdk_iam::types::Role;

use super::IamRoles;
use super::calls::{GET_ROLE, LIST_ROLES};
use super::trouble::Trouble;
use crate::aws::fault::Fault;
use crate::domain::role::RoleRef;
use crate::domain::rules::{is_role_name, own, reserved, shown};
use crate::iam::arn::Arn;
use crate::ports::AccountError;

/// How long the names of all roles are looked through for one that was meant.
const LOOK_THROUGH: Duration = Duration::from_secs(4);
/// How many roles are listed at a time; the most that IAM allows.
const PAGE: i32 = 1_000;
/// How alike two names have to be; 1 is equal.
const ALIKE: f64 = 0.6;

impl IamRoles {
    /// A role that may be changed.
    pub(super) async fn find(&self, iam: &Client, role: &RoleRef) -> Result<Role, Trouble> {
        let missing = |like| AccountError::NoSuchRole { name: shown(&role.name), like };
        self.refuse_protected(role).await?;
        if !is_role_name(&role.name) {
            return Err(missing(None).into());
        }
        let found = match get(iam, &role.name).await {
            Ok(found) => found,
            Err(trouble) if trouble.is_missing() => match meant(iam, &role.name).await {
                // IAM tells no names apart by case, whichever way it is asked.
                Some(name) if name.eq_ignore_ascii_case(&role.name) && name != role.name => {
                    match get(iam, &name).await {
                        Err(trouble) if trouble.is_missing() => return Err(missing(None).into()),
                        found => found?,
                    }
                }
                like => return Err(missing(like.filter(|like| *like != role.name)).into()),
            },
            Err(trouble) => return Err(trouble),
        };
        admit(role, found).map_err(Trouble::from)
    }

    /// Refuses the roles by which ALPHA works, wherever they lie, before anything is asked.
    pub(super) async fn refuse_protected(&self, role: &RoleRef) -> Result<(), AccountError> {
        let identity = self.accounts.identity().await?;
        let configured = self.accounts.configured().all.values();
        let worked_by =
            configured.flat_map(|account| account.role.iter().chain(&account.trail.evidence_role));
        let is_own = std::iter::once(identity)
            .chain(worked_by.map(String::as_str))
            .filter_map(role_of)
            .any(|(account, name)| account == role.account.as_str() && name.eq_ignore_ascii_case(&role.name));
        if is_own { Err(AccountError::Reserved(own(&role.name))) } else { Ok(()) }
    }
}

/// The account and the name of the role that an ARN, of the role or of a session of it, is about.
fn role_of(arn: &str) -> Option<(&str, &str)> {
    let arn = Arn::parse(arn)?;
    let name = match (arn.service, arn.resource_type()) {
        ("iam", Some("role")) => arn.resource_id().rsplit('/').next(),
        ("sts", Some("assumed-role")) => arn.resource_id().split('/').next(),
        _ => None,
    };
    name.map(|name| (arn.account, name))
}

async fn get(iam: &Client, name: &str) -> Result<Role, Trouble> {
    let answer = iam.get_role().role_name(name).send().await;
    let answer = answer.map_err(|error| Fault::of(&GET_ROLE, &error))?;
    answer.role.ok_or_else(|| Fault::silent(&GET_ROLE).into())
}

/// Sees that it is the role of that account, and one that may be changed.
fn admit(asked: &RoleRef, found: Role) -> Result<Role, AccountError> {
    let account = Arn::parse(found.arn()).map(|arn| arn.account.to_owned()).unwrap_or_default();
    if account != asked.account.as_str() {
        let id = &asked.account;
        return Err(AccountError::Denied(format!(
            "ALPHA's credentials for account {id} are those of account {}: see `role` in [accounts.{id}]",
            shown(&account)
        )));
    }
    match reserved(found.path(), found.role_name()) {
        Some(why) => Err(AccountError::Reserved(why)),
        None => Ok(found),
    }
}

/// The name that was most likely meant. None too where the names can't be listed, or not in time: they are a courtesy.
async fn meant(iam: &Client, name: &str) -> Option<String> {
    let look = async {
        let mut pages = iam.list_roles().into_paginator().page_size(PAGE).items().send();
        let wanted = name.to_ascii_lowercase();
        let mut best: Option<(f64, String)> = None;
        while let Some(role) = pages.next().await {
            let role = role.map_err(|error| Fault::of(&LIST_ROLES, &error))?;
            let likeness =
                strsim::normalized_damerau_levenshtein(&wanted, &role.role_name().to_ascii_lowercase());
            if likeness >= ALIKE && best.as_ref().is_none_or(|(known, _)| likeness > *known) {
                best = Some((likeness, role.role_name));
            }
        }
        Ok::<_, Fault>(best.map(|(_, name)| name))
    };
    match tokio::time::timeout(LOOK_THROUGH, look).await {
        Ok(Ok(name)) => name,
        Ok(Err(fault)) => {
            tracing::warn!(%fault, "roles could not be listed to see which was meant");
            None
        }
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_role_behind_an_arn_is_told_by_account_and_name() {
        for (arn, role) in [
            ("arn:aws:iam::111122223333:role/alpha-service/bot", Some(("111122223333", "bot"))),
            ("arn:aws:iam::111122223333:role/bot", Some(("111122223333", "bot"))),
            ("arn:aws:sts::111122223333:assumed-role/bot/task-1", Some(("111122223333", "bot"))),
            ("arn:aws:sts::111122223333:assumed-role/bot", Some(("111122223333", "bot"))),
            ("arn:aws:iam::111122223333:user/ana", None),
            ("arn:aws:iam::111122223333:root", None),
            ("bot", None),
        ] {
            assert_eq!(role_of(arn), role, "{arn}");
        }
    }
}
