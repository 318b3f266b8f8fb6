//! Has stored what Slack sent, and acknowledges it.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::Http;
use super::refusal::Refusal;
use super::signed::{Signed, Source};
use crate::engine::Answer;
use crate::ports::StoreError;
use crate::slack::escape::escape;
use crate::slack::ingress::Inbound;

/// What somebody is told whose command could not be stored: Slack shows its own words for anything but success.
const NOT_STORED: &str = "ALPHA could not store this; nothing was done, try again.";

/// The same, where the store had begun and came to no end in time: then nobody knows yet.
const NOT_KNOWN: &str =
    "ALPHA can't say yet whether this was stored: look at /alpha status before you try again.";

/// The handler of everything that Slack sends.
pub async fn acknowledge<S: Source>(State(http): State<Arc<Http>>, request: Request) -> Response {
    let started = Instant::now();
    let response = match Signed::<S>::from_request(request, &http).await {
        Ok(signed) => act::<S>(&http, signed.inbound).await,
        Err(refusal) => refuse::<S>(&http, refusal),
    };
    http.metrics.answered(S::ROUTE, response.status(), started.elapsed());
    response
}

fn refuse<S: Source>(http: &Http, refusal: Refusal) -> Response {
    http.metrics.refused(refusal.class());
    tracing::warn!(route = S::ROUTE, reason = refusal.class(), "refused a request");
    refusal.into_response()
}

async fn act<S: Source>(http: &Http, inbound: Inbound) -> Response {
    match inbound {
        Inbound::Command { sender, line, key } => {
            match in_time(http, http.engine.command(sender, &line, key)).await {
                Ok(answer) => slash(&answer),
                Err(error) => {
                    tracing::error!(route = S::ROUTE, %error, "a command could not be stored");
                    sorry(error.told())
                }
            }
        }
        Inbound::Receipt(receipt) => match in_time(http, http.engine.receive(receipt)).await {
            Ok(received) => {
                tracing::debug!(route = S::ROUTE, ?received, "received");
                StatusCode::OK.into_response()
            }
            Err(error) => {
                tracing::error!(route = S::ROUTE, %error, "what was received could not be stored");
                StatusCode::SERVICE_UNAVAILABLE.into_response()
            }
        },
        Inbound::Refill { block, says } => {
            tracing::debug!(route = S::ROUTE, block, "a form has to be filled in again");
            json(&Errors { response_action: "errors", errors: [(block, says)].into() })
        }
        Inbound::SslCheck => StatusCode::OK.into_response(),
        Inbound::Challenge(challenge) => {
            tracing::info!(route = S::ROUTE, "Slack verified our address");
            ([(CONTENT_TYPE, "text/plain; charset=utf-8")], challenge).into_response()
        }
        Inbound::Ignored { why, usual } => {
            if usual {
                tracing::debug!(route = S::ROUTE, why, "passed over");
            } else {
                tracing::info!(route = S::ROUTE, why, "passed over");
            }
            StatusCode::OK.into_response()
        }
        Inbound::Malformed { why } => {
            tracing::warn!(route = S::ROUTE, why, "signed by Slack, and makes no sense");
            http.metrics.refused(Refusal::Malformed.class());
            Refusal::Malformed.into_response()
        }
    }
}

/// Why something isn't acknowledged.
#[derive(Debug, thiserror::Error)]
enum Unstored {
    /// It isn't stored.
    #[error(transparent)]
    Refused(#[from] StoreError),
    /// There is no time to wait any longer. What was not begun is not going to be.
    #[error("the store did not answer in time")]
    Late,
}

impl Unstored {
    /// What somebody is told of a command.
    fn told(&self) -> &'static str {
        match self {
            Self::Refused(_) => NOT_STORED,
            Self::Late => NOT_KNOWN,
        }
    }
}

/// Whatever the store does, Slack is answered while it still waits.
async fn in_time<T>(
    http: &Http,
    storing: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, Unstored> {
    let stored = tokio::time::timeout(http.limits.stored_within, storing).await;
    Ok(stored.map_err(|_| Unstored::Late)??)
}

/// The answer to a slash command.
#[derive(Serialize)]
struct Slash<'a> {
    response_type: &'static str,
    text: &'a str,
    /// Said where it isn't to be read as markup: names in it read as they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    mrkdwn: Option<bool>,
}

/// What is wrong with a form, under the blocks that it is wrong with.
#[derive(Serialize)]
struct Errors {
    response_action: &'static str,
    errors: std::collections::BTreeMap<&'static str, &'static str>,
}

fn slash(answer: &Answer) -> Response {
    let response_type = if answer.in_channel { "in_channel" } else { "ephemeral" };
    json(&Slash { response_type, text: &escape(&answer.text), mrkdwn: Some(false) })
}

/// The same, in words of our own alone.
fn sorry(text: &'static str) -> Response {
    json(&Slash { response_type: "ephemeral", text, mrkdwn: None })
}

fn json(value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => ([(CONTENT_TYPE, "application/json")], body).into_response(),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
