//! The trail's log group, asked by Logs Insights.
//!
//! Insights counts where the events are: a busy role's calls are a few numbers, where a filter would send each event.
//! Only denials come as events. Three questions: the calls by how they ended, the denials among them, and how late the
//! group is. One that isn't answered in time is remembered, and its answer taken at the next look.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::QueryStatus;
use aws_types::SdkConfig;
use jiff::{SignedDuration, Timestamp};

use super::pulse::Pulse;
use super::sightings::Sightings;
use super::{Asked, Looked};
use crate::aws::calls::{Call, Need, On, OnlyKnown};
use crate::aws::fault::Fault;
use crate::iam::cloudtrail::Reader;
use crate::ports::{AccountError, Reading};

const START: Call = Call {
    service: "CloudWatch Logs",
    operation: "StartQuery",
    needs: &[Need { action: "logs:StartQuery", on: On::TrailLogs }],
};
const RESULTS: Call = Call {
    service: "CloudWatch Logs",
    operation: "GetQueryResults",
    needs: &[Need { action: "logs:GetQueryResults", on: On::TrailQueries }],
};
/// What this calls.
pub(super) const CALLS: &[Call] = &[START, RESULTS];

/// The most rows of an answer.
const MOST: usize = 10_000;
/// How far back the group's deliveries are looked at, to see how late it is.
const RECENT: SignedDuration = SignedDuration::from_hours(1);
/// How many queries are remembered before all are let go.
const KEPT: usize = 500;

/// The queries that run, by log group and text.
#[derive(Debug, Default)]
pub(super) struct Queries(Mutex<HashMap<(String, String), Running>>);

#[derive(Debug, Clone)]
struct Running {
    id: String,
    /// When it was asked: it knows nothing of later.
    asked: Timestamp,
}

/// A row: values by field.
type Row = HashMap<String, String>;

/// What became of a query.
enum Answer {
    Rows {
        rows: Vec<Row>,
        asked: Timestamp,
    },
    Failed(Fault),
    /// It still runs.
    Late,
}

impl Queries {
    pub(super) async fn look(&self, way: &SdkConfig, group: &str, asked: &Asked<'_>) -> Looked {
        let config = aws_sdk_cloudwatchlogs::config::Builder::from(way).interceptor(OnlyKnown(CALLS)).build();
        let logs = Logs { client: Client::from_conf(config), group, asked };
        let late = || AccountError::Unavailable(format!("Logs Insights has no answer yet on {group}"));
        let of_role = of_role(asked)?;
        let counting = format!("filter {of_role} | stats count(*) as calls by errorCode");
        let pulse = "fields eventTime, @ingestionTime | sort @ingestionTime desc | limit 1000";
        let recent = asked.now.checked_sub(RECENT).unwrap_or(asked.now);
        let (counted, pulse) =
            tokio::join!(self.ask(&logs, &counting, asked.since), self.ask(&logs, pulse, recent));
        let (counted, counted_at) = match counted {
            Answer::Rows { rows, asked } => (Counted::of(&rows), asked),
            Answer::Failed(fault) => return Ok(Err(fault)),
            Answer::Late => return Err(late()),
        };
        let complete = match pulse {
            Answer::Rows { rows, .. } => pulse_of(&rows).complete_until(counted_at),
            Answer::Failed(fault) => return Ok(Err(fault)),
            Answer::Late => return Err(late()),
        };
        let Some(complete) = complete else {
            return Err(AccountError::Unavailable(format!("nothing was delivered to {group} for an hour")));
        };
        let mut seen = Sightings::new(asked.role, asked.since)?;
        let mut is_whole = true;
        if !counted.denials.is_empty() {
            let codes = quoted(&counted.denials)?;
            let text =
                format!("filter {of_role} and errorCode in [{codes}] | fields @message | limit {MOST}");
            match self.ask(&logs, &text, asked.since).await {
                Answer::Rows { rows, .. } => {
                    is_whole = rows.len() < MOST && rows.len() as u64 >= counted.denied();
                    see(&mut seen, &rows)?;
                }
                Answer::Failed(fault) => return Ok(Err(fault)),
                Answer::Late => return Err(late()),
            }
        }
        let complete_until = if is_whole { complete } else { asked.before() };
        // Denials are read after calls are counted, and are calls too.
        let calls = counted.calls.max(seen.calls());
        Ok(Ok(Reading { calls, ..seen.reading(complete_until) }))
    }

