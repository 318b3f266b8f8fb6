//! What a person does in the page: `/playground/*`.
//!
//! Every act is a POST of JSON that names the person, and answers `{"ok": true}` once ALPHA has answered what came of
//! it, or `{"ok": false, "error": "a sentence"}`.

mod control;
mod read;
mod say;
mod touch;

pub(super) use control::{forget_faults, list_faults, pacing, plan_fault, standing};
pub(super) use read::{changes, file, log};
pub(super) use say::say;
pub(super) use touch::{click, close, react, shortcut, submit};

use axum::extract::Request;
use axum::response::Response;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::sending::Delivered;
use super::shared;

/// How long an act may be.
const MOST_BYTES: usize = 256 * 1024;

/// Reads an act.
async fn read<T: DeserializeOwned>(request: Request) -> Result<T, Response> {
    let body = axum::body::to_bytes(request.into_body(), MOST_BYTES)
        .await
        .map_err(|_| refuse(413, "That is too long."))?;
    serde_json::from_slice(&body).map_err(|error| refuse(400, &format!("Not understood: {error}")))
}

fn refuse(status: u16, sentence: &str) -> Response {
    shared::json(status, &json!({"ok": false, "error": sentence}))
}

fn fine(beside: Value) -> Response {
    let mut body = json!({"ok": true});
    if let (Some(body), Value::Object(beside)) = (body.as_object_mut(), beside) {
        body.extend(beside);
    }
    shared::json(200, &body)
}

/// What the page is told of a delivery.
fn told(delivered: &Delivered) -> Response {
    if delivered.success().is_some() {
        return fine(json!({"status": delivered.status()}));
    }
    let sentence = match delivered {
        Delivered::TimedOut => "ALPHA did not answer within three seconds (operation_timeout).".to_owned(),
        Delivered::Unreachable => "ALPHA could not be reached (dispatch_failed).".to_owned(),
        Delivered::Answered { status, .. } => format!("ALPHA answered with HTTP status {status}."),
    };
    shared::json(502, &json!({"ok": false, "error": sentence, "status": delivered.status()}))
}
