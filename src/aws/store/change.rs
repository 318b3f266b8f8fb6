//! Changes to jobs: everything of one is written, or nothing.
//!
//! What a condition refused is looked at before it is believed. Each change bears a sign, in the job, its history and its
//! request: where the sign stands, the change was made, and only the answer to that was lost.

use std::collections::BTreeSet;

use super::batch::{Batch, Outcome, Part, ROUNDS, restless};
use super::cases::Packed;
use super::keys::{self, Due, Key};
use super::lanes;
use super::lease::{self, CLAIM, read};
use super::rows::{self, NewRow};
use super::sign;
use super::table::Table;
use super::time::text as instant_text;
use super::write::{Changes, IntoValue as _, Item, NEW, Write, number, text};
use super::{inbox, jobs};
use crate::domain::ids::{JobId, ReceiptKey};
use crate::domain::job::Job;
use crate::domain::rollout::Stage;
use crate::ports::{Change, Created, Saved, StoreError};
use crate::record;

/// A change with its records written down.
struct Prepared {
    job: Job,
    record: String,
    /// By which this change is known again.
    sign: String,
    entries: Vec<Write>,
    rows: Vec<NewRow>,
    case: Option<Packed>,
    settles: Option<ReceiptKey>,
    release: bool,
}

/// What turned out not to be there to be changed, or to be there already.
#[derive(Default)]
struct Passed {
    rows: BTreeSet<String>,
    receipt: bool,
    lock: bool,
}

/// Stores a new job.
pub async fn create(table: &Table, change: Change) -> Result<Created, StoreError> {
    let new = Prepared::new(change)?;
    let made = new.with_parts(table, new.create(table)).await?;
    Ok(made)
}

/// Stores a change to a job that is there.
pub async fn save(table: &Table, change: Change) -> Result<Saved, StoreError> {
    let change = Prepared::new(change)?;
    let saved = change.with_parts(table, change.save(table)).await?;
    Ok(saved)
}

/// Whether something was stored, so that what was written before it is wanted.
trait IsStored {
    fn is_stored(&self) -> bool;
}

impl IsStored for Created {
    fn is_stored(&self) -> bool {
        matches!(self, Self::Created)
    }
}

impl IsStored for Saved {
    fn is_stored(&self) -> bool {
        matches!(self, Self::Saved)
    }
}

impl Prepared {
    fn new(change: Change) -> Result<Self, StoreError> {
        let Change { job, entries, rows, case, settles, release } = change;
        let sign = sign()?;
        let entry = |entry: &crate::domain::audit::Entry| -> Result<Write, StoreError> {
            let item = [
                ("record", record::write(entry)?.into_value()),
                ("at", instant_text(entry.at).into_value()),
                ("what", entry.what.as_str().into_value()),
                ("state", entry.state.as_str().into_value()),
                ("sign", sign.as_str().into_value()),
            ];
            Ok(Write::put(Key::entry(&entry.job, entry.number), item_of(item)).only_if(NEW))
        };
        Ok(Self {
            record: record::write(&job)?,
            entries: entries.iter().map(entry).collect::<Result<_, _>>()?,
            rows: NewRow::all(rows)?,
            case: case.as_ref().map(Packed::new).transpose()?,
            job,
            sign,
            settles,
            release,
        })
    }

    /// Has the change made after the parts of its case, if it has any, which go again where it isn't.
    async fn with_parts<T: IsStored>(
        &self,
        table: &Table,
        change: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        let Some(case) = &self.case else { return change.await };
        case.store_parts(table).await?;
        let done = change.await;
        // After an error nobody knows whether it was made.
        if done.as_ref().is_ok_and(|done| !done.is_stored()) {
            case.drop_parts(table).await;
        }
        done
    }

