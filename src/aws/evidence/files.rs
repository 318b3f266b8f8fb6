//! CloudTrail's log files in S3, by Region and day, the newest day first, each read as it comes.
//!
//! All Regions count of which the bucket holds files, configured or not: a role may call anywhere.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_types::SdkConfig;
use aws_types::region::Region;
use futures_util::{StreamExt as _, stream};
use jiff::civil::Date;
use jiff::tz::Offset;

use super::AwsEvidence;
use super::asked::{Asked, Came, Told, Voice};
use super::body::{self, Desk};
use super::words::{count, things};
use crate::aws::calls::{Call, Need, On, OnlyKnown};
use crate::aws::fault::{Fault, Kind};
use crate::domain::accounts::Trail;
use crate::domain::ids::AccountId;
use crate::ports::Window;

pub(super) const NAME: &str = "log files";

const LIST: Call = Call {
    service: "S3",
    operation: "ListObjectsV2",
    needs: &[Need { action: "s3:ListBucket", on: On::TrailBucket }],
};
const GET: Call = Call {
    service: "S3",
    operation: "GetObject",
    needs: &[
        Need { action: "s3:GetObject", on: On::TrailFiles },
        Need { action: "kms:Decrypt", on: On::TrailKey },
    ],
};
/// What this calls.
pub const CALLS: &[Call] = &[LIST, GET];

/// How many days are listed, and how many files are asked for, at a time.
const LISTS: usize = 8;
const FILES: usize = 4;
/// How often a file is asked for.
const TRIES: u32 = 3;

/// A bucket with the log files of an account.
struct Bucket<'a> {
    evidence: &'a AwsEvidence,
    asked: &'a Asked<'a>,
    voice: &'a Voice<'a>,
    client: Client,
    name: &'a str,
    /// Up to where keys tell the Region.
    base: String,
    desks: Mutex<Vec<Desk>>,
    done: Done,
}

/// What was done so far.
#[derive(Default)]
struct Done {
    files: AtomicU64,
    records: AtomicU64,
    broken: AtomicU64,
    unlisted: AtomicU64,
    /// The first fault of each kind.
    faults: Mutex<Vec<Fault>>,
    /// Why the first broken file is that.
    reason: Mutex<Option<String>>,
    /// Days of which there are files.
    days: Mutex<BTreeSet<Date>>,
    /// Whether nothing more is worth asking for.
    over: AtomicBool,
}

impl AwsEvidence {
    pub(super) async fn read_files(&self, asked: &Asked<'_>, voice: &Voice<'_>) -> Told {
        let trail = &asked.account.trail;
        let Some(name) = &trail.bucket else {
            return Told::unasked(format!(
                "{NAME}: no bucket of a trail is configured, so no data events are seen"
            ));
        };
        let config = match asked.accounts.reach_trail(asked.id, asked.errand).await {
            Ok(config) => config,
            Err(error) => return voice.failed(error),
        };
        let mut bucket = Bucket {
            evidence: self,
            asked,
            voice,
            client: client(&config, None),
            name,
            base: base(trail, asked.id),
            desks: Mutex::default(),
            done: Done::default(),
        };
        voice.say("looking for Regions");
        let regions = match bucket.regions(&config).await {
            Ok(regions) => regions,
            Err(fault) => return voice.fault(fault),
        };
        if regions.is_empty() {
            return Told::part(vec![format!("{NAME}: the bucket {name} holds none under {}", bucket.base)]);
        }
        let configured = asked.account.regions.iter().map(String::as_str);
        let missing: Vec<&str> =
            configured.filter(|region| !regions.iter().any(|one| one == region)).collect();
        let days = days(asked.window);
        bucket.read(&days, &regions).await;
        let mut gaps = bucket.done.gaps();
        if !missing.is_empty() {
            gaps.push(format!("{NAME}: the bucket holds none of {}", missing.join(", ")));
        }
        gaps.extend(bucket.done.days_without(&days));
        let whole = gaps.is_empty();
        if bucket.done.files.load(Ordering::Relaxed) == 0
            && let Some(fault) = lock(&bucket.done.faults).first().cloned()
        {
            return voice.fault(fault);
        }
        if !asked.found.lock().has_data_events() {
            let gap =
                "the trail records no data events, so the use of objects, items and the like can't be seen";
            gaps.push(gap.to_owned());
        }
        Told { came: if whole { Came::Whole } else { Came::Part }, gaps }
    }
}

