//! Changes to jobs: everything of one is written, or nothing.
//!
//! What a condition refused is looked at before it is believed. Each change bears a sign, in the job, its history and its
//! request: where the sign stands, the change was made, and only the answer to that was lost.

use std::collections::BTreeSet;

use super::batch::{Batch, Outcome, Part, ROUNDS, restless};
use super::cases::Packed;
use super::inbox;
use super::job::JobItem;
use super::keys::Key;
use super::lanes;
use super::lease::read;
use super::rows::{self, NewRow};
use super::sign;
use super::table::Table;
use super::time::text as instant_text;
use super::write::{IntoValue as _, Item, NEW, Write, number, text};
use crate::domain::ids::{JobId, ReceiptKey};
use crate::domain::job::Job;
use crate::ports::{Change, Created, Saved, StoreError};
use crate::record;

/// A change with its records written down.
struct Prepared {
    item: JobItem,
    entries: Vec<Write>,
    rows: Vec<NewRow>,
    case: Option<Packed>,
    settles: Option<ReceiptKey>,
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
    new.with_parts(table, new.create(table)).await
}

/// Stores a change to a job that is there.
pub async fn save(table: &Table, change: Change) -> Result<Saved, StoreError> {
    let change = Prepared::new(change)?;
    change.with_parts(table, change.save(table)).await
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
            entries: entries.iter().map(entry).collect::<Result<_, _>>()?,
            rows: NewRow::all(rows)?,
            case: case.as_ref().map(|case| Packed::new(case, &sign)).transpose()?,
            item: JobItem { record: record::write(&job)?, job, sign, release },
            settles,
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
        let Job { id, role, asked, .. } = &self.item.job;
        let mut passed = Passed::default();
        for _ in 0..ROUNDS {
            let mut batch = Batch::default();
            batch.add(Part::Job, self.item.new_item());
            let request =
                item_of([("job", id.as_str().into_value()), ("sign", self.item.sign.as_str().into_value())]);
            batch.add(Part::Request, Write::put(Key::request(&asked.receipt), request).only_if(NEW));
            if self.item.job.is_open() {
                batch.add(Part::Lock, self.item.lock().only_if(NEW));
            }
            batch.add(Part::OfRole, Write::put(Key::of_role(&role.key(), id), Item::new()));
            self.attach(&mut batch, &passed);
            let Outcome::Refused(parts) = batch.commit(table).await? else { return Ok(Created::Created) };
            let is = |part: Part| parts.contains(&part);
            if is(Part::Request) || is(Part::Lock) || is(Part::Job) {
                if let Some(request) = table.get(&Key::request(&asked.receipt)).await? {
                    if text(&request, "sign") == Some(self.item.sign.as_str()) {
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
        let id = &self.item.job.id;
        let mut passed = Passed::default();
        for _ in 0..ROUNDS {
            let mut batch = Batch::default();
            batch.add(Part::Job, self.item.changed_item(table).await?);
            if !passed.lock {
                batch.add(Part::Lock, self.item.changed_lock());
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
                if number(&item, "version") != Some(self.item.former()) {
                    return Ok(Saved::Conflict(Box::new(read(&item)?)));
                }
                if !parts.contains(&Part::Entry) {
                    // The claim on it has changed since it was looked at.
                    continue;
                }
            } else if parts.contains(&Part::Lock) {
                if !self.item.job.is_open() {
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
                    let why = format!(
                        "job {}: {what} is there already, which is never written over",
                        self.item.job.id
                    );
                    return Err(StoreError::Corrupt(why));
                }
                other => {
                    return Err(StoreError::Corrupt(format!(
                        "job {}: {other:?} was refused",
                        self.item.job.id
                    )));
                }
            }
        }
        Ok(())
    }

    /// Whether the change stands, though nobody said so.
    async fn is_made(&self, table: &Table, job: &Item) -> Result<bool, StoreError> {
        let bears_sign = |item: &Item| text(item, "sign") == Some(self.item.sign.as_str());
        if bears_sign(job) {
            return Ok(true);
        }
        // Somebody may have changed it again since; the history keeps every sign.
        let Some(entry) = self.entries.first() else { return Ok(false) };
        Ok(table.get(&entry.key).await?.as_ref().is_some_and(bears_sign))
    }

    /// Another job that the role has open.
    async fn other_open(&self, table: &Table) -> Result<Option<Job>, StoreError> {
        let open = table.get(&Key::lock(&self.item.job.role.key())).await?;
        match open.filter(|open| text(open, "job") != Some(self.item.job.id.as_str())) {
            Some(open) => named_by(table, &open).await.map(Some),
            None => Ok(None),
        }
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
        let place = |number| lanes::with_version(self.item.job.version, number);
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
    read(&job)
}
