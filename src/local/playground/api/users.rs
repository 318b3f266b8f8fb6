//! `users.*`, `usergroups.*`, `auth.test` and `reactions.*`.

use serde_json::{Value, json};

use super::answer::{Answer, Refusal};
use super::args::Args;
use super::chat::{destination, page};
use crate::local::playground::world::{APP, APPROVERS, BOT, BOT_USER, Person, TEAM, Workspace};

/// `auth.test`.
pub(super) fn auth(workspace: &Workspace, address: &str) -> Value {
    let name = workspace.person(BOT_USER).map(|bot| bot.name.clone());
    json!({"url": format!("{address}/"), "team": "Demo", "user": name, "team_id": TEAM, "user_id": BOT_USER,
        "bot_id": BOT, "is_enterprise_install": false})
}

/// `bots.info`.
pub(super) fn bot(workspace: &Workspace, args: &Args) -> Answer {
    if args.text("bot").is_some_and(|bot| bot != BOT) {
        return Err("bot_not_found".into());
    }
    let name = workspace.person(BOT_USER).map(|bot| bot.real_name.clone());
    Ok(json!({"bot": {"id": BOT, "deleted": false, "name": name, "user_id": BOT_USER, "app_id": APP}}))
}

/// `users.info`.
pub(super) fn info(workspace: &Workspace, args: &Args) -> Answer {
    let user = args.text("user").ok_or("user_not_found")?;
    let person = workspace.person(&user).ok_or("user_not_found")?;
    Ok(json!({"user": person.as_slack()}))
}

/// `users.list`.
pub(super) fn list(workspace: &Workspace, args: &Args) -> Answer {
    let all: Vec<Value> = workspace.people.iter().map(Person::as_slack).collect();
    let (members, metadata) = page(&all, args, 100)?;
    Ok(json!({"members": members, "response_metadata": metadata}))
}

/// `usergroups.users.list`.
pub(super) fn group_members(args: &Args) -> Answer {
    let group = args.text("usergroup").ok_or_else(|| Refusal::missing("usergroup"))?;
    if group == APPROVERS { Ok(json!({"users": ["U0ANA", "U0BEN"]})) } else { Err("no_such_subteam".into()) }
}

/// `usergroups.list`.
pub(super) fn groups() -> Value {
    json!({"usergroups": [{"id": APPROVERS, "team_id": TEAM, "is_usergroup": true, "name": "IAM approvers",
        "handle": "iam-approvers", "is_external": false, "date_delete": 0, "user_count": 2}]})
}

/// `reactions.add` and `reactions.remove`.
pub(super) fn react(workspace: &mut Workspace, args: &Args, add: bool) -> Answer {
    let name = args.text("name").ok_or("invalid_name")?;
    let name = name.trim_matches(':').to_owned();
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-+:".contains(c);
    if name.is_empty() || name.len() > 100 || !name.chars().all(fits) {
        return Err("invalid_name".into());
    }
    let ts = args.text("timestamp").ok_or("no_item_specified")?;
    let channel = destination(workspace, args)?;
    if add {
        workspace.react(&channel, &ts, BOT_USER, &name)?;
    } else {
        workspace.unreact(&channel, &ts, BOT_USER, &name)?;
    }
    Ok(json!({}))
}

/// `reactions.get`.
pub(super) fn reactions(workspace: &Workspace, args: &Args) -> Answer {
    let ts = args.text("timestamp").ok_or("no_item_specified")?;
    let channel = destination(workspace, args)?;
    let message = workspace.message(&channel, &ts).ok_or("message_not_found")?;
    Ok(json!({"type": "message", "channel": channel, "message": workspace.show(message, false)}))
}