impl Bucket<'_> {
    /// Of which Regions it holds files. Where it lies itself isn't configured, and S3 says it to whoever asks elsewhere.
    async fn regions(&mut self, config: &SdkConfig) -> Result<Vec<String>, Fault> {
        let (mut regions, mut token) = (Vec::new(), None);
        let mut is_moved = false;
        loop {
            let asked = self.client.list_objects_v2().bucket(self.name).prefix(&self.base).delimiter("/");
            let page = match asked.set_continuation_token(token.clone()).send().await {
                Ok(page) => page,
                Err(error) => match elsewhere(&error).filter(|_| !is_moved) {
                    Some(region) => {
                        self.client = client(config, Some(region));
                        is_moved = true;
                        continue;
                    }
                    None => return Err(Fault::of(&LIST, &error)),
                },
            };
            let found = page.common_prefixes().iter().filter_map(|prefix| prefix.prefix());
            regions.extend(found.filter_map(|prefix| {
                Some(prefix.strip_prefix(self.base.as_str())?.trim_end_matches('/').to_owned())
            }));
            token = page.next_continuation_token;
            if token.is_none() {
                return Ok(regions);
            }
        }
    }

    /// Reads all files of these days and Regions.
    async fn read(&self, days: &[Date], regions: &[String]) {
        let mut places: Vec<(Date, String)> = Vec::new();
        for day in days.iter().rev() {
            places.extend(regions.iter().map(|region| (*day, region.clone())));
        }
        stream::iter(places)
            .map(|(day, region)| self.list(day, region))
            .buffered(LISTS)
            .flat_map(stream::iter)
            .for_each_concurrent(FILES, |(day, key)| async move {
                self.file(&key).await;
                let (files, records) =
                    (self.done.files.load(Ordering::Relaxed), self.done.records.load(Ordering::Relaxed));
                self.voice.say(format!(
                    "{} of {} so far, back to {day}",
                    things(records, "record"),
                    things(files, "file")
                ));
            })
            .await;
    }

    /// The keys of one day's files in one Region.
    async fn list(&self, day: Date, region: String) -> Vec<(Date, String)> {
        let prefix = format!("{}{region}/{:04}/{:02}/{:02}/", self.base, day.year(), day.month(), day.day());
        let mut pages =
            self.client.list_objects_v2().bucket(self.name).prefix(&prefix).into_paginator().send();
        let mut keys = Vec::new();
        while !self.done.over.load(Ordering::Relaxed)
            && let Some(page) = pages.next().await
        {
            match page {
                Ok(page) => {
                    let found = page.contents().iter().filter_map(|object| object.key());
                    keys.extend(found.filter(is_log).map(|key| (day, key.to_owned())));
                }
                Err(error) => {
                    self.done.unlisted.fetch_add(1, Ordering::Relaxed);
                    self.done.fault(Fault::of(&LIST, &error));
                    break;
                }
            }
        }
        if !keys.is_empty() {
            lock(&self.done.days).insert(day);
        }
        keys
    }

    /// Reads one file. What breaks off is tried again: an event that was counted isn't counted twice.
    async fn file(&self, key: &str) {
        if self.done.over.load(Ordering::Relaxed) {
            return;
        }
        // Closed it never is.
        let Ok(_place) = self.evidence.readers.acquire().await else { return };
        let mut outcome = Ok(());
        for _ in 0..TRIES {
            let body = match self.client.get_object().bucket(self.name).key(key).send().await {
                Ok(object) => object.body,
                Err(error) => {
                    self.done.broken.fetch_add(1, Ordering::Relaxed);
                    return self.done.fault(Fault::of(&GET, &error));
                }
            };
            let desk = lock(&self.desks).pop().unwrap_or_else(Desk::new);
            let filter = std::sync::Arc::clone(self.asked.filter);
            let (desk, records, read) = body::read(desk, body, filter, self.asked.found.clone()).await;
            lock(&self.desks).extend(desk);
            if read.is_ok() {
                self.done.files.fetch_add(1, Ordering::Relaxed);
                self.done.records.fetch_add(records, Ordering::Relaxed);
                return;
            }
            outcome = read;
        }
        self.done.broken.fetch_add(1, Ordering::Relaxed);
        if let Err(why) = outcome {
            tracing::warn!(key, why, "a log file can't be read to its end");
            lock(&self.done.reason).get_or_insert(why);
        }
    }
}

impl Done {
    /// Takes down a fault. Where a permission or the bucket is missing, the rest is as well.
    fn fault(&self, fault: Fault) {
        if matches!(fault.kind, Kind::Denied | Kind::Credentials)
            || (fault.kind == Kind::Missing && fault.operation == LIST.operation)
        {
            self.over.store(true, Ordering::Relaxed);
        }
        let mut faults = lock(&self.faults);
        if !faults.iter().any(|known| (known.kind, known.operation) == (fault.kind, fault.operation)) {
            faults.push(fault);
        }
    }

