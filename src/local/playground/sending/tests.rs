//! What is sent, as a receiver on loopback sees it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::courier::sign;
use crate::local::playground::answers;
use crate::local::playground::sending::{self, Command, Delivered, Source};
use crate::local::playground::settings::Settings;
use crate::local::playground::shared::{Shared, respond};
use crate::local::playground::world::{BOT_USER, Draft};

/// A request that arrived.
struct Seen {
    path: String,
    headers: HeaderMap,
    body: String,
}

impl Seen {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    fn field(&self, name: &str) -> String {
        let found = form_urlencoded::parse(self.body.as_bytes()).find(|(one, _)| one == name);
        found.map(|(_, value)| value.into_owned()).unwrap_or_default()
    }

    fn payload(&self) -> Value {
        serde_json::from_str(&self.field("payload")).unwrap()
    }
}

#[derive(Clone)]
struct App {
    seen: Arc<Mutex<Vec<Seen>>>,
    answer: Arc<Mutex<(u16, String)>>,
}

/// An app that notes what comes, and a workspace that knows where it is.
async fn start() -> (Arc<Shared>, App) {
    let app = App { seen: Arc::default(), answer: Arc::new(Mutex::new((200, String::new()))) };
    let (listener, receiver) = (TcpListener::bind("127.0.0.1:0").await.unwrap(), app.clone());
    let alpha = format!("http://{}", listener.local_addr().unwrap());
    let take = move |request: Request| {
        let receiver = receiver.clone();
        async move {
            let (head, body) = request.into_parts();
            let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
            let body = String::from_utf8(body.to_vec()).unwrap();
            receiver.seen.lock().unwrap().push(Seen {
                path: head.uri.path().to_owned(),
                headers: head.headers,
                body,
            });
            let (status, body) = receiver.answer.lock().unwrap().clone();
            if status == 0 {
                std::future::pending::<()>().await;
            }
            respond(status, "application/json", body) as Response
        }
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(take)).await });
    let settings = Settings {
        alpha,
        event_retries: vec![Duration::ZERO; 3],
        ..Settings::new("signing-secret", "xoxb-1", "http://127.0.0.1:9")
    };
    (Arc::new(Shared::open(settings).unwrap()), app)
}

fn said(shared: &Shared, channel: &str, user: &str, text: &str) -> crate::local::playground::world::Message {
    shared
        .with(|workspace| workspace.post(channel, user, Draft { text: text.to_owned(), ..Draft::default() }))
}

fn command(text: &str) -> Command<'_> {
    Command { user: "U0RILEY", channel: "C0REQUESTS", name: "/alpha", text }
}

/// What the workspace showed to one person alone.
fn whispers(shared: &Shared, user: &str) -> Vec<String> {
    let all = shared.with(|workspace| workspace.changes(user, "", 0));
    let all = all["messages"].as_array().unwrap().clone();
    all.iter()
        .filter(|one| one["ephemeral"] == true)
        .map(|one| one["text"].as_str().unwrap().to_owned())
        .collect()
}

/// Waits until so many requests have come.
async fn arrived(app: &App, count: usize) {
    let all = async {
        while app.seen.lock().unwrap().len() < count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), all).await.unwrap();
}

