//! The one table over the wire: reads page by page, writes under conditions, and whatever is worth another try tried again.
//!
//! Nothing here knows what is kept. What a condition refused is an answer, not an error: whoever asked looks again before
//! it is believed, because the answer to an earlier try may have been lost.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata as _;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, KeysAndAttributes, Put, ReturnValue, ReturnValuesOnConditionCheckFailure, Select,
    TableDescription, TransactWriteItem, Update,
};
use aws_smithy_types::error::operation::BuildError;
use aws_types::SdkConfig;

use super::keys::Key;
use super::write::{Item, What, Write, key_of, names, value};
use crate::aws::calls::{Call, Need, On, OnlyKnown};
use crate::ports::StoreError;

const fn call(operation: &'static str, needs: &'static [Need]) -> Call {
    Call { service: "DynamoDB", operation, needs }
}

const fn on_table(action: &'static str) -> Need {
    Need { action, on: On::Table }
}

const BATCH_GET: Call = call("BatchGetItem", &[on_table("dynamodb:BatchGetItem")]);
const DESCRIBE: Call = call("DescribeTable", &[on_table("dynamodb:DescribeTable")]);
const GET: Call = call("GetItem", &[on_table("dynamodb:GetItem")]);
const PUT: Call = call("PutItem", &[on_table("dynamodb:PutItem")]);
const QUERY: Call =
    call("Query", &[on_table("dynamodb:Query"), Need { action: "dynamodb:Query", on: On::Indexes }]);
const TRANSACT: Call = call(
    "TransactWriteItems",
    &[on_table("dynamodb:PutItem"), on_table("dynamodb:UpdateItem"), on_table("dynamodb:DeleteItem")],
);
const UPDATE: Call = call("UpdateItem", &[on_table("dynamodb:UpdateItem")]);
const DELETE: Call = call("DeleteItem", &[on_table("dynamodb:DeleteItem")]);

/// What this calls.
pub const CALLS: &[Call] = &[BATCH_GET, DELETE, DESCRIBE, GET, PUT, QUERY, TRANSACT, UPDATE];

/// How often a write is tried that other writes get in the way of, and the pauses between.
const TRIES: u32 = 12;
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(400);

/// How many items one call may ask for.
const BATCH: usize = 100;

/// A table.
#[derive(Debug, Clone)]
pub struct Table {
    client: Client,
    name: String,
    region: String,
}

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

/// What came of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    Done,
    /// The conditions of these writes were not met, and nothing was written.
    Refused(Vec<usize>),
}

/// What came of a change of one item.
#[derive(Debug, Clone, PartialEq)]
pub enum Changed {
    /// The item as it now is.
    Done(Item),
    /// The item as it is, if there is one.
    Refused(Option<Item>),
}

/// What came of one try.
enum Try<T> {
    Answer(T),
    /// Other writes got in the way.
    Conflict,
}

