//! What all handlers share.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::response::Response;
use tokio::sync::watch;

use super::faults::Faults;
use super::log::{Entry, Log, Way};
use super::sending::Courier;
use super::settings::Settings;
use super::world::stamp;
use super::world::{OpenError, Workspace};

/// The state behind the router.
#[derive(Debug)]
pub(super) struct Shared {
    /// As it was told.
    pub settings: Settings,
    /// Carries requests to ALPHA.
    pub courier: Courier,
    /// Says that there is something new for the page.
    pub news: watch::Sender<u64>,
    workspace: Mutex<Workspace>,
    faults: Mutex<Faults>,
    log: Mutex<Log>,
}

/// What is known of a request while it is under way.
#[derive(Debug)]
pub(super) struct Exchange {
    way: Way,
    what: String,
    who: String,
    asked: String,
    at: u64,
    started: Instant,
}

impl Exchange {
    /// A request begins.
    pub(super) fn begin(way: Way, what: &str, who: &str, asked: String) -> Self {
        let at = stamp::now() / 1_000;
        Self { way, what: what.to_owned(), who: who.to_owned(), asked, at, started: Instant::now() }
    }
}

impl Shared {
    pub(super) fn open(settings: Settings) -> Result<Self, OpenError> {
        Ok(Self {
            workspace: Mutex::new(Workspace::open(&settings)?),
            courier: Courier::new(),
            news: watch::Sender::new(0),
            faults: Mutex::default(),
            log: Mutex::default(),
            settings,
        })
    }

    /// Works on the workspace, and wakes the pages if anything has changed.
    pub(super) fn with<R>(&self, work: impl FnOnce(&mut Workspace) -> R) -> R {
        let mut workspace = lock(&self.workspace);
        let before = workspace.seq();
        let result = work(&mut workspace);
        let changed = workspace.seq() != before;
        drop(workspace);
        if changed {
            self.wake();
        }
        result
    }

    /// Faults that wait.
    pub(super) fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }

    /// The log.
    pub(super) fn log(&self) -> MutexGuard<'_, Log> {
        lock(&self.log)
    }

    /// A request has come to its end.
    pub(super) fn note(&self, exchange: Exchange, status: &str, answered: &str) {
        let took = u64::try_from(exchange.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let entry = Entry {
            n: 0,
            at: exchange.at,
            way: exchange.way,
            what: exchange.what,
            who: exchange.who,
            status: status.to_owned(),
            took,
            asked: exchange.asked,
            answered: answered.to_owned(),
        };
        let secrets = [self.settings.bot_token.reveal(), self.settings.signing_secret.reveal()];
        self.log().add(entry, &secrets);
        self.wake();
    }

    /// Tells the pages that there is something new.
    pub(super) fn wake(&self) {
        self.news.send_modify(|count| *count += 1);
    }
}

/// A poisoned lock guards data that is whole nevertheless: no change is left half-way by a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An answer with a status, a content type and a body.
pub(super) fn respond(status: u16, kind: &'static str, body: impl Into<axum::body::Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() =
        axum::http::StatusCode::from_u16(status).unwrap_or(axum::http::StatusCode::INTERNAL_SERVER_ERROR);
    response
        .headers_mut()
        .insert(axum::http::header::CONTENT_TYPE, axum::http::HeaderValue::from_static(kind));
    response
}

/// An answer in JSON.
pub(super) fn json(status: u16, body: &serde_json::Value) -> Response {
    respond(status, "application/json; charset=utf-8", body.to_string())
}
