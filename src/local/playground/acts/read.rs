//! What the page shows: changes as they come, the log, files.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use serde_json::json;
use tokio::time::{Instant, timeout_at};

use super::refuse;
use crate::local::playground::shared::{self, Shared};

/// How long a request waits for news. Short, so that a server that is asked to stop soon can.
const PATIENCE: Duration = Duration::from_secs(5);

fn pairs(query: Option<String>) -> HashMap<String, String> {
    form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect()
}

/// `GET /playground/changes?user=&epoch=&since=&log=`: waits until there is something newer than `since`, or, where
/// `log` is given, a request in the log newer than that.
pub(in super::super) async fn changes(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = pairs(query);
    let user = query.get("user").map(String::as_str).unwrap_or_default();
    let epoch = query.get("epoch").map(String::as_str).unwrap_or_default();
    let number = |name: &str| query.get(name).and_then(|number| number.parse::<u64>().ok());
    let (since, log) = (number("since").unwrap_or_default(), number("log"));
    if shared.with(|workspace| workspace.person(user).is_none_or(|person| person.bot)) {
        return refuse(404, "There is nobody of that name.");
    }
    let until = Instant::now() + PATIENCE;
    let mut news = shared.news.subscribe();
    loop {
        news.mark_unchanged();
        let mut found = shared.with(|workspace| workspace.changes(user, epoch, since));
        let logged = shared.log().last();
        let newer = found["fresh"] == true
            || found["seq"].as_u64() != Some(since)
            || log.is_some_and(|log| log < logged);
        let over = newer || timeout_at(until, news.changed()).await.is_err();
        if !over {
            continue;
        }
        if let Some(log) = log {
            found["log"] = json!(shared.log().after(log));
        }
        found["command"] = json!(shared.settings.command);
        return shared::json(200, &found);
    }
}

/// `GET /playground/log?after=`: the requests both ways.
pub(in super::super) async fn log(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Response {
    let after = pairs(query).get("after").and_then(|number| number.parse().ok()).unwrap_or_default();
    shared::json(200, &json!({"ok": true, "log": shared.log().after(after)}))
}

/// `GET /playground/files/{id}`: a snippet as text.
pub(in super::super) async fn file(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Response {
    match shared.with(|workspace| workspace.file(&id).and_then(|file| file.content.clone())) {
        Some(content) => shared::respond(200, "text/plain; charset=utf-8", content),
        None => refuse(404, "There is no such file."),
    }
}
