//! `CloudWatch` Logs: a log group that a trail writes to, searched and queried. moto takes no pattern over JSON and runs no
//! query, so it isn't asked.
//!
//! From the API reference of `FilterLogEvents`, `StartQuery` and `GetQueryResults`, and "Actions defined by Amazon
//! `CloudWatch` Logs". A page may be empty and not the last, as the reference warns.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::callers::{Caller, Session, random};
use super::events::Event;
use super::grants::Need;
use super::log_pattern::Pattern;
use super::log_query::Query;
use super::pages::page;
use super::passage::Aws;
use super::wire::{Answer, Asked, Refusal};

/// How many events are searched for a page.
const SEARCHED: usize = 2_000;
/// The most events of a page.
const PAGE: usize = 10_000;

/// The log groups of each account and Region, and the queries that run.
#[derive(Debug, Default)]
pub struct Logs {
    groups: Mutex<HashSet<(String, String, String)>>,
    queries: Mutex<HashMap<String, (usize, Vec<Value>)>>,
}

impl Logs {
    /// Makes a group that has all that is recorded of the account, whatever the Region.
    pub fn group(&self, account: &str, region: &str, name: &str) {
        self.groups.lock().unwrap().insert((account.to_owned(), region.to_owned(), name.to_owned()));
    }
}

pub fn needs(asked: &Asked, session: &Session) -> Option<Vec<Need>> {
    let group = match &*asked.operation {
        "FilterLogEvents" | "StartQuery" => group(asked)?,
        // A query's id doesn't say which group it is of.
        "GetQueryResults" => String::new(),
        _ => return None,
    };
    let (region, account) = (&asked.region, &session.account);
    let arn = format!("arn:aws:logs:{region}:{account}:log-group:{group}:log-stream:");
    Some(vec![Need::new(&format!("logs:{}", asked.operation), arn)])
}

/// The one group that is named, by its name or its ARN.
fn group(asked: &Asked) -> Option<String> {
    let first = |name: &str| asked.json[name][0].as_str();
    let named = asked.text("logGroupName").or_else(|| first("logGroupNames"));
    let named =
        named.or_else(|| asked.text("logGroupIdentifier")).or_else(|| first("logGroupIdentifiers"))?;
    Some(named.split(":log-group:").last()?.trim_end_matches(":*").to_owned())
}

pub fn answer(aws: &Aws, asked: &Asked, caller: &Caller) -> Option<Result<Answer, Refusal>> {
    match &*asked.operation {
        "FilterLogEvents" => Some(filter(aws, asked, caller)),
        "StartQuery" => Some(start(aws, asked, caller)),
        "GetQueryResults" => Some(results(aws, asked)),
        _ => None,
    }
}

fn invalid(why: impl Into<String>) -> Refusal {
    Refusal::new(400, "InvalidParameterException", why)
}

/// What lies in the group between two times of the epoch.
fn events(aws: &Aws, asked: &Asked, caller: &Caller, unit: i64) -> Result<Vec<Arc<Event>>, Refusal> {
    let name = group(asked).ok_or_else(|| invalid("no log group is named"))?;
    let key = (caller.account().to_owned(), asked.region.clone(), name);
    if !aws.logs.groups.lock().unwrap().contains(&key) {
        return Err(Refusal::new(
            400,
            "ResourceNotFoundException",
            "The specified log group does not exist.",
        ));
    }
    let time =
        |name: &str| asked.json[name].as_i64().map(|time| Timestamp::from_millisecond(time * unit).unwrap());
    let (since, until) = (time("startTime"), time("endTime"));
    let within = |event: &Arc<Event>| {
        since.is_none_or(|since| event.time >= since) && until.is_none_or(|until| event.time <= until)
    };
    Ok(aws.events.of(caller.account()).into_iter().filter(within).collect())
}

fn filter(aws: &Aws, asked: &Asked, caller: &Caller) -> Result<Answer, Refusal> {
    let pattern = Pattern::parse(asked.text("filterPattern").unwrap_or_default());
    let pattern = pattern.ok_or_else(|| invalid("Invalid filter pattern"))?;
    let limit = asked.json["limit"].as_u64().map_or(PAGE, |limit| usize::try_from(limit).unwrap());
    if !(1..=PAGE).contains(&limit) {
        return Err(invalid("limit must be between 1 and 10000"));
    }
    let all = events(aws, asked, caller, 1)?;
    let (searched, next) = page(all, asked.text("nextToken"), SEARCHED.min(limit))
        .ok_or_else(|| invalid("The specified nextToken is invalid."))?;
    let found = searched.iter().filter(|event| pattern.matches(&event.json, &event.text)).map(|event| {
        let time = event.time.as_millisecond();
        json!({
            "eventId": event.member("eventID"), "logStreamName": format!("{}_CloudTrail", caller.account()),
            "timestamp": time, "ingestionTime": time, "message": event.text,
        })
    });
    Ok(Answer::json(&json!({
        "events": found.collect::<Vec<_>>(), "searchedLogStreams": [], "nextToken": next,
    })))
}

fn start(aws: &Aws, asked: &Asked, caller: &Caller) -> Result<Answer, Refusal> {
    let all = events(aws, asked, caller, 1_000)?;
    let query = asked.text("queryString").unwrap_or_default();
    let malformed =
        || Refusal::new(400, "MalformedQueryException", format!("unexpected symbol in {query:?}"));
    let limit = asked.json["limit"].as_u64().map(|limit| usize::try_from(limit).unwrap());
    let rows = Query::parse(query).ok_or_else(malformed)?.run(&all, limit);
    let id = random(16);
    aws.logs.queries.lock().unwrap().insert(id.clone(), (1, rows));
    Ok(Answer::json(&json!({"queryId": id})))
}

fn results(aws: &Aws, asked: &Asked) -> Result<Answer, Refusal> {
    let mut queries = aws.logs.queries.lock().unwrap();
    let found = queries.get_mut(asked.text("queryId").unwrap_or_default());
    let missing = || Refusal::new(400, "ResourceNotFoundException", "The specified query does not exist.");
    let (polls, rows) = found.ok_or_else(missing)?;
    let is_done = *polls == 0;
    *polls = polls.saturating_sub(1);
    Ok(Answer::json(&json!({
        "status": if is_done { "Complete" } else { "Running" },
        "results": if is_done { rows.clone() } else { Vec::new() },
        "statistics": {"recordsMatched": rows.len(), "recordsScanned": rows.len(), "bytesScanned": 0},
    })))
}
