//! Log files in S3: in an emulator's, and in one that breaks.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use alpha::iam::evidence::Standing;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::scene::{Scene, id, record, record_of, standing, tells};
use super::wire::{Call, Wire, asked_of, error, ok, ok_json};
use crate::support::emulator::emulator;

/// A log file.
pub fn file(records: &[Value]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(json!({ "Records": records }).to_string().as_bytes()).unwrap();
    encoder.finish().unwrap()
}

const BASE: &str = "logs/AWSLogs/111122223333/CloudTrail/";

fn key(region: &str, day: u32, name: &str) -> String {
    format!("{BASE}{region}/2026/11/{day}/{name}.json.gz")
}

/// A bucket in the emulator with these files; what isn't S3's nobody answers.
async fn bucket(name: &str, files: &[(String, Vec<u8>)]) -> Wire {
    let sdk = emulator().sdk().await;
    let s3 =
        aws_sdk_s3::Client::from_conf(aws_sdk_s3::config::Builder::from(&sdk).force_path_style(true).build());
    s3.create_bucket().bucket(name).send().await.unwrap();
    for (key, bytes) in files {
        let body = aws_sdk_s3::primitives::ByteStream::from(bytes.clone());
        s3.put_object().bucket(name).key(key).body(body).send().await.unwrap();
    }
    let wire = Wire::start().await;
    for operation in ["ListObjectsV2", "GetObject"] {
        wire.on(operation, |call| asked_of(&emulator().url, call));
    }
    wire
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_of_all_regions_and_days_are_read_and_nothing_else() {
    let files = [
        (key("us-east-1", 25, "a"), file(&[record(1, "iam:GetRole"), record_of("other", 2, "iam:GetUser")])),
        (key("us-east-1", 26, "b"), file(&[record(3, "iam:GetRole"), record(4, "s3:GetObject")])),
        // CloudTrail may deliver a record more than once.
        (key("eu-west-1", 26, "c"), file(&[record(3, "iam:GetRole")])),
        // A Region that isn't configured: a role may call anywhere.
        (key("ap-south-1", 27, "d"), file(&[record(5, "sqs:ListQueues")])),
        (key("us-east-1", 24, "early"), file(&[record(6, "iam:ListRoles")])),
        (format!("{BASE}us-east-1/2026/11/26/readme.txt"), b"no log".to_vec()),
        (format!("{BASE}-Digest/us-east-1/2026/11/26/digest.json.gz"), file(&[record(7, "iam:ListRoles")])),
    ];
    let wire = bucket("evidence-all", &files).await;
    wire.on("LookupEvents", |_| ok_json(&json!({ "Events": [] })));
    let scene = Scene::new(&wire.url).with_bucket("evidence-all");
    let gathered = scene.gathered().await;
    assert_eq!(gathered.used.coverage().calls, 4, "{:?}", gathered.gaps);
    assert_eq!(gathered.calls.iter().map(|(_, times)| times).sum::<u64>(), 4);
    for (action, expected) in [
        ("iam:GetRole", Standing::Used),
        ("s3:GetObject", Standing::Used),
        ("sqs:ListQueues", Standing::Used),
        ("iam:GetUser", Standing::Unused),
        ("iam:ListRoles", Standing::Unused),
        ("s3:PutObject", Standing::Unused),
    ] {
        assert_eq!(standing(&gathered, action), expected, "{action}");
    }
    assert!(!gathered.used.may_lack(id("iam:GetRole")), "the files are complete, whatever the look-up is");
    assert!(!tells(&gathered.gaps, &["log files"]), "{:?}", gathered.gaps);
    assert!(!tells(&gathered.gaps, &["other Regions"]), "files are of all: {:?}", gathered.gaps);
}

#[tokio::test(flavor = "multi_thread")]
async fn days_and_regions_without_files_and_a_trail_without_data_events_are_told() {
    let files = [(key("us-east-1", 26, "a"), file(&[record(1, "iam:GetRole")]))];
    let wire = bucket("evidence-few", &files).await;
    let gathered = Scene::new(&wire.url).with_bucket("evidence-few").gathered().await;
    for gap in [
        "log files: none of 1 day between 2026-11-25 and 2026-11-25",
        "log files: the bucket holds none of eu-west-1",
        "the trail records no data events",
    ] {
        assert!(tells(&gathered.gaps, &[gap]), "{gap} {:?}", gathered.gaps);
    }
    assert!(gathered.used.may_lack(id("iam:GetRole")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_without_logs_or_that_is_not_there_is_told() {
    let wire = bucket("evidence-none", &[("other/thing.json.gz".to_owned(), file(&[]))]).await;
    let error = Scene::new(&wire.url).with_bucket("evidence-no-such").collect().await.unwrap_err();
    assert!(error.to_string().contains("NoSuchBucket"), "{error}");
    let gathered = Scene::new(&wire.url).with_bucket("evidence-none").gathered().await;
    assert!(
        tells(&gathered.gaps, &["holds none under logs/AWSLogs/111122223333/CloudTrail/"]),
        "{:?}",
        gathered.gaps
    );
}

/// A name as CloudTrail gives it, unless it is whole already.
fn named(name: &str) -> String {
    if name.contains('.') { name.to_owned() } else { format!("{name}.json.gz") }
}

/// A listing of one day's files in one Region.
fn listed(call: &Call, keys: &[&str]) -> Response {
    if !call.field("delimiter").is_empty() {
        return ok(format!(
            "<ListBucketResult><CommonPrefixes><Prefix>{BASE}us-east-1/</Prefix></CommonPrefixes></ListBucketResult>"
        ));
    }
    let day = call.field("prefix");
    let contents: Vec<String> =
        keys.iter().map(|key| format!("<Contents><Key>{day}{}</Key></Contents>", named(key))).collect();
    ok(format!("<ListBucketResult>{}</ListBucketResult>", contents.concat()))
}

/// Half of a body, which then breaks off.
fn half(bytes: &[u8]) -> Response {
    let pieces = [
        Ok(Bytes::copy_from_slice(&bytes[..bytes.len() / 2])),
        Err(std::io::Error::other("the connection broke")),
    ];
    let answer = Response::builder().header("content-length", bytes.len());
    answer.body(Body::from_stream(futures_util::stream::iter(pieces))).unwrap()
}

fn one_region(url: &str) -> Scene {
    let mut scene = Scene::new(url).with_bucket("logs");
    scene.account.regions.truncate(1);
    scene
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_breaks_off_is_asked_for_again_and_counts_once() {
    let wire = Wire::start().await;
    wire.on("ListObjectsV2", |call| listed(call, &["a"]));
    let records: Vec<Value> = (0..400).map(|number| record(number, "iam:GetRole")).collect();
    let whole = file(&records);
    let tries = Arc::new(AtomicUsize::new(0));
    let tried = Arc::clone(&tries);
    wire.on("GetObject", move |_| {
        if tried.fetch_add(1, Ordering::SeqCst) < 2 { half(&whole) } else { ok(whole.clone()) }
    });
    let gathered = one_region(&wire.url).gathered().await;
    assert_eq!(gathered.used.coverage().calls, 400, "{:?}", gathered.gaps);
    assert_eq!(
        tries.load(Ordering::SeqCst),
        5,
        "three days, the first tried three times, {:?}",
        gathered.gaps
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_can_not_be_read_to_its_end_is_told_and_what_was_read_counts() {
    let wire = Wire::start().await;
    wire.on("ListObjectsV2", |call| listed(call, &["a", "b"]));
    let records: Vec<Value> = (0..400).map(|number| record(number, "iam:GetRole")).collect();
    let cut = file(&records);
    let cut = cut[..cut.len() - 9].to_vec();
    wire.on("GetObject", move |call| {
        if call.path.ends_with("a.json.gz") {
            ok(cut.clone())
        } else {
            ok(file(&[record(500, "iam:GetUser")]))
        }
    });
    let gathered = one_region(&wire.url).gathered().await;
    assert_eq!(gathered.used.coverage().calls, 401);
    assert!(
        tells(&gathered.gaps, &["log files: 3 of 6 could not be read to the end", "broken gzip"]),
        "{:?}",
        gathered.gaps
    );
    assert!(gathered.used.may_lack(id("iam:GetRole")));
}

/// A body that comes after a while.
fn late(bytes: Vec<u8>, after: Duration) -> Response {
    let body = futures_util::stream::once(async move {
        tokio::time::sleep(after).await;
        Ok::<_, std::io::Error>(Bytes::from(bytes))
    });
    ok(Body::from_stream(body))
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_come_slowly_keep_no_other_request_waiting_until_its_time_is_over() {
    let wire = Wire::start().await;
    wire.on("ListObjectsV2", |call| {
        std::thread::sleep(Duration::from_millis(20));
        // The last day, which is the first to be read, gives all readers something to do. The lists of the others are
        // too long to come in one piece.
        if call.field("prefix").ends_with("/27/") {
            return listed(call, &["a", "b", "c", "d"]);
        }
        let others: Vec<String> = (0..5_000).map(|number| format!("{number:0100}.txt")).collect();
        let keys: Vec<&str> = others.iter().map(String::as_str).chain(["a"]).collect();
        listed(call, &keys)
    });
    wire.on("GetObject", |_| late(file(&[record(1, "s3:GetObject")]), Duration::from_secs(3)));
    let mut scene = one_region(&wire.url);
    scene.attempt = Some(Duration::from_millis(2_500));
    scene.limits.files = Duration::from_mins(2);
    let gathered = scene.gathered().await;
    assert_eq!(gathered.used.coverage().records, 6);
    assert!(!tells(&gathered.gaps, &["log files"]), "{:?}", gathered.gaps);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_in_another_region_is_asked_there() {
    let wire = Wire::start().await;
    let mut asked = 0;
    wire.on("ListObjectsV2", move |call| {
        asked += 1;
        if asked == 1 {
            let mut answer = error("ListObjectsV2", 301, "PermanentRedirect", "ask the right endpoint");
            answer.headers_mut().insert("x-amz-bucket-region", "eu-north-1".parse().unwrap());
            return answer;
        }
        listed(call, &["a"])
    });
    wire.on("GetObject", |_| ok(file(&[record(1, "iam:GetRole"), record(2, "s3:GetObject")])));
    let gathered = one_region(&wire.url).gathered().await;
    assert_eq!(gathered.used.coverage().calls, 2);
    assert!(!tells(&gathered.gaps, &["log files"]), "{:?}", gathered.gaps);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_may_not_be_read_are_told_once_and_not_asked_for_one_by_one() {
    let wire = Wire::start().await;
    wire.on("ListObjectsV2", |call| listed(call, &["a", "b", "c", "d", "e", "f"]));
    wire.on("LookupEvents", |_| {
        ok_json(&json!({ "Events": [{ "CloudTrailEvent": record(1, "iam:GetRole").to_string() }] }))
    });
    let gathered = one_region(&wire.url).gathered().await;
    assert_eq!(gathered.used.coverage().calls, 1);
    let gaps: Vec<&String> =
        gathered.gaps.iter().filter(|gap| gap.contains("needs s3:GetObject and kms:Decrypt")).collect();
    assert_eq!(gaps.len(), 1, "{:?}", gathered.gaps);
    assert!(wire.calls("GetObject").len() <= 4, "{}", wire.calls("GetObject").len());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_the_look_up_holds_too_counts_once() {
    let wire = Wire::start().await;
    wire.on("ListObjectsV2", |call| listed(call, &["a"]));
    wire.on("GetObject", |_| {
        ok(file(&(0..30).map(|number| record(number, "iam:GetRole")).collect::<Vec<_>>()))
    });
    wire.on("LookupEvents", |_| {
        let events: Vec<Value> = (20..40)
            .map(|number| json!({ "CloudTrailEvent": record(number, "iam:GetRole").to_string() }))
            .collect();
        ok_json(&json!({ "Events": events }))
    });
    let gathered = one_region(&wire.url).gathered().await;
    assert_eq!(gathered.used.coverage().calls, 40);
    assert_eq!(gathered.calls.iter().map(|(_, times)| times).sum::<u64>(), 40);
}
