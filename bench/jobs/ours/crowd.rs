//! As many roles as are asked for, each a copy of the simulated account's `ci-deployer` by another name.
//!
//! Their evidence is gathered by the simulated account itself, from the original's past. How the copies stand is kept
//! in memory: an account's own speed isn't what is measured. Nobody uses the copies meanwhile, so their health shows no
//! calls.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use alpha::domain::approval::Approved;
use alpha::domain::errand::Errand;
use alpha::domain::ids::{AccountId, JobId};
use alpha::domain::role::{RoleRef, Snapshot, Write};
use alpha::local::account::SimulatedAccount;
use alpha::ports::{AccountError, Clock, Evidence, Gathered, Health, Progress, Reading, Roles, Window};
use async_trait::async_trait;
use jiff::Timestamp;

const ORIGINAL: &str = "ci-deployer";

/// The copies.
#[derive(Debug)]
pub struct Crowd {
    account: SimulatedAccount,
    clock: Arc<dyn Clock>,
    original: Snapshot,
    changed: Mutex<HashMap<String, Snapshot>>,
}

impl Crowd {
    /// Copies of what is in this account.
    pub async fn of(account: SimulatedAccount, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let role = RoleRef { account: account.account().clone(), name: ORIGINAL.to_owned() };
        let errand = Errand { job: JobId::new("j-0000000000000000"), actor: "bench".to_owned() };
        let original = account.read(&errand, &role).await?;
        Ok(Self { account, clock, original, changed: Mutex::default() })
    }

    /// The name of a copy.
    pub fn name(number: usize) -> String {
        format!("{ORIGINAL}-{number}")
    }

    /// Which account.
    pub fn account(&self) -> &AccountId {
        self.account.account()
    }

    fn standing(&self, role: &RoleRef) -> Snapshot {
        let changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(snapshot) = changed.get(&role.name) {
            return snapshot.clone();
        }
        let mut copy = self.original.clone();
        copy.arn = copy.arn.replace(ORIGINAL, &role.name);
        copy.role_id = format!("{}-{}", copy.role_id, role.name);
        copy
    }
}

#[async_trait]
impl Roles for Crowd {
    async fn read(&self, _: &Errand, role: &RoleRef) -> Result<Snapshot, AccountError> {
        Ok(self.standing(role))
    }

    async fn write(
        &self,
        _: &Approved,
        _: &Errand,
        role: &RoleRef,
        write: &Write,
    ) -> Result<(), AccountError> {
        let after = self.standing(role).after(write);
        self.changed.lock().unwrap_or_else(PoisonError::into_inner).insert(role.name.clone(), after);
        Ok(())
    }
}

#[async_trait]
impl Evidence for Crowd {
    async fn collect(
        &self,
        errand: &Errand,
        role: &Snapshot,
        window: Window,
        progress: &dyn Progress,
    ) -> Result<Gathered, AccountError> {
        let original = Snapshot {
            arn: self.original.arn.clone(),
            role_id: self.original.role_id.clone(),
            ..role.clone()
        };
        self.account.collect(errand, &original, window, progress).await
    }
    async fn abandon(&self, errand: &Errand, role: &Snapshot) -> Result<(), AccountError> {
        self.account.abandon(errand, role).await
    }
}

#[async_trait]
impl Health for Crowd {
    async fn since(&self, _: &Errand, _: &Snapshot, _: Timestamp) -> Result<Reading, AccountError> {
        Ok(Reading { calls: 0, denied: Vec::new(), complete_until: self.clock.now() })
    }
}
