//! `conversations.*` and `users.conversations`.

use serde_json::{Value, json};

use super::answer::{Answer, Refusal};
use super::args::Args;
use super::chat::{destination, page};
use crate::local::playground::world::{BOT_USER, Channel, Message, Workspace};

/// `conversations.history`: the newest first.
pub(super) fn history(workspace: &Workspace, args: &Args) -> Answer {
    let channel = destination(workspace, args)?;
    let found = within(workspace.history(&channel), args);
    listed(workspace, &found, args, 100)
}

/// `conversations.replies`: the root first, then the oldest reply.
pub(super) fn replies(workspace: &Workspace, args: &Args) -> Answer {
    let channel = destination(workspace, args)?;
    let ts = args.text("ts").ok_or_else(|| Refusal::missing("ts"))?;
    let named = workspace.message(&channel, &ts).ok_or("thread_not_found")?;
    let root = named.said.thread_ts.clone().unwrap_or(ts);
    let found = within(workspace.thread(&channel, &root), args);
    listed(workspace, &found, args, 1_000)
}

fn within<'a>(messages: Vec<&'a Message>, args: &Args) -> Vec<&'a Message> {
    let (oldest, latest) = (args.text("oldest"), args.text("latest"));
    let inclusive = args.flag("inclusive");
    let time = |ts: &str| ts.parse::<f64>().unwrap_or_default();
    let keeps = |message: &&Message| {
        let at = time(&message.ts);
        let root = message.said.thread_ts.as_deref() == Some(message.ts.as_str()) && args.has("ts");
        let after = oldest.as_deref().map(time).is_none_or(|edge| at > edge || (inclusive && at >= edge));
        let before = latest.as_deref().map(time).is_none_or(|edge| at < edge || (inclusive && at <= edge));
        root || (after && before)
    };
    messages.into_iter().filter(keeps).collect()
}

fn listed(workspace: &Workspace, found: &[&Message], args: &Args, standard: usize) -> Answer {
    let (some, metadata) = page(found, args, standard)?;
    let shown: Vec<_> =
        some.iter().map(|one| workspace.show(one, args.flag("include_all_metadata"))).collect();
    let more = metadata["next_cursor"].as_str().is_some_and(|cursor| !cursor.is_empty());
    Ok(json!({"messages": shown, "has_more": more, "pin_count": 0, "response_metadata": metadata}))
}

/// `conversations.open`: the conversation with one person.
pub(super) fn open(workspace: &Workspace, args: &Args) -> Answer {
    let mut users = args.names("users");
    users.extend(args.text("channel"));
    let user = match users.as_slice() {
        [] => return Err("users_list_not_supplied".into()),
        [user] => user.as_str(),
        // This workspace has no conversations of several people with the bot.
        _ => return Err("cannot_dm_bot".into()),
    };
    if user == BOT_USER {
        return Err("cannot_dm_bot".into());
    }
    if user.starts_with('U') && workspace.person(user).is_none() {
        return Err("user_not_found".into());
    }
    let channel = workspace.channel(user).filter(|channel| channel.direct()).ok_or("user_not_visible")?;
    let channel = if args.flag("return_im") { channel.as_slack() } else { json!({"id": channel.id}) };
    Ok(json!({"channel": channel, "already_open": true, "no_op": true}))
}

/// `conversations.info`.
pub(super) fn info(workspace: &Workspace, args: &Args) -> Answer {
    let named = args.text("channel").ok_or("channel_not_found")?;
    let channel = workspace.channel(&named).ok_or("channel_not_found")?;
    let mut shown = channel.as_slack();
    if !args.flag("include_num_members")
        && let Some(members) = shown.as_object_mut()
    {
        members.shift_remove("num_members");
    }
    Ok(json!({"channel": shown}))
}

/// `conversations.members`.
pub(super) fn members(workspace: &Workspace, args: &Args) -> Answer {
    let named = args.text("channel").ok_or("channel_not_found")?;
    let channel = workspace.channel(&named).ok_or("channel_not_found")?;
    let (members, metadata) = page(&channel.members, args, 100)?;
    Ok(json!({"members": members, "response_metadata": metadata}))
}

/// `conversations.list`: channels that anybody can find.
pub(super) fn list(workspace: &Workspace, args: &Args) -> Answer {
    let all: Vec<Value> =
        workspace.channels.iter().filter(|one| !one.direct()).map(Channel::as_slack).collect();
    let (channels, metadata) = page(&all, args, 100)?;
    Ok(json!({"channels": channels, "response_metadata": metadata}))
}

/// `users.conversations`: where somebody is, the bot if nobody is named.
pub(super) fn of_user(workspace: &Workspace, args: &Args) -> Answer {
    let user = args.text("user").unwrap_or_else(|| BOT_USER.to_owned());
    let types = args.text("types").unwrap_or_else(|| "public_channel".to_owned());
    let wanted = |direct: bool| {
        types.split(',').any(|kind| kind.trim() == if direct { "im" } else { "public_channel" })
    };
    let found = workspace.channels.iter().filter(|one| one.has(&user) && wanted(one.direct()));
    let found: Vec<Value> = found.map(Channel::as_slack).collect();
    let (channels, metadata) = page(&found, args, 100)?;
    Ok(json!({"channels": channels, "response_metadata": metadata}))
}
