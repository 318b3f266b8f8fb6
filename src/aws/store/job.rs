//! A job as an item: its record, and what is known of it beside that, and which job its role has open.

use super::jobs;
use super::keys::{self, Due, Key};
use super::lease::CLAIM;
use super::table::Table;
use super::time::text as instant_text;
use super::write::{Changes, NEW, Write, text};
use crate::domain::ids::TeamId;
use crate::domain::job::Job;
use crate::domain::rollout::Stage;
use crate::ports::StoreError;

/// A job as it is to be.
pub struct JobItem {
    pub job: Job,
    pub record: String,
    /// By which the change that brings it is known again.
    pub sign: String,
    /// Whether a claim ends with it.
    pub release: bool,
}

impl JobItem {
    /// The version that this was worked out from.
    pub fn former(&self) -> u64 {
        self.job.version.saturating_sub(1)
    }

    /// That its role has it open.
    pub fn lock(&self) -> Write {
        let mut columns = Changes::default();
        columns.set("job", Some(self.job.id.as_str()));
        columns.into_put(Key::lock(&self.job.role.key()))
    }

    /// An open job has its role, and one that ended doesn't; nor is another one's taken.
    pub fn changed_lock(&self) -> Write {
        let write =
            if self.job.is_open() { self.lock() } else { Write::delete(Key::lock(&self.job.role.key())) };
        write.only_if("attribute_not_exists(#pk) OR #job = :job").with(":job", self.job.id.as_str())
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
        changes.set("enterprise", asked.by.enterprise.as_ref().map(TeamId::as_str));
        changes.set("user", Some(asked.by.user.as_str()));
        changes.set("state_pk", Some(keys::jobs_in(state.word())));
        changes.set("state_sk", Some(jobs::state_sk(&self.job)));
        changes.set("due", due.map(instant_text));
        changes.set("due_pk", due.map(|_| Due::Job.partition_of(id.as_str())));
        changes
    }

    /// The job, if there is none of that name.
    pub fn new_item(&self) -> Write {
        let mut columns = self.columns();
        columns.set("due_sk", self.job.due.map(instant_text));
        columns.into_put(Key::job(&self.job.id)).only_if(NEW)
    }

    /// The change of the job, if it is still the one that this was worked out from. While somebody holds it, it comes up
    /// when that ends, or when it is due where that is later.
    pub async fn changed_item(&self, table: &Table) -> Result<Write, StoreError> {
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
}
