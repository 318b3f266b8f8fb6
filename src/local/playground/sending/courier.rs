//! Signs and carries one request.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Request, header};
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use sha2::Sha256;

use crate::local::playground::log::Way;
use crate::local::playground::shared::{Exchange, Shared};
use crate::local::playground::world::stamp;

/// How long Slack waits.
const PATIENCE: Duration = Duration::from_secs(3);
/// How much of an answer is read.
const MOST_BYTES: usize = 1_000_000;

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Delivered {
    /// There was an answer.
    Answered {
        /// Its status.
        status: u16,
        /// Its body.
        body: String,
        /// Whether the app asks not to be sent the same again.
        no_retry: bool,
    },
    /// There was none within three seconds.
    TimedOut,
    /// There was nobody, or the connection broke.
    Unreachable,
}

impl Delivered {
    /// The body of a success.
    pub(in super::super) fn success(&self) -> Option<&str> {
        match self {
            Self::Answered { status, body, .. } if (200..300).contains(status) => Some(body),
            _ => None,
        }
    }

    /// Slack's word for what went wrong.
    pub(in super::super) fn failure(&self) -> &'static str {
        if *self == Self::TimedOut { "operation_timeout" } else { "dispatch_failed" }
    }

    /// The status, or a word where there was none.
    pub(in super::super) fn status(&self) -> String {
        match self {
            Self::Answered { status, .. } => status.to_string(),
            Self::TimedOut => "timed out".to_owned(),
            Self::Unreachable => "unreachable".to_owned(),
        }
    }
}

/// What is to be carried.
#[derive(Debug)]
pub(in super::super) struct Parcel<'a> {
    /// What it is, for the log.
    pub what: &'a str,
    /// On whose behalf.
    pub who: &'a str,
    /// Where to, beneath ALPHA's address.
    pub path: &'a str,
    /// Its content type.
    pub kind: &'a str,
    /// Its bytes.
    pub body: String,
    /// For a repetition: which one, and why.
    pub retry: Option<(usize, &'a str)>,
}

/// Carries requests to ALPHA.
#[derive(Debug)]
pub(in super::super) struct Courier {
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Courier {
    pub(in super::super) fn new() -> Self {
        Self { client: Client::builder(TokioExecutor::new()).build_http() }
    }
}

impl Shared {
    /// Carries a request to ALPHA and writes it into the log.
    pub(super) async fn carry(&self, parcel: Parcel<'_>) -> Delivered {
        let shown = form_urlencoded::parse(parcel.body.as_bytes())
            .find(|(name, _)| name == "payload")
            .map_or_else(|| parcel.body.clone(), |(_, payload)| payload.into_owned());
        let exchange = Exchange::begin(Way::ToAlpha, parcel.what, parcel.who, shown);
        let delivered = match tokio::time::timeout(PATIENCE, self.attempt(parcel)).await {
            Err(_) => Delivered::TimedOut,
            Ok(None) => Delivered::Unreachable,
            Ok(Some(answered)) => answered,
        };
        let answered = match &delivered {
            Delivered::Answered { body, .. } => body.as_str(),
            Delivered::TimedOut | Delivered::Unreachable => "",
        };
        self.note(exchange, &delivered.status(), answered);
        delivered
    }

    async fn attempt(&self, parcel: Parcel<'_>) -> Option<Delivered> {
        let seconds = (stamp::now() / 1_000_000).to_string();
        let mut request = Request::post(format!("{}{}", self.settings.alpha, parcel.path))
            .header(header::CONTENT_TYPE, parcel.kind)
            .header(header::USER_AGENT, "Slackbot 1.0 (+https://api.slack.com/robots)")
            .header(header::ACCEPT, "application/json,*/*")
            .header("X-Slack-Signature", sign(self.settings.signing_secret.reveal(), &seconds, &parcel.body)?)
            .header("X-Slack-Request-Timestamp", seconds);
        if let Some((number, reason)) = parcel.retry {
            request = request.header("X-Slack-Retry-Num", number).header("X-Slack-Retry-Reason", reason);
        }
        let request = request.body(Full::new(Bytes::from(parcel.body))).ok()?;
        let (head, body) = self.courier.client.request(request).await.ok()?.into_parts();
        let body = Limited::new(body, MOST_BYTES).collect().await.ok()?.to_bytes();
        Some(Delivered::Answered {
            status: head.status.as_u16(),
            body: String::from_utf8_lossy(&body).into_owned(),
            no_retry: head.headers.get("X-Slack-No-Retry").is_some_and(|value| value == "1"),
        })
    }
}

/// Slack's signature over the raw bytes.
pub(super) fn sign(secret: &str, seconds: &str, body: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(format!("v0:{seconds}:{body}").as_bytes());
    Some(format!("v0={}", hex::encode(mac.finalize().into_bytes())))
}
