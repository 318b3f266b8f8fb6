//! Counting, looking over everything, and whether the table is what it should be.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::{try_join, try_join_all};
use jiff::Timestamp;

use super::keys::{self, Due, Key, SHARDS};
use super::lease::due_of;
use super::table::{Changed, Query, Table};
use super::time::{expiry, instant};
use super::write::{Item, Write, number, text};
use super::{inbox, sign};
use crate::domain::job::State;
use crate::ports::{Census, StoreError};

/// How long a counter outlives its window: clocks may differ, and go back.
const MEMORY: Duration = Duration::from_hours(24);

/// The statuses of rows.
const STATUSES: [&str; 4] = ["pending", "unknown", "sent", "dead"];

/// One more use of a key in the present window. Where the answer was lost, the sign of the last use says whether that was
/// this one: unless another use came between, it is counted once.
pub async fn count(table: &Table, key: &str, window: Duration, now: Timestamp) -> Result<u32, StoreError> {
    let width = i128::try_from(window.as_nanos()).unwrap_or(i128::MAX).max(1);
    let start = now.as_nanosecond() - now.as_nanosecond().rem_euclid(width);
    let sign = sign()?;
    let add = Write::change(
        Key::counter(key, width, start),
        "SET #last = :sign, #expires = :expires ADD #uses :one",
    )
    .only_if("attribute_not_exists(#last) OR #last <> :sign")
    .with(":sign", sign.as_str())
    .with(":expires", expiry(now, window.saturating_add(MEMORY)))
    .with(":one", 1u64);
    let uses = |item: &Item| u32::try_from(number(item, "uses").unwrap_or_default()).unwrap_or(u32::MAX);
    match table.change(&add).await? {
        Changed::Done(item) => Ok(uses(&item)),
        Changed::Refused(Some(item)) if text(&item, "last") == Some(sign.as_str()) => Ok(uses(&item)),
        Changed::Refused(_) => Err(super::batch::restless(format_args!("the counter of {key}"))),
    }
}

/// When somebody has to look again.
pub async fn next_due(table: &Table) -> Result<Option<Timestamp>, StoreError> {
    let all = Due::ALL.into_iter().flat_map(|kind| (0..SHARDS).map(move |shard| (kind, shard)));
    let firsts = try_join_all(all.map(|(kind, shard)| async move {
        let (first, _) = table.page(&Query { page: Some(1), ..due_of(kind, shard) }, None).await?;
        Ok::<_, StoreError>(first.first().and_then(|item| instant(inbox::due(text(item, "due_sk")?))))
    }));
    Ok(firsts.await?.into_iter().flatten().min())
}

/// How many there are of what.
pub async fn census(table: &Table) -> Result<Census, StoreError> {
    let jobs = counted(table, &State::WORDS, keys::jobs_in);
    let rows = counted(table, &STATUSES, keys::rows_in);
    let ((jobs, rows), receipts) = try_join(try_join(jobs, rows), inbox::count(table)).await?;
    Ok(Census { jobs, rows, receipts })
}

async fn counted(
    table: &Table,
    words: &[&str],
    partition: impl Fn(&str) -> String,
) -> Result<BTreeMap<String, u64>, StoreError> {
    let counts = words.iter().map(|word| {
        let query = Query::of(Some(keys::STATE), "#state_pk = :pk", &partition(word));
        async move { Ok::<_, StoreError>(((*word).to_owned(), table.count(&query).await?)) }
    });
    Ok(try_join_all(counts).await?.into_iter().filter(|(_, count)| *count > 0).collect())
}

/// Fails where nothing can be written.
pub async fn probe(table: &Table) -> Result<(), StoreError> {
    let write = Write::change(Key::probe(), "ADD #writes :one").with(":one", 1u64);
    table.change(&write).await.map(drop)
}
