//! Changes to jobs: everything of one is written, or nothing.

use rusqlite::{Connection, OptionalExtension, params};

use super::error::is_taken;
use super::outbox::{self, NewRow};
use super::time::ahead;
use super::{inbox, int};
use crate::domain::audit::Entry;
use crate::domain::ids::TeamId;
use crate::domain::job::Job;
use crate::domain::rollout::Stage;
use crate::ports::{Change, StoreError};
use crate::record;

pub const BY_RECEIPT: &str = "SELECT record FROM jobs WHERE receipt = ?1";
pub const OPEN_OF_ROLE: &str = "SELECT record FROM jobs WHERE role = ?1 AND open = 1 AND id <> ?2";
pub const BY_ID: &str = "SELECT record FROM jobs WHERE id = ?1";
const INSERT: &str = "INSERT INTO jobs (id, receipt, role, state, stage, open, version, revision, digest,
    requester_team, requester_enterprise, requester_user, due, created, updated, record)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
pub const UPDATE: &str =
    "UPDATE jobs SET state = ?3, stage = ?4, open = ?5, version = version + 1, revision = ?6,
    digest = ?7, due = ?8, updated = ?9, record = ?10,
    lease_owner = CASE WHEN ?11 THEN NULL ELSE lease_owner END,
    lease_until = CASE WHEN ?11 THEN NULL ELSE lease_until END
    WHERE id = ?1 AND version = ?2";
const INSERT_ENTRY: &str =
    "INSERT INTO history (job, number, at, what, state, hash, record) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const INSERT_CASE: &str = "INSERT INTO cases (job, revision, made, record) VALUES (?1, ?2, ?3, ?4)";

/// A change with its records written down, which needs no turn of the thread that writes.
pub struct Prepared {
    job: Job,
    record: String,
    entries: Vec<(Entry, String)>,
    rows: Vec<NewRow>,
    case: Option<(u32, i64, String)>,
    settles: Option<String>,
    release: bool,
}

/// What came of a change; another job is told by its record.
pub enum Outcome {
    /// It is stored.
    Done,
    /// The same request made this job before.
    Duplicate(String),
    /// This job is open for the role.
    Busy(String),
    /// The job was changed meanwhile, and is now so.
    Conflict(String),
}

impl Prepared {
    pub fn new(change: Change) -> Result<Self, StoreError> {
        let Change { job, entries, rows, case, settles, release } = change;
        let written = |entry: Entry| record::write(&entry).map(|text| (entry, text));
        Ok(Self {
            record: record::write(&job)?,
            job,
            entries: entries.into_iter().map(written).collect::<Result<_, _>>()?,
            rows: NewRow::all(rows)?,
            case: case
                .map(|case| record::write(&case).map(|text| (case.revision, ahead(case.made), text)))
                .transpose()?,
            settles: settles.map(|key| key.as_str().to_owned()),
            release,
        })
    }

    /// What belongs to a change beside the job itself.
    fn attach(&self, connection: &Connection) -> Result<(), StoreError> {
        let id = self.job.id.as_str();
        for (Entry { job, number, at, what, state, hash, .. }, text) in &self.entries {
            let values = params![job.as_str(), int(*number), ahead(*at), what, state, hash.as_str(), text];
            connection.prepare_cached(INSERT_ENTRY)?.execute(values)?;
        }
        if let Some((revision, made, text)) = &self.case {
            connection.prepare_cached(INSERT_CASE)?.execute(params![id, revision, made, text])?;
        }
        outbox::add(connection, &self.rows)?;
        self.settles.iter().try_for_each(|key| inbox::mark_settled(connection, key))
    }
}

/// Stores a new job.
pub fn create(connection: &Connection, new: &Prepared) -> Result<Outcome, StoreError> {
    let Job { id, role, asked, version, state, case, due, created, updated, .. } = &new.job;
    let inserted = connection.prepare_cached(INSERT)?.execute(params![
        id.as_str(),
        asked.receipt.as_str(),
        role.key(),
        state.word(),
        state.stage().map(Stage::as_str),
        !state.is_terminal(),
        int(*version),
        case.as_ref().map(|case| case.revision),
        case.as_ref().map(|case| case.digest.as_str()),
        asked.by.team.as_str(),
        asked.by.enterprise.as_ref().map(TeamId::as_str),
        asked.by.user.as_str(),
        due.map(ahead),
        ahead(*created),
        ahead(*updated),
        new.record,
    ]);
    match inserted {
        Ok(_) => new.attach(connection).map(|()| Outcome::Done),
        Err(error) if is_taken(&error) => {
            if let Some(text) = one(connection, BY_RECEIPT, [asked.receipt.as_str()])? {
                return Ok(Outcome::Duplicate(text));
            }
            match one(connection, OPEN_OF_ROLE, [role.key().as_str(), id.as_str()])? {
                Some(text) => Ok(Outcome::Busy(text)),
                None => Err(StoreError::Unavailable(format!("the name {id} is taken; ask again"))),
            }
        }
        Err(error) => Err(error.into()),
    }
}

/// Stores a change to a job that is there.
pub fn save(connection: &Connection, change: &Prepared) -> Result<Outcome, StoreError> {
    let Job { id, role, version, state, case, due, updated, .. } = &change.job;
    let updated = connection.prepare_cached(UPDATE)?.execute(params![
        id.as_str(),
        int(version.saturating_sub(1)),
        state.word(),
        state.stage().map(Stage::as_str),
        !state.is_terminal(),
        case.as_ref().map(|case| case.revision),
        case.as_ref().map(|case| case.digest.as_str()),
        due.map(ahead),
        ahead(*updated),
        change.record,
        change.release,
    ]);
    match updated {
        Ok(1) => change.attach(connection).map(|()| Outcome::Done),
        Ok(_) => match one(connection, BY_ID, [id.as_str()])? {
            Some(text) => Ok(Outcome::Conflict(text)),
            None => Err(StoreError::Corrupt(format!("there is no job {id} to be changed"))),
        },
        Err(error) if is_taken(&error) => {
            match one(connection, OPEN_OF_ROLE, [role.key().as_str(), id.as_str()])? {
                Some(text) => Ok(Outcome::Busy(text)),
                None => Err(error.into()),
            }
        }
        Err(error) => Err(error.into()),
    }
}

fn one(
    connection: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> Result<Option<String>, StoreError> {
    Ok(connection.prepare_cached(sql)?.query_row(values, |row| row.get(0)).optional()?)
}
