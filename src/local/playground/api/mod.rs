//! Slack's Web API: the methods that a bot of this kind calls, with Slack's own checks and words.

mod answer;
mod args;
mod chat;
mod content;
mod conversations;
mod files;
mod serve;
#[cfg(test)]
mod tests;
mod users;
mod views;

use serde_json::json;

pub(super) use answer::{Answer, Refusal};
pub(super) use args::Args;
pub(super) use content::Content;
pub(super) use files::upload;
pub(super) use serve::{dropped, serve};
pub(super) use views::checked as checked_view;

use super::world::Workspace;

/// Calls a method. Who calls has been checked.
fn call(workspace: &mut Workspace, method: &str, args: &Args, address: &str) -> Answer {
    match method {
        "api.test" => Ok(json!({"args": {}})),
        "auth.test" => Ok(users::auth(workspace, address)),
        "bots.info" => users::bot(workspace, args),
        "chat.delete" => chat::delete(workspace, args),
        "chat.getPermalink" => chat::permalink(workspace, args, address),
        "chat.postEphemeral" => chat::ephemeral(workspace, args),
        "chat.postMessage" => chat::post(workspace, args),
        "chat.update" => chat::update(workspace, args),
        "conversations.history" => conversations::history(workspace, args),
        "conversations.info" => conversations::info(workspace, args),
        "conversations.list" => conversations::list(workspace, args),
        "conversations.members" => conversations::members(workspace, args),
        "conversations.open" => conversations::open(workspace, args),
        "conversations.replies" => conversations::replies(workspace, args),
        "files.completeUploadExternal" => files::complete(workspace, args, address),
        "files.getUploadURLExternal" => files::announce(workspace, args, address),
        "reactions.add" => users::react(workspace, args, true),
        "reactions.get" => users::reactions(workspace, args),
        "reactions.remove" => users::react(workspace, args, false),
        "usergroups.list" => Ok(users::groups()),
        "usergroups.users.list" => users::group_members(args),
        "users.conversations" => conversations::of_user(workspace, args),
        "users.info" => users::info(workspace, args),
        "users.list" => users::list(workspace, args),
        "views.open" => views::open(workspace, args, false),
        "views.push" => views::open(workspace, args, true),
        "views.update" => views::update(workspace, args),
        _ => Err("unknown_method".into()),
    }
}