impl Table {
    /// No request is made yet.
    pub fn new(sdk: &SdkConfig, name: &str) -> Self {
        let config = aws_sdk_dynamodb::config::Builder::from(sdk).interceptor(OnlyKnown(CALLS)).build();
        let region = sdk.region().map_or_else(|| "a Region that isn't named".to_owned(), ToString::to_string);
        Self { client: Client::from_conf(config), name: name.to_owned(), region }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn region(&self) -> &str {
        &self.region
    }

    /// What DynamoDB says of the table; none where there is no such table.
    pub async fn describe(&self) -> Result<Option<TableDescription>, StoreError> {
        match self.client.describe_table().table_name(&self.name).send().await {
            Ok(answer) => Ok(answer.table),
            Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(self.failed(&DESCRIBE, &error)),
        }
    }

    /// One item.
    pub async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let get = self.client.get_item().table_name(&self.name).set_key(Some(item_of(key)));
        let answer = get.consistent_read(true).send().await.map_err(|error| self.failed(&GET, &error))?;
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
        let get = self.client.batch_get_item().request_items(&self.name, wanted).send().await;
        let answer = get.map_err(|error| self.failed(&BATCH_GET, &error))?;
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
        let answer = ask.send().await.map_err(|error| self.failed(&QUERY, &error))?;
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key.filter(|key| !key.is_empty())))
    }

    /// How many a query finds.
    pub async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        let mut count = 0;
        let mut from = None;
        loop {
            let ask = self.asked(query, from).select(Select::Count);
            let answer = ask.send().await.map_err(|error| self.failed(&QUERY, &error))?;
            count += u64::try_from(answer.count).unwrap_or_default();
            from = answer.last_evaluated_key.filter(|key| !key.is_empty());
            if from.is_none() {
                return Ok(count);
            }
        }
    }

    fn asked(
        &self,
        query: &Query,
        from: Option<Item>,
    ) -> aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder {
        let ask = self.client.query().table_name(&self.name).key_condition_expression(&query.keys);
        ask.set_index_name(query.index.map(str::to_owned))
            .set_expression_attribute_names(Some(names([query.keys.as_str()].into_iter().chain(query.only))))
            .set_expression_attribute_values(Some(query.values.clone()))
            .set_exclusive_start_key(from)
            // An index can't be read so.
            .consistent_read(query.index.is_none())
    }

    /// Writes all or nothing.
    pub async fn write(&self, writes: &[Write]) -> Result<Written, StoreError> {
        for turn in 0..TRIES {
            let tried = match writes {
                [] => Try::Answer(Written::Done),
                [one] => self.try_one(one).await?,
                all => self.try_all(all).await?,
            };
            match tried {
                Try::Answer(written) => return Ok(written),
                Try::Conflict => pause(turn).await?,
            }
        }
        Err(self.congested())
    }

    /// Changes one item, and says how it is then.
    pub async fn change(&self, write: &Write) -> Result<Changed, StoreError> {
        for turn in 0..TRIES {
            match self.try_change(write).await? {
                Try::Answer(changed) => return Ok(changed),
                Try::Conflict => pause(turn).await?,
            }
        }
        Err(self.congested())
    }

    fn congested(&self) -> StoreError {
        StoreError::Unavailable(format!("table {}: other requests get in the way of this one", self.name))
    }

    async fn try_all(&self, writes: &[Write]) -> Result<Try<Written>, StoreError> {
        let items = writes.iter().map(|write| self.part(write)).collect::<Result<Vec<_>, _>>();
        let items = items.map_err(|error| unfit(&error))?;
        let sent = self.client.transact_write_items().set_transact_items(Some(items)).send().await;
        let Err(error) = sent else { return Ok(Try::Answer(Written::Done)) };
        let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error()
        else {
            // The same transaction, sent again while its first sending is still under way.
            let is_under_way = error.code() == Some("TransactionInProgressException");
            return if is_under_way { Ok(Try::Conflict) } else { Err(self.failed(&TRANSACT, &error)) };
        };
        let reasons = cancelled.cancellation_reasons();
        let of = |codes: &[&str]| -> Vec<usize> {
            let is_one = |code: Option<&str>| code.is_some_and(|code| codes.contains(&code));
            let found = reasons.iter().enumerate().filter(|(_, reason)| is_one(reason.code()));
            found.map(|(place, _)| place).collect()
        };
        let refused = of(&["ConditionalCheckFailed"]);
        if !refused.is_empty() {
            return Ok(Try::Answer(Written::Refused(refused)));
        }
        if !of(&["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]).is_empty() {
            return Ok(Try::Conflict);
        }
        let why =
            reasons.iter().zip(writes).find(|(reason, _)| reason.code().is_some_and(|code| code != "None"));
        Err(StoreError::Corrupt(why.map_or_else(
            || format!("table {}: {error}", self.name),
            |(reason, write)| {
                let (code, message) =
                    (reason.code().unwrap_or_default(), reason.message().unwrap_or_default());
                format!("table {}: {} can't be written: {code}: {message}", self.name, write.key)
            },
        )))
    }

    fn part(&self, write: &Write) -> Result<TransactWriteItem, BuildError> {
        let Write { key, what, only_if, values } = write.clone();
        let (names, values) = named(write, values);
        let item = TransactWriteItem::builder();
        Ok(match what {
            What::Put(content) => item.put(
                Put::builder()
                    .table_name(&self.name)
                    .set_item(Some(whole(&key, content)))
                    .set_condition_expression(only_if)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .build()?,
            ),
            What::Change(expression) => item.update(
                Update::builder()
                    .table_name(&self.name)
                    .set_key(Some(item_of(&key)))
                    .update_expression(expression)
                    .set_condition_expression(only_if)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .build()?,
            ),
            What::Delete => item.delete(
                Delete::builder()
                    .table_name(&self.name)
                    .set_key(Some(item_of(&key)))
                    .set_condition_expression(only_if)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .build()?,
            ),
        }
        .build())
    }

    async fn try_one(&self, write: &Write) -> Result<Try<Written>, StoreError> {
        let Write { key, what, only_if, values } = write.clone();
        let (names, values) = named(write, values);
        let (code, failed) = match what {
            What::Change(_) => {
                return Ok(match self.try_change(write).await? {
                    Try::Answer(Changed::Done(_)) => Try::Answer(Written::Done),
                    Try::Answer(Changed::Refused(_)) => Try::Answer(Written::Refused(vec![0])),
                    Try::Conflict => Try::Conflict,
                });
            }
            What::Put(content) => {
                let put = self.client.put_item().table_name(&self.name).set_item(Some(whole(&key, content)));
                let put = put
                    .set_condition_expression(only_if)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values);
                let Err(error) = put.send().await else { return Ok(Try::Answer(Written::Done)) };
                (error.code().map(str::to_owned), self.failed(&PUT, &error))
            }
            What::Delete => {
                let delete = self.client.delete_item().table_name(&self.name).set_key(Some(item_of(&key)));
                let delete = delete
                    .set_condition_expression(only_if)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values);
                let Err(error) = delete.send().await else { return Ok(Try::Answer(Written::Done)) };
                (error.code().map(str::to_owned), self.failed(&DELETE, &error))
            }
        };
        match code.as_deref() {
            Some("ConditionalCheckFailedException") => Ok(Try::Answer(Written::Refused(vec![0]))),
            Some("TransactionConflictException") => Ok(Try::Conflict),
            _ => Err(failed),
        }
    }

    async fn try_change(&self, write: &Write) -> Result<Try<Changed>, StoreError> {
        let Write { key, what, only_if, values } = write.clone();
        let What::Change(expression) = what else {
            return Err(StoreError::Corrupt(format!("{key} is to be changed by what is no change")));
        };
        let (names, values) = named(write, values);
        let update = self.client.update_item().table_name(&self.name).set_key(Some(item_of(&key)));
        let update = update
            .update_expression(expression)
            .set_condition_expression(only_if)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let error = match update.send().await {
            Ok(answer) => return Ok(Try::Answer(Changed::Done(answer.attributes.unwrap_or_default()))),
            Err(error) => error,
        };
        match error.code() {
            Some("TransactionConflictException") => Ok(Try::Conflict),
            Some("ConditionalCheckFailedException") => {
                // Whoever leaves the item out of the answer is asked for it.
                let told = error.as_service_error().and_then(|error| match error {
                    aws_sdk_dynamodb::operation::update_item::UpdateItemError::ConditionalCheckFailedException(
                        refusal,
                    ) => refusal.item.clone(),
                    _ => None,
                });
                let there = match told {
                    Some(item) if !item.is_empty() => Some(item),
                    _ => self.get(&key).await?,
                };
                Ok(Try::Answer(Changed::Refused(there)))
            }
            _ => Err(self.failed(&UPDATE, &error)),
        }
    }
}

