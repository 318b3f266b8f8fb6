//! Answers that come back from the app outside the Web API: in the response to a command, or by a `response_url`.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::Response;
use serde_json::{Value, json};

use super::api::{Args, Content, Refusal};
use super::faults::Fault;
use super::log::Way;
use super::shared::{self, Exchange, Shared};
use super::world::stamp::now;
use super::world::{BOT_USER, Change, Draft, Workspace};

/// Who speaks for the workspace itself.
pub(super) const SLACKBOT: &str = "USLACKBOT";
/// How long an answer may be.
const MOST_BYTES: usize = 1_000_000;

/// Shows an answer. `source` is the message whose button was pressed.
pub(super) fn show(
    workspace: &mut Workspace,
    channel: &str,
    user: &str,
    source: Option<&str>,
    answer: &Value,
) -> Result<(), Refusal> {
    let flag = |name: &str| answer.get(name).and_then(Value::as_bool).unwrap_or_default();
    if let Some(ts) = source.filter(|_| flag("delete_original")) {
        workspace.forget(channel, ts);
        return Ok(());
    }
    let content = Content::posted(&Args::of(answer))?;
    if let Some(ts) = source.filter(|_| flag("replace_original")) {
        let blocks = content.blocks.or_else(|| Some(Vec::new()));
        let change = Change { text: content.text, blocks, metadata: None };
        return workspace.replace(channel, ts, change).map(drop).ok_or_else(|| "message_not_found".into());
    }
    let in_channel = answer.get("response_type").and_then(Value::as_str) == Some("in_channel");
    let thread_ts = answer.get("thread_ts").and_then(Value::as_str);
    let draft = Draft {
        text: content.text.unwrap_or_default(),
        plain: content.plain,
        blocks: content.blocks.unwrap_or_default(),
        thread_ts: thread_ts.map(str::to_owned),
        only_for: (!in_channel).then(|| user.to_owned()),
        ..Draft::default()
    };
    workspace.post(channel, BOT_USER, draft);
    Ok(())
}

/// Serves a `response_url`.
pub(super) async fn hook(
    State(shared): State<Arc<Shared>>,
    Path((_, _, name)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    let Ok(body) = axum::body::to_bytes(request.into_body(), MOST_BYTES).await else {
        return shared::json(413, &json!({"ok": false, "error": "request_too_large"}));
    };
    let exchange =
        Exchange::begin(Way::ToSlack, "response_url", "bot", String::from_utf8_lossy(&body).into_owned());
    let fault = shared.faults().take("response_url");
    match fault {
        Some(Fault::RateLimited { .. }) => return done(&shared, exchange, 429, "ratelimited"),
        Some(Fault::Http { status }) => return done(&shared, exchange, status, "server_error"),
        Some(Fault::Error { code }) => return done(&shared, exchange, 404, &code),
        Some(Fault::Hang { ms }) => {
            tokio::time::sleep(std::time::Duration::from_millis(ms.min(60_000))).await;
        }
        Some(Fault::Drop) => {
            let _ = answer(&shared, &name, &body);
            shared.note(exchange, "dropped", "(done, then the connection was dropped on demand)");
            return super::api::dropped();
        }
        None => {}
    }
    match answer(&shared, &name, &body) {
        Ok(()) => {
            shared.note(exchange, "200", "ok");
            shared::respond(200, "text/plain; charset=utf-8", "ok")
        }
        Err((status, word)) => done(&shared, exchange, status, &word),
    }
}

fn answer(shared: &Shared, name: &str, body: &[u8]) -> Result<(), (u16, String)> {
    let answer: Value = serde_json::from_slice(body).map_err(|_| (400, "invalid_payload".to_owned()))?;
    shared.with(|workspace| {
        let hook = workspace.tickets.answer(name, now()).map_err(|word| (404, word.to_owned()))?;
        let shown = show(workspace, &hook.channel, &hook.user, hook.message.as_deref(), &answer);
        shown.map_err(|refusal| (400, refusal.code))
    })
}

fn done(shared: &Shared, exchange: Exchange, status: u16, word: &str) -> Response {
    let body = json!({"ok": false, "error": word});
    shared.note(exchange, &status.to_string(), &body.to_string());
    shared::json(status, &body)
}