    async fn create(&self, table: &Table) -> Result<Created, StoreError> {
        let Job { id, role, asked, .. } = &self.job;
        let mut passed = Passed::default();
        for _ in 0..ROUNDS {
            let mut batch = Batch::default();
            batch.add(Part::Job, self.new_job());
            let request =
                item_of([("job", id.as_str().into_value()), ("sign", self.sign.as_str().into_value())]);
            batch.add(Part::Request, Write::put(Key::request(&asked.receipt), request).only_if(NEW));
            if self.job.is_open() {
                batch.add(Part::Lock, self.lock().only_if(NEW));
            }
            batch.add(Part::OfRole, Write::put(Key::of_role(&role.key(), id), Item::new()));
            self.attach(&mut batch, &passed);
            let Outcome::Refused(parts) = batch.commit(table).await? else { return Ok(Created::Created) };
            let is = |part: Part| parts.contains(&part);
            if is(Part::Request) || is(Part::Lock) || is(Part::Job) {
                if let Some(request) = table.get(&Key::request(&asked.receipt)).await? {
                    if text(&request, "sign") == Some(self.sign.as_str()) {
                        return Ok(Created::Created);
                    }
                    return Ok(Created::Duplicate(Box::new(named_by(table, &request).await?)));
                }
                if let Some(other) = self.other_open(table).await? {
                    return Ok(Created::Busy(Box::new(other)));
                }
                if is(Part::Job) {
                    return Err(StoreError::Unavailable(format!("the name {id} is taken; ask again")));
                }
                // Whatever stood in the way has gone meanwhile.
                continue;
            }
            self.pass(&parts, &mut passed)?;
        }
        Err(restless(format_args!("the role of job {id}")))
    }

    async fn save(&self, table: &Table) -> Result<Saved, StoreError> {
        let id = &self.job.id;
        let mut passed = Passed::default();
        for _ in 0..ROUNDS {
            let mut batch = Batch::default();
            batch.add(Part::Job, self.changed_job(table).await?);
            if let Some(lock) = self.changed_lock(&passed) {
                batch.add(Part::Lock, lock);
            }
            self.attach(&mut batch, &passed);
            let Outcome::Refused(parts) = batch.commit(table).await? else { return Ok(Saved::Saved) };
            if parts.contains(&Part::Job) || parts.contains(&Part::Entry) {
                let Some(item) = table.get(&Key::job(id)).await? else {
                    return Err(StoreError::Corrupt(format!("there is no job {id} to be changed")));
                };
                if self.is_made(table, &item).await? {
                    return Ok(Saved::Saved);
                }
                if number(&item, "version") != Some(self.former()) {
                    return Ok(Saved::Conflict(Box::new(read(&item)?)));
                }
                if !parts.contains(&Part::Entry) {
                    // The claim on it has changed since it was looked at.
                    continue;
                }
            } else if parts.contains(&Part::Lock) {
                if !self.job.is_open() {
                    passed.lock = true;
                } else if let Some(other) = self.other_open(table).await? {
                    return Ok(Saved::Busy(Box::new(other)));
                }
                continue;
            }
            self.pass(&parts, &mut passed)?;
        }
        Err(restless(format_args!("job {id}")))
    }

    /// Goes on without what is there already, or isn't there to be changed; what nobody may have written is an error.
    fn pass(&self, parts: &[Part], passed: &mut Passed) -> Result<(), StoreError> {
        for part in parts {
            match part {
                Part::Row(row) => drop(passed.rows.insert(row.clone())),
                Part::Settled => passed.receipt = true,
                Part::Entry | Part::Case => {
                    let what = if *part == Part::Entry { "an entry of its history" } else { "a case" };
                    let why =
                        format!("job {}: {what} is there already, which is never written over", self.job.id);
                    return Err(StoreError::Corrupt(why));
                }
                other => {
                    return Err(StoreError::Corrupt(format!("job {}: {other:?} was refused", self.job.id)));
                }
            }
        }
        Ok(())
    }

    /// The version that this was worked out from.
    fn former(&self) -> u64 {
        self.job.version.saturating_sub(1)
    }

    /// Whether the change stands, though nobody said so.
    async fn is_made(&self, table: &Table, job: &Item) -> Result<bool, StoreError> {
        let bears_sign = |item: &Item| text(item, "sign") == Some(self.sign.as_str());
        if bears_sign(job) {
            return Ok(true);
        }
        // Somebody may have changed it again since; the history keeps every sign.
        let Some(entry) = self.entries.first() else { return Ok(false) };
        Ok(table.get(&entry.key).await?.as_ref().is_some_and(bears_sign))
    }

    /// Another job that the role has open.
    async fn other_open(&self, table: &Table) -> Result<Option<Job>, StoreError> {
        let open = table.get(&Key::lock(&self.job.role.key())).await?;
        match open.filter(|open| text(open, "job") != Some(self.job.id.as_str())) {
            Some(open) => named_by(table, &open).await.map(Some),
            None => Ok(None),
        }
    }

