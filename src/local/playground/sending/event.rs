//! Events: somebody mentions the bot, or writes to it alone.

use std::sync::Arc;

use serde_json::{Value, json};

use super::courier::{Delivered, Parcel};
use crate::local::playground::shared::Shared;
use crate::local::playground::world::stamp::{micros, now, ts};
use crate::local::playground::world::{APP, BOT_USER, Message, TEAM};

/// Tells the app of what somebody wrote, if it is an event for it; in the background, with Slack's repetitions.
pub(in super::super) fn announce(shared: &Arc<Shared>, message: &Message) {
    let Some((kind, envelope)) = envelope(shared, message) else { return };
    let (shared, who) = (Arc::clone(shared), message.author.clone());
    tokio::spawn(async move { deliver(&shared, kind, &who, &envelope).await });
}

async fn deliver(shared: &Shared, kind: &str, who: &str, envelope: &str) {
    let mut retry = None;
    for number in 1.. {
        let parcel = Parcel {
            what: kind,
            who,
            path: "/slack/events",
            kind: "application/json",
            body: envelope.to_owned(),
            retry,
        };
        let reason = match shared.carry(parcel).await {
            delivered if delivered.success().is_some() => return,
            Delivered::Answered { no_retry: true, .. } => return,
            Delivered::Answered { .. } => "http_error",
            Delivered::TimedOut => "http_timeout",
            Delivered::Unreachable => "connection_failed",
        };
        let Some(wait) = shared.settings.event_retries.get(number - 1) else { return };
        tokio::time::sleep(*wait).await;
        retry = Some((number, reason));
    }
}

fn envelope(shared: &Shared, message: &Message) -> Option<(&'static str, String)> {
    let (direct, member) = shared.with(|workspace| {
        let channel = workspace.channel(&message.channel);
        channel.map(|one| (one.direct(), one.has(BOT_USER))).unwrap_or_default()
    });
    let mentioned = message.said.text.contains(&format!("<@{BOT_USER}>"));
    let kind = match (direct, member && mentioned) {
        (true, _) => "message",
        (false, true) => "app_mention",
        (false, false) => return None,
    };
    let team = shared.with(|workspace| workspace.person(&message.author).map_or(TEAM, |person| person.team));
    let mut event: Value = json!({"type": kind, "user": message.author, "ts": message.ts,
        "text": message.said.text, "team": team, "channel": message.channel, "event_ts": message.ts,
        "client_msg_id": format!("playground-{}", message.ts)});
    if direct {
        event["channel_type"] = json!("im");
    }
    if let Some(thread) = &message.said.thread_ts {
        event["thread_ts"] = json!(thread);
    }
    if team != TEAM {
        event["user_team"] = json!(team);
        event["source_team"] = json!(team);
    }
    Some((kind, wrapped(shared, &message.channel, &message.ts, &event)))
}

/// Tells the app of what it has itself posted, changed or deleted in a conversation with one person: `message.im`
/// makes no exception for the app's own messages, and an app that answers them answers itself.
pub(in super::super) fn echo(shared: &Arc<Shared>, method: &str, answer: &Value) {
    let text = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default();
    let channel = text("channel");
    if !shared
        .with(|workspace| workspace.channel(channel).is_some_and(|one| one.direct() && one.id == channel))
    {
        return;
    }
    let at = ts(now());
    let mut event = match method {
        "chat.postMessage" => answer["message"].clone(),
        "chat.update" => json!({"subtype": "message_changed", "hidden": true, "message": answer["message"]}),
        "chat.delete" => json!({"subtype": "message_deleted", "hidden": true, "deleted_ts": text("ts")}),
        _ => return,
    };
    let when = if method == "chat.postMessage" { text("ts") } else { &at };
    for (name, value) in
        [("type", "message"), ("channel", channel), ("channel_type", "im"), ("ts", when), ("event_ts", when)]
    {
        event[name] = json!(value);
    }
    let envelope = wrapped(shared, channel, when, &event);
    let shared = Arc::clone(shared);
    tokio::spawn(async move { deliver(&shared, "message (the app's own)", BOT_USER, &envelope).await });
}

/// An event as it travels.
fn wrapped(shared: &Shared, channel: &str, when: &str, event: &Value) -> String {
    let external = shared.with(|workspace| workspace.channel(channel).is_some_and(|one| one.shared));
    let id = micros(when).unwrap_or_else(now);
    json!({"token": "playground", "team_id": TEAM, "context_team_id": TEAM,
        "context_enterprise_id": null, "api_app_id": APP, "event": event, "type": "event_callback",
        "event_id": format!("Ev0{id}"), "event_time": id / 1_000_000,
        "authorizations": [{"enterprise_id": null, "team_id": TEAM, "user_id": BOT_USER, "is_bot": true,
            "is_enterprise_install": false}],
        "is_ext_shared_channel": external, "event_context": format!("4-{id}")})
    .to_string()
}
