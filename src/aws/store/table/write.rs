//! Writes: each alone or all in one transaction, and tried again where others were in the way.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::ProvideErrorMetadata as _;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, Put, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use aws_smithy_types::error::operation::BuildError;

use super::{DELETE, PUT, TRANSACT, TRIES, Table, UPDATE, item_of, pause, unfit, whole};
use crate::aws::store::write::{Item, What, Write, names};
use crate::ports::StoreError;

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

    async fn try_all(&self, writes: &[Write]) -> Result<Try<Written>, StoreError> {
        let items = writes.iter().map(|write| self.part(write)).collect::<Result<Vec<_>, _>>();
        let items = items.map_err(|error| unfit(&error))?;
        let sent = self.client.transact_write_items().set_transact_items(Some(items)).send();
        let Err(error) = Box::pin(sent).await else { return Ok(Try::Answer(Written::Done)) };
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
                let Err(error) = Box::pin(put.send()).await else { return Ok(Try::Answer(Written::Done)) };
                (error.code().map(str::to_owned), self.failed(&PUT, &error))
            }
            What::Delete => {
                let delete = self.client.delete_item().table_name(&self.name).set_key(Some(item_of(&key)));
                let delete = delete
                    .set_condition_expression(only_if)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values);
                let Err(error) = Box::pin(delete.send()).await else { return Ok(Try::Answer(Written::Done)) };
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
        let error = match Box::pin(update.send()).await {
            Ok(answer) => return Ok(Try::Answer(Changed::Done(answer.attributes.unwrap_or_default()))),
            Err(error) => error,
        };
        match error.code() {
            Some("TransactionConflictException") => Ok(Try::Conflict),
            Some("ConditionalCheckFailedException") => {
                // Whoever leaves the item out of the answer is asked for it.
                let told = error.as_service_error().and_then(|error| match error {
                    UpdateItemError::ConditionalCheckFailedException(refusal) => refusal.item.clone(),
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