#[test]
fn the_signature_is_the_one_of_slacks_documentation() {
    let body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&\
        channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=\
        https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=\
        398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    assert_eq!(
        sign("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body).unwrap(),
        "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    );
}

#[tokio::test]
async fn a_command_is_signed_and_its_answer_shown_to_whom_it_is_for() {
    let (shared, app) = start().await;
    *app.answer.lock().unwrap() = (200, r#"{"response_type": "ephemeral", "text": "on it"}"#.to_owned());
    let delivered = sending::send_command(&shared, command("analyze ci-deployer")).await;
    assert_eq!(delivered.status(), "200");
    let seen = app.seen.lock().unwrap();
    let sent = &seen[0];
    assert_eq!(sent.path, "/slack/commands");
    let signature = sign("signing-secret", sent.header("x-slack-request-timestamp"), &sent.body).unwrap();
    assert_eq!(sent.header("x-slack-signature"), signature);
    for (name, value) in [
        ("team_id", "T0DEMO"),
        ("channel_id", "C0REQUESTS"),
        ("user_id", "U0RILEY"),
        ("command", "/alpha"),
        ("text", "analyze ci-deployer"),
        ("api_app_id", "A0ALPHA"),
        ("is_enterprise_install", "false"),
    ] {
        assert_eq!(sent.field(name), value, "{name}");
    }
    assert!(sent.field("response_url").starts_with("http://127.0.0.1:9/hooks/commands/T0DEMO/"));
    assert_eq!(whispers(&shared, "U0RILEY"), ["on it"]);
    assert!(whispers(&shared, "U0ANA").is_empty());
}

#[tokio::test]
async fn whatever_goes_wrong_with_a_command_is_told_to_who_typed_it() {
    let (shared, app) = start().await;
    for (status, body, shown) in [
        (200, "plain", "plain"),
        (500, "", "/alpha failed with the error \"dispatch_failed\""),
        (200, r#"{"blocks": [{"type": "x"}]}"#, "/alpha failed with the error \"invalid_blocks\""),
        (0, "", "/alpha failed with the error \"operation_timeout\""),
    ] {
        *app.answer.lock().unwrap() = (status, body.to_owned());
        sending::send_command(&shared, command("help")).await;
        assert_eq!(whispers(&shared, "U0RILEY").last().unwrap(), shown);
    }
}

#[tokio::test]
async fn a_click_carries_the_message_and_the_pressed_button() {
    let (shared, app) = start().await;
    let button = |id: &str| json!({"type": "button", "action_id": id, "value": "7|1|abc", "text": {"type": "plain_text", "text": id}});
    let blocks = vec![
        json!({"type": "actions", "block_id": "decide", "elements": [button("approve"), button("deny")]}),
    ];
    let draft = Draft { text: "card".to_owned(), blocks, ..Draft::default() };
    let ts = shared.with(|workspace| workspace.post("C0REQUESTS", BOT_USER, draft).ts);
    let press = |action: &'static str| {
        let (shared, ts) = (Arc::clone(&shared), ts.clone());
        async move {
            let source = Source::Message("C0REQUESTS", &ts);
            sending::click(&shared, "U0SAM", source, ("decide", action), &Value::Null, &Value::Null).await
        }
    };
    assert_eq!(press("approve").await.unwrap().status(), "200");
    assert_eq!(press("nothing").await, None);
    let payload = app.seen.lock().unwrap()[0].payload();
    assert_eq!(app.seen.lock().unwrap()[0].path, "/slack/interactions");
    let action = &payload["actions"][0];
    assert_eq!(
        (&action["action_id"], &action["value"], &action["block_id"]),
        (&json!("approve"), &json!("7|1|abc"), &json!("decide"))
    );
    assert_eq!(
        payload["user"],
        json!({"id": "U0SAM", "username": "sam", "name": "sam", "team_id": "T0OTHER"})
    );
    assert_eq!((&payload["team"]["id"], &payload["container"]["message_ts"]), (&json!("T0DEMO"), &json!(ts)));
    assert_eq!(payload["message"]["bot_id"], "B0ALPHA");
    // The buttons are gone, and somebody who hasn't seen that presses one.
    let gone = crate::local::playground::world::Change { blocks: Some(Vec::new()), ..Default::default() };
    shared.with(|workspace| workspace.update("C0REQUESTS", &ts, gone).unwrap());
    assert!(press("deny").await.is_some());
}

#[tokio::test]
async fn a_modal_is_submitted_with_what_was_entered() {
    let (shared, app) = start().await;
    let plain = |text: &str| json!({"type": "plain_text", "text": text});
    let option = |value: &str| json!({"text": plain(value), "value": value});
    let body = json!({"type": "modal", "callback_id": "deny", "private_metadata": "7", "title": plain("Deny"),
        "submit": plain("Deny"), "notify_on_close": true, "blocks": [
            {"type": "input", "block_id": "why", "label": plain("Why"), "element": {"type": "plain_text_input", "action_id": "text"}},
            {"type": "input", "block_id": "when", "optional": true, "label": plain("When"),
                "element": {"type": "static_select", "action_id": "pick", "options": [option("a"), option("b")]}}]});
    let view = shared.with(|workspace| workspace.views.open("U0SAM", body, 0));
    assert_eq!(sending::missing(view.blocks(), &Value::Null)["why"], "Please complete this required field.");
    let given = json!({"why": {"text": "too early"}, "when": {"pick": "b"}});
    assert!(sending::missing(view.blocks(), &given).is_empty());
    sending::submit(&shared, &view, &given).await;
    let payload = app.seen.lock().unwrap()[0].payload();
    assert_eq!(payload["view"]["state"]["values"]["why"]["text"]["value"], "too early");
    assert_eq!(payload["view"]["state"]["values"]["when"]["pick"]["selected_option"]["value"], "b");
    assert_eq!(
        (&payload["view"]["private_metadata"], &payload["view"]["app_installed_team_id"]),
        (&json!("7"), &json!("T0DEMO"))
    );
    assert_eq!((&payload["team"]["id"], &payload["type"]), (&json!("T0OTHER"), &json!("view_submission")));
    assert!(sending::close(&shared, &view, false).await.is_some());
    assert_eq!(app.seen.lock().unwrap()[1].payload()["type"], "view_closed");
}

#[tokio::test]
async fn an_event_is_repeated_three_times_with_number_and_reason() {
    let (shared, app) = start().await;
    *app.answer.lock().unwrap() = (503, String::new());
    let message = said(&shared, "C0REQUESTS", "U0ANA", "<@U0ALPHA> status");
    sending::announce(&shared, &message);
    arrived(&app, 4).await;
    let seen = app.seen.lock().unwrap();
    let numbers: Vec<_> = seen.iter().map(|one| one.header("x-slack-retry-num")).collect();
    assert_eq!(numbers, ["", "1", "2", "3"]);
    assert_eq!(seen[1].header("x-slack-retry-reason"), "http_error");
    let event: Value = serde_json::from_str(&seen[3].body).unwrap();
    assert_eq!((&event["event"]["type"], &event["event"]["ts"]), (&json!("app_mention"), &json!(message.ts)));
    assert!(seen.iter().all(|one| one.body == seen[0].body), "the same event, byte by byte");
}

#[tokio::test]
async fn the_app_hears_of_its_own_messages_in_direct_conversations_alone() {
    let (shared, app) = start().await;
    for channel in ["C0REQUESTS", "D0ANA"] {
        let message = json!({"type": "message", "bot_id": "B0ALPHA", "text": "hi"});
        let answer = json!({"channel": channel, "ts": "1712345678.000100", "message": message});
        sending::echo(&shared, "chat.postMessage", &answer);
    }
    arrived(&app, 1).await;
    let seen = app.seen.lock().unwrap();
    let event: Value = serde_json::from_str(&seen[0].body).unwrap();
    assert_eq!((&event["event"]["channel"], &event["event"]["bot_id"]), (&json!("D0ANA"), &json!("B0ALPHA")));
}

#[tokio::test]
async fn nobody_at_the_other_end_is_a_failed_dispatch() {
    let settings =
        Settings { alpha: "http://127.0.0.1:1".to_owned(), ..Settings::new("s", "t", "http://127.0.0.1:9") };
    let shared = Shared::open(settings).unwrap();
    assert_eq!(sending::send_command(&shared, command("help")).await, Delivered::Unreachable);
    assert_eq!(whispers(&shared, "U0RILEY"), ["/alpha failed with the error \"dispatch_failed\""]);
}

#[tokio::test]
async fn a_response_url_replaces_and_deletes_the_message_it_came_from() {
    let (shared, _) = start().await;
    let ts = said(&shared, "C0REQUESTS", BOT_USER, "card").ts;
    let answer = |body: Value| {
        shared.with(|workspace| answers::show(workspace, "C0REQUESTS", "U0ANA", Some(&ts), &body))
    };
    let text =
        || shared.with(|workspace| workspace.message("C0REQUESTS", &ts).map(|one| one.said.text.clone()));
    answer(json!({"replace_original": true, "text": "done"})).unwrap();
    assert_eq!(text().as_deref(), Some("done"));
    answer(json!({"text": "only you"})).unwrap();
    assert_eq!(whispers(&shared, "U0ANA"), ["only you"]);
    answer(json!({"response_type": "in_channel", "text": "all"})).unwrap();
    assert_eq!(whispers(&shared, "U0ANA").len(), 1);
    answer(json!({"delete_original": true})).unwrap();
    assert_eq!(text(), None);
    assert_eq!(answer(json!({})).unwrap_err().code, "no_text");
}
