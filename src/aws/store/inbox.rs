//! Receipts: what was received, until it was acted on.
//!
//! That a receipt waits is said twice: by an index, which tells workers what to claim, and by an item of a few bytes
//! within a partition of the table itself, because whether everything has been heard is decided on, and an index lags.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::try_join_all;
use jiff::Timestamp;

use super::batch::{Batch, Outcome, Part, ROUNDS, restless};
use super::keys::{Due, Key, SHARDS, inbox};
use super::lanes;
use super::lease::{CLAIM, Lease, legible};
use super::rows::{self, NewRow};
use super::sign;
use super::table::{Query, Table};
use super::time::{expiry, instant, text as instant_text};
use super::write::{Changes, NEW, Write, number, text};
use crate::domain::ids::{JobId, ReceiptKey};
use crate::domain::receipt::Receipt;
use crate::ports::{Claim, Received, StoreError};
use crate::record;

/// How long a settled receipt is remembered, so that a repetition is known for one.
const MEMORY: Duration = Duration::from_hours(7 * 24);

/// A receipt is due from the first, whatever the clock of whoever claims it says: it sorts before every instant.
const FIRST: char = '0';

/// Stores one, unless it is there.
pub async fn receive(table: &Table, receipt: &Receipt) -> Result<Received, StoreError> {
    let Receipt { key, at, from, said } = receipt;
    let sign = sign()?;
    let due = format!("{FIRST}{}", instant_text(*at));
    let mut columns = Changes::default();
    columns.set("record", Some(record::write(receipt)?));
    columns.set("sign", Some(sign.as_str()));
    columns.set("said", Some(said.word()));
    columns.set("sender", Some(from.person.to_string()));
    columns.set("due_pk", Some(Due::Receipt.partition_of(key.as_str())));
    columns.set("due_sk", Some(due.as_str()));
    columns.set("due", Some(due.as_str()));
    columns.set("until", Some(expiry(*at, MEMORY)));
    let mut waits = Changes::default();
    waits.set("at", Some(instant_text(*at)));
    let mut batch = Batch::default();
    batch.add(Part::Settled, columns.into_put(Key::receipt(key)).only_if(NEW));
    batch.add(Part::Waiting, waits.into_put(Key::waiting(key)));
    if batch.commit(table).await? == Outcome::Done {
        return Ok(Received::Stored);
    }
    let there = table.get(&Key::receipt(key)).await?;
    let is_ours = there.is_some_and(|item| text(&item, "sign") == Some(sign.as_str()));
    Ok(if is_ours { Received::Stored } else { Received::Duplicate })
}

/// Takes what wasn't acted on, the oldest first.
pub async fn claim(
    table: &Table,
    claim: &Claim,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Receipt>, StoreError> {
    let lease = Lease::new(claim, now)?;
    let mut taken: Vec<Receipt> = legible(lease.claim_all(table, Due::Receipt, limit).await?);
    taken.sort_by_key(|receipt| receipt.at);
    Ok(taken)
}

/// Says that one was acted on; it is remembered for a while, and waits no more.
pub fn mark_settled(batch: &mut Batch, key: &ReceiptKey) {
    let mut changes = Changes::default();
    changes.set_to("expires", "#until");
    changes.remove(&CLAIM);
    changes.remove(&["due", "due_pk", "due_sk"]);
    batch.add(Part::Settled, changes.of(Key::receipt(key)).only_if("attribute_exists(#pk)"));
    batch.add(Part::Waiting, Write::delete(Key::waiting(key)));
}

/// Says that one was acted on, with what is to be told. One that isn't there, or was settled before, is as good as
/// settled; a row that is there already isn't added again.
pub async fn settle(table: &Table, key: &ReceiptKey, rows: &[NewRow]) -> Result<(), StoreError> {
    let mut is_there = true;
    let mut passed: BTreeSet<String> = BTreeSet::new();
    for _ in 0..ROUNDS {
        let mut batch = Batch::default();
        if is_there {
            mark_settled(&mut batch, key);
        }
        let new: Vec<&NewRow> = rows.iter().filter(|new| !passed.contains(new.row.id.as_str())).collect();
        let placed = place(table, &mut batch, &new).await?;
        rows::add(&mut batch, &placed);
        let Outcome::Refused(parts) = batch.commit(table).await? else { return Ok(()) };
        for part in parts {
            match part {
                Part::Settled => is_there = false,
                Part::Row(row) => drop(passed.insert(row)),
                // A job has changed meanwhile: what is added to it finds its place anew.
                _ => {}
            }
        }
    }
    Err(restless(format_args!("what receipt {key} is about")))
}

/// Gives each row its place: after everything that its job has been told so far. As long as the job stays as it is, the
/// count of what was added since its last change says which place is free.
async fn place<'a>(
    table: &Table,
    batch: &mut Batch,
    rows: &[&'a NewRow],
) -> Result<Vec<(&'a NewRow, String)>, StoreError> {
    let ids: BTreeSet<&JobId> = rows.iter().filter_map(|new| new.row.job.as_ref()).collect();
    let keys: Vec<Key> = ids.iter().map(|id| Key::job(id)).collect();
    let jobs = table.get_all(&keys).await?;
    let mut next: BTreeMap<&JobId, (u64, u64)> = BTreeMap::new();
    for (id, key) in ids.into_iter().zip(&keys) {
        let Some(job) = jobs.get(key) else { continue };
        let (version, told) =
            (number(job, "version").unwrap_or_default(), number(job, "told").unwrap_or_default());
        let count = rows.iter().filter(|new| new.row.job.as_ref() == Some(id)).count();
        let mut changes = Changes::default();
        changes.set("told", Some(told + count as u64));
        let same = "#version = :version AND (attribute_not_exists(#told) OR #told = :before)";
        let count = changes.of(key.clone()).only_if(same).with(":version", version).with(":before", told);
        batch.add(Part::Place(id.clone()), count);
        next.insert(id, (version, told));
    }
    Ok(rows
        .iter()
        .enumerate()
        .map(|(number, new)| {
            let place = match new.row.job.as_ref().and_then(|id| next.get_mut(id)) {
                Some((version, told)) => {
                    *told += 1;
                    lanes::after_version(*version, *told)
                }
                // About no job, or none that is there: they keep their order among themselves.
                None => lanes::with_version(0, number),
            };
            (*new, place)
        })
        .collect())
}

/// When the oldest one came that waits, held or not.
pub async fn oldest(table: &Table) -> Result<Option<Timestamp>, StoreError> {
    let waiting = (0..SHARDS).map(|shard| async move {
        let query = Query { only: Some("#at"), ..Query::of(None, "#pk = :pk", &inbox(shard)) };
        table.query(&query).await
    });
    let waiting = try_join_all(waiting).await?.into_iter().flatten();
    Ok(waiting.filter_map(|item| instant(text(&item, "at")?)).min())
}

/// How many wait.
pub async fn count(table: &Table) -> Result<u64, StoreError> {
    let counts = (0..SHARDS)
        .map(|shard| async move { table.count(&Query::of(None, "#pk = :pk", &inbox(shard))).await });
    Ok(try_join_all(counts).await?.into_iter().sum())
}

/// The instant at which a receipt is due, of what the index says.
pub fn due(text: &str) -> &str {
    text.strip_prefix(FIRST).unwrap_or(text)
}
