//! The playground: a Slack on loopback, for newcomers without a workspace and for tests from end to end.
//!
//! It knows Slack's public protocol and nothing of ALPHA: it serves the Web API under `/api/`, and sends commands,
//! interactions and events to ALPHA's ingress, signed, over real HTTP, as Slack does. So the very code that answers
//! the playground answers Slack. It must never reach past that wire, and never be bound to anything but loopback; it
//! answers requests for names of this machine alone, and its page shows whatever comes as text.
//!
//! # Routes
//!
//! | route | what for |
//! | --- | --- |
//! | `GET /`, `GET /playground/page/{name}` | the page and its parts |
//! | `/api/{method}` | Slack's Web API |
//! | `POST /hooks/{kind}/{team}/{name}` | `response_url` |
//! | `POST /upload/v1/{id}` | where `files.getUploadURLExternal` points |
//! | `GET /archives/{channel}/{p..}` | permalinks, which lead to the message in the page |
//! | `GET /playground/changes?user=&epoch=&since=&log=` | waits up to five seconds for what that person doesn't know yet |
//! | `GET /playground/log?after=` | the requests both ways |
//! | `GET /playground/files/{id}` | a snippet as text |
//! | `POST /playground/say` | `{user, channel, thread_ts?, text}`: a message, a mention or a slash command |
//! | `POST /playground/click` | `{user, channel, ts \| view_id, block_id, action_id, choice?, values?}` |
//! | `POST /playground/submit` | `{user, view_id, values: {BLOCK: {ACTION: text or value or list}}}` |
//! | `POST /playground/close` | `{user, view_id, all?}` |
//! | `POST /playground/shortcut` | `{user, channel, ts, callback_id}` |
//! | `POST /playground/react` | `{user, channel, ts, name}`: reacts, or takes it back |
//! | `POST /playground/faults` | `{method, times, fault}`; `fault` is `{kind: "rate_limited", retry_after}`, `{kind: "http", status}`, `{kind: "error", code}`, `{kind: "hang", ms}` or `{kind: "drop"}`; `method` may be `*`, `response_url` or `upload`. GET lists, DELETE forgets |
//! | `POST /playground/pacing` | `{on}`: one post a second in each channel |
//! | `POST /playground/people` | `{user, deleted?, restricted?}`: somebody leaves, or becomes a guest |
//!
//! Acts answer `{"ok": true, ..}` when ALPHA has answered, or `{"ok": false, "error": "a sentence"}`.
//!
//! # Hooks for tests in a browser
//!
//! | attribute | on |
//! | --- | --- |
//! | `data-testid` | `composer`, `send`, `thread-composer`, `thread-send`, `user-switcher`, `channel-list`, `message-list`, `thread-panel`, `thread-close`, `modal`, `modal-submit`, `modal-close`, `confirm`, `confirm-accept`, `confirm-deny`, `open-log`, `log`, `open-faults`, `faults`, `theme`, `open-menu`, `guide`, `toast` |
//! | `data-user` | `body`: who acts; an option of the switcher; the author of a message |
//! | `data-channel` | `body`: the open conversation; an entry of the sidebar; a message |
//! | `data-message-ts`, `data-thread-ts`, `data-ephemeral`, `data-edited` | a message |
//! | `data-open-thread` | the button that opens a thread, with the root's `ts` |
//! | `data-block-id`, `data-action-id` | a block, an element |
//! | `data-reaction` | a reaction, with its name |
//! | `data-shortcut` | the message's shortcut, with its callback id |
//! | `data-view-id`, `data-callback-id` | the modal |
//! | `data-error-for` | the sentence under an input, with its block id |
//! | `data-file-id` | a snippet |
//! | `data-unread` | an entry of the sidebar with something new |
//! | `data-log-what`, `data-log-status` | a request in the log |

mod acts;
mod answers;
mod api;
mod blockkit;
mod faults;
mod guard;
mod log;
mod page;
mod sending;
mod settings;
mod shared;
#[cfg(test)]
mod tests;
mod uploads;
mod world;

use std::sync::Arc;

use axum::routing::{any, get, post};
use axum::{Router, middleware};

pub use settings::{Secret, Settings};
pub use world::OpenError;

use shared::Shared;

/// A Slack on loopback.
#[derive(Debug)]
pub struct Playground {
    shared: Arc<Shared>,
}

impl Playground {
    /// Opens the workspace, as its file left it where there is one.
    pub fn open(settings: Settings) -> Result<Self, OpenError> {
        Ok(Self { shared: Arc::new(Shared::open(settings)?) })
    }

    /// All that the playground serves. It leaves `/slack/*`, `/link`, `/healthz`, `/readyz` and `/metrics` to ALPHA,
    /// so that one listener can serve both.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/", get(page::page))
            .route("/archives/{channel}/{p}", get(page::permalink))
            .route("/api/{method}", any(api::serve))
            .route("/hooks/{kind}/{team}/{name}", post(answers::hook))
            .route("/upload/v1/{id}", post(uploads::upload))
            .route("/playground/page/{name}", get(page::part))
            .route("/playground/changes", get(acts::changes))
            .route("/playground/log", get(acts::log))
            .route("/playground/files/{id}", get(acts::file))
            .route("/playground/say", post(acts::say))
            .route("/playground/click", post(acts::click))
            .route("/playground/submit", post(acts::submit))
            .route("/playground/close", post(acts::close))
            .route("/playground/shortcut", post(acts::shortcut))
            .route("/playground/react", post(acts::react))
            .route(
                "/playground/faults",
                get(acts::list_faults).post(acts::plan_fault).delete(acts::forget_faults),
            )
            .route("/playground/pacing", post(acts::pacing))
            .route("/playground/people", post(acts::standing))
            .layer(middleware::from_fn(guard::guard))
            .with_state(Arc::clone(&self.shared))
    }
}
