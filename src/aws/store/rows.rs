//! Rows as items: how they are added, and what is known of them beside their records.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;

use super::batch::{Batch, Part};
use super::keys::{self, Due, Key};
use super::lanes::{Turn, in_the_way};
use super::time::{expiry, text as instant_text};
use super::write::{Changes, IntoValue as _, Item, NEW, Write, text};
use crate::domain::delivery::{Row, Status};
use crate::domain::ids::{DeliveryId, JobId};
use crate::ports::StoreError;
use crate::record;

/// How long a sent row is remembered, and one that was given up: somebody may ask what became of it.
const MEMORY: Duration = Duration::from_hours(7 * 24);
const MEMORY_OF_LOSSES: Duration = Duration::from_hours(90 * 24);

/// A row with its record written down.
#[derive(Debug, Clone)]
pub struct NewRow {
    pub row: Row,
    pub record: String,
}

impl NewRow {
    pub fn new(row: Row) -> Result<Self, StoreError> {
        record::write(&row).map(|record| Self { row, record })
    }

    /// All of them, each once.
    pub fn all(rows: Vec<Row>) -> Result<Vec<Self>, StoreError> {
        let mut known = BTreeSet::new();
        let new = rows.into_iter().filter(|row| known.insert((row.job.clone(), row.id.clone())));
        new.map(Self::new).collect()
    }

    pub fn key(&self) -> Key {
        Key::row(self.row.job.as_ref(), &self.row.id)
    }
}

/// Adds new rows, each at its place. Those that wait for another one of them say so on it, and come up when it is done
/// with; whether the others have to wait for older ones is looked at when they are due.
pub fn add(batch: &mut Batch, rows: &[(&NewRow, String)]) {
    let is_to_be_done = |new: &NewRow| new.row.status.is_waiting();
    let turns: Vec<Option<Turn>> =
        rows.iter().map(|(new, place)| Turn::of(&new.row, place.clone())).collect();
    let waiting = rows.iter().zip(&turns).filter(|((new, _), _)| is_to_be_done(new));
    // Rows of different jobs have lanes of their own.
    let of_job = |job: Option<&JobId>| -> Vec<_> {
        let same = waiting.clone().filter(|((new, _), _)| new.row.job.as_ref() == job);
        same.filter_map(|(_, turn)| turn.as_ref().map(Turn::standing)).collect()
    };
    let waits_for: Vec<Option<Key>> = rows
        .iter()
        .zip(&turns)
        .map(|((new, _), turn)| {
            let job = new.row.job.as_ref();
            let first = in_the_way(&turn.as_ref()?.standing(), &of_job(job))?;
            is_to_be_done(new).then(|| Key::row(job, &DeliveryId::new(first)))
        })
        .collect();
    for ((new, place), first) in rows.iter().zip(&waits_for) {
        let key = new.key();
        let waiters = rows.iter().zip(&waits_for).filter(|(_, first)| first.as_ref() == Some(&key));
        let waiters: Vec<String> = waiters.map(|((waiter, _), _)| waiter.row.id.to_string()).collect();
        let item = item(new, place, first.is_none(), waiters);
        batch.add(Part::Row(new.row.id.to_string()), Write::put(key, item).only_if(NEW));
    }
}

fn item(NewRow { row, record }: &NewRow, place: &str, is_first: bool, waiters: Vec<String>) -> Item {
    let mut item = Item::from(
        [
            ("record", record.as_str().into_value()),
            ("place", place.into_value()),
            ("act", record::label_of(&row.act).into_value()),
            ("status", row.status.as_str().into_value()),
            ("state_pk", keys::rows_in(row.status.as_str()).into_value()),
            ("state_sk", row.id.as_str().into_value()),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    let mut add = |name: &str, value: AttributeValue| item.insert(name.to_owned(), value);
    if let Some(lane) = row.lane() {
        add("lane", lane.name().into_value());
    }
    if let Some(needs) = row.needs() {
        add("needs", needs.as_str().into_value());
    }
    if row.status.is_waiting() {
        let due = instant_text(row.due);
        add("due", due.as_str().into_value());
        if is_first {
            add("due_pk", partition_of(row).into_value());
            add("due_sk", due.into_value());
        }
    } else {
        add("expires", forgotten(row).into_value());
    }
    if !waiters.is_empty() {
        add("waiters", AttributeValue::Ss(waiters));
    }
    item
}

/// Where a row is found when it is due: those of a job together.
pub fn partition_of(row: &Row) -> String {
    Due::Row.partition_of(row.job.as_ref().map_or(row.id.as_str(), JobId::as_str))
}

/// When what was sent or given up is forgotten.
fn forgotten(row: &Row) -> i64 {
    expiry(row.due, if matches!(row.status, Status::Dead(_)) { MEMORY_OF_LOSSES } else { MEMORY })
}

/// The change of a row after a try: it is let go, and due again or done with.
pub fn settled(NewRow { row, record }: &NewRow) -> Changes {
    let mut changes = noted(row, record);
    changes.remove(&super::lease::CLAIM);
    if row.status.is_waiting() {
        let due = instant_text(row.due);
        changes.set("due_pk", Some(partition_of(row)));
        changes.set("due_sk", Some(due.as_str()));
        changes.set("due", Some(due));
    } else {
        changes.remove(&["due", "due_pk", "due_sk", "waiters"]);
        changes.set("expires", Some(forgotten(row)));
    }
    changes
}

/// The change of a row's record, and of what is known of it.
pub fn noted(row: &Row, record: &str) -> Changes {
    let mut changes = Changes::default();
    changes.set("record", Some(record));
    changes.set("status", Some(row.status.as_str()));
    changes.set("state_pk", Some(keys::rows_in(row.status.as_str())));
    changes
}

/// The turn of a row that is to be done, as it was read; none where it is done with, or about no job.
pub fn turn(item: &Item) -> Option<Turn> {
    text(item, "due")?;
    Some(Turn {
        id: id(item)?.to_owned(),
        place: text(item, "place")?.to_owned(),
        lane: text(item, "lane")?.to_owned(),
        needs: text(item, "needs").map(str::to_owned),
    })
}

/// The identity of a row that lies with its job.
fn id(item: &Item) -> Option<&str> {
    text(item, "sk")?.strip_prefix(keys::ROW)
}
