//! The health of a role, from each source that a trail may have.

mod files;
mod log_group;
mod look_up;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use alpha::aws::accounts::Accounts;
use alpha::aws::health::{Limits, TrailHealth};
use alpha::domain::accounts::{Account, Accounts as Configured, Trail};
use alpha::domain::role::Snapshot;
use alpha::local::clock::ManualClock;
use alpha::ports::{AccountError, Health as _, Reading};
use jiff::{SignedDuration, Timestamp};

use crate::account::{document, errand, id};
use crate::aws::wire::{Act, Called, Wire};
use crate::support::emulator::sdk;

pub const ROLE_ID: &str = "AROA1234567890ABCDEFG";
const ROLE: &str = "arn:aws:iam::111122223333:role/app/web";

/// A moment, so many seconds after the change.
pub fn at(second: i64) -> Timestamp {
    "2026-11-27T12:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(second)
}

pub fn web() -> Snapshot {
    Snapshot {
        last_used: None,
        arn: ROLE.to_owned(),
        role_id: ROLE_ID.to_owned(),
        path: "/app/".to_owned(),
        trust: document(super::roles::TRUST),
        inline: BTreeMap::new(),
        attached: BTreeMap::new(),
        boundary: None,
        tags: BTreeMap::new(),
    }
}

/// A record of a call: of the role, or of somebody else.
pub fn record(id: u32, time: Timestamp, is_ours: bool, code: Option<&str>) -> String {
    let (name, role_id) = if is_ours { ("web", ROLE_ID) } else { ("other", "AROA9999999999ABCDEFG") };
    let error = code.map(|code| format!(r#""errorCode":"{code}","errorMessage":"not authorized","#));
    let error = error.unwrap_or_default();
    let time = time.strftime("%Y-%m-%dT%H:%M:%SZ");
    format!(
        r#"{{"eventVersion":"1.11","userIdentity":{{"type":"AssumedRole","principalId":"{role_id}:s","arn":"arn:aws:sts::111122223333:assumed-role/{name}/s","accountId":"111122223333","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"{role_id}","arn":"arn:aws:iam::111122223333:role/app/{name}","accountId":"111122223333","userName":"{name}"}}}}}},"eventTime":"{time}","eventSource":"sqs.amazonaws.com","eventName":"ListQueues","awsRegion":"eu-west-1","sourceIPAddress":"192.0.2.1",{error}"requestParameters":{{}},"eventID":"{id}","eventType":"AwsApiCall","managementEvent":true,"eventCategory":"Management"}}"#
    )
}

/// The health of the role by a trail, as it is told at some time by whoever has enough of it.
pub async fn health(url: &str, trail: Trail, regions: &[&str], now: Timestamp) -> TrailHealth {
    health_within(Duration::from_mins(1), url, trail, regions, now).await
}

/// The same by somebody in a hurry.
pub async fn health_within(
    whole: Duration,
    url: &str,
    trail: Trail,
    regions: &[&str],
    now: Timestamp,
) -> TrailHealth {
    let regions = regions.iter().map(|region| (*region).to_owned()).collect();
    let account = Account { regions, trail, ..Account::default() };
    let configured = Configured { home: id(), all: BTreeMap::from([(id(), account)]) };
    let accounts = Arc::new(Accounts::new(sdk(url).await, configured));
    let step = Duration::from_millis(20);
    let limits = Limits { whole, pause: step, pace: step };
    TrailHealth::new(accounts, Arc::new(ManualClock::at(now)), limits)
}

pub async fn since(health: &TrailHealth, since: Timestamp) -> Result<Reading, AccountError> {
    health.since(&errand(), &web(), since).await
}

pub fn denied(reading: &Reading) -> u64 {
    reading.denied.iter().map(|(_, count)| count).sum()
}
