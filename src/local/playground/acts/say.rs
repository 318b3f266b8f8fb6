//! Typing: a message, a mention, a slash command.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::{fine, read, refuse, told};
use crate::local::playground::answers::SLACKBOT;
use crate::local::playground::sending::{self, Command};
use crate::local::playground::shared::Shared;
use crate::local::playground::world::{BOT_USER, Draft, Person, Workspace};

/// How long a message of a person may be.
const MOST: usize = 12_000;

#[derive(Debug, Deserialize)]
struct Said {
    user: String,
    channel: String,
    thread_ts: Option<String>,
    text: String,
}

/// `POST /playground/say {user, channel, thread_ts?, text}`.
pub(in super::super) async fn say(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let said: Said = match read(request).await {
        Ok(said) => said,
        Err(response) => return response,
    };
    let text = said.text.trim();
    if text.is_empty() {
        return refuse(400, "There is nothing to send.");
    }
    if text.chars().count() > MOST {
        return refuse(400, "A message can have 12,000 characters at most.");
    }
    let known = shared.with(|workspace| {
        let person = workspace.person(&said.user).is_some_and(|person| !person.bot && !person.deleted);
        person && workspace.reach(&said.channel, &said.user).is_ok_and(|channel| channel.id == said.channel)
    });
    if !known {
        return refuse(403, "This person can't write there.");
    }
    if text.starts_with('/') {
        return command(&shared, &said, text).await;
    }
    let message = shared.with(|workspace| {
        let thread_ts = match &said.thread_ts {
            Some(ts) => Some(workspace.thread_root(&said.channel, ts).ok()?.ts.clone()),
            None => None,
        };
        let text = escaped(workspace, text, false);
        let message =
            workspace.post(&said.channel, &said.user, Draft { text, thread_ts, ..Draft::default() });
        let absent = !workspace.channel(&said.channel)?.has(BOT_USER);
        if absent && message.said.text.contains(&format!("<@{BOT_USER}>")) {
            let text =
                "That app isn't in this channel. Bring it in with `/invite`, or ask in another channel.";
            whisper(workspace, &said, text);
        }
        Some(message)
    });
    let Some(message) = message else { return refuse(404, "This thread is no longer there.") };
    sending::announce(&shared, &message);
    fine(json!({"ts": message.ts}))
}

async fn command(shared: &Arc<Shared>, said: &Said, text: &str) -> Response {
    let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let stranger = shared.with(|workspace| workspace.person(&said.user).is_none_or(Person::stranger));
    let problem = if said.thread_ts.is_some() {
        Some(format!("{name} is not supported in threads. Sorry!"))
    } else if name == "/invite" && !stranger {
        shared.with(|workspace| workspace.invite_bot(&said.channel));
        Some("The app is in this channel now.".to_owned())
    } else if name != shared.settings.command || stranger {
        // People of another workspace don't have this workspace's commands.
        Some(format!("{name} is not a valid command."))
    } else {
        None
    };
    if let Some(text) = problem {
        shared.with(|workspace| whisper(workspace, said, &text));
        return fine(json!({"sent": false}));
    }
    let rest = shared.with(|workspace| escaped(workspace, rest.trim(), true));
    let command = Command { user: &said.user, channel: &said.channel, name, text: &rest };
    told(&sending::send_command(shared, command).await)
}

/// The workspace itself says something to one person.
fn whisper(workspace: &mut Workspace, said: &Said, text: &str) {
    let draft = Draft {
        text: text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"),
        thread_ts: said.thread_ts.clone(),
        only_for: Some(said.user.clone()),
        ..Draft::default()
    };
    workspace.post(&said.channel, SLACKBOT, draft);
}

/// What somebody typed, as Slack tells it to apps: three characters escaped, people, channels and links marked. In
/// commands the marks carry names.
fn escaped(workspace: &Workspace, typed: &str, with_names: bool) -> String {
    let mut out = String::with_capacity(typed.len());
    let mut rest = typed;
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        let (mark, length) =
            if before.is_alphanumeric() { (None, 0) } else { marked(workspace, rest, with_names) };
        if let Some(mark) = mark {
            out.push_str(&mark);
            rest = rest.get(length..).unwrap_or_default();
            before = '>';
            continue;
        }
        escape(&mut out, c);
        before = c;
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    out
}

fn escape(out: &mut String, c: char) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        c => out.push(c),
    }
}

/// The mark with which a text begins, and how many bytes of it that takes.
fn marked(workspace: &Workspace, text: &str, with_names: bool) -> (Option<String>, usize) {
    if text.starts_with("https://") || text.starts_with("http://") {
        let link = text.split(|c: char| c.is_whitespace() || "<>|".contains(c)).next().unwrap_or_default();
        let mut safe = String::new();
        link.chars().for_each(|c| escape(&mut safe, c));
        return (Some(format!("<{safe}>")), link.len());
    }
    let name = |sign: char| {
        let name = text.strip_prefix(sign)?;
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && !"_-".contains(c)).unwrap_or(name.len());
        name.get(..end).filter(|name| !name.is_empty())
    };
    let mark = |sign: char, id: &str, label: &str| {
        if with_names { format!("<{sign}{id}|{label}>") } else { format!("<{sign}{id}>") }
    };
    if let Some(name) = name('@') {
        let person = workspace.people.iter().find(|person| person.name.eq_ignore_ascii_case(name));
        return (person.map(|person| mark('@', &person.id, &person.name)), name.len() + 1);
    }
    if let Some(name) = name('#') {
        let channel = workspace.channels.iter().find(|channel| channel.name == name);
        return (channel.map(|channel| mark('#', &channel.id, &channel.name)), name.len() + 1);
    }
    (None, 0)
}

#[cfg(test)]
mod tests {
    use super::escaped;
    use crate::local::playground::settings::Settings;
    use crate::local::playground::world::Workspace;

    #[test]
    fn what_is_typed_is_escaped_and_marked_as_slack_does() {
        let workspace = Workspace::open(&Settings::new("s", "t", "http://127.0.0.1:1")).unwrap();
        for (typed, message, command) in [
            ("a < b & c > d", "a &lt; b &amp; c &gt; d", "a &lt; b &amp; c &gt; d"),
            ("<!channel>", "&lt;!channel&gt;", "&lt;!channel&gt;"),
            ("@ALPHA status", "<@U0ALPHA> status", "<@U0ALPHA|alpha> status"),
            (
                "ask @ana, in #security",
                "ask <@U0ANA>, in <#C0SECURITY>",
                "ask <@U0ANA|ana>, in <#C0SECURITY|security>",
            ),
            ("me@ana.example @nobody #none", "me@ana.example @nobody #none", "me@ana.example @nobody #none"),
            (
                "see https://a.example/?b=1&c=2 ok",
                "see <https://a.example/?b=1&amp;c=2> ok",
                "see <https://a.example/?b=1&amp;c=2> ok",
            ),
            ("rôle \u{202e}é", "rôle \u{202e}é", "rôle \u{202e}é"),
        ] {
            assert_eq!(escaped(&workspace, typed, false), message);
            assert_eq!(escaped(&workspace, typed, true), command);
        }
    }
}
