//! A trail of a world, and its log files: "Finding your CloudTrail log files" of the user guide.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;

use jiff::ToSpan as _;

use super::events::Event;
use super::world::World;

/// How many records a log file has at most.
const FILE: usize = 500;

impl World {
    /// A bucket whose name begins with the account's number; gives the name.
    pub async fn bucket(&self, name: &str) -> String {
        let bucket = format!("{}-{name}", self.account);
        aws_sdk_s3::Client::new(&self.sdk).create_bucket().bucket(&bucket).send().await.unwrap();
        bucket
    }

    /// A trail of all Regions that writes to a bucket; gives its ARN.
    pub async fn trail(&self, name: &str, bucket: &str, prefix: Option<&str>) -> String {
        let client = aws_sdk_cloudtrail::Client::new(&self.sdk);
        let make = client.create_trail().name(name).s3_bucket_name(bucket).is_multi_region_trail(true);
        let made = make.set_s3_key_prefix(prefix.map(str::to_owned)).send().await.unwrap();
        client.start_logging().name(name).send().await.unwrap();
        made.trail_arn.unwrap()
    }

    /// Writes all that is recorded of the account into a bucket, as a trail does: an organisation's has its id in the
    /// keys. Gives the keys.
    pub async fn log_files(&self, bucket: &str, prefix: &str, organisation: Option<&str>) -> Vec<String> {
        let client = aws_sdk_s3::Client::new(&self.sdk);
        let mut of_day: BTreeMap<(String, String), Vec<Arc<Event>>> = BTreeMap::new();
        for event in self.aws.events.of(&self.account) {
            let day = event.time.strftime("%Y/%m/%d").to_string();
            of_day.entry((event.member("awsRegion").to_owned(), day)).or_default().push(event);
        }
        let (account, within) = (&self.account, organisation.map_or(String::new(), |id| format!("{id}/")));
        let mut keys = Vec::new();
        for ((region, day), events) in of_day {
            for (number, events) in events.chunks(FILE).enumerate() {
                let folder = format!("{prefix}AWSLogs/{within}{account}/CloudTrail/{region}/{day}");
                let until = (events.last().unwrap().time + 5.minutes()).strftime("%Y%m%dT%H%MZ");
                let key = format!("{folder}/{account}_CloudTrail_{region}_{until}_{number:016}.json.gz");
                let body = gzip(events).into();
                client.put_object().bucket(bucket).key(&key).body(body).send().await.unwrap();
                keys.push(key);
            }
        }
        keys
    }
}

fn gzip(events: &[Arc<Event>]) -> Vec<u8> {
    let texts: Vec<&str> = events.iter().map(|event| &*event.text).collect();
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    writer.write_all(format!("{{\"Records\":[{}]}}", texts.join(",")).as_bytes()).unwrap();
    writer.finish().unwrap()
}
