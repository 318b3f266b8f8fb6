//! Where `files.getUploadURLExternal` points.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::header;
use axum::response::Response;

use super::api;
use super::faults::Fault;
use super::log::Way;
use super::shared::{Exchange, Shared, respond};

/// How long an upload may be, with whatever surrounds it.
const MOST_BYTES: usize = 1_100_000;

/// Takes an upload, raw or in parts.
pub(super) async fn upload(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let kind = head.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let exchange = Exchange::begin(Way::ToSlack, "upload", "bot", format!("{id} ({kind})"));
    let fault = shared.faults().take("upload");
    let (status, word) = match (axum::body::to_bytes(body, MOST_BYTES).await, fault) {
        (Err(_), _) => (413, "too long".to_owned()),
        (_, Some(Fault::Http { status })) => (status, "provoked".to_owned()),
        (_, Some(Fault::RateLimited { .. })) => (429, "provoked".to_owned()),
        (_, Some(Fault::Error { code })) => (400, code),
        (Ok(body), fault) => {
            if let Some(Fault::Hang { ms }) = fault {
                tokio::time::sleep(std::time::Duration::from_millis(ms.min(60_000))).await;
            }
            let done = shared.with(|workspace| api::upload(workspace, &id, kind, &body));
            if fault == Some(Fault::Drop) {
                shared.note(exchange, "dropped", "(done, then the connection was dropped on demand)");
                return api::dropped();
            }
            done.map_or_else(|(status, word)| (status, word.to_owned()), |word| (200, word))
        }
    };
    shared.note(exchange, &status.to_string(), &word);
    respond(status, "text/plain; charset=utf-8", word)
}
