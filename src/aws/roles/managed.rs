//! Managed policies: read with their default versions, made and deleted where a job made them.

use aws_sdk_iam::Client;

use super::calls::{
    CREATE_POLICY, DELETE_POLICY, DELETE_POLICY_VERSION, GET_POLICY, GET_POLICY_VERSION, LIST_POLICY_VERSIONS,
};
use super::document::parse;
use super::trouble::Trouble;
use crate::aws::fault::{Fault, Kind};
use crate::domain::errand::Errand;
use crate::domain::role::ManagedPolicy;
use crate::domain::rules::{is_made_by_a_job, place, refused, shown};
use crate::iam::document::Document;

/// A managed policy with its default version.
pub(super) async fn read(iam: &Client, arn: &str) -> Result<ManagedPolicy, Trouble> {
    let answer = iam.get_policy().policy_arn(arn).send().await;
    let answer = answer.map_err(|error| Fault::of(&GET_POLICY, &error))?;
    let version = answer.policy.and_then(|policy| policy.default_version_id);
    let version = version.ok_or_else(|| Fault::silent(&GET_POLICY))?;
    let answer = iam.get_policy_version().policy_arn(arn).version_id(&version).send().await;
    let answer = answer.map_err(|error| Fault::of(&GET_POLICY_VERSION, &error))?;
    let text = answer.policy_version.and_then(|version| version.document);
    let text = text.ok_or_else(|| Fault::silent(&GET_POLICY_VERSION))?;
    let document = parse(&text, || format!("version {version} of {arn}"))?;
    Ok(ManagedPolicy { arn: arn.to_owned(), version, document })
}

/// Makes a managed policy, unless it is there and says the same.
pub(super) async fn create(iam: &Client, errand: &Errand, policy: &ManagedPolicy) -> Result<(), Trouble> {
    let (path, name) = place(&policy.arn).unwrap_or_default();
    let asked = iam
        .create_policy()
        .path(path)
        .policy_name(name)
        .description(format!("Made by ALPHA for job {}, which deletes it", errand.job))
        .policy_document(policy.document.to_string_compact());
    match asked.send().await.map_err(|error| Fault::of(&CREATE_POLICY, &error)) {
        Ok(_) => Ok(()),
        Err(fault) if fault.kind == Kind::Exists => match read(iam, &policy.arn).await {
            Ok(there) if is_same(&there.document, &policy.document) => Ok(()),
            Ok(_) => Err(taken(policy)),
            Err(trouble) => Err(trouble),
        },
        Err(fault) => Err(fault.into()),
    }
}

fn taken(policy: &ManagedPolicy) -> Trouble {
    let why = format_args!("{} is there already and says something else", policy.arn);
    refused("EntityAlreadyExists", why).into()
}

/// Sees, before a policy is put on a role, that it is there and, where a job made it, that nobody changed it since.
pub(super) async fn ready(iam: &Client, policy: &ManagedPolicy) -> Result<(), Trouble> {
    let there = read(iam, &policy.arn).await?;
    if is_made_by_a_job(&policy.arn) && !is_same(&there.document, &policy.document) {
        return Err(taken(policy));
    }
    Ok(())
}

/// Deletes a managed policy that a job made, and the versions that somebody gave it since. One that is gone is not
/// missed; one that is in use stays.
pub(super) async fn delete(iam: &Client, arn: &str) -> Result<(), Trouble> {
    if !is_made_by_a_job(arn) {
        return Err(Trouble::rejected(format!(
            "{} was made by nobody's job, so none deletes it",
            shown(arn)
        )));
    }
    match delete_now(iam, arn).await {
        Err(fault) if fault.kind == Kind::Exists => {
            delete_versions(iam, arn, fault).await?;
            delete_now(iam, arn).await.map_err(Trouble::from)
        }
        answer => answer.map_err(Trouble::from),
    }
}

async fn delete_now(iam: &Client, arn: &str) -> Result<(), Fault> {
    let answer = iam.delete_policy().policy_arn(arn).send().await;
    gone(answer.map(drop).map_err(|error| Fault::of(&DELETE_POLICY, &error)))
}

/// Deletes all versions but the default one. Where there are none, the conflict was about something else.
async fn delete_versions(iam: &Client, arn: &str, conflict: Fault) -> Result<(), Trouble> {
    let pages = iam.list_policy_versions().policy_arn(arn).into_paginator().items().send();
    let versions: Result<Vec<_>, _> = pages.collect().await;
    let versions = versions.map_err(|error| Fault::of(&LIST_POLICY_VERSIONS, &error))?;
    let others = versions.into_iter().filter(|version| !version.is_default_version);
    let others: Vec<String> = others.filter_map(|version| version.version_id).collect();
    if others.is_empty() {
        return Err(conflict.into());
    }
    for version in others {
        let answer = iam.delete_policy_version().policy_arn(arn).version_id(version).send().await;
        gone(answer.map(drop).map_err(|error| Fault::of(&DELETE_POLICY_VERSION, &error)))?;
    }
    Ok(())
}

/// What was to go and isn't there is gone.
pub(super) fn gone(answer: Result<(), Fault>) -> Result<(), Fault> {
    match answer {
        Err(fault) if fault.kind == Kind::Missing => Ok(()),
        answer => answer,
    }
}

pub(super) fn is_same(one: &Document, other: &Document) -> bool {
    one == other || one.canonical_bytes() == other.canonical_bytes()
}
