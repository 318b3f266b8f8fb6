//! CloudTrail's look-up: the management events of 90 days, two requests a second in an account and Region.
//!
//! It can't be asked for the calls of a role. It can for those of a session by its name, so the sessions are found
//! first, by the events that began them; where there are too many to ask for each, or none is found, all events are gone
//! through from the newest on. Which of them are calls of the role our own reader says.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::types::{Event, LookupAttribute, LookupAttributeKey};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::time::Instant;

use super::asked::{Asked, Told, Voice};
use super::words::{count, things};
use super::{AwsEvidence, date};
use crate::aws::calls::{Call, Need, On, OnlyKnown};
use crate::aws::fault::Fault;
use crate::domain::ids::AccountId;
use crate::iam::cloudtrail::{Reader, Seen};
use crate::iam::evidence::Evidence;

pub(super) const NAME: &str = "CloudTrail look-up";

const LOOK_UP: Call = Call {
    service: "CloudTrail",
    operation: "LookupEvents",
    needs: &[Need { action: "cloudtrail:LookupEvents", on: On::Anything }],
};
/// What this calls.
pub const CALLS: &[Call] = &[LOOK_UP];

/// How many events come with one answer.
const PAGE: i32 = 50;
/// How far back it reaches.
const DAYS: i64 = 90;
/// How many sessions are asked for one by one, and how many pages of their beginnings are gone through.
const SESSIONS: usize = 10;
const BEGINNINGS: usize = 8;
/// How long a session lasts at most: one that calls in a window may have begun before it.
const LONGEST_SESSION: SignedDuration = SignedDuration::from_hours(12);

/// Keeps look-ups of one account and Region apart.
#[derive(Debug)]
pub(super) struct Pace {
    pause: Duration,
    next: Mutex<HashMap<(AccountId, String), Instant>>,
}

impl Pace {
    pub fn new(pause: Duration) -> Self {
        Self { pause, next: Mutex::default() }
    }

    /// Waits for a turn.
    async fn turn(&self, id: &AccountId, region: &str) {
        let at = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let next = next.entry((id.clone(), region.to_owned())).or_insert_with(Instant::now);
            let at = (*next).max(Instant::now());
            *next = at + self.pause;
            at
        };
        tokio::time::sleep_until(at).await;
    }
}

/// One Region's look-up.
struct Place<'a> {
    evidence: &'a AwsEvidence,
    asked: &'a Asked<'a>,
    voice: &'a Voice<'a>,
    region: &'a str,
    client: Client,
    /// How many events all Regions went through together, and how many of them could not be read.
    total: &'a AtomicU64,
    unread: &'a AtomicU64,
}

/// Which events are asked for.
#[derive(Debug, PartialEq, Eq)]
enum Plan {
    /// Those of these sessions.
    Sessions(BTreeSet<String>),
    /// All.
    All,
}

/// How a walk through events ended.
#[derive(Debug)]
enum Ended {
    /// At the last one.
    There,
    /// At the limit, with the last event that was looked at.
    Early(String),
    /// With a fault.
    Badly(Fault),
}

impl AwsEvidence {
    pub(super) async fn look_up(&self, asked: &Asked<'_>, voice: &Voice<'_>) -> Told {
        let (total, unread) = (AtomicU64::new(0), AtomicU64::new(0));
        let mut places = Vec::new();
        for region in asked.account.looked_up(&asked.role.arn) {
            let config = match asked.accounts.reach_in(asked.id, asked.errand, region).await {
                Ok(config) => config,
                Err(error) => return voice.failed(error),
            };
            let config =
                aws_sdk_cloudtrail::config::Builder::from(&config).interceptor(OnlyKnown(CALLS)).build();
            let client = Client::from_conf(config);
            places.push(Place {
                evidence: self,
                asked,
                voice,
                region,
                client,
                total: &total,
                unread: &unread,
            });
        }
        voice.say("looking for sessions of the role");
        let plan = plan(join_all(places.iter().map(Place::sessions)).await);
        let ends = join_all(places.iter().map(|place| place.walk(&plan))).await;
        let mut gaps = Vec::new();
        let earliest = asked.window.until - SignedDuration::from_hours(24 * DAYS);
        if asked.window.since < earliest {
            gaps.push(format!("{NAME} reaches back {DAYS} days only"));
        }
        let mut faults = Vec::new();
        for (place, ended) in places.iter().zip(ends) {
            match ended {
                Ended::There => {}
                Ended::Early(when) => {
                    let limit = count(self.limits.events);
                    let back = if plan == Plan::All { format!(", back to {when}") } else { String::new() };
                    gaps.push(format!("{NAME} in {} stopped at {limit} events{back}", place.region));
                }
                Ended::Badly(fault) => {
                    gaps.push(format!("{NAME} in {}: {fault}", place.region));
                    faults.push(fault);
                }
            }
        }
        let unread = unread.load(Ordering::Relaxed);
        if unread > 0 {
            gaps.push(format!("{NAME}: {} could not be read", things(unread, "event")));
        }
        if faults.len() == places.len()
            && total.load(Ordering::Relaxed) == 0
            && let Some(fault) = faults.into_iter().next()
        {
            return voice.fault(fault);
        }
        Told::but_for(gaps)
    }
}

