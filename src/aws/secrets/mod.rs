//! Secrets of Secrets Manager: the signing secret, the one before it while it is being rotated, and the bot token of each
//! workspace.
//!
//! What is known is answered at once. It is looked up again in the background when it is old, and when Slack's doings
//! show that it may have changed; where that fails, what is known goes on counting.

mod kept;
mod value;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::Builder;
use aws_types::SdkConfig;
use jiff::{SignedDuration, Timestamp};

use super::calls::{Call, Need, On, OnlyKnown};
use super::fault::{Fault, Kind};
use crate::domain::ids::TeamId;
use crate::domain::secret::{BotToken, SecretKind, SigningSecrets};
use crate::ports::{Clock, Secrets, SecretsError, Tokens};
use kept::{Kept, Knows};

const GET: Call = Call {
    service: "Secrets Manager",
    operation: "GetSecretValue",
    needs: &[Need { action: "secretsmanager:GetSecretValue", on: On::Secrets }],
};
/// What this calls.
pub const CALLS: &[Call] = &[GET];

/// The names of the secrets, after the prefix of an installation.
const SIGNING: &str = "signing-secret";
const TOKEN: &str = "bot-token";
/// The stages of a secret's versions.
const CURRENT: &str = "AWSCURRENT";
const PREVIOUS: &str = "AWSPREVIOUS";
/// How long after a new signing secret was put in place the one before it counts: a secret that was replaced because
/// others know it must not count for ever.
const ROTATION: SignedDuration = SignedDuration::from_hours(1);
/// How many workspaces' tokens are kept before all are let go.
const WORKSPACES: usize = 1_000;

/// The secrets of one installation of ALPHA.
#[derive(Debug)]
pub struct AwsSecrets {
    vault: Vault,
    clock: Arc<dyn Clock>,
    signing: Arc<Kept<SigningSecrets>>,
    tokens: Mutex<HashMap<String, Arc<Kept<BotToken>>>>,
}

impl AwsSecrets {
    /// Those whose names begin with a prefix and a slash. Nothing is looked up yet.
    pub fn new(sdk: &SdkConfig, prefix: &str, clock: Arc<dyn Clock>) -> Self {
        let config = Builder::from(sdk).interceptor(OnlyKnown(CALLS)).build();
        Self {
            vault: Vault {
                client: Client::from_conf(config),
                prefix: prefix.to_owned(),
                clock: Arc::clone(&clock),
            },
            signing: Arc::new(Kept::new(Arc::clone(&clock))),
            tokens: Mutex::default(),
            clock,
        }
    }

    fn token_of(&self, name: &str) -> Arc<Kept<BotToken>> {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() >= WORKSPACES && !tokens.contains_key(name) {
            tokens.clear();
        }
        let kept =
            tokens.entry(name.to_owned()).or_insert_with(|| Arc::new(Kept::new(Arc::clone(&self.clock))));
        Arc::clone(kept)
    }
}

#[async_trait]
impl Secrets for AwsSecrets {
    async fn signing(&self) -> Result<Arc<SigningSecrets>, SecretsError> {
        let vault = self.vault.clone();
        current(&self.signing, async move { vault.signing().await }).await
    }

    async fn refresh(&self) -> Result<Arc<SigningSecrets>, SecretsError> {
        self.signing.anew(self.vault.signing()).await
    }
}

#[async_trait]
impl Tokens for AwsSecrets {
    async fn token(&self, team: Option<&TeamId>) -> Result<BotToken, SecretsError> {
        let name = token_name(team)?;
        let (vault, kept) = (self.vault.clone(), self.token_of(&name));
        current(&kept, async move { vault.token(&name).await }).await.map(|token| (*token).clone())
    }

    async fn token_after(&self, refused: &BotToken, team: Option<&TeamId>) -> Result<BotToken, SecretsError> {
        let name = token_name(team)?;
        let kept = self.token_of(&name);
        if let Knows::Fresh(known) | Knows::Old(known) = kept.knows()
            && *known != *refused
        {
            return Ok((*known).clone());
        }
        kept.anew(self.vault.token(&name)).await.map(|token| (*token).clone())
    }
}

