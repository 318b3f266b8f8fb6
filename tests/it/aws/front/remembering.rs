//! What is told of the past: look-up, last-accessed reports, log groups, log files.

use std::io::Read as _;
use std::time::Duration;

use aws_sdk_cloudtrail::operation::lookup_events::LookupEventsOutput;
use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey};
use aws_sdk_cloudwatchlogs::types::QueryStatus;
use aws_sdk_iam::types::{AccessAdvisorUsageGranularityType as Level, JobStatusType};
use aws_smithy_types::DateTime;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde_json::json;

use super::*;
use crate::support::aws::records::Record;

/// A role, and so many calls of it, a minute apart and the last a minute ago, each third a data event.
async fn with_past(front: &Front, world: &World, calls: i64) -> String {
    let grants = allowing(&["s3:*", "sqs:ListQueues", "sqs:PurgeQueue", "iam:GetRole"], "*");
    let spec = RoleSpec { name: "web", path: "/app/", inline: &[("all", &grants)], ..RoleSpec::default() };
    let role = world.role(&spec).await;
    let record = |number: i64| {
        let record = match number % 3 {
            0 => Record::new(&role, "us-east-1", "s3", "GetObject", json!({"bucketName": "b", "key": "k"}))
                .data(),
            1 => Record::new(&role, "us-east-1", "sqs", "ListQueues", json!({})),
            _ => Record::new(&role, "us-east-1", "sqs", "PurgeQueue", json!({})).denied(),
        };
        record.at(Timestamp::now() - (number + 1).minutes()).text()
    };
    front.aws.events.add(&world.account, (0..calls).map(record));
    role
}

#[tokio::test]
async fn events_are_looked_up_fifty_a_page_the_newest_first_without_data_events() {
    let front = Front::start();
    let world = World::new(&front).await;
    with_past(&front, &world, 240).await;
    front.aws.pace.hurry();
    let client = aws_sdk_cloudtrail::Client::new(&world.sdk);
    let pages = client.lookup_events().into_paginator().send().collect::<Result<Vec<_>, _>>().await.unwrap();
    assert_eq!(pages.iter().map(|page| page.events().len()).collect::<Vec<_>>(), [50, 50, 50, 10]);
    let events: Vec<_> = pages.iter().flat_map(LookupEventsOutput::events).collect();
    assert!(events.is_sorted_by(|one, other| one.event_time >= other.event_time));
    let record: serde_json::Value = serde_json::from_str(events[0].cloud_trail_event().unwrap()).unwrap();
    assert_eq!(record["eventName"], events[0].event_name().unwrap());
    assert_eq!(events[0].username(), Some("work"));

    let named = |key: LookupAttributeKey, value: &str| {
        let attribute = LookupAttribute::builder().attribute_key(key).attribute_value(value).build().unwrap();
        client.lookup_events().lookup_attributes(attribute).into_paginator().items().send()
    };
    for (key, value, count) in [
        (LookupAttributeKey::EventName, "PurgeQueue", 80),
        (LookupAttributeKey::EventSource, "sqs.amazonaws.com", 160),
        (LookupAttributeKey::Username, "work", 160),
        (LookupAttributeKey::EventId, events[7].event_id().unwrap(), 1),
        (LookupAttributeKey::ReadOnly, "false", 80),
        (LookupAttributeKey::Username, "nobody", 0),
    ] {
        let found = named(key.clone(), value).collect::<Result<Vec<_>, _>>().await.unwrap();
        assert_eq!(found.len(), count, "{key:?}");
    }
    let hour = DateTime::from_secs((Timestamp::now() - 1.hours()).as_second());
    let late = client.lookup_events().start_time(hour).into_paginator().items().send();
    let late = late.collect::<Result<Vec<_>, _>>().await.unwrap();
    assert!((38..=41).contains(&late.len()), "{}", late.len());
    let over = client.lookup_events().max_results(51).send().await.unwrap_err().into_service_error();
    assert!(over.is_invalid_max_results_exception());
    let first = client.lookup_events().send().await.unwrap().next_token.unwrap();
    let other = client.lookup_events().start_time(hour).next_token(first).send().await.unwrap_err();
    assert!(other.into_service_error().is_invalid_next_token_exception());
    let elsewhere = world.sdk.to_builder().region(aws_types::region::Region::new("eu-west-1")).build();
    let elsewhere = aws_sdk_cloudtrail::Client::new(&elsewhere).lookup_events().send().await.unwrap();
    assert!(elsewhere.events().is_empty());
}

