//! A session of a role in another account: assumed when first needed, kept, and renewed before it ends.
//!
//! Whoever needs it while it is being assumed waits for that one answer, be it a refusal.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use aws_sdk_sts::Client;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::ASSUME_ROLE;
use crate::aws::calls::On;
use crate::aws::fault::{Fault, Kind};
use crate::domain::accounts::Account;
use crate::domain::ids::AccountId;
use crate::ports::AccountError;

/// How long before its end a session is renewed, and by how much more at most, so that not all are at once.
const BEFORE_END: Duration = Duration::from_mins(5);
const JITTER_SECONDS: u8 = 60;

/// A session, shared by all who act on one errand in one account.
#[derive(Debug, Clone)]
pub(super) struct Session(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    sts: Client,
    id: AccountId,
    role: String,
    external_id: Option<String>,
    name: String,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    credentials: Option<Credentials>,
    renew: Option<SystemTime>,
    /// The last refusal, and when it came.
    refused: Option<(Instant, AccountError)>,
}

impl Session {
    /// One that isn't assumed yet.
    pub(super) fn new(sts: Client, id: AccountId, role: String, account: &Account, name: String) -> Self {
        let external_id = account.external_id.clone();
        Self(Arc::new(Inner { sts, id, role, external_id, name, held: Mutex::default() }))
    }

    /// Credentials that hold for some minutes at least, where AWS gives any.
    pub(super) async fn credentials(&self) -> Result<Credentials, AccountError> {
        let asked = Instant::now();
        let mut held = self.0.held.lock().await;
        let now = SystemTime::now();
        if let Some(credentials) = held.credentials.as_ref().filter(|_| held.renew.is_none_or(|at| now < at))
        {
            return Ok(credentials.clone());
        }
        if let Some((_, error)) = held.refused.as_ref().filter(|(at, _)| *at >= asked) {
            return Err(error.clone());
        }
        match self.assume().await {
            Ok(credentials) => {
                held.renew = credentials.expiry().map(renewal);
                held.credentials = Some(credentials.clone());
                Ok(credentials)
            }
            Err(fault) => {
                let present = held.credentials.clone().filter(|present| is_good(present, now));
                let error = self.in_words(fault);
                held.refused = Some((Instant::now(), error.clone()));
                match (present, &error) {
                    // STS can't be asked just now, and what it gave before still holds.
                    (Some(present), AccountError::Unavailable(_)) => Ok(present),
                    _ => Err(error),
                }
            }
        }
    }

    async fn assume(&self) -> Result<Credentials, Fault> {
        let Inner { sts, id, role, external_id, name, .. } = &*self.0;
        let asked = sts.assume_role().role_arn(role).role_session_name(name);
        let answer = asked.set_external_id(external_id.clone()).send().await;
        let answer = answer.map_err(|error| Fault::of(&ASSUME_ROLE, &error).at(On::MemberRoles, role))?;
        let Some(given) = answer.credentials() else { return Err(Fault::silent(&ASSUME_ROLE)) };
        let credentials = Credentials::builder()
            .access_key_id(given.access_key_id())
            .secret_access_key(given.secret_access_key())
            .session_token(given.session_token())
            .account_id(id.as_str())
            .provider_name("alpha");
        let end = SystemTime::try_from(*given.expiration()).ok();
        Ok(match end {
            Some(end) => credentials.expiry(end).build(),
            None => credentials.build(),
        })
    }

    /// What a refusal means to whoever configured the account.
    fn in_words(&self, fault: Fault) -> AccountError {
        let Inner { id, role, external_id, .. } = &*self.0;
        let table = format!("[accounts.{id}]");
        match fault.kind {
            Kind::Denied => {
                let external = match external_id {
                    Some(_) => format!("ask for the external_id of {table}"),
                    None => format!("ask for no external id, since {table} says none"),
                };
                AccountError::Denied(format!(
                    "AWS doesn't let ALPHA become {role}. That role has to be there, and its trust policy to name \
                     ALPHA's own role and {external} (infra/member.yaml: BotRoleArn, ExternalId); ALPHA's own role \
                     needs sts:AssumeRole on it (infra/alpha.yaml: MemberRoles): {}. AWS says: {}",
                    fault.denied().statements(),
                    fault.message
                ))
            }
            Kind::Rejected if fault.code == "RegionDisabledException" => AccountError::Denied(format!(
                "STS isn't active in the first Region of {table}: activate it for account {id}, or name another \
                 Region first. AWS says: {}",
                fault.message
            )),
            Kind::Rejected | Kind::Missing | Kind::Exists => {
                AccountError::Denied(format!("{role}, the role of {table}, can't be assumed: {fault}"))
            }
            Kind::Credentials | Kind::Throttled | Kind::Quota | Kind::Unknown => {
                AccountError::Unavailable(fault.to_string())
            }
        }
    }
}

impl ProvideCredentials for Session {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            self.credentials().await.map_err(CredentialsError::provider_error)
        })
    }
}

/// When credentials are renewed that end then.
fn renewal(end: SystemTime) -> SystemTime {
    let mut byte = [0];
    // Without randomness all are renewed at once, which is no harm but to STS.
    let _ = getrandom::fill(&mut byte);
    let jitter = Duration::from_secs(u64::from(byte[0] % JITTER_SECONDS));
    end.checked_sub(BEFORE_END + jitter).unwrap_or(end)
}

fn is_good(credentials: &Credentials, now: SystemTime) -> bool {
    credentials.expiry().is_none_or(|end| now < end)
}
