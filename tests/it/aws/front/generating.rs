//! Policy generation.

use aws_sdk_accessanalyzer::Client;
use aws_sdk_accessanalyzer::types::{CloudTrailDetails, JobStatus, PolicyGenerationDetails, Trail};
use aws_smithy_types::DateTime;
use jiff::{Timestamp, ToSpan as _};
use serde_json::json;

use super::*;
use crate::support::aws::generation::{End, Plan};
use crate::support::aws::records::Record;
use crate::support::aws::world::trusting;

/// An account with a trail, a role with a past, and the role by which the trail is read.
struct Scene {
    front: Front,
    world: World,
    role: String,
    trail: String,
    evidence: String,
}

impl Scene {
    async fn new() -> Self {
        let front = Front::start();
        let world = World::new(&front).await;
        let bucket = world.bucket("trail").await;
        let trail = world.trail("trail", &bucket, Some("org")).await;
        let role = world.role(&RoleSpec { name: "web", path: "/app/", ..RoleSpec::default() }).await;
        let table = Record::new(&role, "us-east-1", "dynamodb", "DescribeTable", json!({"tableName": "t"}));
        let queues = Record::new(&role, "us-east-1", "sqs", "ListQueues", json!({}));
        let refused = Record::new(&role, "us-east-1", "sqs", "PurgeQueue", json!({})).denied();
        let then = Timestamp::now() - 2.hours();
        let records = [table, queues, refused].map(|record| record.at(then).text());
        front.aws.events.add(&world.account, records);
        let trust = trusting("access-analyzer.amazonaws.com");
        let reads = format!(
            r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","Action":"cloudtrail:GetTrail","Resource":"{trail}"}},
            {{"Effect":"Allow","Action":["iam:GenerateServiceLastAccessedDetails","iam:GetServiceLastAccessedDetails"],"Resource":"*"}},
            {{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::{bucket}"}},
            {{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::{bucket}/org/AWSLogs/*"}}]}}"#
        );
        let evidence = RoleSpec {
            name: "evidence",
            trust: Some(&trust),
            inline: &[("reads", &reads)],
            ..RoleSpec::default()
        };
        let evidence = world.role(&evidence).await;
        Self { front, world, role, trail, evidence }
    }

    fn start(&self, client: &Client) -> aws_sdk_accessanalyzer::operation::start_policy_generation::builders::StartPolicyGenerationFluentBuilder
    {
        let trail = Trail::builder().cloud_trail_arn(&self.trail).all_regions(true).build().unwrap();
        let since = DateTime::from_secs((Timestamp::now() - (24 * 30).hours()).as_second());
        let details =
            CloudTrailDetails::builder().trails(trail).access_role(&self.evidence).start_time(since);
        let of = PolicyGenerationDetails::builder().principal_arn(&self.role).build().unwrap();
        client
            .start_policy_generation()
            .policy_generation_details(of)
            .cloud_trail_details(details.build().unwrap())
    }

    /// What a job ends as, with its error's code, and the policy.
    async fn outcome(&self, client: &Client, job: &str) -> (JobStatus, Option<String>, Option<String>) {
        loop {
            let asked = client.get_generated_policy().job_id(job).include_resource_placeholders(true);
            let found = asked.send().await.unwrap();
            let details = found.job_details.unwrap();
            if details.status != JobStatus::InProgress {
                let policies = found.generated_policy_result.unwrap().generated_policies.unwrap_or_default();
                let error = details.job_error.map(|error| error.code.to_string());
                return (details.status, error, policies.first().map(|policy| policy.policy.clone()));
            }
        }
    }
}

#[tokio::test]
async fn a_job_gives_a_policy_of_what_the_role_did() {
    let scene = Scene::new().await;
    let client = Client::new(&scene.world.sdk);
    let job = scene.start(&client).client_token("once").send().await.unwrap().job_id;
    let first = client.get_generated_policy().job_id(&job).send().await.unwrap();
    assert_eq!(first.job_details.unwrap().status, JobStatus::InProgress);
    assert!(first.generated_policy_result.unwrap().generated_policies().is_empty());
    let (status, error, policy) = scene.outcome(&client, &job).await;
    assert_eq!((status, error), (JobStatus::Succeeded, None));
    let expected = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["dynamodb:DescribeTable"],
         "Resource": ["arn:aws:dynamodb:${Region}:${Account}:table/${TableName}"]},
        {"Effect": "Allow", "Action": ["sqs:ListQueues"], "Resource": ["*"]},
    ]});
    assert_eq!(serde_json::from_str::<serde_json::Value>(&policy.unwrap()).unwrap(), expected);
    let again = scene.start(&client).client_token("once").send().await.unwrap().job_id;
    assert_eq!(again, job, "the same token is the same request");
    let unknown = client.get_generated_policy().job_id("nobodys").send().await.unwrap_err();
    assert!(unknown.into_service_error().is_validation_exception());
}

#[tokio::test]
async fn jobs_go_by_plan_and_are_cancelled() {
    let scene = Scene::new().await;
    let client = Client::new(&scene.world.sdk);
    let plans = [
        (End::Failed("SERVICE_ERROR", "Try again.".to_owned()), JobStatus::Failed),
        (End::Canceled, JobStatus::Canceled),
    ];
    for (end, expected) in plans {
        scene.front.aws.generations.plan(Plan { polls: 0, end });
        let job = scene.start(&client).send().await.unwrap().job_id;
        assert_eq!(scene.outcome(&client, &job).await.0, expected);
    }
    scene.front.aws.generations.plan(Plan { polls: usize::MAX, end: End::Succeeded });
    let job = scene.start(&client).send().await.unwrap().job_id;
    let conflict = scene.start(&client).send().await.unwrap_err().into_service_error();
    assert!(conflict.is_conflict_exception(), "{conflict:?}");
    client.cancel_policy_generation().job_id(&job).send().await.unwrap();
    assert_eq!(scene.outcome(&client, &job).await.0, JobStatus::Canceled);

    let listed = client.list_policy_generations().max_results(2).into_paginator().items().send();
    let listed: Vec<_> = listed.collect::<Result<_, _>>().await.unwrap();
    assert_eq!(listed.len(), 3);
    assert_eq!(listed[0].job_id, job, "the newest first");
    assert!(listed.iter().all(|job| job.principal_arn == scene.role && job.completed_on.is_some()));
}

#[tokio::test]
async fn jobs_are_counted_a_day_in_each_region_cancelled_ones_too() {
    let scene = Scene::new().await;
    scene.front.aws.generations.quota(2);
    let client = Client::new(&scene.world.sdk);
    for _ in 0..2 {
        let job = scene.start(&client).send().await.unwrap().job_id;
        client.cancel_policy_generation().job_id(job).send().await.unwrap();
    }
    let over = scene.start(&client).send().await.unwrap_err().into_service_error();
    assert!(over.is_service_quota_exceeded_exception(), "{over:?}");
    let elsewhere = aws_types::region::Region::new("eu-west-1");
    let elsewhere = Client::new(&scene.world.sdk.to_builder().region(elsewhere).build());
    scene.start(&elsewhere).send().await.unwrap();
}

#[tokio::test]
async fn the_role_is_passed_and_has_to_read_the_trail() {
    let scene = Scene::new().await;
    let start = "access-analyzer:StartPolicyGeneration";
    let sdk = granted(&scene.front, &scene.world, "bot", &allowing(&[start], "*")).await;
    let refused = scene.start(&Client::new(&sdk)).send().await.unwrap_err();
    assert!(refused.to_string() != "" && refused.message().unwrap().contains("iam:PassRole"), "{refused:?}");
    let passed = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:PassRole","Resource":"*",
        "Condition":{"StringEquals":{"iam:PassedToService":"access-analyzer.amazonaws.com"}}}}"#;
    let put = scene.world.iam.put_role_policy().role_name("bot").policy_name("pass").policy_document(passed);
    put.send().await.unwrap();
    scene.start(&Client::new(&sdk)).send().await.unwrap();

    let client = Client::new(
        &scene.world.sdk.to_builder().region(aws_types::region::Region::new("eu-west-1")).build(),
    );
    scene.world.iam.delete_role_policy().role_name("evidence").policy_name("reads").send().await.unwrap();
    let job = scene.start(&client).send().await.unwrap().job_id;
    let (status, error, _) = scene.outcome(&client, &job).await;
    assert_eq!((status, error.as_deref()), (JobStatus::Failed, Some("AUTHORIZATION_ERROR")));
}
