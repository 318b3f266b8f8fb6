//! A role, whole: its policies, boundary, trust and tags.

use std::collections::BTreeMap;

use aws_sdk_iam::Client;
use aws_sdk_iam::types::Role;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;

use super::calls::{GET_ROLE, GET_ROLE_POLICY, LIST_ATTACHED, LIST_ROLE_POLICIES};
use super::document::parse;
use super::managed;
use super::trouble::Trouble;
use crate::aws::fault::Fault;
use crate::domain::role::{LastUsed, ManagedPolicy, Snapshot};
use crate::iam::document::Document;

/// How many policies are read at a time: IAM lets few calls a second pass.
const AT_A_TIME: usize = 4;

/// How a role stands.
pub(super) async fn snapshot(iam: &Client, role: &Role) -> Result<Snapshot, Trouble> {
    let name = role.role_name();
    let Some(trust) = role.assume_role_policy_document() else {
        return Err(Fault::silent(&GET_ROLE).into());
    };
    let (inline, attached, boundary) =
        tokio::try_join!(inline(iam, name), attached(iam, name), boundary(iam, role))?;
    Ok(Snapshot {
        arn: role.arn().to_owned(),
        role_id: role.role_id().to_owned(),
        path: role.path().to_owned(),
        trust: parse(trust, || format!("the trust policy of {name}"))?,
        inline,
        attached,
        boundary,
        last_used: last_used(role),
        tags: role.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect(),
    })
}

/// When and where it was last used; IAM looks back 400 days, and tells neither where it wasn't used since.
fn last_used(role: &Role) -> Option<LastUsed> {
    let told = role.role_last_used()?;
    let at = Timestamp::from_second(told.last_used_date()?.secs()).ok()?;
    Some(LastUsed { at, region: told.region().unwrap_or_default().to_owned() })
}

async fn inline(iam: &Client, role: &str) -> Result<BTreeMap<String, Document>, Trouble> {
    let pages = iam.list_role_policies().role_name(role).into_paginator().items().send();
    let names: Result<Vec<String>, _> = pages.collect().await;
    let names = names.map_err(|error| Fault::of(&LIST_ROLE_POLICIES, &error))?;
    let read = names.into_iter().map(|name| async move {
        let document = inline_policy(iam, role, &name).await?;
        Ok((name, document))
    });
    stream::iter(read).buffer_unordered(AT_A_TIME).try_collect().await
}

/// What an inline policy says.
pub(super) async fn inline_policy(iam: &Client, role: &str, name: &str) -> Result<Document, Trouble> {
    let answer = iam.get_role_policy().role_name(role).policy_name(name).send().await;
    let answer = answer.map_err(|error| Fault::of(&GET_ROLE_POLICY, &error))?;
    parse(answer.policy_document(), || format!("inline policy {name} of {role}"))
}

/// The ARNs of the managed policies that are attached to a role.
pub(super) async fn attached_arns(iam: &Client, role: &str) -> Result<Vec<String>, Trouble> {
    let pages = iam.list_attached_role_policies().role_name(role).into_paginator().items().send();
    let listed: Result<Vec<_>, _> = pages.collect().await;
    let listed = listed.map_err(|error| Fault::of(&LIST_ATTACHED, &error))?;
    Ok(listed.into_iter().filter_map(|policy| policy.policy_arn).collect())
}

async fn attached(iam: &Client, role: &str) -> Result<BTreeMap<String, ManagedPolicy>, Trouble> {
    let read = attached_arns(iam, role).await?.into_iter().map(|arn| async move {
        let policy = managed::read(iam, &arn).await?;
        Ok((arn, policy))
    });
    stream::iter(read).buffer_unordered(AT_A_TIME).try_collect().await
}

async fn boundary(iam: &Client, role: &Role) -> Result<Option<ManagedPolicy>, Trouble> {
    match boundary_arn(role) {
        Some(arn) => managed::read(iam, arn).await.map(Some),
        None => Ok(None),
    }
}

/// The ARN of a role's permissions boundary.
pub(super) fn boundary_arn(role: &Role) -> Option<&str> {
    role.permissions_boundary().and_then(|boundary| boundary.permissions_boundary_arn())
}

#[cfg(test)]
mod tests {
    use aws_sdk_iam::types::RoleLastUsed;
    use aws_smithy_types::DateTime;

    use super::*;

    #[test]
    fn the_last_use_is_told_where_iam_knows_of_one() {
        let of = |used: Option<RoleLastUsed>| {
            let role =
                Role::builder().path("/").role_name("web").role_id("AROA").arn("arn:aws:iam::1:role/web");
            let role = role.create_date(DateTime::from_secs(0)).set_role_last_used(used).build();
            role.ok().as_ref().and_then(last_used)
        };
        assert_eq!(of(None), None);
        assert_eq!(
            of(Some(RoleLastUsed::builder().build())),
            None,
            "not within the time that IAM looks back"
        );
        let used = RoleLastUsed::builder().last_used_date(DateTime::from_secs(7)).region("eu-west-1").build();
        let expected = LastUsed {
            at: Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_secs(7),
            region: "eu-west-1".to_owned(),
        };
        assert_eq!(of(Some(used)), Some(expected));
    }
}