type Signs = Option<HashMap<String, String>>;
type Values = Option<HashMap<String, AttributeValue>>;

/// The names and values that a write's expressions use; DynamoDB refuses empty ones.
fn named(write: &Write, values: HashMap<String, AttributeValue>) -> (Signs, Values) {
    let change = match &write.what {
        What::Change(expression) => Some(expression.as_str()),
        What::Put(_) | What::Delete => None,
    };
    let names = names(change.into_iter().chain(write.only_if.as_deref()));
    ((!names.is_empty()).then_some(names), (!values.is_empty()).then_some(values))
}

fn item_of(key: &Key) -> Item {
    whole(key, Item::new())
}

fn whole(Key { pk, sk }: &Key, mut item: Item) -> Item {
    item.insert("pk".to_owned(), AttributeValue::S(pk.clone()));
    item.insert("sk".to_owned(), AttributeValue::S(sk.clone()));
    item
}

fn unfit(error: &BuildError) -> StoreError {
    StoreError::Corrupt(format!("a request that makes no sense: {error}"))
}

/// Waits for a random part of a time that doubles, so that whoever got in each other's way doesn't do so again.
async fn pause(turn: u32) -> Result<(), StoreError> {
    let longest = FIRST_PAUSE.saturating_mul(1 << turn.min(10)).min(LONGEST_PAUSE);
    let part = u32::try_from(super::random()? >> 32).unwrap_or(u32::MAX);
    tokio::time::sleep(longest.mul_f64(f64::from(part) / f64::from(u32::MAX))).await;
    Ok(())
}
