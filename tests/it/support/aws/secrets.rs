//! Secrets Manager, which moto has: what its operations need.
//!
//! From "Actions defined by AWS Secrets Manager" of the service authorization reference.

use std::collections::BTreeMap;

use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;

use super::callers::Session;
use super::grants::Need;
use super::passage::Aws;
use super::wire::Asked;

pub async fn needs(aws: &Aws, asked: &Asked, session: &Session) -> Option<Vec<Need>> {
    let known = ["GetSecretValue", "DescribeSecret", "ListSecretVersionIds", "PutSecretValue"];
    if !known.contains(&&*asked.operation) {
        return None;
    }
    let id = asked.text("SecretId")?;
    let client = aws.moto.secrets(&session.account, &asked.region);
    let found = client.describe_secret().secret_id(id).send().await.ok();
    let tags = found
        .iter()
        .flat_map(DescribeSecretOutput::tags)
        .filter_map(|tag| Some((tag.key.clone()?, tag.value.clone()?)));
    let tags: BTreeMap<_, _> = tags.collect();
    let unknown = || format!("arn:aws:secretsmanager:{}:{}:secret:{id}", asked.region, session.account);
    let arn = found.and_then(|found| found.arn).unwrap_or_else(unknown);
    let need = Need::new(&format!("secretsmanager:{}", asked.operation), &*arn)
        .tagged(&tags)
        .with("secretsmanager:SecretId", Some(&arn))
        .with("secretsmanager:VersionStage", asked.text("VersionStage"));
    Some(vec![need])
}
