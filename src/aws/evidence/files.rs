//! CloudTrail's log files in S3, by Region and day, the newest day first, each read as it comes.
//!
//! All Regions count of which the bucket holds files, configured or not: a role may call anywhere.

use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use futures_util::future::join_all;
use jiff::civil::Date;
use jiff::tz::Offset;
use tokio::sync::mpsc;

use super::AwsEvidence;
use super::asked::{Asked, Came, Told, Voice};
use super::body::{self, Desk};
use super::words::{count, things};
use crate::aws::bucket::{self, Bucket};
use crate::aws::fault::{Fault, Kind};
use crate::ports::Window;

pub(super) const NAME: &str = "log files";

/// How many days are listed, and how many files are asked for, at a time.
const LISTS: usize = 8;
const FILES: usize = 4;
/// How many keys wait to be read.
const LISTED: usize = 64;
/// How often a file is asked for.
const TRIES: u32 = 3;

/// The log files of an account.
struct Files<'a> {
    evidence: &'a AwsEvidence,
    asked: &'a Asked<'a>,
    voice: &'a Voice<'a>,
    bucket: Bucket<'a>,
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
        let files = Files {
            evidence: self,
            asked,
            voice,
            bucket: Bucket::new(&config, name),
            base: bucket::base(trail, asked.id),
            desks: Mutex::default(),
            done: Done::default(),
        };
        voice.say("looking for Regions");
        let regions = match files.bucket.regions(&files.base).await {
            Ok(regions) => regions,
            Err(fault) => return voice.fault(fault),
        };
        if regions.is_empty() {
            return Told::part(vec![format!("{NAME}: the bucket {name} holds none under {}", files.base)]);
        }
        let configured = asked.account.regions.iter().map(String::as_str);
        let missing: Vec<&str> =
            configured.filter(|region| !regions.iter().any(|one| one == region)).collect();
        let days = days(asked.window);
        files.read(&days, &regions).await;
        let mut gaps = files.done.gaps();
        if !missing.is_empty() {
            gaps.push(format!("{NAME}: the bucket holds none of {}", missing.join(", ")));
        }
        gaps.extend(files.done.days_without(&days));
        let whole = gaps.is_empty();
        if files.done.files.load(Ordering::Relaxed) == 0
            && let Some(fault) = lock(&files.done.faults).first().cloned()
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

impl Files<'_> {
    /// Reads all files of these days and Regions. Listing and reading go on side by side, and no request is left lying
    /// while others are read: whoever lists asks for no more than it has told.
    async fn read(&self, days: &[Date], regions: &[String]) {
        let mut places = VecDeque::new();
        for day in days.iter().rev() {
            places.extend(regions.iter().map(|region| (*day, region.clone())));
        }
        let places = Mutex::new(places);
        let (sender, keys) = mpsc::channel(LISTED);
        let keys = tokio::sync::Mutex::new(keys);
        let listing = join_all((0..LISTS).map(|_| self.list_all(&places, sender.clone())));
        drop(sender);
        tokio::join!(listing, join_all((0..FILES).map(|_| self.read_all(&keys))));
    }

    /// Reads files one after the other until none is left.
    async fn read_all(&self, keys: &tokio::sync::Mutex<mpsc::Receiver<(Date, String)>>) {
        loop {
            let next = keys.lock().await.recv().await;
            let Some((day, key)) = next else { return };
            self.file(&key).await;
            let (files, records) =
                (self.done.files.load(Ordering::Relaxed), self.done.records.load(Ordering::Relaxed));
            let (files, records) = (things(files, "file"), things(records, "record"));
            self.voice.say(format!("{records} of {files} so far, back to {day}"));
        }
    }

    /// Lists places one after the other until none is left, and tells their keys.
    async fn list_all(&self, places: &Mutex<VecDeque<(Date, String)>>, keys: mpsc::Sender<(Date, String)>) {
        loop {
            let Some((day, region)) = lock(places).pop_front() else { return };
            for key in self.list(day, &region).await {
                if keys.send((day, key)).await.is_err() {
                    return;
                }
            }
        }
    }

    /// The keys of one day's files in one Region.
    async fn list(&self, day: Date, region: &str) -> Vec<String> {
        let prefix = format!("{}{region}/{:04}/{:02}/{:02}/", self.base, day.year(), day.month(), day.day());
        let (mut keys, mut token) = (Vec::new(), None);
        while !self.done.over.load(Ordering::Relaxed) {
            let asked = self.bucket.list(|list| list.prefix(&prefix).set_continuation_token(token.clone()));
            match asked.await {
                Ok(page) => {
                    let found = page.contents().iter().filter_map(|object| object.key());
                    keys.extend(found.filter(is_log).map(str::to_owned));
                    token = page.next_continuation_token;
                    if token.is_none() {
                        break;
                    }
                }
                Err(fault) => {
                    self.done.unlisted.fetch_add(1, Ordering::Relaxed);
                    self.done.fault(fault);
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
            let body = match self.bucket.get(key).await {
                Ok(body) => body,
                Err(fault) => {
                    self.done.broken.fetch_add(1, Ordering::Relaxed);
                    return self.done.fault(fault);
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
            || (fault.kind == Kind::Missing && fault.operation == bucket::LIST.operation)
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

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

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
