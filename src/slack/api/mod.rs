//! Slack's Web API: one client, with time-outs and with errors that say what follows from them.
//!
//! Transport, tokens in headers and decoding are the client library's; what is sent and read is ours, since the
//! library's types drop members they don't know. Nothing is retried here, and nothing is called before it is needed.
//! Neither the token nor an answer's body ever reaches an error or a log.

mod address;
mod chat;
mod class;
mod conversations;
mod error;
mod files;
mod method;
mod people;
mod reactions;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use hyper_rustls::{ConfigBuilderExt as _, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use slack_morphism::errors::SlackClientError;
use slack_morphism::prelude::{SlackClientHyperConnector, SlackClientHyperHttpsConnector};
use slack_morphism::{
    SlackApiToken, SlackApiTokenValue, SlackClient, SlackClientApiCallContext, SlackClientHttpConnector,
};
use tokio::sync::OnceCell;
use tracing::Span;
use url::Url;

use crate::domain::ids::TeamId;
use crate::domain::secret::BotToken;
use crate::ports::Tokens;

pub use address::{ApiUrl, NoApiUrl};
pub use chat::{Answer, Ephemeral, Post, PostedAt, Update};
pub use class::{Class, Failure, class};
pub use conversations::{Found, Range};
pub use error::ApiError;
pub use files::{Shared, Upload};
pub use method::Method;
pub use people::{EnterpriseUser, Me, User};

/// The client of Slack's Web API.
#[derive(Debug)]
pub struct Api {
    client: SlackClient<SlackClientHyperHttpsConnector>,
    tokens: Arc<dyn Tokens>,
    /// The workspace that it speaks in; the only one where none is named.
    team: Option<TeamId>,
    url: ApiUrl,
    /// No call takes longer, whatever its own time-out says.
    longest: Duration,
    me: OnceCell<Arc<Me>>,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum NoApi {
    /// This machine's certificates can't be read.
    #[error(
        "the certificates of this machine can't be read, and without them Slack can't be trusted: {0}; install the ca-certificates package"
    )]
    Certificates(std::io::Error),
    /// The TLS library can't be set up.
    #[error("TLS can't be set up: {0}")]
    Tls(#[from] rustls::Error),
}

impl Api {
    /// A client, with the token that is then current for each call. It looks nothing up and connects to nothing.
    pub fn new(url: ApiUrl, tokens: Arc<dyn Tokens>) -> Result<Self, NoApi> {
        let connector =
            SlackClientHyperConnector::with_connector(connector(&url)?).with_slack_api_url(url.base());
        Ok(Self {
            client: SlackClient::new(connector),
            tokens,
            team: None,
            url,
            longest: Duration::from_secs(10),
            me: OnceCell::new(),
        })
    }

    /// The same client, in which no call takes longer than this.
    #[must_use]
    pub fn with_longest_call(self, longest: Duration) -> Self {
        Self { longest, ..self }
    }

    /// The same client, which speaks in this workspace.
    #[must_use]
    pub fn in_workspace(self, team: TeamId) -> Self {
        Self { team: Some(team), ..self }
    }

    /// Where it is.
    pub fn url(&self) -> &ApiUrl {
        &self.url
    }

    /// Calls a method that takes JSON.
    async fn post<R: DeserializeOwned>(
        &self,
        method: Method,
        request: &(impl Serialize + Send + Sync),
    ) -> Result<R, ApiError> {
        self.call(method, Said::Json(request)).await
    }

    /// Calls a method that takes no JSON, with its arguments in the address.
    async fn get<R: DeserializeOwned>(
        &self,
        method: Method,
        params: &[(&str, Option<String>)],
    ) -> Result<R, ApiError> {
        self.call::<R, ()>(method, Said::Params(params)).await
    }

    /// Calls with the current token. One that Slack refuses may have been replaced: if it was, the call, of which
    /// nothing was done, is made with the new one.
    async fn call<R: DeserializeOwned, B: Serialize + Send + Sync>(
        &self,
        method: Method,
        said: Said<'_, B>,
    ) -> Result<R, ApiError> {
        let token = self.tokens.token(self.team.as_ref()).await;
        let token = token.map_err(|error| {
            tracing::error!(%error, "nothing can be said in Slack until there is a token");
            ApiError::new(method, Failure::NoToken(error))
        })?;
        let refused = match self.send(method, &token, &said).await {
            Err(error) if error.refuses_token() => error,
            answer => return read(method, answer?),
        };
        match self.tokens.token_after(&token, self.team.as_ref()).await {
            Ok(newer) if newer != token => read(method, self.send(method, &newer, &said).await?),
            Ok(_) => Err(refused),
            Err(error) => {
                tracing::warn!(%error, "Slack refuses the bot token, and no other can be looked up");
                Err(refused)
            }
        }
    }

