//! The outbox: rows in the order of their lane, each written once, of each lane one claimed at a time.
//!
//! A row comes up when it is due, whether or not it has to wait for another one; whoever finds that it has to, says so on
//! that other row, and it comes up no more until that one is done with. Both are said in one transaction, so that no row
//! waits for what was done with meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::try_join_all;
use jiff::Timestamp;

use super::batch::{Batch, Outcome, Part, ROUNDS, restless};
use super::keys::{self, Due, Key};
use super::lanes::{Turn, in_the_way};
use super::lease::{CLAIM, Lease, legible, read};
use super::rows::{self, NewRow};
use super::table::{Query, Table};
use super::write::{Changes, Item, Write, key_of, text, texts};
use crate::domain::delivery::{Posted, Row, Slot};
use crate::domain::ids::{ChannelId, DeliveryId, JobId, MessageTs};
use crate::ports::{Claim, StoreError};
use crate::record;

/// A row that is to be done.
const TO_DO: &str = "attribute_exists(#due)";

/// Takes the rows that are due and whose turn has come.
pub async fn claim(
    table: &Table,
    claim: &Claim,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Row>, StoreError> {
    let lease = Lease::new(claim, now)?;
    let mut waiting = lease.waiting(table, Due::Row, limit);
    let mut taken: Vec<Item> = Vec::new();
    while taken.len() < limit {
        let found = waiting.next(limit - taken.len()).await?;
        if found.is_empty() {
            break;
        }
        let mut places: BTreeMap<String, Vec<Key>> = BTreeMap::new();
        for key in found.iter().map(key_of) {
            places.entry(key.pk.clone()).or_default().push(key);
        }
        let claims = places.into_values().map(|keys| claim_together(table, &lease, keys));
        taken.extend(try_join_all(claims).await?.into_iter().flatten());
    }
    taken.sort_by(|one, other| order(one).cmp(&order(other)));
    Ok(legible(taken))
}

fn order(item: &Item) -> (Option<&str>, Option<&str>, Option<&str>) {
    (text(item, "due"), text(item, "pk"), text(item, "place"))
}

/// Takes those of some rows of one job, or of one row about none, whose turn it is; the others are set aside.
async fn claim_together(table: &Table, lease: &Lease, keys: Vec<Key>) -> Result<Vec<Item>, StoreError> {
    let all = match keys.first() {
        // Those of a job, or the one that lies alone.
        Some(first) => table.query(&Query::beginning(&first.pk, "ROW")).await?,
        None => return Ok(Vec::new()),
    };
    let turns: Vec<Turn> = all.iter().filter_map(rows::turn).collect();
    let standing: Vec<_> = turns.iter().map(Turn::standing).collect();
    let mut claims = Vec::new();
    for item in all.iter().filter(|item| keys.contains(&key_of(item)) && lease.finds_free(item)) {
        let turn = rows::turn(item);
        match turn.as_ref().and_then(|turn| in_the_way(&turn.standing(), &standing)) {
            None => claims.push(take(table, lease, item)),
            Some(first) => set_aside(table, item, first).await?,
        }
    }
    Ok(try_join_all(claims).await?.into_iter().flatten().collect())
}

/// Takes a row as it was read. Whoever held it before may have sent it.
async fn take(table: &Table, lease: &Lease, item: &Item) -> Result<Option<Item>, StoreError> {
    let mut changes = lease.changes();
    let free = "#due <= :now AND attribute_not_exists(#claim)";
    let write = match text(item, "claim") {
        None => changes.of(key_of(item)).only_if(free),
        Some(held) => {
            if let Ok(row) = read::<Row>(item) {
                let row = row.doubted();
                let record = record::write(&row)?;
                changes.append(rows::noted(&row, &record));
            }
            changes.of(key_of(item)).only_if("#due <= :now AND #claim = :held").with(":held", held)
        }
    };
    Ok(lease.taken(table.change(&write.with(":now", lease.now())).await?))
}

/// Has a row come up no more before another one is done with. If that was done with meanwhile, or somebody has set it
/// aside already, it stays as it is.
async fn set_aside(table: &Table, item: &Item, first: &str) -> Result<(), StoreError> {
    let key = key_of(item);
    let name = key.sk.strip_prefix(keys::ROW).unwrap_or(&key.sk).to_owned();
    let first = Key::new(key.pk.clone(), format!("{}{first}", keys::ROW));
    let mut changes = Changes::default();
    changes.remove(&["due_pk", "due_sk"]);
    let mut batch = Batch::default();
    batch.add(Part::Turn(name.clone()), changes.of(key).only_if(format!("{TO_DO} AND {UNHELD}")));
    let noted = Write::change(first, "ADD #waiters :name").only_if(TO_DO);
    batch.add(Part::Turn(name.clone()), noted.with(":name", AttributeValue::Ss(vec![name])));
    batch.commit(table).await.map(drop)
}

const UNHELD: &str = "attribute_not_exists(#claim)";

/// Stores what came of a try, if the claim still holds. If it doesn't, whoever holds the row now finds out for himself.
pub async fn settle(
    table: &Table,
    new: &NewRow,
    posted: Option<&Posted>,
    owner: &str,
) -> Result<(), StoreError> {
    let key = new.key();
    let is_done = !new.row.status.is_waiting();
    let mut waiters: Vec<String> = Vec::new();
    let mut gone: BTreeSet<String> = BTreeSet::new();
    let mut former_place = None;
    for _ in 0..ROUNDS {
        let mut batch = Batch::default();
        batch.add(Part::Row(new.row.id.to_string()), settled(new, &waiters, owner));
        for waiter in waiters.iter().filter(|waiter| is_done && !gone.contains(*waiter)) {
            batch.add(Part::Turn(waiter.clone()), lift(&new.row, waiter));
        }
        if let (Some(posted), Some(job)) = (posted, &new.row.job) {
            place(&mut batch, job, posted, former_place.as_ref())?;
        }
        let Outcome::Refused(parts) = batch.commit(table).await? else { return Ok(()) };
        for part in parts {
            match part {
                Part::Turn(waiter) => drop(gone.insert(waiter)),
                Part::Posted => {
                    let there = table.get(&posted_key(new, posted)).await?;
                    former_place = there.as_ref().and_then(place_of);
                }
                _ => {
                    let row = table.get(&key).await?;
                    let Some(row) = row.filter(|row| text(row, "lease_owner") == Some(owner)) else {
                        return Ok(());
                    };
                    waiters = texts(&row, "waiters");
                }
            }
        }
    }
    Err(restless(format_args!("row {}", new.row.id)))
}

/// The row as it is after a try, if nobody has begun to wait for it since the waiters were read.
fn settled(new: &NewRow, waiters: &[String], owner: &str) -> Write {
    let write = rows::settled(new).of(new.key());
    let (held, owner) = ("#lease_owner = :owner", owner.to_owned());
    let write = if new.row.status.is_waiting() {
        write.only_if(held)
    } else if waiters.is_empty() {
        write.only_if(format!("{held} AND attribute_not_exists(#waiters)"))
    } else {
        let count = AttributeValue::N(waiters.len().to_string());
        write.only_if(format!("{held} AND size(#waiters) = :count")).with(":count", count)
    };
    write.with(":owner", owner)
}

/// Lets a row come up that waited for this one.
fn lift(row: &Row, waiter: &str) -> Write {
    let mut changes = Changes::default();
    changes.set("due_pk", Some(rows::partition_of(row)));
    changes.set_to("due_sk", "#due");
    let key = Key::row(row.job.as_ref(), &DeliveryId::new(waiter));
    changes.of(key).only_if(format!("{TO_DO} AND {UNHELD}"))
}

fn posted_key(new: &NewRow, posted: Option<&Posted>) -> Key {
    let slot = posted.map(|posted| record::word_of(&posted.slot)).unwrap_or_default();
    new.row.job.as_ref().map_or_else(Key::probe, |job| Key::posted(job, &slot))
}

fn place_of(item: &Item) -> Option<(ChannelId, MessageTs)> {
    Some((ChannelId::new(text(item, "channel")?), MessageTs::new(text(item, "ts")?)))
}

/// Says where a message is now; of a root, whose it is, and that it isn't any more where it was before.
fn place(
    batch: &mut Batch,
    job: &JobId,
    posted: &Posted,
    former: Option<&(ChannelId, MessageTs)>,
) -> Result<(), StoreError> {
    let Posted { slot, channel, ts, link: _ } = posted;
    let mut columns = Changes::default();
    columns.set("record", Some(record::write(posted)?));
    columns.set("channel", Some(channel.as_str()));
    columns.set("ts", Some(ts.as_str()));
    let write = columns.into_put(Key::posted(job, &record::word_of(slot)));
    if *slot != Slot::Root {
        batch.add(Part::Posted, write);
        return Ok(());
    }
    let same = "#channel = :channel AND #ts = :ts";
    let (was_channel, was_ts) = former.map_or((channel, ts), |(channel, ts)| (channel, ts));
    let write = write.only_if(format!("attribute_not_exists(#pk) OR ({same})"));
    let write = write.with(":channel", was_channel.as_str()).with(":ts", was_ts.as_str());
    batch.add(Part::Posted, write);
    let mut whose = Changes::default();
    whose.set("job", Some(job.as_str()));
    batch.add(Part::RootAt(channel.clone(), ts.clone()), whose.into_put(Key::root_at(channel, ts)));
    if let Some((channel, ts)) = former.filter(|(was, at)| (was, at) != (channel, ts)) {
        let gone = Write::delete(Key::root_at(channel, ts));
        batch.add(Part::RootAt(channel.clone(), ts.clone()), gone);
    }
    Ok(())
}

/// Lets a row go that an owner holds: it may have been sent.
pub fn let_go(item: &Item, owner: &str) -> Result<Write, StoreError> {
    let mut changes = Changes::default();
    // One that can't be read is let go as it is; taking it says why.
    if let Ok(row) = read::<Row>(item) {
        let row = row.doubted();
        let record = record::write(&row)?;
        changes.append(rows::noted(&row, &record));
    }
    changes.set_to("due_sk", "if_not_exists(#due, #lease_until)");
    changes.remove(&CLAIM);
    Ok(changes.of(key_of(item)).only_if("#lease_owner = :owner").with(":owner", owner))
}

/// Where a job's messages are.
pub async fn posted(table: &Table, job: &JobId) -> Result<Vec<Posted>, StoreError> {
    let found = table.query(&Query::beginning(&keys::of_job(job), keys::POSTED)).await?;
    found.iter().map(read).collect()
}

/// Which job's root message that is.
pub async fn root_at(
    table: &Table,
    channel: &ChannelId,
    ts: &MessageTs,
) -> Result<Option<JobId>, StoreError> {
    let found = table.get(&Key::root_at(channel, ts)).await?;
    Ok(found.and_then(|item| text(&item, "job").map(JobId::new)))
}

/// A job's rows, in order.
pub async fn of_job(table: &Table, job: &JobId) -> Result<Vec<Row>, StoreError> {
    let mut found = table.query(&Query::beginning(&keys::of_job(job), keys::ROW)).await?;
    found.sort_by(|one, other| text(one, "place").cmp(&text(other, "place")));
    found.iter().map(read).collect()
}
