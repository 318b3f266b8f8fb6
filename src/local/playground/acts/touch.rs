//! Pressing, choosing, submitting, closing, reacting.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{fine, read, refuse, told};
use crate::local::playground::api::checked_view;
use crate::local::playground::sending::{self, Delivered, Source};
use crate::local::playground::shared::Shared;
use crate::local::playground::world::stamp::now;
use crate::local::playground::world::{View, Workspace};

#[derive(Debug, Deserialize)]
struct Click {
    user: String,
    channel: Option<String>,
    ts: Option<String>,
    view_id: Option<String>,
    block_id: String,
    action_id: String,
    #[serde(default)]
    choice: Value,
    #[serde(default)]
    values: Value,
}

/// `POST /playground/click {user, channel, ts | view_id, block_id, action_id, choice?, values?}`. A button of one of
/// the last editions of a message can still be pressed, as by somebody whose client hasn't caught up.
pub(in super::super) async fn click(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let click: Click = match read(request).await {
        Ok(click) => click,
        Err(response) => return response,
    };
    let source = match (&click.channel, &click.ts, &click.view_id) {
        (Some(channel), Some(ts), None) => {
            if !shared.with(|workspace| sees(workspace, &click.user, channel, ts)) {
                return refuse(403, "This person doesn't see that message.");
            }
            Source::Message(channel, ts)
        }
        (None, None, Some(view)) => Source::View(view),
        _ => return refuse(400, "Not understood: name channel and ts, or view_id."),
    };
    let ids = (click.block_id.as_str(), click.action_id.as_str());
    match sending::click(&shared, &click.user, source, ids, &click.choice, &click.values).await {
        Some(delivered) => told(&delivered),
        None => refuse(404, "That button is no longer there."),
    }
}

fn sees(workspace: &Workspace, user: &str, channel: &str, ts: &str) -> bool {
    workspace.reach(channel, user).is_ok()
        && workspace
            .any_message(channel, ts)
            .is_some_and(|message| message.said.only_for.as_deref().is_none_or(|only| only == user))
}

#[derive(Debug, Deserialize)]
struct Submission {
    user: String,
    view_id: String,
    #[serde(default)]
    values: Value,
    #[serde(default)]
    all: bool,
}

/// `POST /playground/submit {user, view_id, values}`, where `values` holds, by block and action, a text, the value of
/// an option or a list of those. Errors come back as `{"ok": false, "errors": {BLOCK: SENTENCE}}`.
pub(in super::super) async fn submit(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let act: Submission = match read(request).await {
        Ok(act) => act,
        Err(response) => return response,
    };
    let Some(view) = own_view(&shared, &act) else { return refuse(404, "This dialog is no longer open.") };
    let missing = sending::missing(view.blocks(), &act.values);
    if !missing.is_empty() {
        return fine(json!({"ok": false, "errors": missing}));
    }
    let delivered = sending::submit(&shared, &view, &act.values).await;
    let Some(body) = delivered.success() else { return told(&delivered) };
    match serde_json::from_str::<Value>(body) {
        Ok(answer) if answer.get("response_action").is_some() => follow(&shared, &view, answer),
        // Anything but an action closes the dialog, as an empty answer does.
        _ => {
            shared.with(|workspace| take_away(workspace, &view, false));
            told(&delivered)
        }
    }
}

fn follow(shared: &Shared, view: &View, mut answer: Value) -> Response {
    let body = answer.get_mut("view").map(Value::take);
    let action = answer["response_action"].as_str().unwrap_or_default();
    let done = match (action, body) {
        ("errors", _) => return fine(json!({"ok": false, "errors": answer["errors"]})),
        ("clear", _) => {
            shared.with(|workspace| take_away(workspace, view, true));
            Ok(())
        }
        ("update", Some(body)) => checked_view(body).and_then(|body| {
            let changed = shared.with(|workspace| {
                let changed = workspace.views.update(&view.id, None, body, now());
                workspace.touch();
                changed
            });
            changed.map(drop).map_err(Into::into)
        }),
        ("push", Some(body)) => checked_view(body).and_then(|body| {
            let pushed = shared.with(|workspace| {
                let pushed = workspace.views.push(&view.user, body, now());
                workspace.touch();
                pushed
            });
            pushed.map(drop).map_err(Into::into)
        }),
        _ => Err("invalid_arguments".into()),
    };
    match done {
        Ok(()) => fine(json!({})),
        Err(refusal) => refuse(502, &format!("Slack refuses what ALPHA answered: {}", refusal.body())),
    }
}

/// `POST /playground/close {user, view_id, all?}`.
pub(in super::super) async fn close(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let act: Submission = match read(request).await {
        Ok(act) => act,
        Err(response) => return response,
    };
    let Some(view) = own_view(&shared, &act) else { return refuse(404, "This dialog is no longer open.") };
    let all = act.all || view.flag("clear_on_close");
    let gone = shared.with(|workspace| take_away(workspace, &view, all));
    let mut last: Option<Delivered> = None;
    for view in gone.iter().rev() {
        last = sending::close(&shared, view, all).await.or(last);
    }
    last.map_or_else(|| fine(json!({})), |delivered| told(&delivered))
}

fn own_view(shared: &Shared, act: &Submission) -> Option<View> {
    shared.with(|workspace| workspace.views.get(&act.view_id).filter(|view| view.user == act.user).cloned())
}

fn take_away(workspace: &mut Workspace, view: &View, all: bool) -> Vec<View> {
    let gone = workspace.views.close(&view.user, &view.id, all);
    workspace.touch();
    gone
}

#[derive(Debug, Deserialize)]
struct Touch {
    user: String,
    channel: String,
    ts: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    callback_id: String,
}

/// `POST /playground/shortcut {user, channel, ts, callback_id}`.
pub(in super::super) async fn shortcut(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let touch: Touch = match read(request).await {
        Ok(touch) => touch,
        Err(response) => return response,
    };
    let message = shared.with(|workspace| {
        let allowed = sees(workspace, &touch.user, &touch.channel, &touch.ts)
            && workspace.person(&touch.user).is_some_and(|person| !person.stranger());
        workspace.message(&touch.channel, &touch.ts).filter(|_| allowed).cloned()
    });
    match message {
        Some(message) => told(&sending::shortcut(&shared, &touch.user, &message, &touch.callback_id).await),
        None => refuse(403, "This person can't use shortcuts on that message."),
    }
}

/// `POST /playground/react {user, channel, ts, name}`: reacts, or takes the reaction back.
pub(in super::super) async fn react(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let touch: Touch = match read(request).await {
        Ok(touch) => touch,
        Err(response) => return response,
    };
    let done = shared.with(|workspace| {
        if !sees(workspace, &touch.user, &touch.channel, &touch.ts) {
            return Err("not seen");
        }
        workspace.react(&touch.channel, &touch.ts, &touch.user, &touch.name).or_else(|word| match word {
            "already_reacted" => workspace.unreact(&touch.channel, &touch.ts, &touch.user, &touch.name),
            word => Err(word),
        })
    });
    done.map_or_else(|word| refuse(403, word), |()| fine(json!({})))
}