    async fn send<B: Serialize + Send + Sync>(
        &self,
        method: Method,
        token: &BotToken,
        said: &Said<'_, B>,
    ) -> Result<Value, ApiError> {
        let token = SlackApiToken::new(SlackApiTokenValue::from(token.expose().to_owned()));
        let session = self.client.open_session(&token);
        match said {
            Said::Json(body) => {
                self.within(method, session.http_session_api.http_post(method.name(), body, None)).await
            }
            Said::Params(params) => {
                let params: Vec<(&str, Option<&String>)> =
                    params.iter().map(|(name, value)| (*name, value.as_ref())).collect();
                self.within(method, session.http_session_api.http_get(method.name(), &params, None)).await
            }
        }
    }

    /// Posts JSON to an address outside the Web API, without the token.
    async fn post_to(&self, method: Method, url: Url, body: &Value) -> Result<(), ApiError> {
        let span = Span::none();
        let call = self.client.http_api.connector.http_post_uri::<_, Value>(url, body, outside(&span));
        self.within(method, call).await.map(|_| ())
    }

    /// Posts bytes to an address outside the Web API, without the token.
    async fn send_to(&self, method: Method, url: Url, kind: &str, bytes: &[u8]) -> Result<(), ApiError> {
        let span = Span::none();
        let connector = &self.client.http_api.connector;
        let call = connector.http_post_uri_binary::<Value>(url, kind.to_owned(), bytes, outside(&span));
        self.within(method, call).await.map(|_| ())
    }

    async fn within(
        &self,
        method: Method,
        call: impl Future<Output = Result<Value, SlackClientError>> + Send,
    ) -> Result<Value, ApiError> {
        let answer = tokio::time::timeout(method.time_out().min(self.longest), call).await;
        let failure = match answer {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => error::failure_of(&error),
            Err(_) => Failure::Lost,
        };
        Err(ApiError::new(method, failure))
    }
}

/// What is said with a call.
enum Said<'a, B> {
    /// As JSON.
    Json(&'a B),
    /// In the address.
    Params(&'a [(&'a str, Option<String>)]),
}

/// How an address outside the Web API is called: without the token, and without its being logged, since whoever knows
/// it can write there.
fn outside(span: &Span) -> SlackClientApiCallContext<'_> {
    SlackClientApiCallContext {
        rate_control_params: None,
        token: None,
        tracing_span: span,
        is_sensitive_url: true,
    }
}

/// An answer of the Web API. The library takes whatever isn't JSON for an empty answer; that `ok` is there and true is
/// what shows that it is one.
fn read<R: DeserializeOwned>(method: Method, answer: Value) -> Result<R, ApiError> {
    let unreadable = || ApiError::new(method, Failure::Unreadable);
    if answer.get("ok").and_then(Value::as_bool) != Some(true) {
        return Err(unreadable());
    }
    serde_json::from_value(answer).map_err(|_| unreadable())
}

/// TLS with a provider that is named, not looked up: where two libraries bring their own, looking it up panics.
fn connector(url: &ApiUrl) -> Result<hyper_rustls::HttpsConnector<HttpConnector>, NoApi> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let tls = if url.is_plain() {
        // Loopback needs no certificates, so a machine without any runs the playground.
        tls.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth()
    } else {
        tls.with_native_roots().map_err(NoApi::Certificates)?.with_no_client_auth()
    };
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    http.set_nodelay(true);
    // What never connected was never sent: better known here than guessed from a time-out of the whole call.
    http.set_connect_timeout(Some(Duration::from_secs(2)));
    let schemes = HttpsConnectorBuilder::new().with_tls_config(tls);
    let schemes = if url.is_plain() { schemes.https_or_http() } else { schemes.https_only() };
    Ok(schemes.enable_http1().wrap_connector(http))
}
