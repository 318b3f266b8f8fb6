//! The HTTP side of the Web API: who calls, what goes wrong on demand, how an answer travels.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures_util::stream;
use serde_json::{Value, json};

use super::answer::{Answer, Refusal};
use super::args::Args;
use crate::local::playground::faults::Fault;
use crate::local::playground::log::Way;
use crate::local::playground::sending;
use crate::local::playground::shared::{self, Exchange, Shared};

/// How long a request may be.
const MOST_BYTES: usize = 4_000_000;

/// Serves one call of the Web API.
pub(in super::super) async fn serve(
    State(shared): State<Arc<Shared>>,
    Path(method): Path<String>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MOST_BYTES).await else {
        return shared::json(413, &json!({"ok": false, "error": "request_too_large"}));
    };
    let args = Args::read(&head.headers, head.uri.query(), &body);
    let asked = args.as_ref().map(Args::shown).unwrap_or_default();
    let exchange = Exchange::begin(Way::ToSlack, &method, "bot", asked);
    let fault = shared.faults().take(&method);
    let answer = match fault {
        Some(Fault::RateLimited { retry_after }) => Err(Refusal::too_fast(retry_after)),
        Some(Fault::Error { code }) => Err(code.as_str().into()),
        Some(Fault::Http { status }) => {
            shared.note(exchange, &status.to_string(), "(provoked)");
            return shared::respond(status, "text/html", "<html><body>Server Error</body></html>");
        }
        Some(Fault::Hang { ms }) => {
            let answer = decide(&shared, &method, args);
            tokio::time::sleep(Duration::from_millis(ms.min(60_000))).await;
            answer
        }
        Some(Fault::Drop) => {
            if let Ok(answer) = decide(&shared, &method, args) {
                sending::echo(&shared, &method, &answer);
            }
            shared.note(exchange, "dropped", "(done, then the connection was dropped on demand)");
            return dropped();
        }
        None => decide(&shared, &method, args),
    };
    if let Ok(answer) = &answer {
        sending::echo(&shared, &method, answer);
    }
    let (status, body, retry_after) = match answer {
        Ok(Value::Object(mut members)) => {
            members.shift_insert(0, "ok".to_owned(), Value::Bool(true));
            (200, Value::Object(members), None)
        }
        Ok(other) => (200, other, None),
        Err(refusal) => {
            (if refusal.retry_after.is_some() { 429 } else { 200 }, refusal.body(), refusal.retry_after)
        }
    };
    shared.note(exchange, &status.to_string(), &body.to_string());
    let mut response = shared::json(status, &body);
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn decide(shared: &Shared, method: &str, args: Result<Args, &'static str>) -> Answer {
    let args = args?;
    match args.token.as_deref() {
        _ if method == "api.test" => {}
        None | Some("") => return Err("not_authed".into()),
        Some(token) if token == shared.settings.bot_token.reveal() => {}
        Some(_) => return Err("invalid_auth".into()),
    }
    if matches!(method, "chat.postMessage" | "chat.postEphemeral")
        && let Some(channel) = args.text("channel")
        && shared.faults().too_fast(&channel, Instant::now())
    {
        return Err(Refusal::too_fast(1));
    }
    shared.with(|workspace| super::call(workspace, method, &args, &shared.settings.address))
}

/// An answer that breaks off: its body fails before the first byte of it, and the server closes the connection.
pub(in super::super) fn dropped() -> Response {
    // Of no size that is known: the length that is promised is then the only one there is.
    let broken = stream::once(async { Err::<Bytes, _>(io::Error::from(io::ErrorKind::ConnectionAborted)) });
    let mut response = Response::new(Body::from_stream(broken));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from_static("1000"));
    response
}
