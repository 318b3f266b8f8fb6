//! The trail's log files in S3: by Region and day, those that were delivered since.
//!
//! A file never changes, so each is read once: what was seen of a role is remembered from look to look.

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};

use aws_types::SdkConfig;
use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use futures_util::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::pulse::Pulse;
use super::sightings::Sightings;
use super::{Asked, Looked};
use crate::aws::bucket::{self, Bucket};
use crate::aws::fault::Fault;
use crate::domain::accounts::Account;
use crate::domain::ids::AccountId;
use crate::iam::cloudtrail::Reader;
use crate::iam::cloudtrail::framing::Splitter;
use crate::ports::AccountError;

/// How many files are fetched at a time.
const AT_A_TIME: usize = 4;
/// How many roles are remembered before all are let go.
const KEPT: usize = 200;
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// How much later than its name says a file may be delivered: names tell full five minutes, and a busy trail is late.
const NAMED_BEFORE: SignedDuration = SignedDuration::from_mins(15);

/// What was seen of roles, by identifier and the time since when.
#[derive(Debug, Default)]
pub(super) struct Files(Mutex<HashMap<(String, Timestamp), Remembered>>);

type Remembered = Arc<tokio::sync::Mutex<Memory>>;

/// What was seen of one role.
#[derive(Debug)]
struct Memory {
    read: HashSet<String>,
    seen: Sightings,
    pulse: Pulse,
}

/// A file, and when it was delivered.
#[derive(Debug, Clone)]
struct File {
    key: String,
    delivered: Timestamp,
}

impl Files {
    pub(super) async fn look(
        &self,
        way: &SdkConfig,
        id: &AccountId,
        account: &Account,
        bucket: &str,
        asked: &Asked<'_>,
    ) -> Looked {
        let bucket = Bucket::new(way, bucket);
        let memory = self.memory(asked)?;
        let mut memory = memory.lock().await;
        let mut new = Vec::new();
        let base = bucket::base(&account.trail, id);
        // All Regions count: what the change denies may be called anywhere, configured or not.
        let regions = match bucket.regions(&base).await {
            Ok(regions) => regions,
            Err(fault) => return Ok(Err(fault)),
        };
        for place in places(id, &base, &regions, asked) {
            match listed(&bucket, &place).await {
                Ok(files) => new.extend(files.into_iter().filter(|file| !memory.read.contains(&file.key))),
                Err(fault) => return Ok(Err(fault)),
            }
        }
        let mut left = new.len();
        let mut files =
            stream::iter(new.into_iter().map(|file| fetched(&bucket, file))).buffer_unordered(AT_A_TIME);
        while let Some(file) = files.next().await {
            match file {
                Ok((file, bytes)) => memory.take(&file, &bytes)?,
                Err(fault) => return Ok(Err(fault)),
            }
            left -= 1;
            if asked.is_over() {
                break;
            }
        }
        let complete = memory.pulse.complete_until(asked.now).filter(|_| left == 0);
        Ok(Ok(memory.seen.reading(complete.unwrap_or_else(|| asked.before()))))
    }

    fn memory(&self, asked: &Asked<'_>) -> Result<Remembered, AccountError> {
        let key = (asked.role.role_id.clone(), asked.since);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KEPT && !all.contains_key(&key) {
            all.clear();
        }
        if let Some(memory) = all.get(&key) {
            return Ok(Arc::clone(memory));
        }
        let seen = Sightings::new(asked.role, asked.since)?;
        let memory = Memory { read: HashSet::new(), seen, pulse: Pulse::default() };
        Ok(Arc::clone(all.entry(key).or_insert_with(|| Arc::new(tokio::sync::Mutex::new(memory)))))
    }
}

impl Memory {
    /// Takes a file in; one that can't be read is one that may hold denials.
    fn take(&mut self, file: &File, bytes: &[u8]) -> Result<(), AccountError> {
        let broken = |why: String| {
            AccountError::Rejected(format!("the trail's file {} can't be read: {why}", file.key))
        };
        let mut rest: Box<dyn Read> = match bytes {
            [0x1f, 0x8b, ..] => Box::new(MultiGzDecoder::new(bytes)),
            plain => Box::new(plain),
        };
        let (mut splitter, mut reader) = (Splitter::new(), Reader::with_circumstances());
        loop {
            let count = rest.read(splitter.room()).map_err(|error| broken(error.to_string()))?;
            splitter.filled(count);
            let (seen, pulse) = (&mut self.seen, &mut self.pulse);
            let each = |record: &str, _| {
                seen.see(&mut reader, record)?;
                if let Some(happened) = happened(record) {
                    pulse.beat(happened, Some(file.delivered));
                }
                Ok(())
            };
            splitter.drain(each).map_err(|error| broken(error.to_string()))?;
            if count == 0 {
                break;
            }
        }
        self.read.insert(file.key.clone());
        Ok(())
    }
}

/// When what a record tells happened, whosever it is.
fn happened(record: &str) -> Option<Timestamp> {
    #[derive(Deserialize)]
    struct Stamp<'a> {
        #[serde(rename = "eventTime", borrow)]
        time: &'a str,
    }
    sonic_rs::from_str::<Stamp<'_>>(record).ok()?.time.parse().ok()
}

/// Where files lie that may hold what is looked for: folders, each with the name behind which they begin.
struct Place {
    folder: String,
    behind: String,
}

/// The folders of each Region from the day on. A file is named by when it was delivered, which is after what it holds,
/// but for some minutes.
fn places(id: &AccountId, base: &str, regions: &[String], asked: &Asked<'_>) -> Vec<Place> {
    let since = asked.since.checked_sub(NAMED_BEFORE).unwrap_or(asked.since);
    let mut places = Vec::new();
    for region in regions {
        let mut day = since;
        loop {
            let folder = format!("{base}{region}/{}/", day.strftime("%Y/%m/%d"));
            let first = since.strftime("%Y%m%dT%H%MZ");
            places.push(Place { behind: format!("{folder}{id}_CloudTrail_{region}_{first}"), folder });
            let day_of = |time: Timestamp| time.strftime("%Y%m%d").to_string();
            if day_of(day) >= day_of(asked.now) {
                break;
            }
            day = day.saturating_add(DAY).unwrap_or(asked.now);
        }
    }
    places
}

/// The files of a place.
async fn listed(bucket: &Bucket<'_>, place: &Place) -> Result<Vec<File>, Fault> {
    let (mut files, mut token) = (Vec::new(), None);
    loop {
        let asked = bucket.list(|list| {
            list.prefix(&place.folder).start_after(&place.behind).set_continuation_token(token.clone())
        });
        let page = asked.await?;
        files.extend(page.contents.unwrap_or_default().into_iter().filter_map(|object| {
            let at = object.last_modified?;
            let delivered = Timestamp::new(at.secs(), i32::try_from(at.subsec_nanos()).ok()?).ok()?;
            Some(File { key: object.key?, delivered })
        }));
        token = page.next_continuation_token;
        if token.is_none() {
            return Ok(files);
        }
    }
}

async fn fetched(bucket: &Bucket<'_>, file: File) -> Result<(File, Bytes), Fault> {
    let body = bucket.get(&file.key).await?.collect().await;
    let bytes = body.map_err(|error| Bucket::broken(&error))?.into_bytes();
    Ok((file, bytes))
}
