//! A role, whole: its policies, boundary, trust and tags.

use std::collections::BTreeMap;

use aws_sdk_iam::Client;
use aws_sdk_iam::types::Role;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::calls::{GET_ROLE, GET_ROLE_POLICY, LIST_ATTACHED, LIST_ROLE_POLICIES};
use super::document::parse;
use super::managed;
use super::trouble::Trouble;
use crate::aws::fault::Fault;
use crate::domain::role::{ManagedPolicy, Snapshot};
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
        tags: role.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect(),
    })
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
