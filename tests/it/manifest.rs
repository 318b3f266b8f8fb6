//! `manifest.yaml`: what Slack's schema says of it, and that it asks for what the program serves, understands and calls.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::Value;

use crate::support;

/// Where Slack posts what: commands, interactions, events.
const ROUTES: [&str; 3] = ["/slack/commands", "/slack/interactions", "/slack/events"];

/// The verbs of the command language.
const VERBS: [&str; 12] = [
    "analyze", "status", "pending", "diff", "approve", "deny", "cancel", "continue", "rollback", "history",
    "whoami", "help",
];

/// The shortcuts that are understood.
const SHORTCUTS: [&str; 1] = ["ask_alpha"];

/// The events that are understood, each with the scopes that Slack asks for.
const EVENTS: [(&str, &[&str]); 2] =
    [("app_mention", &["app_mentions:read"]), ("message.im", &["im:history"])];

/// What a command and a shortcut ask for.
const COMMANDS: &str = "commands";

/// A message can be in a channel, a private channel, a direct message, or one of several people; Slack asks for the
/// scope of the kind that it is in.
const HISTORY: &[&str] = &["channels:history", "groups:history", "im:history", "mpim:history"];

/// The scopes that methods of the Web API ask of a bot token, as Slack documents each. Only direct messages with one
/// person are opened.
const METHODS: [(&str, &[&str]); 15] = [
    ("auth.test", &[]),
    ("chat.delete", &["chat:write"]),
    ("chat.getPermalink", &[]),
    ("chat.postEphemeral", &["chat:write"]),
    ("chat.postMessage", &["chat:write"]),
    ("chat.update", &["chat:write"]),
    ("conversations.history", HISTORY),
    ("conversations.open", &["im:write"]),
    ("conversations.replies", HISTORY),
    ("files.completeUploadExternal", &["files:write"]),
    ("files.getUploadURLExternal", &["files:write"]),
    ("reactions.add", &["reactions:write"]),
    ("reactions.remove", &["reactions:write"]),
    ("users.info", &["users:read"]),
    ("views.open", &[]),
];

/// The families of methods that Slack has; a text such as `chat.postMessage` names a method of one.
const FAMILIES: [&str; 22] = [
    "admin",
    "api",
    "apps",
    "assistant",
    "auth",
    "bookmarks",
    "bots",
    "chat",
    "conversations",
    "dnd",
    "emoji",
    "files",
    "oauth",
    "pins",
    "reactions",
    "reminders",
    "search",
    "team",
    "usergroups",
    "users",
    "views",
    "workflows",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn manifest() -> Value {
    let text = fs::read_to_string(root().join("manifest.yaml")).unwrap();
    let documents = Yaml::load_from_str(&text).unwrap();
    let [document] = documents.as_slice() else { panic!("one document") };
    json(document)
}

fn json(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => (*value).into(),
        Yaml::Value(Scalar::Integer(value)) => (*value).into(),
        Yaml::Value(Scalar::String(value)) => value.as_ref().into(),
        Yaml::Sequence(items) => items.iter().map(json).collect(),
        Yaml::Mapping(pairs) => {
            pairs.iter().map(|(key, value)| (key.as_str().unwrap().to_owned(), json(value))).collect()
        }
        other => panic!("nothing of this kind belongs into a manifest: {other:?}"),
    }
}

fn texts<'v>(manifest: &'v Value, pointer: &str) -> Vec<&'v str> {
    manifest.pointer(pointer).unwrap().as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

/// The methods that the sources name in texts, tests apart.
fn used_methods(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if ["tests", "loopback"].contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            found.extend(used_methods(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            found.extend(code.split('"').filter(|text| is_method(text)).map(str::to_owned));
        }
    }
    found
}

fn is_method(text: &str) -> bool {
    text.split_once('.').is_some_and(|(family, rest)| {
        FAMILIES.contains(&family)
            && !rest.is_empty()
            && rest.split('.').all(|part| part.starts_with(|c: char| c.is_ascii_lowercase()))
            && rest.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'.')
    })
}

/// The scopes that these methods ask for, or those of them that nobody has written down.
fn scopes_of(methods: &BTreeSet<String>) -> Result<BTreeSet<&'static str>, Vec<&str>> {
    let mut scopes = BTreeSet::new();
    let mut unknown = Vec::new();
    for method in methods {
        match METHODS.iter().find(|(name, _)| name == method) {
            Some((_, asked)) => scopes.extend(*asked),
            None => unknown.push(method.as_str()),
        }
    }
    if unknown.is_empty() { Ok(scopes) } else { Err(unknown) }
}

