//! What operators and their monitoring ask: whether it runs, whether it can work, and how it fares.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use super::Http;
use super::metrics;

/// Whether the process runs.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether the store and the secrets can be reached. Why they can't is in the log.
pub async fn readyz(State(http): State<Arc<Http>>) -> (StatusCode, &'static str) {
    if let Err(error) = http.engine.ready().await {
        tracing::warn!(%error, "not ready");
        return (StatusCode::SERVICE_UNAVAILABLE, "the store can't be used\n");
    }
    if let Err(error) = http.secrets.signing().await {
        tracing::warn!(%error, "not ready");
        return (StatusCode::SERVICE_UNAVAILABLE, "the secrets can't be read\n");
    }
    (StatusCode::OK, "ready\n")
}

/// How it fares, in Prometheus' text format. What is in the store is counted now.
pub async fn metrics(State(http): State<Arc<Http>>) -> Response {
    let census = http.engine.census().await;
    if let Err(error) = &census {
        tracing::warn!(%error, "what is in the store can't be counted");
    }
    match http.metrics.text(census.as_ref().ok()) {
        Ok(text) => ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