/// Sessions that began anywhere may call everywhere. Where some Region's beginnings aren't known, any may be missing.
fn plan(found: Vec<Option<BTreeSet<String>>>) -> Plan {
    let all: Option<BTreeSet<String>> =
        found.into_iter().try_fold(BTreeSet::new(), |all, some| Some(&all | &some?));
    match all {
        Some(sessions) if (1..=SESSIONS).contains(&sessions.len()) => Plan::Sessions(sessions),
        Some(_) | None => Plan::All,
    }
}

impl Place<'_> {
    /// One page of events.
    async fn page(
        &self,
        by: Option<&LookupAttribute>,
        since: Timestamp,
        next: Option<String>,
    ) -> Result<(Vec<Event>, Option<String>), Fault> {
        self.evidence.pace.turn(self.asked.id, self.region).await;
        let page = self
            .client
            .lookup_events()
            .set_lookup_attributes(by.map(|by| vec![by.clone()]))
            .start_time(date(since))
            .end_time(date(self.asked.window.until))
            .max_results(PAGE)
            .set_next_token(next)
            .send()
            .await
            .map_err(|error| Fault::of(&LOOK_UP, &error))?;
        Ok((page.events.unwrap_or_default(), page.next_token.filter(|token| !token.is_empty())))
    }

    /// The names of the role's sessions that began here; none where they can't all be known.
    async fn sessions(&self) -> Option<BTreeSet<String>> {
        let by = attribute(LookupAttributeKey::ResourceName, &self.asked.role.arn)?;
        let since = self.asked.window.since - LONGEST_SESSION;
        let (mut names, mut next) = (BTreeSet::new(), None);
        for _ in 0..BEGINNINGS {
            let (events, more) = self.page(Some(&by), since, next).await.ok()?;
            for event in &events {
                match beginning(event.cloud_trail_event()?) {
                    Beginning::Nothing => {}
                    Beginning::Of(name) => drop(names.insert(name)),
                    Beginning::Unnamed => return None,
                }
            }
            if names.len() > SESSIONS {
                return None;
            }
            match more {
                Some(token) => next = Some(token),
                None => return Some(names),
            }
        }
        None
    }

    async fn walk(&self, plan: &Plan) -> Ended {
        let mut reader = Reader::with_circumstances();
        let mut seen = 0;
        match plan {
            Plan::All => self.events(None, &mut reader, &mut seen).await,
            Plan::Sessions(names) => {
                for name in names {
                    let by = attribute(LookupAttributeKey::Username, name);
                    match self.events(by.as_ref(), &mut reader, &mut seen).await {
                        Ended::There => {}
                        ended => return ended,
                    }
                }
                Ended::There
            }
        }
    }

    /// Goes through events from the newest on, until there are no more or so many were seen.
    async fn events(&self, by: Option<&LookupAttribute>, reader: &mut Reader, seen: &mut u64) -> Ended {
        let mut next = None;
        loop {
            let (events, more) = match self.page(by, self.asked.window.since, next).await {
                Ok(page) => page,
                Err(fault) => return Ended::Badly(fault),
            };
            let left = self.evidence.limits.events.saturating_sub(*seen);
            let taken: Vec<&Event> =
                events.iter().take(usize::try_from(left).unwrap_or(usize::MAX)).collect();
            taken.iter().for_each(|event| self.count(event, reader));
            *seen += taken.len() as u64;
            let total = self.total.fetch_add(taken.len() as u64, Ordering::Relaxed) + taken.len() as u64;
            self.voice.say(format!("{} so far", things(total, "event")));
            let is_cut =
                taken.len() < events.len() || (*seen >= self.evidence.limits.events && more.is_some());
            if is_cut {
                let last = taken.last().and_then(|event| event.event_time());
                return Ended::Early(last.map_or_else(|| "now".to_owned(), ToString::to_string));
            }
            match more {
                Some(token) => next = Some(token),
                None => return Ended::There,
            }
        }
    }

    fn count(&self, event: &Event, reader: &mut Reader) {
        let Some(record) = event.cloud_trail_event() else {
            tracing::warn!(event = event.event_id(), "an event of CloudTrail comes without its record");
            self.unread.fetch_add(1, Ordering::Relaxed);
            return;
        };
        match reader.read(record, 0, self.asked.filter) {
            Ok(Seen::Call(call)) => self.asked.found.lock().call(call),
            Ok(seen) => {
                let mut rest = Evidence::new();
                rest.count(&seen);
                self.asked.found.lock().rest(rest);
            }
            Err(broken) => {
                tracing::warn!(event = event.event_id(), %broken, "an event of CloudTrail can't be read");
                self.unread.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

fn attribute(key: LookupAttributeKey, value: &str) -> Option<LookupAttribute> {
    LookupAttribute::builder().attribute_key(key).attribute_value(value).build().ok()
}

/// What an event says of a session's beginning.
#[derive(Debug, PartialEq, Eq)]
enum Beginning {
    /// It began none.
    Nothing,
    /// It began this one.
    Of(String),
    /// It began one whose name it doesn't tell.
    Unnamed,
}

/// Which session an event began. Whoever signed in by SAML is named by the answer alone.
fn beginning(record: &str) -> Beginning {
    let Ok(record) = serde_json::from_str::<Value>(record) else { return Beginning::Unnamed };
    let begins = record["eventName"].as_str().is_some_and(|name| name.starts_with("AssumeRole"));
    if !begins || !record["errorCode"].is_null() {
        return Beginning::Nothing;
    }
    let asked = record["requestParameters"]["roleSessionName"].as_str();
    let answered = || record["responseElements"]["assumedRoleUser"]["arn"].as_str()?.rsplit('/').next();
    asked.or_else(answered).map_or(Beginning::Unnamed, |name| Beginning::Of(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn sessions_are_asked_for_one_by_one_where_all_are_known_and_few() {
        let known = |all: &[&str]| Some(names(all));
        assert_eq!(plan(vec![known(&["a"]), known(&["b", "a"])]), Plan::Sessions(names(&["a", "b"])));
        assert_eq!(plan(vec![known(&["a"]), None]), Plan::All, "one Region's aren't known");
        assert_eq!(plan(vec![known(&[]), known(&[])]), Plan::All, "nobody knows who began one");
        let many: Vec<String> = (0..=SESSIONS).map(|number| number.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(plan(vec![known(&many)]), Plan::All);
    }

    #[test]
    fn a_session_is_named_by_the_event_that_began_it() {
        let of = |name: &str| Beginning::Of(name.to_owned());
        for (record, expected) in [
            (r#"{"eventName":"AssumeRole","requestParameters":{"roleSessionName":"i-1"}}"#, of("i-1")),
            (
                r#"{"eventName":"AssumeRoleWithWebIdentity","requestParameters":{"roleSessionName":"i-1"}}"#,
                of("i-1"),
            ),
            (
                r#"{"eventName":"AssumeRoleWithSAML","requestParameters":{"roleArn":"r"},
                "responseElements":{"assumedRoleUser":{"arn":"arn:aws:sts::1:assumed-role/web/ana"}}}"#,
                of("ana"),
            ),
            (r#"{"eventName":"AssumeRoleWithSAML","requestParameters":null}"#, Beginning::Unnamed),
            (
                r#"{"eventName":"AssumeRole","errorCode":"AccessDenied","requestParameters":null}"#,
                Beginning::Nothing,
            ),
            (r#"{"eventName":"GetRole","requestParameters":{"roleSessionName":"i-1"}}"#, Beginning::Nothing),
            ("{", Beginning::Unnamed),
        ] {
            assert_eq!(beginning(record), expected, "{record}");
        }
    }
}
