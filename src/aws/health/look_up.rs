//! CloudTrail's look-up, for small accounts without a trail of their own: the management events of everybody, from the
//! newest on, fifty at a time and two times a second.
//!
//! It can't be asked for a role, shows no data events, and doesn't say when an event was delivered. Where there are more
//! events than can be gone through in a look, that is said, with what to configure instead.

use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::primitives::DateTime;
use aws_types::SdkConfig;
use futures_util::future::join_all;
use jiff::Timestamp;
use tokio::time::{Instant, sleep_until};

use super::pulse::Pulse;
use super::sightings::Sightings;
use super::{Asked, Looked};
use crate::aws::calls::{Call, Need, On, OnlyKnown};
use crate::aws::fault::{Fault, Kind};
use crate::iam::cloudtrail::Reader;
use crate::ports::AccountError;

const LOOK_UP: Call = Call {
    service: "CloudTrail",
    operation: "LookupEvents",
    needs: &[Need { action: "cloudtrail:LookupEvents", on: On::Anything }],
};
/// What this calls.
pub(super) const CALLS: &[Call] = &[LOOK_UP];

/// How many events an answer holds at most.
const PAGE: i32 = 50;

/// Looks the events of each Region up, side by side.
pub(super) async fn look(ways: &[(&str, SdkConfig)], asked: &Asked<'_>) -> Looked {
    let regions = join_all(ways.iter().map(|(_, way)| region(way, asked))).await;
    let mut seen = Sightings::new(asked.role, asked.since)?;
    let mut reader = Reader::with_circumstances();
    let (mut pulse, mut cut) = (Pulse::default(), Vec::new());
    for ((name, _), found) in ways.iter().zip(regions) {
        let found = match found {
            Ok(found) => found,
            Err(fault) => return Ok(Err(fault)),
        };
        if !found.is_whole {
            cut.push(format!("{} events of {name}", found.events.len()));
        }
        for (happened, record) in &found.events {
            pulse.beat(*happened, None);
            seen.see(&mut reader, record).map_err(|broken| {
                AccountError::Rejected(format!("an event that CloudTrail looked up can't be read: {broken}"))
            })?;
        }
    }
    if cut.is_empty() {
        let complete = pulse.complete_until(asked.now);
        return Ok(Ok(seen.reading(complete.unwrap_or_else(|| asked.before()))));
    }
    // What is seen is enough to stop a change that hurts, and not enough to call one harmless.
    if seen.has_denials() {
        return Ok(Ok(seen.reading(asked.before())));
    }
    Err(AccountError::Rejected(format!(
        "the look-up of events stopped at {}, and more happened since: say trail_log_group or trail_bucket for this \
         account in alpha.toml",
        cut.join(" and ")
    )))
}

struct Found {
    events: Vec<(Timestamp, String)>,
    is_whole: bool,
}

async fn region(way: &SdkConfig, asked: &Asked<'_>) -> Result<Found, Fault> {
    let config = aws_sdk_cloudtrail::config::Builder::from(way).interceptor(OnlyKnown(CALLS)).build();
    let trail = Client::from_conf(config);
    let (mut found, mut page) = (Found { events: Vec::new(), is_whole: false }, None);
    loop {
        let next = Instant::now() + asked.limits.pace;
        let since = DateTime::from_secs(asked.since.min(asked.now).as_second());
        let looked = trail.lookup_events().start_time(since).max_results(PAGE).set_next_token(page);
        let answer = match looked.send().await.map_err(|error| Fault::of(&LOOK_UP, &error)) {
            Ok(answer) => answer,
            // Somebody else looks up too; what is left is told as not seen.
            Err(fault) if fault.kind == Kind::Throttled && !found.events.is_empty() => return Ok(found),
            Err(fault) => return Err(fault),
        };
        found.events.extend(answer.events.unwrap_or_default().into_iter().filter_map(|event| {
            let happened = Timestamp::from_second(event.event_time?.secs()).ok()?;
            Some((happened, event.cloud_trail_event?))
        }));
        page = answer.next_token;
        if page.is_none() {
            found.is_whole = true;
            return Ok(found);
        }
        if next >= asked.until {
            return Ok(found);
        }
        sleep_until(next).await;
    }
}
