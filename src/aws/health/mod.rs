//! How a role fares, from what CloudTrail recorded of it: the trail's log group, else its files, else its look-up.
//!
//! One source is asked, the best that is configured, and none stands in for one that fails: a role whose health can't be
//! read is held, not taken for well. Until when a source is complete is measured, by how long its deliveries took, and
//! is never now. What no source shows, such as data events that the trail doesn't record, nobody counts as calls.

mod files;
mod log_group;
mod look_up;
mod pulse;
mod sightings;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

use super::accounts::Accounts;
use super::calls::Call;
use super::fault::{Fault, Kind};
use crate::domain::errand::Errand;
use crate::domain::ids::AccountId;
use crate::domain::role::Snapshot;
use crate::domain::rules::shown;
use crate::iam::arn::Arn;
use crate::ports::{AccountError, Clock, Health, Reading};
use files::Files;
use log_group::Queries;

/// What this calls, by source.
pub const CALLS: &[&[Call]] = &[log_group::CALLS, look_up::CALLS];

/// How long a look may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// All of it; what isn't there by then is left to the next look.
    pub whole: Duration,
    /// The pause between two questions whether an answer is there.
    pub pause: Duration,
    /// The pause between two look-ups: an account has two a second.
    pub pace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            whole: Duration::from_millis(8_500),
            pause: Duration::from_millis(400),
            pace: Duration::from_millis(510),
        }
    }
}

/// The health of roles, by their trails.
#[derive(Debug)]
pub struct TrailHealth {
    accounts: Arc<Accounts>,
    clock: Arc<dyn Clock>,
    limits: Limits,
    queries: Queries,
    files: Files,
}

impl TrailHealth {
    /// That of the roles of some accounts.
    pub fn new(accounts: Arc<Accounts>, clock: Arc<dyn Clock>, limits: Limits) -> Self {
        Self { accounts, clock, limits, queries: Queries::default(), files: Files::default() }
    }

    async fn look(
        &self,
        errand: &Errand,
        id: &AccountId,
        asked: &Asked<'_>,
    ) -> Result<Reading, AccountError> {
        let account = self.accounts.account(id)?;
        let main = self.accounts.reach_trail(id, errand).await?;
        let trouble = |fault: Fault| {
            if fault.kind == Kind::Credentials {
                self.accounts.forget(id, errand);
            }
            told(fault)
        };
        if let Some(group) = &account.trail.log_group {
            let looked = self.queries.look(&main, group, asked).await?;
            return looked.map_err(trouble);
        }
        if let Some(bucket) = &account.trail.bucket {
            let looked = self.files.look(&main, id, account, bucket, asked).await?;
            return looked.map_err(trouble);
        }
        let regions = account.looked_up(&asked.role.arn);
        let mut ways = Vec::with_capacity(regions.len());
        for region in regions {
            ways.push((region, self.accounts.reach_in(id, errand, region).await?));
        }
        look_up::look(&ways, asked).await?.map_err(trouble)
    }
}

/// What is looked for, and for how long.
#[derive(Debug, Clone, Copy)]
struct Asked<'a> {
    role: &'a Snapshot,
    since: Timestamp,
    now: Timestamp,
    limits: Limits,
    until: tokio::time::Instant,
}

impl Asked<'_> {
    fn is_over(&self) -> bool {
        tokio::time::Instant::now() >= self.until
    }

    /// A time that no reading of this look is complete until.
    fn before(&self) -> Timestamp {
        self.since.checked_sub(SignedDuration::from_secs(1)).unwrap_or(self.since)
    }
}

/// What a look that isn't complete may be told as, and what an answer of AWS's that failed.
type Looked = Result<Result<Reading, Fault>, AccountError>;

/// Quotas of what is asked at a time are over soon.
fn told(fault: Fault) -> AccountError {
    match fault.kind {
        Kind::Quota => AccountError::Unavailable(fault.to_string()),
        _ => fault.into_account(),
    }
}

#[async_trait]
impl Health for TrailHealth {
    async fn since(
        &self,
        errand: &Errand,
        role: &Snapshot,
        since: Timestamp,
    ) -> Result<Reading, AccountError> {
        let none = || AccountError::NoSuchRole { name: shown(&role.arn), like: None };
        let id = AccountId::new(Arn::parse(&role.arn).ok_or_else(none)?.account);
        let limits = self.limits;
        let until = tokio::time::Instant::now() + limits.whole;
        let asked = Asked { role, since, now: self.clock.now(), limits, until };
        self.look(errand, &id, &asked).await
    }
}
