//! CloudTrail: the trails themselves are moto's, `LookupEvents` is here.
//!
//! From the API reference of `LookupEvents` ("two per second, per account, per Region", 50 events a page, 90 days,
//! management events of one Region), its protocol in the SDK, and "Actions defined by AWS CloudTrail".

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::callers::{Caller, Session};
use super::events::Event;
use super::grants::Need;
use super::passage::Aws;
use super::wire::{Answer, Asked, Common, Refusal};

/// The most that a page has.
const PAGE: usize = 50;
/// How often it may be asked within a second.
const RATE: usize = 2;
/// How far it looks back.
const DEPTH: SignedDuration = SignedDuration::from_hours(90 * 24);

/// When each account and Region was asked last.
#[derive(Debug, Default)]
pub struct Pace {
    asked: Mutex<HashMap<(String, String), VecDeque<Instant>>>,
    hurried: Mutex<bool>,
}

impl Pace {
    /// Lets a test that isn't about the pace ask as often as it likes.
    pub fn hurry(&self) {
        *self.hurried.lock().unwrap() = true;
    }

    fn admits(&self, account: &str, region: &str) -> bool {
        let (now, second) = (Instant::now(), Duration::from_secs(1));
        let mut all = self.asked.lock().unwrap();
        let own = all.entry((account.to_owned(), region.to_owned())).or_default();
        own.retain(|then| now.duration_since(*then) < second);
        let admitted = own.len() < RATE || *self.hurried.lock().unwrap();
        if admitted {
            own.push_back(now);
        }
        admitted
    }
}

pub fn needs(asked: &Asked, session: &Session) -> Option<Vec<Need>> {
    let action = format!("cloudtrail:{}", asked.operation);
    let need = match &*asked.operation {
        "LookupEvents" | "DescribeTrails" | "ListTrails" => Need::new(&action, "*"),
        "GetTrail" | "GetTrailStatus" => Need::new(&action, trail(asked, session, asked.text("Name")?)),
        "GetEventSelectors" => Need::new(&action, trail(asked, session, asked.text("TrailName")?)),
        _ => return None,
    };
    Some(vec![need])
}

fn trail(asked: &Asked, session: &Session, name: &str) -> String {
    if name.starts_with("arn:") {
        return name.to_owned();
    }
    format!("arn:aws:cloudtrail:{}:{}:trail/{name}", asked.region, session.account)
}

pub fn answer(aws: &Aws, asked: &Asked, caller: &Caller) -> Option<Result<Answer, Refusal>> {
    (asked.operation == "LookupEvents").then(|| look_up(aws, asked, caller))
}

fn look_up(aws: &Aws, asked: &Asked, caller: &Caller) -> Result<Answer, Refusal> {
    if !aws.pace.admits(caller.account(), &asked.region) {
        return Err(asked.protocol.common(Common::Throttled, "Rate exceeded"));
    }
    let invalid = |what: &str, why: &str| Refusal::new(400, &format!("Invalid{what}Exception"), why);
    let most = asked.json["MaxResults"].as_u64().map_or(PAGE, |most| usize::try_from(most).unwrap());
    if !(1..=PAGE).contains(&most) {
        return Err(invalid("MaxResults", "A valid value for MaxResults is between 1 and 50."));
    }
    let time = |name: &str| {
        asked.json[name]
            .as_f64()
            .map(|seconds| Timestamp::from_duration(SignedDuration::from_secs_f64(seconds)).unwrap())
    };
    let now = Timestamp::now();
    let (since, until) = (time("StartTime").unwrap_or(now - DEPTH), time("EndTime").unwrap_or(now));
    if since > until {
        return Err(invalid("TimeRange", "The start time must be before the end time."));
    }
    let attribute = match asked.json["LookupAttributes"].as_array().map(Vec::as_slice) {
        None | Some([]) => None,
        Some([one]) => Some((one["AttributeKey"].as_str().unwrap(), one["AttributeValue"].as_str().unwrap())),
        Some(_) => return Err(invalid("LookupAttributes", "Only one lookup attribute is allowed.")),
    };
    let known = aws.events.of(caller.account());
    let mut found: Vec<&Arc<Event>> = known
        .iter()
        .rev()
        .filter(|event| !event.is_data() && event.member("awsRegion") == asked.region)
        .filter(|event| event.time >= since.max(now - DEPTH) && event.time <= until)
        .filter(|event| attribute.is_none_or(|(key, value)| has(event, key, value)))
        .collect();
    // A token is good for the question that it was given for.
    let question = fingerprint(asked);
    if let Some(token) = asked.text("NextToken") {
        let last = token
            .strip_prefix(&question)
            .and_then(|id| found.iter().position(|event| event.member("eventID") == id));
        let last = last.ok_or_else(|| invalid("NextToken", "The NextToken is invalid."))?;
        found.drain(..=last);
    }
    let more = found.len() > most;
    found.truncate(most);
    let mut body = json!({"Events": found.iter().map(|event| listed(event)).collect::<Vec<_>>()});
    if let (true, Some(last)) = (more, found.last()) {
        body["NextToken"] = format!("{question}{}", last.member("eventID")).into();
    }
    Ok(Answer::json(&body))
}

fn fingerprint(asked: &Asked) -> String {
    let parts = ["LookupAttributes", "StartTime", "EndTime"].map(|name| asked.json[name].to_string());
    hex::encode(&Sha256::digest(parts.join("|"))[..8])
}

fn has(event: &Event, key: &str, value: &str) -> bool {
    let resources = || resources(event);
    match key {
        "EventId" => event.member("eventID") == value,
        "EventName" => event.member("eventName") == value,
        "EventSource" => event.member("eventSource") == value,
        "ReadOnly" => event.json["readOnly"].as_bool().is_some_and(|own| own == (value == "true")),
        "Username" => username(event) == value,
        "AccessKeyId" => event.json["userIdentity"]["accessKeyId"] == value,
        "ResourceName" => resources().iter().any(|resource| resource["ResourceName"] == value),
        "ResourceType" => resources().iter().any(|resource| resource["ResourceType"] == value),
        _ => false,
    }
}

/// For a session it is the session's name.
fn username(event: &Event) -> &str {
    let identity = &event.json["userIdentity"];
    let session = identity["principalId"].as_str().and_then(|id| Some(id.split_once(':')?.1));
    session.or_else(|| identity["userName"].as_str()).unwrap_or_default()
}

fn resources(event: &Event) -> Vec<Value> {
    let named = event.json["resources"].as_array().into_iter().flatten();
    let each = named.filter_map(|resource| {
        Some(json!({"ResourceType": resource["type"].as_str()?, "ResourceName": resource["ARN"].as_str()?}))
    });
    each.collect()
}

fn listed(event: &Event) -> Value {
    json!({
        "EventId": event.member("eventID"),
        "EventName": event.member("eventName"),
        "EventSource": event.member("eventSource"),
        "EventTime": event.time.as_second(),
        "ReadOnly": event.json["readOnly"].to_string(),
        "AccessKeyId": event.json["userIdentity"]["accessKeyId"],
        "Username": username(event),
        "Resources": resources(event),
        "CloudTrailEvent": event.text,
    })
}
