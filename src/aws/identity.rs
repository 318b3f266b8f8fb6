//! Whose credentials ALPHA's own are.

use aws_types::SdkConfig;

use super::calls::{Call, OnlyKnown};
use super::fault::Fault;
use crate::domain::ids::AccountId;

/// What this calls; anybody may ask who they are.
pub const CALLS: &[Call] = &[WHO];

const WHO: Call = Call { service: "STS", operation: "GetCallerIdentity", needs: &[] };

/// Who ALPHA is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// In which account.
    pub account: AccountId,
    /// By which ARN.
    pub arn: String,
}

/// Asks who ALPHA is.
pub async fn identity(own: &SdkConfig) -> Result<Identity, Fault> {
    let config = aws_sdk_sts::config::Builder::from(own).interceptor(OnlyKnown(CALLS)).build();
    let told = aws_sdk_sts::Client::from_conf(config)
        .get_caller_identity()
        .send()
        .await
        .map_err(|error| Fault::of(&WHO, &error))?;
    match (told.account(), told.arn()) {
        (Some(account), Some(arn)) => Ok(Identity { account: AccountId::new(account), arn: arn.to_owned() }),
        _ => Err(Fault::silent(&WHO)),
    }
}
