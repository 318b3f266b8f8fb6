//! `chat.*`.

use serde_json::{Value, json};

use super::answer::{Answer, Refusal};
use super::args::Args;
use super::content::Content;
use crate::local::playground::world::{BOT_USER, Change, Draft, Workspace};

/// How much a page of a list holds at most.
const MOST_LISTED: usize = 1_000;

/// `chat.postMessage`.
pub(super) fn post(workspace: &mut Workspace, args: &Args) -> Answer {
    let channel = destination(workspace, args)?;
    let content = Content::posted(args)?;
    let thread_ts = thread(workspace, &channel, args)?;
    let draft = Draft {
        text: content.text.unwrap_or_default(),
        plain: content.plain,
        blocks: content.blocks.unwrap_or_default(),
        broadcast: thread_ts.is_some() && args.flag("reply_broadcast"),
        thread_ts,
        metadata: content.metadata.filter(|metadata| metadata.as_object().is_some_and(|one| !one.is_empty())),
        ..Draft::default()
    };
    let message = workspace.post(&channel, BOT_USER, draft);
    let mut answer = json!({"channel": channel, "ts": message.ts, "message": workspace.show(&message, true)});
    if let Some(warning) = content.warning {
        answer["warning"] = json!(warning);
        answer["response_metadata"] = json!({"warnings": [warning]});
    }
    Ok(answer)
}

/// `chat.update`.
pub(super) fn update(workspace: &mut Workspace, args: &Args) -> Answer {
    let channel = destination(workspace, args)?;
    let ts = args.text("ts").ok_or_else(|| Refusal::missing("ts"))?;
    let content = Content::updated(args)?;
    // New text alone takes blocks away, as it does at Slack.
    let blocks = content.blocks.or_else(|| content.text.is_some().then(Vec::new));
    let change = Change { text: content.text, blocks, metadata: content.metadata };
    let message = workspace.update(&channel, &ts, change)?;
    Ok(json!({"channel": channel, "ts": ts, "text": message.said.text,
        "message": workspace.show(&message, true)}))
}

/// `chat.delete`.
pub(super) fn delete(workspace: &mut Workspace, args: &Args) -> Answer {
    let channel = destination(workspace, args)?;
    let ts = args.text("ts").ok_or_else(|| Refusal::missing("ts"))?;
    workspace.delete(&channel, &ts)?;
    Ok(json!({"channel": channel, "ts": ts}))
}

/// `chat.postEphemeral`.
pub(super) fn ephemeral(workspace: &mut Workspace, args: &Args) -> Answer {
    let channel = destination(workspace, args)?;
    let user = args.text("user").ok_or_else(|| Refusal::missing("user"))?;
    if workspace.reach(&channel, &user).is_err() {
        return Err("user_not_in_channel".into());
    }
    let content = Content::posted(args)?;
    let draft = Draft {
        text: content.text.unwrap_or_default(),
        plain: content.plain,
        blocks: content.blocks.unwrap_or_default(),
        thread_ts: thread(workspace, &channel, args)?,
        only_for: Some(user),
        ..Draft::default()
    };
    let message = workspace.post(&channel, BOT_USER, draft);
    Ok(json!({"message_ts": message.ts}))
}

/// `chat.getPermalink`.
pub(super) fn permalink(workspace: &mut Workspace, args: &Args, address: &str) -> Answer {
    let channel = destination(workspace, args)?;
    let ts = args.text("message_ts").ok_or_else(|| Refusal::missing("message_ts"))?;
    let message = workspace.message(&channel, &ts).ok_or("message_not_found")?;
    let mut link = format!("{address}/archives/{channel}/p{}", ts.replace('.', ""));
    if let Some(thread) = message.said.thread_ts.as_ref().filter(|_| message.is_reply()) {
        link = format!("{link}?thread_ts={thread}&cid={channel}");
    }
    Ok(json!({"channel": channel, "permalink": link}))
}

/// The conversation that a call names, if the bot is in it.
pub(super) fn destination(workspace: &Workspace, args: &Args) -> Result<String, Refusal> {
    let named = args.text("channel").ok_or("channel_not_found")?;
    Ok(workspace.reach(&named, BOT_USER)?.id.clone())
}

fn thread(workspace: &Workspace, channel: &str, args: &Args) -> Result<Option<String>, Refusal> {
    let Some(ts) = args.text("thread_ts") else { return Ok(None) };
    Ok(Some(workspace.thread_root(channel, &ts)?.ts.clone()))
}

/// Pages through a list by cursor.
pub(super) fn page<T: Clone>(items: &[T], args: &Args, standard: usize) -> Result<(Vec<T>, Value), Refusal> {
    let limit = match args.text("limit") {
        None => standard,
        Some(limit) => {
            limit.parse().ok().filter(|limit| (1..=MOST_LISTED).contains(limit)).ok_or("invalid_limit")?
        }
    };
    let start = match args.text("cursor") {
        None => 0,
        Some(cursor) => {
            let start =
                cursor.strip_prefix("next:").and_then(|number| number.trim_end_matches('=').parse().ok());
            start.filter(|start| *start <= items.len()).ok_or("invalid_cursor")?
        }
    };
    let end = (start + limit).min(items.len());
    let next = if end < items.len() { format!("next:{end}=") } else { String::new() };
    Ok((items.get(start..end).unwrap_or_default().to_vec(), json!({"next_cursor": next})))
}
