//! Leases: who holds what until when. What is due, and free or held too long, can be taken by anybody.
//!
//! Taking is one conditional write that bears a sign of its own: where its answer was lost and it is made again, what
//! stands in the way is the sign, and so it is known for ours.

use std::collections::HashMap;

use futures_util::future::try_join_all;
use jiff::Timestamp;

use super::keys::{self, Due, Key, SHARDS};
use super::merge::Merged;
use super::sign;
use super::table::{Changed, Query, Table};
use super::time::{lease_end, text as instant_text};
use super::write::{Changes, Item, Write, key_of, text, value};
use crate::ports::{Claim, StoreError};
use crate::record::{self, Kept};

/// What is to be written where something is taken.
#[derive(Debug, Clone)]
pub struct Lease {
    owner: String,
    now: String,
    until: String,
    sign: String,
}

/// The attributes of a claim.
pub const CLAIM: [&str; 3] = ["lease_owner", "lease_until", "claim"];

/// What is due and that nobody holds, or not any more.
const FREE: &str = "#due <= :now AND (attribute_not_exists(#lease_until) OR #lease_until <= :now)";

impl Lease {
    pub fn new(claim: &Claim, now: Timestamp) -> Result<Self, StoreError> {
        Ok(Self {
            owner: claim.owner.clone(),
            now: instant_text(now),
            until: lease_end(now, claim.lease),
            sign: sign()?,
        })
    }

    /// The change of whatever is taken, if it is free: it is due again when the lease ends.
    pub fn changes(&self) -> Changes {
        let mut changes = Changes::default();
        changes.set("lease_owner", Some(self.owner.as_str()));
        changes.set("lease_until", Some(self.until.as_str()));
        changes.set("claim", Some(self.sign.as_str()));
        changes.set_to("due_sk", ":lease_until");
        changes
    }

    /// The present, as it was when this was made.
    pub fn now(&self) -> &str {
        &self.now
    }

    fn take(&self, key: Key) -> Write {
        self.changes().of(key).only_if(FREE).with(":now", self.now.as_str())
    }

    /// Whether something can be taken, as it was read.
    pub fn finds_free(&self, item: &Item) -> bool {
        let is_due = text(item, "due").is_some_and(|due| due <= self.now.as_str());
        is_due && text(item, "lease_until").is_none_or(|until| until <= self.now.as_str())
    }

    /// What was taken, if it was; also where only the answer to that was lost.
    pub fn taken(&self, changed: Changed) -> Option<Item> {
        match changed {
            Changed::Done(item) => Some(item),
            Changed::Refused(item) => item.filter(|item| text(item, "claim") == Some(self.sign.as_str())),
        }
    }

    /// Takes one thing, if it is due and free.
    pub async fn claim(&self, table: &Table, key: Key) -> Result<Option<Item>, StoreError> {
        Ok(self.taken(table.change(&self.take(key)).await?))
    }

    /// Takes up to `limit` of a kind, the longest due first.
    pub async fn claim_all(&self, table: &Table, kind: Due, limit: usize) -> Result<Vec<Item>, StoreError> {
        let mut waiting = self.waiting(table, kind, limit);
        let mut taken = Vec::new();
        while taken.len() < limit {
            let found = waiting.next(limit - taken.len()).await?;
            if found.is_empty() {
                break;
            }
            let claims = found.iter().map(|found| self.claim(table, key_of(found)));
            taken.extend(try_join_all(claims).await?.into_iter().flatten());
        }
        taken.sort_by(|one, other| (text(one, "due"), key_of(one)).cmp(&(text(other, "due"), key_of(other))));
        Ok(taken)
    }

    /// What seems due of a kind. The index lags: each has to be asked for itself.
    pub fn waiting<'a>(&self, table: &'a Table, kind: Due, limit: usize) -> Merged<'a> {
        let of_shard = |shard| {
            let mut query = due_of(kind, shard);
            query.keys += " AND #due_sk <= :now";
            query.values.extend([value(":now", self.now.as_str())]);
            Query { page: i32::try_from(limit.clamp(1, 100)).ok(), ..query }
        };
        Merged::new(table, "due_sk", (0..SHARDS).map(of_shard).collect())
    }
}

/// Everything of a kind that is due some time, by when.
pub fn due_of(kind: Due, shard: u8) -> Query {
    Query::of(Some(keys::DUE), "#due_pk = :pk", &kind.partition(shard))
}

/// What a kept item says.
pub fn read<K: Kept>(item: &Item) -> Result<K, StoreError> {
    let name = key_of(item);
    let text = text(item, "record").ok_or_else(|| StoreError::Corrupt(format!("{name} has no record")))?;
    record::read(name, text)
}

/// What the taken items say. One that can't be read stays taken, is reported, and is given to nobody: so it comes up once
/// a lease, instead of standing in the way of all others.
pub fn legible<K: Kept>(items: Vec<Item>) -> Vec<K> {
    let report = |item: Item| {
        read(&item)
            .inspect_err(|error| tracing::error!(%error, "passed over what is due and can't be read"))
            .ok()
    };
    items.into_iter().filter_map(report).collect()
}

/// Lets everything go that an owner holds, but for rows, of which more has to be said.
pub fn let_go(item: &Item, owner: &str) -> Write {
    let mut changes = Changes::default();
    // Due again from when it was due, and not at all where it is done with.
    changes.set_to("due_sk", "if_not_exists(#due, #lease_until)");
    changes.remove(&CLAIM);
    changes.of(key_of(item)).only_if("#lease_owner = :owner").with(":owner", owner)
}

/// The places of everything that an owner seems to hold.
pub async fn held_by(table: &Table, owner: &str) -> Result<HashMap<Key, Item>, StoreError> {
    let held = table.query(&Query::of(Some(keys::HELD), "#lease_owner = :pk", owner)).await?;
    let keys: Vec<Key> = held.iter().map(key_of).collect();
    table.get_all(&keys).await
}
