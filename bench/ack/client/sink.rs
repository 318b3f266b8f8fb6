//! A Slack that says yes: everybody is a full member, and every message is posted.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::Uri;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Answers until it is ended.
pub fn run(address: SocketAddr) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(address).await?;
        let router = Router::new().fallback(answer).with_state(Arc::new(AtomicU64::new(1)));
        let limits = alpha::http::Limits::default();
        alpha::http::serve(listener, router, limits, tokio_util::sync::CancellationToken::new()).await;
        Ok(())
    })
}

async fn answer(uri: Uri, State(posted): State<Arc<AtomicU64>>) -> Response {
    let answer = match uri.path().rsplit('/').next().unwrap_or_default() {
        "auth.test" => json!({"ok": true, "team_id": "T0ALPHA01", "user_id": "U0ALPHA", "bot_id": "B0ALPHA",
            "url": "https://example.slack.com/", "team": "example", "user": "alpha"}),
        "users.info" => {
            let query = uri.query().unwrap_or_default().as_bytes();
            let user = form_urlencoded::parse(query).find(|(name, _)| name == "user");
            let id = user.map(|(_, id)| id.into_owned()).unwrap_or_default();
            json!({"ok": true, "user": {"id": id, "team_id": "T0ALPHA01", "deleted": false, "is_bot": false}})
        }
        "chat.getPermalink" => json!({"ok": true, "permalink": "https://example.slack.com/archives/C/p1"}),
        "conversations.history" | "conversations.replies" => json!({"ok": true, "messages": []}),
        "chat.postEphemeral" => json!({"ok": true, "message_ts": "1.000001"}),
        _ => {
            let number = posted.fetch_add(1, Ordering::Relaxed);
            json!({"ok": true, "channel": "C00000001", "ts": format!("1700000000.{number:06}")})
        }
    };
    ([(CONTENT_TYPE, "application/json")], answer.to_string()).into_response()
}
