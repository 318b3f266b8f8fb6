//! What goes wrong by script, as clients see it.

use std::time::{Duration, Instant};

use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

use super::*;
use crate::support::aws::journal::Verdict;
use crate::support::aws::troubles::{Trouble, When};
use crate::support::aws::wire::Refusal;

/// What clients are made from that try once.
fn once(sdk: &aws_types::SdkConfig) -> aws_types::SdkConfig {
    sdk.to_builder().retry_config(RetryConfig::disabled()).build()
}

#[tokio::test]
async fn every_trouble_is_the_services_own_error() {
    let front = Front::start();
    let world = World::new(&front).await;
    let sdk = once(&world.sdk);
    let iam = aws_sdk_iam::Client::new(&sdk);
    let troubles = &front.aws.troubles;
    let limit = Refusal::new(409, "LimitExceeded", "Cannot exceed quota for PoliciesPerAccount: 1500");
    for (trouble, expected) in [
        (Trouble::Denied, "AccessDenied"),
        (Trouble::Throttled, "Throttling"),
        (Trouble::ExpiredToken, "ExpiredToken"),
        (Trouble::Refused(limit), "LimitExceeded"),
    ] {
        troubles.next("iam", "ListRoles", trouble);
        assert_eq!(code(&iam.list_roles().send().await.unwrap_err()), expected);
        iam.list_roles().send().await.unwrap();
    }
    let analyzer = aws_sdk_accessanalyzer::Client::new(&sdk);
    troubles.next("access-analyzer", "*", Trouble::Throttled);
    let throttled = analyzer.list_analyzers().send().await.unwrap_err();
    assert!(throttled.into_service_error().is_throttling_exception());
    let table = aws_sdk_dynamodb::Client::new(&sdk);
    troubles.next("dynamodb", "DescribeTable", Trouble::Denied);
    let denied = table.describe_table().table_name("t").send().await.unwrap_err();
    assert_eq!(code(&denied), "AccessDeniedException");
    troubles.next("s3", "ListObjectsV2", Trouble::Throttled);
    let slow = aws_sdk_s3::Client::new(&sdk).list_objects_v2().bucket("b").send().await.unwrap_err();
    assert_eq!(code(&slow), "SlowDown");
    troubles.next("iam", "ListRoles", Trouble::Html);
    let html = iam.list_roles().send().await.unwrap_err();
    assert_eq!(html.raw_response().map(|raw| raw.status().as_u16()), Some(500));
    assert_eq!(code(&html), "(none)");
}

#[tokio::test]
async fn an_answer_is_lost_before_or_after_the_effect() {
    let front = Front::start();
    let world = World::new(&front).await;
    let iam = aws_sdk_iam::Client::new(&once(&world.sdk));
    let second = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_secs(1)).build();
    let impatient =
        world.sdk.to_builder().retry_config(RetryConfig::disabled()).timeout_config(second).build();
    let impatient = aws_sdk_iam::Client::new(&impatient);
    let make = |name: &str| impatient.create_role().role_name(name).assume_role_policy_document("{}");
    let is_there = async |name: &str| iam.get_role().role_name(name).send().await.is_ok();
    for (number, (trouble, done)) in [
        (Trouble::Cut(When::BeforeTheEffect), false),
        (Trouble::Cut(When::AfterTheEffect), true),
        (Trouble::Silence(When::BeforeTheEffect), false),
        (Trouble::Silence(When::AfterTheEffect), true),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("role-{number}");
        front.aws.troubles.next("iam", "CreateRole", trouble.clone());
        let lost = make(&name).send().await.unwrap_err();
        assert!(lost.as_service_error().is_none(), "{lost:?}");
        // Others keep the emulator busy, and this client didn't wait for it.
        let end = Instant::now() + Duration::from_secs(if done { 30 } else { 0 });
        while !is_there(&name).await && Instant::now() < end {}
        assert_eq!(is_there(&name).await, done, "{trouble:?}");
    }
}

#[tokio::test]
async fn troubles_come_at_the_nth_call_and_pass() {
    let front = Front::start();
    let world = World::new(&front).await;
    let iam = aws_sdk_iam::Client::new(&once(&world.sdk));
    let asks = async || iam.list_roles().send().await.is_ok();
    front.aws.troubles.nth("iam", "ListRoles", 2, Trouble::Denied);
    front.aws.troubles.times("iam", "GetRole", 3, Trouble::Denied);
    assert_eq!([asks().await, asks().await, asks().await], [true, false, true]);
    for _ in 0..3 {
        assert_eq!(code(&iam.get_role().role_name("r").send().await.unwrap_err()), "AccessDenied");
    }
    assert_eq!(code(&iam.get_role().role_name("r").send().await.unwrap_err()), "NoSuchEntity");
    let spoilt = front.aws.journal.of("iam", "GetRole");
    assert_eq!(spoilt.iter().filter(|entry| entry.verdict == Verdict::Troubled(Trouble::Denied)).count(), 3);

    front.aws.troubles.next("iam", "ListRoles", Trouble::Slow(Duration::from_millis(300)));
    let begun = Instant::now();
    assert!(asks().await);
    assert!(begun.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn clients_that_retry_outlast_a_time_of_throttling() {
    let front = Front::start();
    let world = World::new(&front).await;
    front.aws.troubles.during("iam", "*", Duration::from_millis(400), Trouble::Throttled);
    let retry = RetryConfig::standard().with_max_attempts(8).with_max_backoff(Duration::from_millis(200));
    let iam = aws_sdk_iam::Client::new(&world.sdk.to_builder().retry_config(retry).build());
    iam.list_roles().send().await.unwrap();
    assert!(front.aws.journal.of("iam", "ListRoles").len() > 1);
}