    fn lock(&self) -> Write {
        let item = item_of([("job", self.job.id.as_str().into_value())]);
        Write::put(Key::lock(&self.job.role.key()), item)
    }

    /// An open job has its role, and one that ended doesn't; nor is another one's taken.
    fn changed_lock(&self, passed: &Passed) -> Option<Write> {
        if passed.lock {
            return None;
        }
        let write =
            if self.job.is_open() { self.lock() } else { Write::delete(Key::lock(&self.job.role.key())) };
        Some(write.only_if("attribute_not_exists(#pk) OR #job = :job").with(":job", self.job.id.as_str()))
    }

    /// What is known of a job beside its record.
    fn columns(&self) -> Changes {
        let Job { id, role, asked, version, state, due, .. } = &self.job;
        let mut changes = Changes::default();
        changes.set("record", Some(self.record.as_str()));
        changes.set("version", Some(*version));
        changes.set("sign", Some(self.sign.as_str()));
        changes.set("state", Some(state.word()));
        changes.set("stage", state.stage().map(Stage::as_str));
        changes.set("role", Some(role.key()));
        changes.set("team", Some(asked.by.team.as_str()));
        changes.set("enterprise", asked.by.enterprise.as_ref().map(|enterprise| enterprise.as_str()));
        changes.set("user", Some(asked.by.user.as_str()));
        changes.set("state_pk", Some(keys::jobs_in(state.word())));
        changes.set("state_sk", Some(jobs::state_sk(&self.job)));
        changes.set("due", due.map(instant_text));
        changes.set("due_pk", due.map(|_| Due::Job.partition_of(id.as_str())));
        changes
    }

    fn new_job(&self) -> Write {
        let mut columns = self.columns();
        columns.set("due_sk", self.job.due.map(instant_text));
        columns.into_put(Key::job(&self.job.id)).only_if(NEW)
    }

    /// The change of the job, if it is still the one that this was worked out from. While somebody holds it, it comes up
    /// when that ends, or when it is due where that is later.
    async fn changed_job(&self, table: &Table) -> Result<Write, StoreError> {
        let Job { id, due, updated, .. } = &self.job;
        let mut columns = self.columns();
        let mut only_if = "#version = :former".to_owned();
        let mut held = None;
        match due {
            None => columns.remove(&["due_sk"]),
            Some(due) if self.release => columns.set("due_sk", Some(instant_text(*due))),
            Some(due) if due <= updated => columns.set_to("due_sk", "if_not_exists(#lease_until, :due)"),
            Some(due) => {
                let item = table.get(&Key::job(id)).await?.unwrap_or_default();
                held = text(&item, "lease_until").map(str::to_owned);
                let due = instant_text(*due);
                columns.set("due_sk", held.clone().into_iter().chain([due]).max());
                only_if += match &held {
                    Some(_) => " AND #lease_until = :held",
                    None => " AND attribute_not_exists(#lease_until)",
                };
            }
        }
        if self.release {
            columns.remove(&CLAIM);
        }
        let write = columns.of(Key::job(id)).only_if(only_if).with(":former", self.former());
        Ok(match held {
            Some(held) => write.with(":held", held),
            None => write,
        })
    }

    /// What belongs to a change beside the job itself.
    fn attach(&self, batch: &mut Batch, passed: &Passed) {
        for entry in &self.entries {
            batch.add(Part::Entry, entry.clone());
        }
        if let Some(case) = &self.case {
            batch.add(Part::Case, case.whole.clone());
        }
        if let Some(receipt) = self.settles.as_ref().filter(|_| !passed.receipt) {
            inbox::mark_settled(batch, receipt);
        }
        let rows = self.rows.iter().filter(|new| !passed.rows.contains(new.row.id.as_str()));
        let place = |number| lanes::with_version(self.job.version, number);
        let placed: Vec<_> = rows.enumerate().map(|(number, new)| (new, place(number))).collect();
        rows::add(batch, &placed);
    }
}

fn item_of<const N: usize>(attributes: [(&str, aws_sdk_dynamodb::types::AttributeValue); N]) -> Item {
    attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The job that an item names.
async fn named_by(table: &Table, item: &Item) -> Result<Job, StoreError> {
    let id = JobId::new(text(item, "job").unwrap_or_default());
    let job = table.get(&Key::job(&id)).await?;
    let job =
        job.ok_or_else(|| StoreError::Corrupt(format!("there is no job {id}, which another item names")))?;
    lease::read(&job)
}