#[tokio::test]
async fn more_than_two_look_ups_a_second_are_throttled_in_each_account_and_region() {
    let front = Front::start();
    let world = World::new(&front).await;
    let once = aws_smithy_types::retry::RetryConfig::disabled();
    let sdk = world.sdk.to_builder().retry_config(once).build();
    let client = aws_sdk_cloudtrail::Client::new(&sdk);
    let ask = || client.lookup_events().send();
    let (one, two, three) = tokio::join!(ask(), ask(), ask());
    let refused: Vec<_> = [one, two, three].into_iter().filter_map(Result::err).collect();
    assert_eq!(refused.iter().map(code).collect::<Vec<_>>(), ["ThrottlingException"]);
    let there = sdk.to_builder().region(aws_types::region::Region::new("eu-west-1")).build();
    aws_sdk_cloudtrail::Client::new(&there).lookup_events().send().await.unwrap();
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    ask().await.unwrap();
}

#[tokio::test]
async fn what_just_happened_is_seen_after_the_lag() {
    let front = Front::start();
    let world = World::new(&front).await;
    with_past(&front, &world, 30).await;
    front.aws.events.lag(SignedDuration::from_mins(10));
    let client = aws_sdk_cloudtrail::Client::new(&world.sdk);
    let newest = client.lookup_events().send().await.unwrap();
    let age = Timestamp::now().as_second() - newest.events()[0].event_time().unwrap().secs();
    assert!((600..720).contains(&age), "{age}");
}

#[tokio::test]
async fn a_last_accessed_report_counts_attempts_takes_its_time_and_is_its_sessions_own() {
    let front = Front::start();
    let world = World::new(&front).await;
    let role = with_past(&front, &world, 30).await;
    let actions = ["iam:GenerateServiceLastAccessedDetails", "iam:GetServiceLastAccessedDetails"];
    let iam = aws_sdk_iam::Client::new(&granted(&front, &world, "bot", &allowing(&actions, "*")).await);
    front.aws.reports.take(2);
    let job = iam.generate_service_last_accessed_details().arn(&role).granularity(Level::ActionLevel);
    let job = job.send().await.unwrap().job_id.unwrap();
    let get = |marker: Option<String>| {
        iam.get_service_last_accessed_details().job_id(&job).max_items(2).set_marker(marker).send()
    };
    for _ in 0..2 {
        assert_eq!(get(None).await.unwrap().job_status, JobStatusType::InProgress);
    }
    let first = get(None).await.unwrap();
    assert_eq!((&first.job_status, first.is_truncated), (&JobStatusType::Completed, true));
    let second = get(first.marker).await.unwrap();
    let services = [first.services_last_accessed, second.services_last_accessed].concat();
    let names: Vec<&str> = services.iter().map(|service| &*service.service_namespace).collect();
    assert_eq!(names, ["iam", "s3", "sqs"]);
    let used = |service: usize| {
        let tracked = services[service].tracked_actions_last_accessed().iter();
        let used = tracked.filter(|action| action.last_accessed_time.is_some());
        used.map(|action| action.action_name().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(used(2), ["ListQueues", "PurgeQueue"], "the refused one too");
    assert_eq!((used(0), used(1)), (Vec::new(), Vec::new()));
    assert!(services[1].last_authenticated.is_some() && services[0].last_authenticated.is_none());

    let other = session(&front, &world, "bot").await;
    let other =
        aws_sdk_iam::Client::new(&other).get_service_last_accessed_details().job_id(&job).send().await;
    assert_eq!(code(&other.unwrap_err()), "NoSuchEntity");
    let nobody = iam.generate_service_last_accessed_details().arn(format!("{role}-x")).send().await;
    assert_eq!(code(&nobody.unwrap_err()), "NoSuchEntity");
}

#[tokio::test]
async fn a_log_group_is_searched_by_patterns_and_queried() {
    let front = Front::start();
    let world = World::new(&front).await;
    let role = with_past(&front, &world, 4_500).await;
    front.aws.logs.group(&world.account, "us-east-1", "trail");
    let group = format!("arn:aws:logs:us-east-1:{}:log-group:trail:*", world.account);
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[
        {{"Effect":"Allow","Action":["logs:FilterLogEvents","logs:StartQuery"],"Resource":"{group}"}},
        {{"Effect":"Allow","Action":"logs:GetQueryResults","Resource":"*"}}]}}"#
    );
    let client = aws_sdk_cloudwatchlogs::Client::new(&granted(&front, &world, "bot", &policy).await);
    let found = async |pattern: &str| {
        let asked = client.filter_log_events().log_group_name("trail").filter_pattern(pattern);
        let pages = asked.into_paginator().send().collect::<Result<Vec<_>, _>>().await.unwrap();
        (pages.len(), pages.iter().map(|page| page.events().len()).sum::<usize>())
    };
    let of_role = format!("$.userIdentity.sessionContext.sessionIssuer.arn = \"{role}\"");
    assert_eq!(found("").await, (3, 4_500));
    assert_eq!(found(&format!("{{ {of_role} && $.errorCode = \"Access*\" }}")).await, (3, 1_500));
    assert_eq!(found("{ ($.eventName = GetObject) || ($.eventName = \"List*\") }").await.1, 3_000);
    assert_eq!(found("{ $.errorCode NOT EXISTS }").await.1, 3_000);
    assert_eq!(found("{ $.errorCode = \"*Unauthorized*\" }").await.1, 0);
    assert_eq!(found("PurgeQueue \"Access Denied\"").await.1, 1_500);
    let broken = client.filter_log_events().log_group_name("trail").filter_pattern("{ eventName = x }");
    assert!(broken.send().await.unwrap_err().into_service_error().is_invalid_parameter_exception());
    let missing = client.filter_log_events().log_group_name("none").send().await.unwrap_err();
    assert_eq!(code(&missing), "AccessDeniedException");

    let ask = async |query: &str| {
        let (start, end) = (Timestamp::now() - 48.hours() * 2, Timestamp::now());
        let asked = client.start_query().log_group_name("trail").query_string(query);
        let asked = asked.start_time(start.as_second()).end_time(end.as_second()).send().await?;
        let id = asked.query_id.unwrap();
        let first = client.get_query_results().query_id(&id).send().await.unwrap();
        assert_eq!(first.status, Some(QueryStatus::Running));
        let done = client.get_query_results().query_id(&id).send().await.unwrap();
        assert_eq!(done.status, Some(QueryStatus::Complete));
        let rows = done.results.unwrap().into_iter().map(|row| {
            row.into_iter().map(|cell| (cell.field.unwrap(), cell.value.unwrap())).collect::<Vec<_>>()
        });
        Ok::<_, SdkError<aws_sdk_cloudwatchlogs::operation::start_query::StartQueryError, _>>(
            rows.collect::<Vec<_>>(),
        )
    };
    let counted =
        ask("filter eventSource = 'sqs.amazonaws.com' | stats count(*) as calls by eventName").await.unwrap();
    let row = |name: &str, count: &str| {
        vec![("eventName".to_owned(), name.to_owned()), ("calls".to_owned(), count.to_owned())]
    };
    assert_eq!(counted, [row("ListQueues", "1500"), row("PurgeQueue", "1500")]);
    let listed = ask(
        "fields @timestamp, eventName | filter errorCode like /Denied|Unauthorized/ and not (eventName in [\"x\"]) \
         | sort @timestamp asc | limit 2",
    );
    let listed = listed.await.unwrap();
    assert_eq!(listed.len(), 2);
    assert!(listed[0][0].1 < listed[1][0].1 && listed[0][1].1 == "PurgeQueue");
    assert_eq!(ask("filter ispresent(errorCode)").await.unwrap().len(), 1_000);
    let malformed = ask("parse @message '*'").await.unwrap_err().into_service_error();
    assert!(malformed.is_malformed_query_exception());
}