    /// What was left out.
    fn gaps(&self) -> Vec<String> {
        let (broken, unlisted) = (self.broken.load(Ordering::Relaxed), self.unlisted.load(Ordering::Relaxed));
        let files = self.files.load(Ordering::Relaxed);
        let mut gaps: Vec<String> =
            lock(&self.faults).iter().map(|fault| format!("{NAME}: {fault}")).collect();
        if unlisted > 0 {
            gaps.push(format!("{NAME}: {} could not be listed", things(unlisted, "day of a Region")));
        }
        if broken > 0 {
            let why = lock(&self.reason)
                .clone()
                .map_or_else(String::new, |why| format!(", the first because of this: {why}"));
            let all = count(files + broken);
            gaps.push(format!("{NAME}: {broken} of {all} could not be read to the end{why}"));
        }
        if self.over.load(Ordering::Relaxed) {
            gaps.push(format!("{NAME}: not looked at any further"));
        }
        gaps
    }

    /// Whole days without any file: the trail wasn't there, or didn't record. The last day isn't over.
    fn days_without(&self, days: &[Date]) -> Option<String> {
        let known = lock(&self.days);
        let whole = days.split_last().map_or(days, |(_, whole)| whole);
        let without: Vec<&Date> = whole.iter().filter(|day| !known.contains(day)).collect();
        let (first, last) = (without.first()?, without.last()?);
        let number = without.len() as u64;
        Some(format!("{NAME}: none of {} between {first} and {last}", things(number, "day")))
    }
}

/// What keys begin with, up to the Region: `PREFIX/AWSLogs/ORGANISATION/ACCOUNT/CloudTrail/`.
fn base(trail: &Trail, account: &AccountId) -> String {
    let part =
        |text: &str| if text.is_empty() { String::new() } else { format!("{}/", text.trim_matches('/')) };
    let organisation = trail.organisation.as_deref().unwrap_or_default();
    format!("{}AWSLogs/{}{account}/CloudTrail/", part(&trail.prefix), part(organisation))
}

/// The days that a window touches, by UTC. A file lies under the day on which it was delivered, which may be the next.
fn days(window: Window) -> Vec<Date> {
    let date = |moment| Offset::UTC.to_datetime(moment).date();
    let last = date(window.until);
    let mut days = vec![date(window.since)];
    while let Some(day) = days.last().filter(|day| **day < last).and_then(|day| day.tomorrow().ok()) {
        days.push(day);
    }
    days
}

/// CloudTrail's own names, which are lower case.
fn is_log(key: &&str) -> bool {
    key.strip_suffix(".gz").unwrap_or(key).rsplit_once('.').is_some_and(|(_, kind)| kind == "json")
}

/// The Region in which a bucket lies that was asked for in another one.
fn elsewhere<E>(error: &SdkError<E>) -> Option<String> {
    let answer = error.raw_response()?;
    let is_other = matches!(answer.status().as_u16(), 301 | 307 | 400);
    answer.headers().get("x-amz-bucket-region").filter(|_| is_other).map(str::to_owned)
}

fn client(config: &SdkConfig, region: Option<String>) -> Client {
    let mut builder = aws_sdk_s3::config::Builder::from(config)
        .interceptor(OnlyKnown(CALLS))
        // An emulator has no host names for buckets.
        .force_path_style(config.endpoint_url().is_some());
    builder.set_region(region.map(Region::new).or_else(|| config.region().cloned()));
    Client::from_conf(builder.build())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_begin_with_what_is_configured() {
        let account = AccountId::new("111122223333");
        let base = |prefix: &str, organisation: Option<&str>| {
            let (prefix, organisation) = (prefix.to_owned(), organisation.map(str::to_owned));
            base(&Trail { prefix, organisation, ..Trail::default() }, &account)
        };
        assert_eq!(base("", None), "AWSLogs/111122223333/CloudTrail/");
        assert_eq!(base("logs/all", Some("o-abc")), "logs/all/AWSLogs/o-abc/111122223333/CloudTrail/");
    }

    #[test]
    fn a_window_touches_its_first_and_its_last_day() {
        let days = |since: &str, until: &str| {
            let window = Window { since: since.parse().unwrap(), until: until.parse().unwrap() };
            days(window).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(
            days("2026-02-27T23:00:00Z", "2026-03-01T00:00:00Z"),
            ["2026-02-27", "2026-02-28", "2026-03-01"]
        );
        assert_eq!(days("2026-02-27T01:00:00Z", "2026-02-27T23:00:00Z"), ["2026-02-27"]);
    }

    #[test]
    fn days_without_files_are_told_but_for_the_one_that_is_not_over() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let days: Vec<Date> = (1..=5).map(|number| day(&format!("2026-03-{number:02}"))).collect();
        let done = Done::default();
        lock(&done.days).extend([day("2026-03-02")]);
        let gap = done.days_without(&days);
        assert_eq!(gap.as_deref(), Some("log files: none of 3 days between 2026-03-01 and 2026-03-04"));
        lock(&done.days).extend(days[..4].iter().copied());
        assert_eq!(done.days_without(&days), None);
    }
}