#[test]
fn the_manifest_keeps_to_the_schema_that_slack_publishes() {
    let Some(schema) = support::shared("slack-manifest.schema.2.0.0.json") else { return };
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let told = |manifest: &Value| -> Vec<String> {
        validator.iter_errors(manifest).map(|error| format!("{}: {error}", error.instance_path())).collect()
    };
    let mut manifest = manifest();
    assert_eq!(told(&manifest), Vec::<String>::new());

    // The judge does judge.
    manifest["features"]["shortcuts"][0]["name"] = "a name that is longer than Slack allows".into();
    manifest["settings"]["interactvity"] = true.into();
    assert_eq!(told(&manifest).len(), 2, "{:?}", told(&manifest));
}

#[test]
fn slack_posts_to_the_routes_that_are_served_on_one_host_over_tls() {
    let manifest = manifest();
    let urls = [
        "/features/slash_commands/0/url",
        "/settings/interactivity/request_url",
        "/settings/event_subscriptions/request_url",
    ]
    .map(|pointer| manifest.pointer(pointer).unwrap().as_str().unwrap());
    assert_eq!(urls.to_vec(), ROUTES.map(|route| format!("https://YOUR-HOST{route}")));
    let all = manifest.to_string();
    assert_eq!(all.matches("YOUR-HOST").count(), ROUTES.len(), "no other address is asked for");
}

#[test]
fn the_usage_hint_names_every_verb_and_no_other() {
    let manifest = manifest();
    let commands = manifest["features"]["slash_commands"].as_array().unwrap();
    assert_eq!(commands.len(), 1);
    assert_eq!(commands[0]["command"], "/alpha");
    assert_eq!(commands[0]["should_escape"], true);
    let hint = commands[0]["usage_hint"].as_str().unwrap();
    let verbs: Vec<&str> = hint.split('|').map(|usage| usage.split_whitespace().next().unwrap()).collect();
    assert_eq!(BTreeSet::from_iter(verbs.clone()), BTreeSet::from(VERBS), "{hint}");
    assert_eq!(verbs.len(), VERBS.len(), "each once: {hint}");
}

#[test]
fn shortcuts_and_events_are_those_that_are_understood() {
    let manifest = manifest();
    let shortcuts = manifest["features"]["shortcuts"].as_array().unwrap();
    let found: Vec<&str> = shortcuts.iter().map(|one| one["callback_id"].as_str().unwrap()).collect();
    assert_eq!(found, SHORTCUTS);
    assert!(shortcuts.iter().all(|one| one["type"] == "message"));
    let events = texts(&manifest, "/settings/event_subscriptions/bot_events");
    assert_eq!(events, EVENTS.map(|(event, _)| event));
    // Direct messages reach nobody where their tab is off or read-only.
    let home = &manifest["features"]["app_home"];
    assert_eq!(
        (&home["messages_tab_enabled"], &home["messages_tab_read_only_enabled"]),
        (&true.into(), &false.into())
    );
}

#[test]
fn the_scopes_are_those_that_commands_events_and_called_methods_ask_for() {
    let sources = root().join("src/slack");
    if !sources.exists() {
        eprintln!("skipped: {} is absent", sources.display());
        return;
    }
    let methods = used_methods(&sources);
    assert!(methods.contains("chat.postMessage"), "{methods:?}");
    let mut needed =
        scopes_of(&methods).unwrap_or_else(|unknown| panic!("no scopes are written down for {unknown:?}"));
    needed.insert(COMMANDS);
    needed.extend(EVENTS.iter().flat_map(|(_, scopes)| *scopes));
    let manifest = manifest();
    let asked = texts(&manifest, "/oauth_config/scopes/bot");
    assert_eq!(BTreeSet::from_iter(asked.clone()), needed, "of {methods:?}");
    assert_eq!(asked.len(), needed.len(), "each once");
    assert_eq!(manifest.pointer("/oauth_config/scopes/user"), None, "nothing is done as a user");
}

#[test]
fn the_reader_of_methods_sees_what_is_called() {
    for (text, method) in [
        ("chat.postMessage", true),
        ("files.getUploadURLExternal", true),
        ("admin.users.list", true),
        ("hooks.slack.com", false),
        ("chat.", false),
        ("a.diff", false),
        ("users.info ", false),
        ("chat.write:x", false),
    ] {
        assert_eq!(is_method(text), method, "{text}");
    }
    let unknown = BTreeSet::from(["chat.meMessage".to_owned(), "chat.update".to_owned()]);
    assert_eq!(scopes_of(&unknown), Err(vec!["chat.meMessage"]));
}
