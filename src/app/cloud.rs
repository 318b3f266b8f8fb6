//! AWS as an operator configured it: a Region, credentials, and which accounts there are.

use aws_types::SdkConfig;

use super::house::NoHouse;
use crate::aws::clients::{self, Patience};
use crate::aws::identity::identity;
use crate::config::{Account, Aws, Credentials, Store};
use crate::domain::accounts::{self, Accounts};
use crate::domain::ids::AccountId;

/// ALPHA's own way into AWS, where anything that was chosen lies there.
pub async fn own(
    store: &Store,
    account: &Account,
    credentials: Option<&Credentials>,
) -> Result<Option<SdkConfig>, NoHouse> {
    let regions = match account {
        Account::Aws(aws) => aws.own.regions.as_slice(),
        Account::Simulated(_) => &[],
    };
    let is_needed = matches!(store, Store::DynamoDb(_))
        || matches!(account, Account::Aws(_))
        || matches!(credentials, Some(Credentials::SecretsManager(_)));
    if !is_needed {
        return Ok(None);
    }
    let is_said = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if is_said("AWS_PROFILE") && is_said("AWS_ACCESS_KEY_ID") {
        tracing::warn!(
            "AWS_ACCESS_KEY_ID goes before AWS_PROFILE, as with AWS's own tools: the profile isn't used; unset the one \
             that isn't meant"
        );
    }
    // What is ALPHA's own lies where AWS's own variable says; the Regions of trails are another matter.
    let mut sdk = clients::load(None, Patience::default()).await;
    if sdk.region().is_none() {
        let Some(first) = regions.first() else {
            return Err(NoHouse::Usage(
                "AWS_REGION is missing (or ALPHA_REGIONS); expected the Region that ALPHA runs in, such as eu-west-1"
                    .to_owned(),
            ));
        };
        sdk = clients::load(Some(first.clone()), Patience::default()).await;
    }
    Ok(Some(sdk))
}

/// The account whose roles bare names mean.
pub async fn home(aws: &Aws, own: &SdkConfig) -> Result<AccountId, NoHouse> {
    if let Some(home) = &aws.home {
        return Ok(home.clone());
    }
    let asked = identity(own).await.map_err(|fault| {
        anyhow::anyhow!("{fault}; ALPHA_HOME_ACCOUNT says which account it is without asking")
    })?;
    tracing::info!(arn = asked.arn, "this is who ALPHA is to AWS");
    Ok(asked.account)
}

/// The accounts that there are, each with the Regions that it has.
pub async fn accounts(aws: &Aws, own: &SdkConfig) -> Result<Accounts, NoHouse> {
    let home = home(aws, own).await?;
    let here = own.region().map(ToString::to_string);
    let regions = |account: &accounts::Account| {
        let mut account = account.clone();
        if account.regions.is_empty() {
            account.regions.clone_from(&aws.own.regions);
        }
        if account.regions.is_empty() {
            account.regions.extend(here.clone());
        }
        account
    };
    let mut all: std::collections::BTreeMap<_, _> =
        aws.members.iter().map(|(id, member)| (id.clone(), regions(member))).collect();
    // A table of the home account itself says what is peculiar to it, as [aws] does.
    let own = all.remove(&home).map_or_else(|| regions(&aws.own), |said| said.at_home(&regions(&aws.own)));
    all.insert(home.clone(), accounts::Account { role: None, ..own });
    Ok(Accounts { home, all })
}