    /// An answer, in time or not; a query that runs already isn't asked again.
    async fn ask(&self, logs: &Logs<'_>, text: &str, since: Timestamp) -> Answer {
        let key = (logs.group.to_owned(), text.to_owned());
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        let running = match running {
            Some(running) => running,
            None => match logs.start(text, since).await {
                Ok(id) => {
                    let running = Running { id, asked: logs.asked.now };
                    let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                    if all.len() >= KEPT {
                        all.clear();
                    }
                    all.insert(key.clone(), running.clone());
                    running
                }
                Err(fault) => return Answer::Failed(fault),
            },
        };
        let answer = logs.wait(running).await;
        if !matches!(answer, Answer::Late) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
        }
        answer
    }
}

struct Logs<'a> {
    client: Client,
    group: &'a str,
    asked: &'a Asked<'a>,
}

impl Logs<'_> {
    async fn start(&self, text: &str, since: Timestamp) -> Result<String, Fault> {
        let asked = self
            .client
            .start_query()
            .log_group_name(self.group)
            .start_time(since.as_second())
            .end_time(self.asked.now.max(since).as_second() + 1)
            .query_string(text);
        let answer = asked.send().await.map_err(|error| {
            let region = self.client.config().region().map_or("*", AsRef::as_ref);
            let group = format!("arn:aws:logs:{region}:*:log-group:{}", self.group);
            let streams = format!("{group}:*");
            Fault::of(&START, &error).at(On::TrailLogs, group).at(On::TrailLogs, streams)
        })?;
        answer.query_id.ok_or_else(|| Fault::silent(&START))
    }

    async fn wait(&self, running: Running) -> Answer {
        loop {
            match self.rows(&running.id).await {
                Ok(Some(rows)) => return Answer::Rows { rows, asked: running.asked },
                Ok(None) if self.asked.is_over() => return Answer::Late,
                Ok(None) => tokio::time::sleep(self.asked.limits.pause).await,
                Err(fault) => return Answer::Failed(fault),
            }
        }
    }

    /// The rows of a query that is done; none while it runs.
    async fn rows(&self, id: &str) -> Result<Option<Vec<Row>>, Fault> {
        let (mut rows, mut page) = (Vec::new(), None);
        loop {
            let asked = self.client.get_query_results().query_id(id).set_next_token(page);
            let answer = asked.send().await.map_err(|error| Fault::of(&RESULTS, &error))?;
            match &answer.status {
                Some(QueryStatus::Scheduled | QueryStatus::Running) => return Ok(None),
                Some(QueryStatus::Complete) => {}
                other => {
                    let why = other.as_ref().map_or("without a status", QueryStatus::as_str);
                    return Err(Fault::unknown(&RESULTS, format!("the query ended {why}")));
                }
            }
            rows.extend(answer.results.unwrap_or_default().into_iter().map(|row| {
                row.into_iter().filter_map(|cell| Some((cell.field?, cell.value?))).collect::<Row>()
            }));
            match answer.next_token {
                Some(next) => page = Some(next),
                None => return Ok(Some(rows)),
            }
        }
    }
}

