//! The simulated account: roles with policies and a past, on this machine, for whoever has no AWS account at hand.
//!
//! A real implementation of the ports, on one SQLite file, with IAM's own checks. It talks to nobody, and whoever it is
//! given to can't tell by the port that it isn't AWS. What it knows of the past follows from a seed; what happens from
//! then on is stored. It never grants or removes anything by itself: roles change by writes alone.

mod book;
mod chance;
mod denial;
mod desk;
mod failure;
mod faults;
mod gather;
mod health;
mod history;
mod live;
mod profile;
mod record;
mod roles;
mod schema;
mod seed;
#[cfg(test)]
mod tests;
mod workload;
mod write;

use std::future::pending;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Date;

pub use faults::{Door, Fault, Faults};
pub use schema::OpenError;
pub use workload::Workload;

use book::Book;
use desk::Desk;

use crate::domain::approval::Approved;
use crate::domain::errand::Errand;
use crate::domain::ids::AccountId;
use crate::domain::role::{RoleRef, Snapshot, Write};
use crate::ports::{AccountError, Clock, Evidence, Gathered, Health, Progress, Reading, Roles, Window};

/// A simulated account.
#[derive(Debug)]
pub struct SimulatedAccount {
    desk: Desk,
    account: AccountId,
    faults: Faults,
}

impl SimulatedAccount {
    /// The account that AWS's documentation uses as its example.
    pub const ACCOUNT: &'static str = "111122223333";
    /// Where its resources lie.
    pub const REGION: &'static str = record::REGION;
    /// The seed that is used where nobody asks for another.
    pub const SEED: u64 = 2;

    /// Opens the account's file. A new one is seeded, and history ends at that moment; later openings find the account
    /// as it was left.
    pub fn open(
        path: impl Into<PathBuf>,
        account: AccountId,
        seed: u64,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        let path: PathBuf = path.into();
        let no_thread = |why| OpenError::Unusable { path: path.clone(), why };
        let (file, whose) = (path.clone(), account.clone());
        let desk = Desk::open(move || Book::open(Path::new(&file), whose, seed, clock), no_thread)?;
        Ok(Self { desk, account, faults: Faults::none() })
    }

    /// The same account, with faults to order.
    #[must_use]
    pub fn with_faults(self, faults: Faults) -> Self {
        Self { faults, ..self }
    }

    /// Which account.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// Makes all calls of the workload that are due by now. [`Workload::run`] does so all the time; whoever moves the
    /// clock by hand does so after each move. The first time nothing is due: the workload begins.
    pub async fn work(&self) -> Result<(), AccountError> {
        self.desk.ask(Book::work).await
    }

    /// Ends the workload: from now on nothing more turns up.
    pub async fn rest(&self) -> Result<(), AccountError> {
        self.desk
            .ask(|book| {
                book.rest();
                Ok(())
            })
            .await
    }

    /// Changes a role as somebody else would, past ALPHA and without anybody's approval: for rehearsing what happens
    /// then. Nothing but rehearsals calls it.
    pub async fn edit_as_somebody_else(&self, role: &RoleRef, write: &Write) -> Result<(), AccountError> {
        let (role, write) = (role.clone(), write.clone());
        self.desk.ask(move |book| book.write(&role, &write)).await
    }

    /// The roles' names, in order, those that are not to be changed included.
    pub async fn names(&self) -> Result<Vec<String>, AccountError> {
        self.desk.ask(|book| roles::names(&book.connection)).await
    }

    /// The records of a day before the account was seeded, in order, as CloudTrail would have written them.
    pub async fn records(&self, role: &RoleRef, day: Date) -> Result<Vec<String>, AccountError> {
        let role = role.clone();
        self.desk.ask(move |book| book.records(&role, day)).await
    }

    /// The records of the newest calls of a role that the workload made, the newest first.
    pub async fn newest(&self, role: &RoleRef, limit: usize) -> Result<Vec<String>, AccountError> {
        let role = role.clone();
        self.desk.ask(move |book| book.newest(&role, limit)).await
    }

    /// Lets a call through a door, or not.
    async fn pass<T>(
        &self,
        door: Door,
        call: impl Future<Output = Result<T, AccountError>> + Send,
    ) -> Result<T, AccountError> {
        match self.faults.next(door) {
            None => call.await,
            Some(Fault::Fails(error)) => Err(error),
            Some(Fault::AnswerLost) => {
                call.await?;
                Err(AccountError::Unavailable("the answer was lost".to_owned()))
            }
            Some(Fault::NoAnswer) => {
                call.await?;
                pending().await
            }
        }
    }
}

#[async_trait]
impl Roles for SimulatedAccount {
    async fn read(&self, _: &Errand, role: &RoleRef) -> Result<Snapshot, AccountError> {
        let role = role.clone();
        self.pass(Door::Read, self.desk.ask(move |book| book.read(&role))).await
    }

    async fn write(
        &self,
        _: &Approved,
        _: &Errand,
        role: &RoleRef,
        write: &Write,
    ) -> Result<(), AccountError> {
        let (role, write) = (role.clone(), write.clone());
        self.pass(Door::Write, self.desk.ask(move |book| book.write(&role, &write))).await
    }
}

#[async_trait]
impl Evidence for SimulatedAccount {
    /// It takes no time, so there is no progress to tell of.
    async fn collect(
        &self,
        _: &Errand,
        role: &Snapshot,
        window: Window,
        _: &dyn Progress,
    ) -> Result<Gathered, AccountError> {
        let role = role.clone();
        self.pass(Door::Collect, self.desk.ask(move |book| book.collect(&role, window))).await
    }

    async fn abandon(&self, _: &Errand, _: &Snapshot) -> Result<(), AccountError> {
        Ok(())
    }
}

#[async_trait]
impl Health for SimulatedAccount {
    async fn since(&self, _: &Errand, role: &Snapshot, since: Timestamp) -> Result<Reading, AccountError> {
        let role = role.clone();
        self.pass(Door::Health, self.desk.ask(move |book| book.since(&role, since))).await
    }
}
