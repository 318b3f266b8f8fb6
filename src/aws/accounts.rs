//! Whose credentials a client uses: ALPHA's own, or those of a role in another account, assumed in the name of the job
//! and of whoever wanted it.

mod session;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aws_config::identity::IdentityCache;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::SdkConfig;
use aws_types::region::Region;
use tokio::sync::OnceCell;

use super::calls::{Call, Need, On, OnlyKnown};
use super::fault::Fault;
use super::identity::identity;
use crate::domain::accounts::{Account, Accounts as Configured};
use crate::domain::errand::Errand;
use crate::domain::ids::AccountId;
use crate::iam::arn::Arn;
use crate::ports::AccountError;
use session::Session;

const ASSUME_ROLE: Call = Call {
    service: "STS",
    operation: "AssumeRole",
    needs: &[Need { action: "sts:AssumeRole", on: On::MemberRoles }],
};

/// What this calls.
pub const CALLS: &[Call] = &[ASSUME_ROLE];

/// How many sessions are kept before all are let go.
const KEPT: usize = 1_000;

/// The way into each account.
#[derive(Debug)]
pub struct Accounts {
    own: SdkConfig,
    configured: Configured,
    sessions: Mutex<HashMap<(AccountId, String), Session>>,
    identity: OnceCell<String>,
}

impl Accounts {
    /// The ways into the accounts that are configured, from ALPHA's own credentials.
    pub fn new(own: SdkConfig, configured: Configured) -> Self {
        Self { own, configured, sessions: Mutex::default(), identity: OnceCell::new() }
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

    /// A way into a Region of an account, on an errand. Where a role has to be assumed for it, it is by now.
    pub async fn reach_in(
        &self,
        id: &AccountId,
        errand: &Errand,
        region: &str,
    ) -> Result<SdkConfig, AccountError> {
        let account = self.account(id)?;
        let way = self.own.to_builder().region(Region::new(region.to_owned()));
        let Some(role) = &account.role else { return Ok(way.build()) };
        let session = self.session(id, account, role, errand)?;
        session.credentials().await?;
        // The session keeps its credentials itself: a second keeper would hold on to those that were let go.
        let way = way.identity_cache(IdentityCache::no_cache());
        Ok(way.credentials_provider(SharedCredentialsProvider::new(session)).build())
    }

    /// A way to where the calls of an account are recorded: its own trail, or that of the home account, whose log group
    /// is where ALPHA itself is, whichever Region counts as the main one.
    pub async fn reach_trail(&self, id: &AccountId, errand: &Errand) -> Result<SdkConfig, AccountError> {
        let account = self.account(id)?;
        if account.trail.central || account.role.is_none() {
            return Ok(self.own.clone());
        }
        self.reach(id, errand).await
    }

    /// Lets the credentials of an errand go, because AWS doesn't take them any more: the next way in is a new one.
    pub fn forget(&self, id: &AccountId, errand: &Errand) {
        let key = (id.clone(), session_name(errand));
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
    }

    /// Who ALPHA is: the ARN of its own session or user.
    pub async fn identity(&self) -> Result<&str, AccountError> {
        let ask =
            || async { identity(&self.own).await.map(|identity| identity.arn).map_err(Fault::into_account) };
        self.identity.get_or_try_init(ask).await.map(String::as_str)
    }

    fn session(
        &self,
        id: &AccountId,
        account: &Account,
        role: &str,
        errand: &Errand,
    ) -> Result<Session, AccountError> {
        if Arn::parse(role).is_none_or(|arn| arn.account != id.as_str()) {
            return Err(AccountError::Denied(format!(
                "{role}, the role of [accounts.{id}], is no role of that account; put the MemberRoleArn there that \
                 the stack of infra/member.yaml puts out"
            )));
        }
        let key = (id.clone(), session_name(errand));
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() >= KEPT && !sessions.contains_key(&key) {
            sessions.clear();
        }
        let make = || {
            let own = self.own.to_builder().region(Region::new(account.region().to_owned())).build();
            Session::new(Self::sts(&own), id.clone(), role.to_owned(), account, key.1.clone())
        };
        Ok(sessions.entry(key.clone()).or_insert_with(make).clone())
    }

    fn sts(way: &SdkConfig) -> aws_sdk_sts::Client {
        let config = aws_sdk_sts::config::Builder::from(way).interceptor(OnlyKnown(CALLS)).build();
        aws_sdk_sts::Client::from_conf(config)
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
