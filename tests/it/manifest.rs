//! `manifest.yaml` asks for what the program serves, understands and calls. Whether it keeps to Slack's own rules is
//! judged by `tests/peers/manifest.py`.

use std::collections::BTreeSet;

use alpha::domain::command::Verb;
use alpha::http::SLACK_ROUTES;
use alpha::slack::api::Method;
use alpha::slack::ingress::interaction::ASK_ALPHA;
use alpha::slack::ingress::{Inbound, event};
use jiff::Timestamp;

const MANIFEST: &str = include_str!("../../manifest.yaml");

/// The events that are asked for, each with the scope that Slack asks for it, and one as Slack posts it.
const EVENTS: [(&str, &str, &str); 2] = [
    ("app_mention", "app_mentions:read", include_str!("../fixtures/slack/app_mention.json")),
    ("message.im", "im:history", include_str!("../fixtures/slack/message_im.json")),
];

/// What a command and a shortcut ask for.
const COMMANDS: &str = "commands";

/// A message can be in a channel, a private channel, a direct message, or one of several people; Slack asks for the
/// scope of the kind that it is in.
const HISTORY: &[&str] = &["channels:history", "groups:history", "im:history", "mpim:history"];

/// The scopes that a method of the Web API asks of a bot token, as Slack documents each. Only direct messages with one
/// person are opened.
fn scopes(method: Method) -> &'static [&'static str] {
    match method {
        Method::ChatPostMessage | Method::ChatPostEphemeral | Method::ChatUpdate | Method::ChatDelete => {
            &["chat:write"]
        }
        Method::ConversationsReplies | Method::ConversationsHistory => HISTORY,
        Method::ConversationsOpen => &["im:write"],
        Method::UsersInfo => &["users:read"],
        Method::ReactionsAdd | Method::ReactionsRemove => &["reactions:write"],
        Method::FilesGetUploadUrl | Method::FilesComplete => &["files:write"],
        // The last two are addresses that a call or a request brought.
        Method::AuthTest
        | Method::ChatGetPermalink
        | Method::ViewsOpen
        | Method::FilesUpload
        | Method::ResponseUrl => &[],
    }
}

/// The values of the manifest, each under the keys that lead to it. It reads as much of YAML as the manifest has.
fn values() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut keys: Vec<(usize, &str)> = Vec::new();
    let mut folded: Option<usize> = None;
    for line in MANIFEST.lines() {
        let text = line.trim_start();
        let mut indent = line.len() - text.len();
        if text.is_empty() || text.starts_with('#') || folded.is_some_and(|folded| indent > folded) {
            continue;
        }
        folded = None;
        let item = text.strip_prefix("- ");
        indent += if item.is_some() { 2 } else { 0 };
        let text = item.unwrap_or(text);
        keys.retain(|(above, _)| *above < indent);
        let (key, value) = match text.split_once(": ").or_else(|| Some((text.strip_suffix(':')?, ""))) {
            Some((key, value)) => (Some(key), value),
            None => (None, text),
        };
        if value == ">-" {
            folded = Some(indent);
        }
        keys.extend(key.map(|key| (indent, key)));
        if !value.is_empty() {
            let path: Vec<&str> = keys.iter().map(|(_, key)| *key).collect();
            found.push((path.join("/"), value.trim_matches('"').to_owned()));
        }
    }
    found
}

fn all(path: &str) -> Vec<String> {
    values().into_iter().filter(|(found, _)| found == path).map(|(_, value)| value).collect()
}

fn one(path: &str) -> String {
    let [value] = all(path).try_into().unwrap_or_else(|found| panic!("{path} once: {found:?}"));
    value
}

#[test]
fn slack_posts_to_the_routes_that_are_served_on_one_host_over_tls() {
    let urls = [
        "features/slash_commands/url",
        "settings/interactivity/request_url",
        "settings/event_subscriptions/request_url",
    ]
    .map(one);
    assert_eq!(urls, SLACK_ROUTES.map(|route| format!("https://YOUR-HOST{route}")));
    let addresses = values().into_iter().filter(|(_, value)| value.contains("YOUR-HOST")).count();
    assert_eq!(addresses, SLACK_ROUTES.len(), "no other address is asked for");
}

#[test]
fn the_usage_hint_names_every_verb_and_no_other() {
    assert_eq!(one("features/slash_commands/command"), "/alpha");
    assert_eq!(one("features/slash_commands/should_escape"), "true");
    let hint = one("features/slash_commands/usage_hint");
    let verbs: Vec<&str> = hint.split('|').map(|usage| usage.split_whitespace().next().unwrap()).collect();
    let known = Verb::ALL.map(Verb::as_str);
    assert_eq!(BTreeSet::from_iter(verbs.clone()), BTreeSet::from(known), "{hint}");
    assert_eq!(verbs.len(), known.len(), "each once: {hint}");
}

#[test]
fn shortcuts_and_events_are_those_that_are_understood() {
    assert_eq!(one("features/shortcuts/callback_id"), ASK_ALPHA);
    assert_eq!(one("features/shortcuts/type"), "message");
    assert_eq!(all("settings/event_subscriptions/bot_events"), EVENTS.map(|(name, ..)| name));
    for (name, _, posted) in EVENTS {
        let heard = event::parse(posted.as_bytes(), Timestamp::UNIX_EPOCH);
        assert!(matches!(heard, Inbound::Receipt(_)), "{name}: {heard:?}");
    }
    // Direct messages reach nobody where their tab is off or read-only.
    assert_eq!(one("features/app_home/messages_tab_enabled"), "true");
    assert_eq!(one("features/app_home/messages_tab_read_only_enabled"), "false");
}

#[test]
fn the_scopes_are_those_that_commands_events_and_called_methods_ask_for() {
    let mut needed: BTreeSet<&str> = Method::ALL.iter().flat_map(|method| scopes(*method)).copied().collect();
    needed.insert(COMMANDS);
    needed.extend(EVENTS.map(|(_, scope, _)| scope));
    let asked = all("oauth_config/scopes/bot");
    assert_eq!(asked.iter().map(String::as_str).collect::<BTreeSet<_>>(), needed);
    assert_eq!(asked.len(), needed.len(), "each once");
    assert_eq!(all("oauth_config/scopes/user"), Vec::<String>::new(), "nothing is done as a user");
}
