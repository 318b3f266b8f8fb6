use super::*;
use crate::iam::cloudtrail::{Ending, Needs};

fn seen(record: &str) -> Seen<'_> {
    Reader::new().read(record, 100, &Filter::default()).unwrap()
}

const EVENT: &str = r#""eventTime":"2026-01-02T03:04:05Z","eventSource":"s3.amazonaws.com","eventName":"ListBuckets","awsRegion":"eu-west-1""#;

#[test]
fn a_record_becomes_a_call() {
    let record = format!(r#"{{{EVENT},"eventID":"e1","recipientAccountId":"111122223333"}}"#);
    let Seen::Call(call) = seen(&record) else { panic!("a call") };
    assert_eq!((&*call.id, &*call.name, &*call.region), ("e1", "ListBuckets", "eu-west-1"));
    assert_eq!(call.account.as_deref(), Some("111122223333"));
    assert_eq!(call.ending, Ending::Succeeded);
    assert!(matches!(call.needs, Needs::All(_)));
    assert!(!call.data_event);
}

#[test]
fn an_event_as_look_up_events_wraps_it_is_the_event_within() {
    let inner = format!("{{{EVENT}}}").replace('"', "\\\"");
    let record =
        format!(r#"{{"EventId":"x","EventName":"Other","CloudTrailEvent":"{inner}","Resources":[]}}"#);
    assert!(matches!(seen(&record), Seen::Call(call) if call.name == "ListBuckets"));
}

#[test]
fn what_is_no_call_is_counted_apart() {
    let cases = [
        (
            r#"{"awsAccountId":"1","digestStartTime":"2026-01-01T00:00:00Z","logFiles":[]}"#.to_owned(),
            Apart::Digest,
        ),
        (format!(r#"{{{EVENT},"eventType":"AwsCloudTrailInsight"}}"#), Apart::Insight),
        (r#"{"eventCategory":"Insight","insightDetails":{}}"#.to_owned(), Apart::Insight),
        (format!(r#"{{{EVENT},"eventType":"AwsServiceEvent"}}"#), Apart::ServiceEvent),
        (format!(r#"{{{EVENT},"eventCategory":"NetworkActivity"}}"#), Apart::NetworkActivity),
        ("{}".to_owned(), Apart::NotAnEvent),
        (r#"{"Version":"2012-10-17","Statement":[]}"#.to_owned(), Apart::NotAnEvent),
        (r#"{"eventName":{"x":1},"eventSource":"s3.amazonaws.com"}"#.to_owned(), Apart::NotAnEvent),
        (
            r#"{"eventTime":"yesterday","eventName":"A","eventSource":"s3.amazonaws.com"}"#.to_owned(),
            Apart::NotAnEvent,
        ),
    ];
    for (record, expected) in cases {
        assert!(matches!(seen(&record), Seen::Apart(apart) if apart == expected), "{record}");
    }
}

#[test]
fn a_record_that_is_no_json_is_named_by_its_byte() {
    let error = Reader::new().read(r#"{"eventName":x}"#, 100, &Filter::default()).unwrap_err();
    assert!(matches!(&error, Broken::Malformed { at: 112..=114, .. }), "{error:?}");
    let wrapped = r#"{"CloudTrailEvent":"{\"eventName\":"}"#;
    let error = Reader::new().read(wrapped, 100, &Filter::default()).unwrap_err();
    assert!(error.to_string().contains("CloudTrailEvent, byte"), "{error}");
}

#[test]
fn hostile_nesting_within_a_wrapped_event_is_refused() {
    let wrapped = format!(r#"{{"CloudTrailEvent":"{}"}}"#, "[".repeat(100_000));
    let error = Reader::new().read(&wrapped, 7, &Filter::default()).unwrap_err();
    assert_eq!(error, Broken::TooDeep { at: 7 });
}

#[test]
fn the_filter_decides_before_anything_is_looked_up() {
    let record = format!(r#"{{{EVENT},"recipientAccountId":"111122223333"}}"#);
    for filter in [
        Filter { region: Some("us-east-1".into()), ..Filter::default() },
        Filter { account: Some("444455556666".into()), ..Filter::default() },
        Filter { since: "2026-01-03T00:00:00Z".parse().ok(), ..Filter::default() },
        Filter { until: "2026-01-01T00:00:00Z".parse().ok(), ..Filter::default() },
    ] {
        assert!(
            matches!(
                Reader::new().read(&record, 0, &filter).unwrap(),
                Seen::Filtered { data_event_of: None }
            ),
            "{filter:?}"
        );
    }
}
