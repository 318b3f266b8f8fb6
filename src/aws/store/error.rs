//! What DynamoDB says, in words that an operator can act on.

use std::fmt::Debug;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::table::Table;
use crate::aws::calls::{Call, On};
use crate::aws::fault::{Fault, Kind};
use crate::ports::StoreError;

impl Table {
    /// What an error of a call means to whoever called the store.
    pub(super) fn failed<E, R>(&self, call: &Call, error: &SdkError<E, R>) -> StoreError
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: Debug,
    {
        let table = format!("arn:aws:dynamodb:{}:*:table/{}", self.region(), self.name());
        let indexes = format!("{table}/index/*");
        let fault = Fault::of(call, error).at(On::Table, table).at(On::Indexes, indexes);
        let writes = call.needs.iter().any(|need| {
            ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"].contains(&need.action)
        });
        match fault.kind {
            Kind::Missing => StoreError::Unavailable(self.missing()),
            Kind::Denied if writes => StoreError::ReadOnly(fault.to_string()),
            Kind::Denied | Kind::Credentials | Kind::Throttled | Kind::Quota | Kind::Unknown => {
                StoreError::Unavailable(format!("table {}: {fault}", self.name()))
            }
            Kind::Exists | Kind::Rejected => StoreError::Corrupt(format!(
                "table {}: {fault}; is it the one that infra/alpha.yaml deploys?",
                self.name()
            )),
        }
    }

    /// What to do about a table that isn't there.
    pub(super) fn missing(&self) -> String {
        format!(
            "there is no table {} in {}: deploy infra/alpha.yaml there (docs/OPERATIONS.md), or name another with \
             ALPHA_STORE=dynamodb:TABLE and AWS_REGION",
            self.name(),
            self.region()
        )
    }
}
