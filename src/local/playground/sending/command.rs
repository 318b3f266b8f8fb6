//! Slash commands, and what becomes of their answers.

use serde_json::{Value, json};

use super::courier::{Delivered, Parcel};
use crate::local::playground::answers;
use crate::local::playground::shared::Shared;
use crate::local::playground::world::stamp::now;
use crate::local::playground::world::{APP, Draft, TEAM};

/// What somebody typed.
#[derive(Debug)]
pub(in super::super) struct Command<'a> {
    /// Who.
    pub user: &'a str,
    /// Where.
    pub channel: &'a str,
    /// With its slash.
    pub name: &'a str,
    /// What follows, escaped as Slack escapes it.
    pub text: &'a str,
}

/// Sends a command and shows the answer to whom it is for.
pub(in super::super) async fn send(shared: &Shared, command: Command<'_>) -> Delivered {
    let body = form(shared, &command);
    let what = format!("{} {}", command.name, command.text.split(' ').next().unwrap_or_default());
    let delivered = shared
        .carry(Parcel {
            what: what.trim_end(),
            who: command.user,
            path: "/slack/commands",
            kind: "application/x-www-form-urlencoded",
            body,
            retry: None,
        })
        .await;
    let failed = |word: &str| format!("{} failed with the error \"{word}\"", command.name);
    let problem = match delivered.success() {
        None => Some(failed(delivered.failure())),
        Some(body) if body.trim().is_empty() => None,
        Some(body) => {
            let answer = serde_json::from_str::<Value>(body).ok().filter(Value::is_object);
            let answer = answer.unwrap_or_else(|| json!({"text": body}));
            let shown = shared
                .with(|workspace| answers::show(workspace, command.channel, command.user, None, &answer));
            shown.err().map(|refusal| failed(&refusal.code))
        }
    };
    if let Some(text) = problem {
        let only_for = Some(command.user.to_owned());
        shared.with(|workspace| {
            workspace.post(command.channel, answers::SLACKBOT, Draft { text, only_for, ..Draft::default() })
        });
    }
    delivered
}

fn form(shared: &Shared, command: &Command<'_>) -> String {
    let (hook, trigger, user_name, channel_name) = shared.with(|workspace| {
        let hook = workspace.tickets.hook(command.user, command.channel, None, now());
        let trigger = workspace.tickets.trigger(command.user, now());
        let user_name = workspace.person(command.user).map(|person| person.name.clone());
        let channel = workspace.channel(command.channel);
        let channel_name =
            channel.map(|one| if one.direct() { "directmessage".to_owned() } else { one.name.clone() });
        (hook, trigger, user_name.unwrap_or_default(), channel_name.unwrap_or_default())
    });
    form_urlencoded::Serializer::new(String::new())
        .append_pair("token", "playground")
        .append_pair("team_id", TEAM)
        .append_pair("team_domain", "demo")
        .append_pair("channel_id", command.channel)
        .append_pair("channel_name", &channel_name)
        .append_pair("user_id", command.user)
        .append_pair("user_name", &user_name)
        .append_pair("command", command.name)
        .append_pair("text", command.text)
        .append_pair("api_app_id", APP)
        .append_pair("is_enterprise_install", "false")
        .append_pair("response_url", &format!("{}/hooks/commands/{TEAM}/{hook}", shared.settings.address))
        .append_pair("trigger_id", &trigger)
        .finish()
}
