//! `views.*`.

use serde_json::{Value, json};

use super::answer::{Answer, Refusal};
use super::args::Args;
use crate::local::playground::blockkit;
use crate::local::playground::world::stamp::now;
use crate::local::playground::world::{View, Workspace};

/// How long the JSON of a modal may be.
const MOST_BYTES: usize = 250_000;

/// `views.open`, and `views.push` upon the modal that is open.
pub(super) fn open(workspace: &mut Workspace, args: &Args, push: bool) -> Answer {
    let body = body(args)?;
    let name = args.text("trigger_id").ok_or_else(|| Refusal::missing("trigger_id"))?;
    let trigger = workspace.tickets.exchange(&name, now())?;
    taken(workspace, &body, None)?;
    let view = if push {
        workspace.views.push(&trigger.user, body, now())?
    } else {
        workspace.views.open(&trigger.user, body, now())
    };
    workspace.touch();
    Ok(shown(&view))
}

/// `views.update`.
pub(super) fn update(workspace: &mut Workspace, args: &Args) -> Answer {
    let body = body(args)?;
    let id = match (args.text("view_id"), args.text("external_id")) {
        (Some(id), None) => id,
        (None, Some(id)) => workspace.views.by_external_id(&id).ok_or("not_found")?.id.clone(),
        _ => return Err(Refusal::missing("view_id")),
    };
    taken(workspace, &body, Some(&id))?;
    let view = workspace.views.update(&id, args.text("hash").as_deref(), body, now())?;
    workspace.touch();
    Ok(shown(&view))
}

/// A modal that passes Slack's checks, complete.
pub(in super::super) fn checked(mut body: Value) -> Result<Value, Refusal> {
    if body.to_string().len() > MOST_BYTES {
        return Err("view_too_large".into());
    }
    blockkit::view(&body).map_err(|messages| Refusal::explained("invalid_arguments", messages))?;
    if let Some(Value::Array(blocks)) = body.get_mut("blocks") {
        blockkit::complete(blocks);
    }
    Ok(body)
}

fn body(args: &Args) -> Result<Value, Refusal> {
    match args.data("view") {
        Err(()) => Err("invalid_arguments".into()),
        Ok(None) => Err(Refusal::missing("view")),
        Ok(Some(body)) => checked(body),
    }
}

fn taken(workspace: &Workspace, body: &Value, by: Option<&str>) -> Result<(), Refusal> {
    let external = body.get("external_id").and_then(Value::as_str).filter(|id| !id.is_empty());
    let other = external.and_then(|id| workspace.views.by_external_id(id));
    match other {
        Some(other) if by != Some(other.id.as_str()) => Err("duplicate_external_id".into()),
        _ => Ok(()),
    }
}

fn shown(view: &View) -> Value {
    json!({"view": view.as_slack(&json!({}))})
}
