//! The extractor that lets nothing through but what Slack signed, and reads it.
//!
//! Whatever can be refused before a body is read, is. The one thing that is answered unsigned does nothing.

use std::marker::PhantomData;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use jiff::Timestamp;
use tokio::sync::Mutex;

use super::refusal::Refusal;
use super::{Http, body};
use crate::domain::secret::SigningSecrets;
use crate::ports::{Secrets, SecretsError};
use crate::slack::ingress::verify::Claimed;
use crate::slack::ingress::{Inbound, command, event, interaction};

/// How many seconds lie between two looks for a newer secret, however many requests are signed with an unknown one.
const REFETCH: i64 = 30;
const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// Where something comes from, and how it is read.
pub trait Source {
    /// The path.
    const ROUTE: &'static str;
    /// How large a body may be.
    const CAP: usize;
    /// Of which kind a body is.
    const MEDIA: &'static str;
    /// Reads a body that was verified.
    fn read(body: &[u8], now: Timestamp) -> Inbound;
    /// What is answered whoever asks, because nothing is done for it.
    fn unsigned(_body: &[u8]) -> Option<Inbound> {
        None
    }
    /// How much of a body is read to look for that where it can't be of Slack's; nothing where there is no such thing.
    const UNSIGNED_CAP: usize = 0;
}

/// Slash commands.
#[derive(Debug)]
pub struct Commands;
/// Buttons, forms, shortcuts.
#[derive(Debug)]
pub struct Interactions;
/// Mentions and direct messages.
#[derive(Debug)]
pub struct Events;

impl Source for Commands {
    const ROUTE: &'static str = "/slack/commands";
    const CAP: usize = 64 * 1024;
    const MEDIA: &'static str = FORM;
    // A check of the certificate has a flag and a token, and no more.
    const UNSIGNED_CAP: usize = 4 * 1024;
    fn read(body: &[u8], _: Timestamp) -> Inbound {
        command::parse(body)
    }
    fn unsigned(body: &[u8]) -> Option<Inbound> {
        command::is_ssl_check(body).then_some(Inbound::SslCheck)
    }
}

impl Source for Interactions {
    const ROUTE: &'static str = "/slack/interactions";
    const CAP: usize = 256 * 1024;
    const MEDIA: &'static str = FORM;
    fn read(body: &[u8], now: Timestamp) -> Inbound {
        interaction::parse(body, now)
    }
}

impl Source for Events {
    const ROUTE: &'static str = "/slack/events";
    const CAP: usize = 256 * 1024;
    const MEDIA: &'static str = JSON;
    fn read(body: &[u8], now: Timestamp) -> Inbound {
        event::parse(body, now)
    }
}

/// Something that Slack signed, or that may be answered without.
#[derive(Debug)]
pub struct Signed<S> {
    /// What it says.
    pub inbound: Inbound,
    source: PhantomData<S>,
}

impl<S: Source> FromRequest<Arc<Http>> for Signed<S> {
    type Rejection = Refusal;

    async fn from_request(request: Request, http: &Arc<Http>) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        if body::is_declared_too_large(&body, S::CAP) {
            return Err(Refusal::TooLarge);
        }
        let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let now = http.clock.now();
        let claimed = Claimed::new(header("x-slack-request-timestamp"), header("x-slack-signature"), now);
        let inbound = match claimed {
            Ok(claimed) => {
                let body = body::read(body, S::CAP, http.limits.body_within).await?;
                if let Some(inbound) = S::unsigned(&body) {
                    inbound
                } else {
                    believe(http, &claimed, &body, now).await?;
                    // Whoever isn't Slack learns nothing of what would be taken.
                    if !is_of(&parts.headers, S::MEDIA) {
                        return Err(Refusal::MediaType);
                    }
                    S::read(&body, now)
                }
            }
            Err(refused) => hear_unsigned::<S>(http, body, Refusal::Refused(refused)).await?,
        };
        Ok(Self { inbound, source: PhantomData })
    }
}

/// What can't be of Slack's is heard only as far as the answer is anybody's. Slack checks certificates without signing,
/// and its own libraries answer that before they verify anything.
async fn hear_unsigned<S: Source>(http: &Http, body: Body, refusal: Refusal) -> Result<Inbound, Refusal> {
    if S::UNSIGNED_CAP == 0 || body::is_declared_too_large(&body, S::UNSIGNED_CAP) {
        return Err(refusal);
    }
    match body::read(body, S::UNSIGNED_CAP, http.limits.body_within).await {
        Ok(body) => S::unsigned(&body).ok_or(refusal),
        Err(Refusal::TooLarge) => Err(refusal),
        Err(other) => Err(other),
    }
}

/// Whether a request is of this kind, parameters of the kind aside.
fn is_of(headers: &HeaderMap, media: &str) -> bool {
    let named = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    named.is_some_and(|named| {
        named.split(';').next().is_some_and(|named| named.trim().eq_ignore_ascii_case(media))
    })
}

/// Believes what is signed with a secret that we know, or with one that we then turn out to have.
async fn believe(http: &Http, claimed: &Claimed<'_>, body: &[u8], now: Timestamp) -> Result<(), Refusal> {
    let known = http.secrets.signing().await.map_err(no_secrets)?;
    let refused = match claimed.verify(&known, body) {
        Ok(()) => return Ok(()),
        Err(refused) => Refusal::Refused(refused),
    };
    let newer = http.refetch.newer(http.secrets.as_ref(), &known, now).await.ok_or(refused)?;
    claimed.verify(&newer, body).map_err(Refusal::Refused)
}

fn no_secrets(error: SecretsError) -> Refusal {
    tracing::error!(%error, "no request can be verified");
    Refusal::NoSecrets
}

/// Looks for newer secrets, and not too often, so that bad signatures are no way to hammer where secrets are kept.
#[derive(Debug, Default)]
pub struct Refetch {
    last: Mutex<Option<Timestamp>>,
}

impl Refetch {
    /// Other secrets than those that were tried, if there are any.
    async fn newer(
        &self,
        secrets: &dyn Secrets,
        tried: &Arc<SigningSecrets>,
        now: Timestamp,
    ) -> Option<Arc<SigningSecrets>> {
        let is_new = |found: &Arc<SigningSecrets>| !Arc::ptr_eq(found, tried) && found != tried;
        let mut last = self.last.lock().await;
        // Somebody else may have looked while this waited.
        let known = secrets.signing().await.ok().filter(is_new);
        if known.is_some() {
            return known;
        }
        if last.is_some_and(|last| (now.as_second() - last.as_second()).abs() < REFETCH) {
            return None;
        }
        *last = Some(now);
        match secrets.refresh().await {
            Ok(fresh) => Some(fresh).filter(is_new),
            Err(error) => {
                tracing::error!(%error, "no newer signing secret could be looked up");
                None
            }
        }
    }
}
