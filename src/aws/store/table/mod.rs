//! The one table over the wire: reads page by page, writes under conditions, and whatever is worth another try tried again.
//!
//! Nothing here knows what is kept. What a condition refused is an answer, not an error: whoever asked looks again before
//! it is believed, because the answer to an earlier try may have been lost.

mod read;
mod write;

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata as _;
use aws_sdk_dynamodb::types::{AttributeValue, TableDescription};
use aws_smithy_types::error::operation::BuildError;
use aws_types::SdkConfig;

use super::keys::Key;
use super::write::Item;
use crate::aws::calls::{Call, Need, On, OnlyKnown};
use crate::ports::StoreError;

pub use read::Query;
pub use write::{Changed, Written};

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

/// A table.
#[derive(Debug, Clone)]
pub struct Table {
    client: Client,
    name: String,
    region: String,
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
        match Box::pin(self.client.describe_table().table_name(&self.name).send()).await {
            Ok(answer) => Ok(answer.table),
            Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(self.failed(&DESCRIBE, &error)),
        }
    }

    fn congested(&self) -> StoreError {
        StoreError::Unavailable(format!("table {}: other requests get in the way of this one", self.name))
    }
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
