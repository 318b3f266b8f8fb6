//! Where Slack, operators and their monitoring reach ALPHA over HTTP.
//!
//! A handler verifies, parses, has stored what was received, and acknowledges. It decides nothing, calls nobody, and
//! shows nothing of what went wrong inside.

mod acknowledge;
mod body;
mod limits;
mod metrics;
mod operators;
mod refusal;
mod serve;
mod setup;
mod signed;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};

pub use limits::Limits;
pub use metrics::Metrics;
pub use serve::serve;

use crate::engine::Engine;
use crate::ports::{Clock, Secrets};
use acknowledge::acknowledge;
use signed::{Commands, Events, Interactions, Refetch, Source};

/// Where Slack posts what: commands, interactions, events.
pub const SLACK_ROUTES: [&str; 3] = [Commands::ROUTE, Interactions::ROUTE, Events::ROUTE];

/// What the handlers work with.
#[derive(Debug)]
pub struct Http {
    engine: Arc<Engine>,
    secrets: Arc<dyn Secrets>,
    clock: Arc<dyn Clock>,
    limits: Limits,
    metrics: Metrics,
    refetch: Refetch,
}

impl Http {
    /// From whoever acts on what is received, and what it takes to believe it.
    pub fn new(
        engine: Arc<Engine>,
        secrets: Arc<dyn Secrets>,
        clock: Arc<dyn Clock>,
        limits: Limits,
    ) -> Self {
        Self { engine, secrets, clock, limits, metrics: Metrics::new(), refetch: Refetch::default() }
    }

    /// What is counted.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }
}

/// All routes.
pub fn router(state: Arc<Http>) -> Router {
    Router::new()
        .route(Commands::ROUTE, post(acknowledge::<Commands>))
        .route(Interactions::ROUTE, post(acknowledge::<Interactions>))
        .route(Events::ROUTE, post(acknowledge::<Events>))
        .route("/slack/install", get(setup::no_install))
        .route("/slack/oauth/callback", get(setup::no_install))
        .route("/link", post(setup::no_link))
        .route("/healthz", get(operators::healthz))
        .route("/readyz", get(operators::readyz))
        .route("/metrics", get(operators::metrics))
        .fallback(async || StatusCode::NOT_FOUND)
        .with_state(state)
}
