//! Jobs: looked up, listed, claimed.

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

use super::change::BY_ID;
use super::lease::{Candidate, Lease};
use super::time::{lease_end, present};
use super::{lease, records};
use crate::domain::job::Job;
use crate::ports::{Claim, JobQuery, StoreError};
use crate::record;

pub const CASE: &str = "SELECT record FROM cases WHERE job = ?1 AND revision = ?2";
pub const HISTORY: &str = "SELECT record FROM history WHERE job = ?1 ORDER BY number";
pub const FREE: &str = "SELECT seq, id, record FROM jobs
    WHERE lease_owner IS NULL AND due <= ?1 + 1 ORDER BY due LIMIT ?2";
pub const HELD: &str = "SELECT seq, id, record FROM jobs
    WHERE lease_owner IS NOT NULL AND lease_until <= ?1 AND due <= ?1 + 1 ORDER BY due LIMIT ?2";
pub const TAKE: &str = "UPDATE jobs SET lease_owner = ?2, lease_until = ?3 WHERE seq = ?1";
pub const FREE_ONE: &str = "SELECT record FROM jobs
    WHERE id = ?1 AND due <= ?2 + 1 AND (lease_owner IS NULL OR lease_until <= ?2)";
pub const TAKE_ONE: &str = "UPDATE jobs SET lease_owner = ?2, lease_until = ?3 WHERE id = ?1";
pub const RENEW: &str =
    "UPDATE jobs SET lease_until = ?3 WHERE id = ?1 AND lease_owner = ?2 AND lease_until > ?4";

/// The record of one.
pub fn job(connection: &Connection, id: &str) -> Result<Option<String>, StoreError> {
    Ok(connection.prepare_cached(BY_ID)?.query_row([id], |row| row.get(0)).optional()?)
}

/// The record of a revision's case.
pub fn case(connection: &Connection, job: &str, revision: u32) -> Result<Option<String>, StoreError> {
    let mut found = connection.prepare_cached(CASE)?;
    Ok(found.query_row(params![job, revision], |row| row.get(0)).optional()?)
}

/// The records of a job's history.
pub fn history(connection: &Connection, job: &str) -> Result<Vec<String>, StoreError> {
    records(connection, HISTORY, [job])
}

/// The names and records of the jobs that are asked for, the newest first.
pub fn list(connection: &Connection, query: &JobQuery) -> Result<Vec<(String, String)>, StoreError> {
    let (sql, values) = listing(query);
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_map(params_from_iter(values), |row| Ok((row.get(0)?, row.get(1)?)))?;
    found.map(|one| one.map_err(Into::into)).collect()
}

/// Names sort by time, so they say which job is the newer one.
pub fn listing(query: &JobQuery) -> (String, Vec<Value>) {
    let JobQuery { role, states, open, requester, before, limit } = query;
    let mut conditions: Vec<String> = Vec::new();
    let mut values: Vec<Value> = Vec::new();
    let mut add = |value: &str| {
        values.push(Value::from(value.to_owned()));
        format!("?{}", values.len())
    };
    if let Some(role) = role {
        conditions.push(format!("role = {}", add(role)));
    }
    if let Some(person) = requester {
        let (user, team) = (add(person.user.as_str()), add(person.team.as_str()));
        let same = match &person.enterprise {
            Some(enterprise) => {
                format!("(requester_team = {team} OR requester_enterprise = {})", add(enterprise.as_str()))
            }
            None => format!("requester_team = {team}"),
        };
        conditions.push(format!("requester_user = {user} AND {same}"));
    }
    if !states.is_empty() {
        let words: Vec<String> = states.iter().map(|word| add(word)).collect();
        conditions.push(format!("state IN ({})", words.join(", ")));
    }
    if *open {
        conditions.push("open = 1".to_owned());
    }
    if let Some(before) = before {
        conditions.push(format!("id < {}", add(before.as_str())));
    }
    values.push(Value::from(i64::try_from(*limit).unwrap_or(i64::MAX)));
    let limit = values.len();
    let all = if conditions.is_empty() { "TRUE".to_owned() } else { conditions.join(" AND ") };
    (format!("SELECT id, record FROM jobs WHERE {all} ORDER BY id DESC LIMIT ?{limit}"), values)
}

/// Takes what is due, the longest due first.
pub fn claim(
    connection: &Connection,
    claim: &Claim,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Job>, StoreError> {
    let mut found: Vec<Candidate<Job>> = lease::candidates(connection, [FREE, HELD], now, limit)?;
    found.retain(|one| one.is_unreadable() || one.kept().is_some_and(|job| is_due(job, now)));
    found.sort_by_key(|one| one.kept().and_then(|job| job.due));
    found.truncate(limit);
    let lease = Lease { owner: &claim.owner, until: lease_end(now, claim.lease) };
    lease::take(connection, TAKE, found, &lease)
}

/// Takes one job, if it is due and free.
pub fn claim_one(
    connection: &Connection,
    id: &str,
    claim: &Claim,
    now: Timestamp,
) -> Result<Option<Job>, StoreError> {
    let mut free = connection.prepare_cached(FREE_ONE)?;
    let found: Option<String> = free.query_row(params![id, present(now)], |row| row.get(0)).optional()?;
    let Some(text) = found else { return Ok(None) };
    let job: Job = record::read(id, &text)?;
    if !is_due(&job, now) {
        return Ok(None);
    }
    let until = lease_end(now, claim.lease);
    connection.prepare_cached(TAKE_ONE)?.execute(params![id, claim.owner, until])?;
    Ok(Some(job))
}

fn is_due(job: &Job, now: Timestamp) -> bool {
    job.due.is_some_and(|due| due <= now)
}

/// Whether the claim was still held, and now is for longer.
pub fn renew(connection: &Connection, job: &str, claim: &Claim, now: Timestamp) -> Result<bool, StoreError> {
    let until = lease_end(now, claim.lease);
    let values = params![job, claim.owner, until, present(now)];
    Ok(connection.prepare_cached(RENEW)?.execute(values)? == 1)
}

/// How many are in each state.
pub const CENSUS: &str = "SELECT state, count(*) FROM jobs GROUP BY state";

/// When the first one is due that nobody holds, or that a claim lets go.
pub const NEXT_FREE: &str = "SELECT min(due) FROM jobs WHERE lease_owner IS NULL AND due IS NOT NULL";
/// There are few of these: what workers have in hand.
pub const NEXT_HELD: &str =
    "SELECT min(max(lease_until, due)) FROM jobs WHERE lease_owner IS NOT NULL AND due IS NOT NULL";

/// Lets go of all that an owner holds.
pub const RELEASE: &str = "UPDATE jobs SET lease_owner = NULL, lease_until = NULL WHERE lease_owner IS NOT NULL AND lease_owner = ?1";
