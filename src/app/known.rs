//! What Slack and ALPHA know each other by: as it was given, or as it lies in Secrets Manager.

use std::sync::Arc;

use aws_types::SdkConfig;

use super::house::NoHouse;
use crate::aws::secrets::AwsSecrets;
use crate::config::Credentials;
use crate::domain::secret::{BotToken, SigningSecrets};
use crate::local::secrets::LocalSecrets;
use crate::ports::{Clock, Secrets, Tokens};

/// Both sides of it.
pub struct Known {
    /// By which a request is known to come from Slack.
    pub secrets: Arc<dyn Secrets>,
    /// By which Slack knows us.
    pub tokens: Arc<dyn Tokens>,
}

/// Finds out where secrets come from. Those of Secrets Manager are looked up in the background, so that whoever comes
/// first needn't wait for them, and a failure is logged and keeps nobody from starting.
pub fn known(
    credentials: &Credentials,
    own: Option<&SdkConfig>,
    clock: &Arc<dyn Clock>,
) -> Result<Known, NoHouse> {
    match (credentials, own) {
        (Credentials::Given { signing_secret, bot_token }, _) => {
            let token = BotToken::new(bot_token.reveal()).map_err(anyhow::Error::from)?;
            let secrets = SigningSecrets::new([signing_secret.reveal()]);
            let secrets = LocalSecrets::given(secrets).map_err(anyhow::Error::from)?;
            Ok(Known { secrets: Arc::new(secrets), tokens: Arc::new(token) })
        }
        (Credentials::SecretsManager(prefix), Some(own)) => {
            let kept = Arc::new(AwsSecrets::new(own, prefix, Arc::clone(clock)));
            let looking = Arc::clone(&kept);
            tokio::spawn(async move {
                let (signing, token) = tokio::join!(looking.signing(), looking.token(None));
                for error in [signing.err(), token.err()].into_iter().flatten() {
                    tracing::error!(%error, "Slack can't be spoken with");
                }
            });
            Ok(Known { secrets: Arc::clone(&kept) as _, tokens: kept })
        }
        (Credentials::SecretsManager(_), None) => {
            Err(anyhow::anyhow!("there is no way into AWS, where the secrets are").into())
        }
    }
}
