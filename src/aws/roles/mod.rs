//! Roles as IAM has them: found by name, read whole, changed one write at a time.
//!
//! What is read is what AWS answers, whole or not at all. What is written is harmless to repeat: where IAM refuses to do
//! a thing twice, it is seen whether it stands as it should. A role that isn't to be changed is neither read nor written.

mod calls;
mod document;
mod find;
mod managed;
mod read;
mod trouble;
mod write;

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_iam::Client;

pub use calls::CALLS;

use super::accounts::Accounts;
use super::calls::OnlyKnown;
use crate::domain::approval::Approved;
use crate::domain::errand::Errand;
use crate::domain::role::{RoleRef, Snapshot, Write};
use crate::domain::rules;
use crate::ports::{AccountError, Roles};
use trouble::Trouble;

/// How often a role is read that changes while it is read.
const READS: u32 = 4;

/// The roles of all accounts that are configured.
#[derive(Debug, Clone)]
pub struct IamRoles {
    accounts: Arc<Accounts>,
}

impl IamRoles {
    /// Those that can be reached so.
    pub fn new(accounts: Arc<Accounts>) -> Self {
        Self { accounts }
    }

    async fn client(&self, errand: &Errand, role: &RoleRef) -> Result<Client, AccountError> {
        let way = self.accounts.reach(&role.account, errand).await?;
        let config = aws_sdk_iam::config::Builder::from(&way).interceptor(OnlyKnown(CALLS)).build();
        Ok(Client::from_conf(config))
    }

    /// What went wrong, as whoever asked has to know it. Credentials that AWS doesn't take are let go.
    fn told(&self, errand: &Errand, role: &RoleRef, trouble: Trouble) -> AccountError {
        if trouble.is_of_credentials() {
            self.accounts.forget(&role.account, errand);
        }
        trouble.into_account()
    }
}

#[async_trait]
impl Roles for IamRoles {
    async fn read(&self, errand: &Errand, role: &RoleRef) -> Result<Snapshot, AccountError> {
        let iam = self.client(errand, role).await?;
        for _ in 0..READS {
            let found = self.find(&iam, role).await.map_err(|trouble| self.told(errand, role, trouble))?;
            match read::snapshot(&iam, &found).await {
                Ok(snapshot) => return Ok(snapshot),
                // What was listed was gone a moment later.
                Err(trouble) if trouble.is_missing() => {}
                Err(trouble) => return Err(self.told(errand, role, trouble)),
            }
        }
        Err(AccountError::Unavailable(format!(
            "{} changes while it is read: {READS} times, a policy that was listed was gone",
            rules::shown(&role.name)
        )))
    }

    async fn write(
        &self,
        _: &Approved,
        errand: &Errand,
        role: &RoleRef,
        write: &Write,
    ) -> Result<(), AccountError> {
        self.refuse_protected(role).await?;
        let iam = self.client(errand, role).await?;
        let made = async {
            let found = self.find(&iam, role).await?;
            rules::check(write, &role.account)?;
            let scope = self.accounts.configured().find(&role.account).map(|account| account.scope.clone());
            write::make(&iam, (&found, &scope.unwrap_or_default()), errand, write).await
        };
        made.await.map_err(|trouble| self.told(errand, role, trouble))
    }
}
