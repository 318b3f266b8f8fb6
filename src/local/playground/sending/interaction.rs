//! Interactions: a button pressed, a modal submitted or closed, a message's shortcut used.

use serde_json::{Value, json};

use super::courier::{Delivered, Parcel};
use super::values::{state, values};
use crate::local::playground::blockkit;
use crate::local::playground::shared::Shared;
use crate::local::playground::world::stamp::{now, ts};
use crate::local::playground::world::{APP, BOT_USER, Message, TEAM, View, Workspace};

/// Where an element stands.
#[derive(Debug)]
pub(in super::super) enum Source<'a> {
    /// In a message: conversation and `ts`.
    Message(&'a str, &'a str),
    /// In a modal.
    View(&'a str),
}

/// Presses a button, or chooses in a menu. `None` where there is no such element.
pub(in super::super) async fn click(
    shared: &Shared,
    user: &str,
    source: Source<'_>,
    (block_id, action_id): (&str, &str),
    choice: &Value,
    given: &Value,
) -> Option<Delivered> {
    let payload = shared.with(|workspace| {
        let mut payload = common(workspace, "block_actions", user);
        let element = match source {
            Source::Message(channel, at) => {
                let message = workspace.any_message(channel, at)?.clone();
                let blocks = message
                    .editions()
                    .find(|blocks| blockkit::find(blocks, block_id, action_id).is_some())?;
                payload["state"] = json!({"values": values(blocks, given)});
                of_message(shared, workspace, &mut payload, user, &message);
                blockkit::find(blocks, block_id, action_id)?.clone()
            }
            Source::View(id) => {
                let view = workspace.views.get(id).filter(|view| view.user == user)?;
                payload["container"] = json!({"type": "view", "view_id": id});
                payload["view"] = view.as_slack(&values(view.blocks(), given));
                blockkit::find(view.blocks(), block_id, action_id)?.clone()
            }
        };
        payload["actions"] = json!([action(&element, block_id, choice)]);
        Some(payload)
    })?;
    Some(interact(shared, &format!("block_actions {action_id}"), user, &payload).await)
}

/// Submits a modal.
pub(in super::super) async fn submit(shared: &Shared, view: &View, given: &Value) -> Delivered {
    let payload = shared.with(|workspace| {
        let mut payload = common(workspace, "view_submission", &view.user);
        payload["view"] = view.as_slack(&values(view.blocks(), given));
        payload["response_urls"] = json!([]);
        // Here the team is the person's; the app's own is in the view.
        payload["team"] = team(payload["user"]["team_id"].as_str().unwrap_or(TEAM));
        payload
    });
    interact(shared, &format!("view_submission {}", view.text("callback_id")), &view.user, &payload).await
}

/// Tells the app that a modal was closed, if it wants to know.
pub(in super::super) async fn close(shared: &Shared, view: &View, cleared: bool) -> Option<Delivered> {
    if !view.flag("notify_on_close") {
        return None;
    }
    let payload = shared.with(|workspace| {
        let mut payload = common(workspace, "view_closed", &view.user);
        payload["view"] = view.as_slack(&json!({}));
        payload["is_cleared"] = json!(cleared);
        payload["team"] = team(payload["user"]["team_id"].as_str().unwrap_or(TEAM));
        if let Some(members) = payload.as_object_mut() {
            members.shift_remove("trigger_id");
        }
        payload
    });
    Some(interact(shared, &format!("view_closed {}", view.text("callback_id")), &view.user, &payload).await)
}

/// Uses a message's shortcut.
pub(in super::super) async fn shortcut(
    shared: &Shared,
    user: &str,
    message: &Message,
    callback_id: &str,
) -> Delivered {
    let payload = shared.with(|workspace| {
        let mut payload = common(workspace, "message_action", user);
        of_message(shared, workspace, &mut payload, user, message);
        if let Some(members) = payload.as_object_mut() {
            members.shift_remove("container");
        }
        payload["callback_id"] = json!(callback_id);
        payload["message_ts"] = json!(message.ts);
        payload["action_ts"] = json!(ts(now()));
        payload["message"] = workspace.show(message, false);
        payload
    });
    interact(shared, &format!("message_action {callback_id}"), user, &payload).await
}

async fn interact(shared: &Shared, what: &str, who: &str, payload: &Value) -> Delivered {
    let body =
        form_urlencoded::Serializer::new(String::new()).append_pair("payload", &payload.to_string()).finish();
    let kind = "application/x-www-form-urlencoded";
    shared
        .carry(Parcel { what: what.trim_end(), who, path: "/slack/interactions", kind, body, retry: None })
        .await
}

fn team(id: &str) -> Value {
    json!({"id": id, "domain": if id == TEAM { "demo" } else { "partner" }})
}

fn common(workspace: &mut Workspace, kind: &str, user: &str) -> Value {
    let person = workspace.person(user);
    let name = person.map(|person| person.name.clone()).unwrap_or_default();
    let home = person.map_or(TEAM, |person| person.team);
    json!({
        "type": kind, "token": "playground", "api_app_id": APP, "team": team(TEAM), "enterprise": null,
        "is_enterprise_install": false,
        "user": {"id": user, "username": name, "name": name, "team_id": home},
        "trigger_id": workspace.tickets.trigger(user, now())
    })
}

fn of_message(
    shared: &Shared,
    workspace: &mut Workspace,
    payload: &mut Value,
    user: &str,
    message: &Message,
) {
    let ephemeral = message.said.only_for.is_some();
    let mut container = json!({"type": "message", "message_ts": message.ts, "channel_id": message.channel,
        "is_ephemeral": ephemeral});
    if let Some(thread) = &message.said.thread_ts {
        container["thread_ts"] = json!(thread);
    }
    payload["container"] = container;
    let channel = workspace.channel(&message.channel);
    let name = channel.filter(|channel| !channel.direct()).map_or("directmessage", |channel| &channel.name);
    payload["channel"] = json!({"id": message.channel, "name": name});
    if !ephemeral {
        // Metadata comes along with a message of the app's own.
        payload["message"] = workspace.show(message, message.author == BOT_USER);
    }
    let hook = workspace.tickets.hook(user, &message.channel, Some(&message.ts), now());
    payload["response_url"] = json!(format!("{}/hooks/actions/{TEAM}/{hook}", shared.settings.address));
}

fn action(element: &Value, block_id: &str, choice: &Value) -> Value {
    let mut action = state(element, choice);
    action["block_id"] = json!(block_id);
    action["action_ts"] = json!(ts(now()));
    let kind = element.get("type").and_then(Value::as_str).unwrap_or_default();
    let copied: &[&str] = match kind {
        "button" => &["action_id", "text", "value", "style", "url", "confirm"],
        _ => &["action_id", "placeholder", "confirm"],
    };
    for name in copied {
        if let Some(member) = element.get(*name) {
            action[*name] = member.clone();
        }
    }
    action
}