#[tokio::test]
async fn a_trails_files_hold_the_past_in_the_layout_of_a_trail() {
    let front = Front::start();
    let world = World::new(&front).await;
    with_past(&front, &world, 1_200).await;
    let bucket = world.bucket("logs").await;
    let trail = world.trail("main", &bucket, None).await;
    let known = aws_sdk_cloudtrail::Client::new(&world.sdk).describe_trails().send().await.unwrap();
    assert_eq!(known.trail_list()[0].trail_arn(), Some(&*trail));
    let keys = world.log_files(&bucket, "org/", Some("o-abcd")).await;
    let day = Timestamp::now().strftime("%Y/%m/%d").to_string();
    let folder = format!("org/AWSLogs/o-abcd/{}/CloudTrail/us-east-1/", world.account);
    assert!(keys.len() > 2 && keys.iter().all(|key| key.starts_with(&folder)), "{keys:?}");
    assert!(keys.last().unwrap().starts_with(&format!("{folder}{day}/")), "{keys:?}");
    let s3 = aws_sdk_s3::Client::new(&world.sdk);
    let mut records = 0;
    for key in keys {
        let body = s3.get_object().bucket(&bucket).key(key).send().await.unwrap().body;
        let bytes = body.collect().await.unwrap().into_bytes();
        let mut text = String::new();
        flate2::read::GzDecoder::new(&*bytes).read_to_string(&mut text).unwrap();
        let file: serde_json::Value = serde_json::from_str(&text).unwrap();
        records += file["Records"].as_array().unwrap().len();
    }
    assert_eq!(records, 1_200);
}