/// What is known, at once; a look that is due is made in the background, so that nobody waits for it.
async fn current<T: Send + Sync + 'static>(
    kept: &Arc<Kept<T>>,
    look: impl Future<Output = Result<T, SecretsError>> + Send + 'static,
) -> Result<Arc<T>, SecretsError> {
    match kept.knows() {
        Knows::Fresh(value) => Ok(value),
        Knows::Old(value) => {
            if !kept.is_being_looked_up() {
                let kept = Arc::clone(kept);
                tokio::spawn(async move {
                    if let Err(error) = kept.anew(look).await {
                        tracing::warn!(%error, "what is known of a secret goes on counting");
                    }
                });
            }
            Ok(value)
        }
        Knows::Nothing => kept.get(look).await,
    }
}

/// The name of a workspace's token; the identifier is Slack's, and must not lead elsewhere.
fn token_name(team: Option<&TeamId>) -> Result<String, SecretsError> {
    match team.map(TeamId::as_str) {
        None => Ok(TOKEN.to_owned()),
        Some(id) if !id.is_empty() && id.len() <= 32 && id.bytes().all(|b| b.is_ascii_alphanumeric()) => {
            Ok(format!("{TOKEN}/{id}"))
        }
        Some(_) => Err(SecretsError::Missing {
            secret: SecretKind::BotToken,
            place: "Secrets Manager for a workspace whose identifier isn't one of Slack's".to_owned(),
        }),
    }
}

/// Where secrets lie.
#[derive(Debug, Clone)]
struct Vault {
    client: Client,
    prefix: String,
    clock: Arc<dyn Clock>,
}

/// A version of a secret. It has no `Debug`, so that it can't be printed.
struct Version {
    text: String,
    made: Option<Timestamp>,
}

impl Vault {
    async fn signing(&self) -> Result<SigningSecrets, SecretsError> {
        let secret = SecretKind::Signing;
        let (current, previous) =
            tokio::join!(self.version(SIGNING, CURRENT), self.version(SIGNING, PREVIOUS));
        let current =
            current?.ok_or_else(|| self.missing(secret, SIGNING, "isn't there, or holds nothing yet"))?;
        let mut texts = vec![self.read(secret, SIGNING, &current)?];
        match previous {
            Ok(Some(previous)) if self.is_being_rotated(&current) => {
                texts.extend(self.read(secret, SIGNING, &previous).ok());
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "the signing secret before this one isn't known"),
        }
        Ok(SigningSecrets::new(texts.iter().map(String::as_str)))
    }

    async fn token(&self, name: &str) -> Result<BotToken, SecretsError> {
        let secret = SecretKind::BotToken;
        let current = self.version(name, CURRENT).await?;
        let current =
            current.ok_or_else(|| self.missing(secret, name, "isn't there, or holds nothing yet"))?;
        let text = self.read(secret, name, &current)?;
        BotToken::new(&text).map_err(|why| SecretsError::Missing {
            secret,
            place: format!("{}/{name} of Secrets Manager, for {why}", self.prefix),
        })
    }

    fn is_being_rotated(&self, current: &Version) -> bool {
        current.made.is_some_and(|made| self.clock.now().duration_since(made) < ROTATION)
    }

    fn read(&self, secret: SecretKind, name: &str, version: &Version) -> Result<String, SecretsError> {
        let key = match secret {
            SecretKind::Signing => "signing_secret",
            SecretKind::BotToken => "bot_token",
        };
        value::read(&version.text, key).map_err(|why| self.missing(secret, name, &why.to_string()))
    }

    fn missing(&self, secret: SecretKind, name: &str, why: &str) -> SecretsError {
        SecretsError::Missing {
            secret,
            place: format!("{}/{name} of Secrets Manager, which {why}", self.prefix),
        }
    }

    /// The ARNs of all of them.
    fn arns(&self) -> String {
        let region = self.client.config().region().map_or("*", AsRef::as_ref);
        format!("arn:aws:secretsmanager:{region}:*:secret:{}/*", self.prefix)
    }

    /// A version of a secret; none where there is no such secret or version. It is always asked for by its stage.
    async fn version(&self, name: &str, stage: &str) -> Result<Option<Version>, SecretsError> {
        let id = format!("{}/{name}", self.prefix);
        let request = self.client.get_secret_value().secret_id(&id).version_stage(stage);
        let answer = Box::pin(request.send()).await;
        match answer {
            Ok(answer) => Ok(Some(Version {
                text: answer.secret_string.unwrap_or_default(),
                made: answer.created_date.and_then(|made| Timestamp::from_second(made.secs()).ok()),
            })),
            Err(error) => match Fault::of(&GET, &error).at(On::Secrets, self.arns()) {
                fault if fault.kind == Kind::Missing => Ok(None),
                fault => Err(SecretsError::Unavailable(format!("{id}: {fault}"))),
            },
        }
    }
}
