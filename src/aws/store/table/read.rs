//! Reads: one item, many, or what lies together, page by page.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, Select};

use super::{BATCH_GET, GET, QUERY, TRIES, Table, item_of, pause, unfit};
use crate::aws::store::keys::Key;
use crate::aws::store::write::{Item, key_of, names, value};
use crate::ports::StoreError;

/// How many items one call may ask for.
const BATCH: usize = 100;

/// Items that lie together, in order.
#[derive(Debug, Clone)]
pub struct Query {
    pub index: Option<&'static str>,
    /// Such as `#pk = :pk`.
    pub keys: String,
    pub values: HashMap<String, AttributeValue>,
    pub last_first: bool,
    /// Which attributes, such as `#at`; all where none are named.
    pub only: Option<&'static str>,
    /// How many a page has at most.
    pub page: Option<i32>,
}

impl Query {
    /// All that lies in a partition, which the condition calls `:pk`.
    pub fn of(index: Option<&'static str>, keys: &str, partition: &str) -> Self {
        Self {
            index,
            keys: keys.to_owned(),
            values: HashMap::from([value(":pk", partition)]),
            last_first: false,
            only: None,
            page: None,
        }
    }

    /// Those of a partition of the table whose names begin so.
    pub fn beginning(partition: &str, names: &str) -> Self {
        let mut query = Self::of(None, "#pk = :pk AND begins_with(#sk, :names)", partition);
        query.values.extend([value(":names", names)]);
        query
    }
}

impl Table {
    /// One item.
    pub async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let get = self.client.get_item().table_name(&self.name).set_key(Some(item_of(key)));
        let answer =
            Box::pin(get.consistent_read(true).send()).await.map_err(|error| self.failed(&GET, &error))?;
        Ok(answer.item)
    }

    /// Those of the items that there are.
    pub async fn get_all(&self, keys: &[Key]) -> Result<HashMap<Key, Item>, StoreError> {
        let mut found = HashMap::new();
        for keys in keys.chunks(BATCH) {
            let mut left: Vec<Item> = keys.iter().map(item_of).collect();
            for turn in 0.. {
                let (items, rest) = self.get_some(left).await?;
                found.extend(items.into_iter().map(|item| (key_of(&item), item)));
                if rest.is_empty() {
                    break;
                }
                if turn >= TRIES {
                    return Err(self.congested());
                }
                pause(turn).await?;
                left = rest;
            }
        }
        Ok(found)
    }

    /// Items, and the keys that were left for another call.
    async fn get_some(&self, keys: Vec<Item>) -> Result<(Vec<Item>, Vec<Item>), StoreError> {
        let wanted = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
        let wanted = wanted.map_err(|error| unfit(&error))?;
        let get = self.client.batch_get_item().request_items(&self.name, wanted).send();
        let answer = Box::pin(get).await.map_err(|error| self.failed(&BATCH_GET, &error))?;
        let items = answer.responses.and_then(|mut all| all.remove(&self.name)).unwrap_or_default();
        let rest = answer.unprocessed_keys.and_then(|mut all| all.remove(&self.name));
        Ok((items, rest.map(|rest| rest.keys).unwrap_or_default()))
    }

    /// All that a query finds.
    pub async fn query(&self, query: &Query) -> Result<Vec<Item>, StoreError> {
        let mut all = Vec::new();
        let mut from = None;
        loop {
            let (items, next) = self.page(query, from).await?;
            all.extend(items);
            if next.is_none() {
                return Ok(all);
            }
            from = next;
        }
    }

    /// One page, and where the next one begins, if there may be one.
    pub async fn page(
        &self,
        query: &Query,
        from: Option<Item>,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let ask = self
            .asked(query, from)
            .set_projection_expression(query.only.map(str::to_owned))
            .set_limit(query.page)
            .scan_index_forward(!query.last_first);
        let answer = Box::pin(ask.send()).await.map_err(|error| self.failed(&QUERY, &error))?;
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key.filter(|key| !key.is_empty())))
    }

    /// How many a query finds.
    pub async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        let mut count = 0;
        let mut from = None;
        loop {
            let ask = self.asked(query, from).select(Select::Count);
            let answer = Box::pin(ask.send()).await.map_err(|error| self.failed(&QUERY, &error))?;
            count += u64::try_from(answer.count).unwrap_or_default();
            from = answer.last_evaluated_key.filter(|key| !key.is_empty());
            if from.is_none() {
                return Ok(count);
            }
        }
    }

    fn asked(&self, query: &Query, from: Option<Item>) -> QueryFluentBuilder {
        let ask = self.client.query().table_name(&self.name).key_condition_expression(&query.keys);
        ask.set_index_name(query.index.map(str::to_owned))
            .set_expression_attribute_names(Some(names([query.keys.as_str()].into_iter().chain(query.only))))
            .set_expression_attribute_values(Some(query.values.clone()))
            .set_exclusive_start_key(from)
            // An index can't be read so.
            .consistent_read(query.index.is_none())
    }
}
