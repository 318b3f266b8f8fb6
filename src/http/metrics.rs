//! What is counted. Labels take few values, none of them anybody's text.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::http::StatusCode;
use prometheus_client::encoding::EncodeLabelSet;
pub use prometheus_client::encoding::prometheus_text::CONTENT_TYPE;
use prometheus_client::encoding::prometheus_text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::domain::job::State;
use crate::ports::Census;

/// Slack waits three seconds; a thousandth of one is what we aim at.
const SECONDS: [f64; 13] =
    [0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 3.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Came {
    to: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfState {
    state: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfStatus {
    status: String,
}

/// What is counted as it happens.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    refused: Family<Reason, Counter>,
    seconds: Histogram,
    deliveries: Family<Came, Counter>,
}

impl Metrics {
    /// With nothing counted yet.
    pub fn new() -> Self {
        let mut registry = Registry::default();
        let requests = Family::default();
        let refused = Family::default();
        let seconds = Histogram::new(SECONDS);
        registry.register(
            "alpha_requests",
            "Requests of Slack's, by how they were answered",
            requests.clone(),
        );
        registry.register("alpha_refused", "Requests that got no hearing, by why", refused.clone());
        registry.register("alpha_ack_seconds", "How long acknowledging a request took", seconds.clone());
        let deliveries = Family::default();
        let tries = "Tries to deliver a message, by what they came to";
        registry.register("alpha_deliveries", tries, deliveries.clone());
        Self { registry, requests, refused, seconds, deliveries }
    }

    /// A request was answered.
    pub(super) fn answered(&self, route: &'static str, status: StatusCode, took: Duration) {
        self.requests.get_or_create(&Answered { route, status: status.as_u16() }).inc();
        self.seconds.observe(took.as_secs_f64());
    }

    /// A try to deliver a message came to something.
    pub fn delivered(&self, to: &'static str) {
        self.deliveries.get_or_create(&Came { to }).inc();
    }

    /// A request got no hearing.
    pub(super) fn refused(&self, reason: &'static str) {
        self.refused.get_or_create(&Reason { reason }).inc();
    }

    /// All of it, with what the store holds as far as that is known, in Prometheus' text format.
    pub(super) fn text(&self, census: Option<&Census>) -> Result<String, fmt::Error> {
        let mut text = String::with_capacity(8 * 1024);
        encode(&mut text, &self.registry)?;
        encode(&mut text, &counted(census))?;
        Ok(text)
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

/// What a store holds. It has a registry of its own for each time it is asked for, so that two who ask at once don't mix.
fn counted(census: Option<&Census>) -> Registry {
    let mut registry = Registry::default();
    let up: Gauge = Gauge::default();
    up.set(i64::from(census.is_some()));
    registry.register("alpha_store_up", "Whether the store could be counted just now", up);
    let Some(census) = census else { return registry };
    let jobs = Family::<OfState, Gauge<u64, AtomicU64>>::default();
    for state in State::WORDS {
        jobs.get_or_create(&OfState { state: state.to_owned() }).set(0);
    }
    for (state, count) in &census.jobs {
        jobs.get_or_create(&OfState { state: state.clone() }).set(*count);
    }
    let outbox = Family::<OfStatus, Gauge<u64, AtomicU64>>::default();
    for (status, count) in &census.rows {
        outbox.get_or_create(&OfStatus { status: status.clone() }).set(*count);
    }
    let inbox = Gauge::<u64, AtomicU64>::default();
    inbox.set(census.receipts);
    registry.register("alpha_jobs", "Jobs, by state", jobs);
    registry.register("alpha_outbox", "Messages to be delivered, by status", outbox);
    registry.register("alpha_inbox", "What was received and not acted on yet", inbox);
    registry
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_and_what_the_store_holds_is_told_under_the_names_of_the_contract() {
        let metrics = Metrics::new();
        metrics.answered("/slack/commands", StatusCode::OK, Duration::from_micros(300));
        metrics.refused("stale");
        let census = Census {
            jobs: [("Held".to_owned(), 2)].into(),
            rows: [("Pending".to_owned(), 3)].into(),
            receipts: 4,
        };
        let text = metrics.text(Some(&census)).unwrap();
        for line in [
            "alpha_requests_total{route=\"/slack/commands\",status=\"200\"} 1",
            "alpha_refused_total{reason=\"stale\"} 1",
            "alpha_ack_seconds_bucket{le=\"0.0005\"} 1",
            "alpha_ack_seconds_count 1",
            "alpha_store_up 1",
            "alpha_jobs{state=\"Held\"} 2",
            "alpha_jobs{state=\"Succeeded\"} 0",
            "alpha_outbox{status=\"Pending\"} 3",
            "alpha_inbox 4",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        let without = metrics.text(None).unwrap();
        assert!(without.contains("alpha_store_up 0") && !without.contains("alpha_jobs"));
    }
}
