//! Whose credentials a client uses: ALPHA's own, or those of a role in another account, assumed in the name of the job
//! and of whoever wanted it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aws_config::sts::AssumeRoleProvider;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::SdkConfig;
use aws_types::region::Region;

use super::calls::{Call, Need, On};
use crate::domain::accounts::{Account, Accounts as Configured};
use crate::domain::errand::Errand;
use crate::domain::ids::AccountId;
use crate::ports::AccountError;

/// What this calls.
pub const CALLS: &[Call] = &[Call {
    service: "STS",
    operation: "AssumeRole",
    needs: &[Need { action: "sts:AssumeRole", on: On::MemberRoles }],
}];

/// How many sessions are kept before all are let go.
const KEPT: usize = 1_000;

/// The way into each account.
#[derive(Debug)]
pub struct Accounts {
    own: SdkConfig,
    configured: Configured,
    sessions: Mutex<HashMap<(AccountId, String), SharedCredentialsProvider>>,
}

impl Accounts {
    /// The ways into the accounts that are configured, from ALPHA's own credentials.
    pub fn new(own: SdkConfig, configured: Configured) -> Self {
        Self { own, configured, sessions: Mutex::default() }
    }

    /// ALPHA's own way, for what is its own.
    pub fn own(&self) -> &SdkConfig {
        &self.own
    }

    /// What is configured.
    pub fn configured(&self) -> &Configured {
        &self.configured
    }

    /// What is configured of one account, or what to configure.
    pub fn account(&self, id: &AccountId) -> Result<&Account, AccountError> {
        self.configured.find(id).ok_or_else(|| {
            AccountError::Denied(format!(
                "account {id} isn't configured (configured: {}); add a table [accounts.{id}] with its role to \
                 alpha.toml, and deploy infra/member.yaml there",
                self.configured.names().join(", ")
            ))
        })
    }

    /// A way into an account's main Region, on an errand.
    pub async fn reach(&self, id: &AccountId, errand: &Errand) -> Result<SdkConfig, AccountError> {
        let region = self.account(id)?.region().to_owned();
        self.reach_in(id, errand, &region).await
    }

    /// A way into a Region of an account, on an errand.
    pub async fn reach_in(
        &self,
        id: &AccountId,
        errand: &Errand,
        region: &str,
    ) -> Result<SdkConfig, AccountError> {
        let account = self.account(id)?;
        let region = Region::new(region.to_owned());
        let Some(role) = &account.role else {
            return Ok(self.own.to_builder().region(region).build());
        };
        let session = session_name(errand);
        let key = (id.clone(), session.clone());
        let known = self.sessions.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        let credentials = match known {
            Some(credentials) => credentials,
            None => self.assume(role, account, key).await,
        };
        Ok(self.own.to_builder().region(region).credentials_provider(credentials).build())
    }

    async fn assume(
        &self,
        role: &str,
        account: &Account,
        key: (AccountId, String),
    ) -> SharedCredentialsProvider {
        let own = self.own.to_builder().region(Region::new(account.region().to_owned())).build();
        let mut builder = AssumeRoleProvider::builder(role).configure(&own).session_name(&key.1);
        if let Some(id) = &account.external_id {
            builder = builder.external_id(id);
        }
        let provider = SharedCredentialsProvider::new(builder.build().await);
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() >= KEPT {
            sessions.clear();
        }
        sessions.entry(key).or_insert(provider).clone()
    }
}

/// Names a session by its job and whoever wanted it, in the letters that STS takes and no more than it takes.
fn session_name(errand: &Errand) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || "+=,.@-_".contains(c);
    let actor: String = errand.actor.chars().map(|c| if fits(c) { c } else { '_' }).collect();
    format!("alpha-{}-{actor}", errand.job).chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::JobId;

    #[test]
    fn a_session_names_the_job_and_the_actor_in_letters_that_sts_takes() {
        let name = |actor: &str| {
            session_name(&Errand { job: JobId::new("j-0123456789abcdef"), actor: actor.to_owned() })
        };
        assert_eq!(name("ana"), "alpha-j-0123456789abcdef-ana");
        assert_eq!(name("Ana Ü/1"), "alpha-j-0123456789abcdef-Ana___1");
        assert_eq!(name(&"x".repeat(100)).len(), 64);
    }
}
