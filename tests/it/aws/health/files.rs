//! Log files in S3: each read once, and the lag measured by when they were delivered.

use std::io::Write as _;

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;
use crate::account::contract;
use crate::aws::quiet as emulator;

/// A bucket in the emulator, which stamps what is delivered to it with the real time.
struct Bucket {
    s3: Client,
    name: &'static str,
    start: Timestamp,
}

impl Bucket {
    async fn new(name: &'static str) -> Self {
        let s3 = Client::new(&sdk(&emulator().url).await);
        s3.create_bucket().bucket(name).send().await.unwrap();
        Self { s3, name, start: Timestamp::now() }
    }

    /// So many seconds from the change, which is ten minutes before the test.
    fn at(&self, second: i64) -> Timestamp {
        self.start - SignedDuration::from_mins(10) + SignedDuration::from_secs(second)
    }

    fn trail(&self) -> Trail {
        Trail {
            bucket: Some(self.name.to_owned()),
            prefix: "logs/all".to_owned(),
            organisation: Some("o-1234567890".to_owned()),
            ..Trail::default()
        }
    }

    async fn put(&self, region: &str, named: Timestamp, mark: &str, bytes: Vec<u8>) {
        let id = id();
        let key = format!(
            "logs/all/AWSLogs/o-1234567890/{id}/CloudTrail/{region}/{}/{id}_CloudTrail_{region}_{}_{mark}.json.gz",
            named.strftime("%Y/%m/%d"),
            named.strftime("%Y%m%dT%H%MZ")
        );
        let put = self.s3.put_object().bucket(self.name).key(key).body(ByteStream::from(bytes));
        put.send().await.unwrap();
    }

    async fn deliver(&self, region: &str, mark: &str, records: &[String]) {
        self.put(region, Timestamp::now(), mark, packed(records)).await;
    }

    async fn health(&self, url: &str, regions: &[&str]) -> TrailHealth {
        health(url, self.trail(), regions, Timestamp::now() + SignedDuration::from_secs(1)).await
    }
}

fn packed(records: &[String]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(format!("{{\"Records\":[{}]}}", records.join(",")).as_bytes()).unwrap();
    gzip.finish().unwrap()
}

#[tokio::test]
async fn files_delivered_since_the_change_are_read_once_each() {
    let bucket = Bucket::new("health-once").await;
    // A trail may be an hour behind the day: what was delivered before the change is not even fetched.
    let before = bucket.at(-3_600);
    bucket.put("eu-west-1", before, "before", b"never read".to_vec()).await;
    let others: Vec<String> =
        (0..200).map(|second| record(9_000 + second, bucket.at(400), false, None)).collect();
    bucket.deliver("eu-west-1", "others", &others).await;
    let ours = |range: std::ops::Range<u32>, code| -> Vec<String> {
        range.map(|id| record(id, bucket.at(420), true, code)).collect()
    };
    bucket.deliver("eu-west-1", "ours", &ours(0..30, None)).await;
    bucket.deliver("us-east-1", "denied", &ours(30..33, Some("AccessDenied"))).await;
    bucket.deliver("eu-west-1", "again", &ours(25..30, None)).await;
    bucket.deliver("eu-west-1", "old", &[record(99, bucket.at(-10), true, Some("AccessDenied"))]).await;
    let wire = Wire::to(Some(&emulator().url)).await;
    let health = bucket.health(&wire.url, &["eu-west-1"]).await;
    let reading = since(&health, bucket.at(0)).await.unwrap();
    assert_eq!((reading.calls, denied(&reading)), (33, 3));
    // The slowest delivery is of what happened ten seconds before the change.
    assert!(reading.complete_until <= bucket.at(0), "{}", reading.complete_until);
    let fetched = |wire: &Wire| wire.operations().iter().filter(|path| path.ends_with(".json.gz")).count();
    assert_eq!(fetched(&wire), 5);
    wire.clear();
    bucket.deliver("eu-west-1", "more", &ours(40..45, None)).await;
    let reading = since(&health, bucket.at(0)).await.unwrap();
    assert_eq!((reading.calls, denied(&reading)), (38, 3));
    assert_eq!(fetched(&wire), 1);
    let now = Timestamp::now() + SignedDuration::from_secs(1);
    contract::a_reading_is_bounded_by_what_was_seen(&health, &web(), bucket.at(0), now).await;
}

#[tokio::test]
async fn a_file_named_by_the_five_minutes_before_the_change_is_read_if_it_was_delivered_after() {
    let bucket = Bucket::new("health-named").await;
    let change = bucket.at(0);
    let five_minutes = change.as_second().div_euclid(300) * 300;
    let named = Timestamp::from_second(five_minutes - 300).unwrap();
    let denial = record(1, bucket.at(1), true, Some("AccessDenied"));
    bucket.put("eu-west-1", named, "named", packed(&[denial])).await;
    let health = bucket.health(&emulator().url, &["eu-west-1"]).await;
    assert_eq!(denied(&since(&health, change).await.unwrap()), 1);
}

#[tokio::test]
async fn the_lag_is_that_of_the_slowest_file() {
    let bucket = Bucket::new("health-lag").await;
    let events: Vec<String> = (0..200).map(|id| record(id, bucket.at(500), false, None)).collect();
    bucket.deliver("eu-west-1", "one", &events).await;
    let health = bucket.health(&emulator().url, &["eu-west-1"]).await;
    let reading = since(&health, bucket.at(0)).await.unwrap();
    let off = reading.complete_until.duration_since(bucket.at(500)).abs();
    assert!(off <= SignedDuration::from_secs(5), "{}", reading.complete_until);
    assert_eq!(reading.calls, 0);
}

#[tokio::test]
async fn without_a_file_since_the_change_nothing_is_complete() {
    let bucket = Bucket::new("health-none").await;
    let health = bucket.health(&emulator().url, &["eu-west-1"]).await;
    let reading = since(&health, bucket.at(0)).await.unwrap();
    assert!(reading.complete_until < bucket.at(0));
}

#[tokio::test]
async fn a_file_or_bucket_that_cannot_be_read_is_named() {
    let bucket = Bucket::new("health-broken").await;
    let mut cut = packed(&[record(1, bucket.at(1), true, None)]);
    cut.truncate(cut.len() / 2);
    bucket.put("eu-west-1", Timestamp::now(), "broken", cut).await;
    let health_ = bucket.health(&emulator().url, &["eu-west-1"]).await;
    match since(&health_, bucket.at(0)).await {
        Err(AccountError::Rejected(why)) => assert!(why.contains("_broken.json.gz can't be read"), "{why}"),
        answer => panic!("{answer:?}"),
    }
    let trail = Trail { bucket: Some("health-nowhere".to_owned()), ..Trail::default() };
    let nowhere = health(&emulator().url, trail, &["eu-west-1"], Timestamp::now()).await;
    match since(&nowhere, bucket.at(0)).await {
        Err(AccountError::Rejected(why)) => assert!(why.contains("NoSuchBucket"), "{why}"),
        answer => panic!("{answer:?}"),
    }
}