/// The calls of a role since some time. It is told by its identifier: that is one word at the start of each record of
/// each of its sessions, whatever its path, and a role of the same name made anew has another.
fn of_role(asked: &Asked<'_>) -> Result<String, AccountError> {
    let id = &asked.role.role_id;
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(AccountError::Rejected(format!("{id:?} is no identifier of a role")));
    }
    // Records tell whole seconds.
    let second = asked.since.as_second() + i64::from(asked.since.subsec_nanosecond() > 0);
    let since = Timestamp::from_second(second).unwrap_or(asked.since).strftime("%Y-%m-%dT%H:%M:%SZ");
    Ok(format!("userIdentity.principalId like '{id}' and eventTime >= '{since}'"))
}

/// The calls of a role, by how they ended.
#[derive(Debug, Default)]
struct Counted {
    calls: u64,
    /// Those that may be denials, by code: the engine's reader says which are.
    denials: Vec<(String, u64)>,
}

impl Counted {
    fn of(rows: &[Row]) -> Self {
        let mut counted = Self::default();
        for row in rows {
            let count = row.get("calls").and_then(|count| count.parse().ok()).unwrap_or(0);
            counted.calls += count;
            let code = row.get("errorCode").filter(|code| may_be_a_denial(code));
            counted.denials.extend(code.map(|code| (code.clone(), count)));
        }
        counted
    }

    fn denied(&self) -> u64 {
        self.denials.iter().map(|(_, count)| count).sum()
    }
}

fn may_be_a_denial(code: &str) -> bool {
    let code = code.to_ascii_lowercase();
    ["denied", "unauthorized", "notauthorized", "authorization", "forbidden"]
        .iter()
        .any(|word| code.contains(word))
}

/// Codes within a query. They are what services say, and no more than words.
fn quoted(codes: &[(String, u64)]) -> Result<String, AccountError> {
    let plain = |code: &str| code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte));
    match codes.iter().find(|(code, _)| !plain(code)) {
        Some((code, _)) => {
            Err(AccountError::Rejected(format!("{code:?} is no error code that can be asked for")))
        }
        None => Ok(codes.iter().map(|(code, _)| format!("'{code}'")).collect::<Vec<_>>().join(", ")),
    }
}

fn see(seen: &mut Sightings, rows: &[Row]) -> Result<(), AccountError> {
    let mut reader = Reader::with_circumstances();
    for row in rows {
        let record = row.get("@message").map(String::as_str).unwrap_or_default();
        seen.see(&mut reader, record).map_err(|broken| {
            AccountError::Rejected(format!("an event of the trail's log group can't be read: {broken}"))
        })?;
    }
    Ok(())
}

fn pulse_of(rows: &[Row]) -> Pulse {
    let mut pulse = Pulse::default();
    for row in rows {
        let happened = row.get("eventTime").and_then(|time| time.parse().ok());
        let delivered = row.get("@ingestionTime").and_then(|time| moment(time));
        happened.into_iter().for_each(|happened| pulse.beat(happened, delivered));
    }
    pulse
}

/// A moment as Insights shows it, `2026-11-27 12:00:00.000`, or in milliseconds.
fn moment(text: &str) -> Option<Timestamp> {
    match text.parse() {
        Ok(milliseconds) => Timestamp::from_millisecond(milliseconds).ok(),
        Err(_) => format!("{}Z", text.replace(' ', "T")).parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_both_ways_in_which_they_are_shown() {
        let noon: Timestamp = "2026-11-27T12:00:00.250Z".parse().unwrap();
        assert_eq!(moment("2026-11-27 12:00:00.250"), Some(noon));
        assert_eq!(moment(&noon.as_millisecond().to_string()), Some(noon));
        assert_eq!(moment("yesterday"), None);
    }

    #[test]
    fn codes_that_could_end_a_quotation_are_never_asked_for() {
        let codes = |code: &str| quoted(&[("AccessDenied".to_owned(), 1), (code.to_owned(), 2)]);
        assert_eq!(
            codes("Client.UnauthorizedOperation").unwrap(),
            "'AccessDenied', 'Client.UnauthorizedOperation'"
        );
        for code in ["a'] | limit 0", "a b", "a\\"] {
            assert!(codes(code).is_err(), "{code}");
        }
    }
}
