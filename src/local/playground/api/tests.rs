//! The Web API's checks, method by method.

use serde_json::{Map, Value, json};

use super::answer::Refusal;
use super::args::Args;
use super::call;
use crate::local::playground::settings::Settings;
use crate::local::playground::world::stamp::now;
use crate::local::playground::world::{BOT_USER, Draft, Workspace};

const HERE: &str = "http://127.0.0.1:1";

struct Api(Workspace);

impl Api {
    fn new() -> Self {
        Self(Workspace::open(&Settings::new("secret", "xoxb-1", HERE)).unwrap())
    }

    fn call(&mut self, method: &str, args: Value) -> Result<Value, Refusal> {
        call(&mut self.0, method, &Args::of(&args), HERE)
    }

    fn refused(&mut self, method: &str, args: Value) -> String {
        let shown = args.to_string();
        self.call(method, args)
            .map_or_else(|refusal| refusal.code, |answer| panic!("{method} {shown}: {answer}"))
    }

    fn post(&mut self, args: Value) -> String {
        let mut all = json!({"channel": "C0REQUESTS", "text": "hello"});
        all.as_object_mut().unwrap().extend(args.as_object().cloned().unwrap_or(Map::new()));
        self.call("chat.postMessage", all).unwrap()["ts"].as_str().unwrap().to_owned()
    }
}

#[test]
fn posts_are_refused_in_slacks_words() {
    let mut api = Api::new();
    let divider = json!({"type": "divider"});
    let foreign = api.0.post("C0REQUESTS", "U0ANA", Draft { text: "hi".to_owned(), ..Draft::default() }).ts;
    let root = api.post(json!({}));
    let reply = api.post(json!({"thread_ts": root}));
    let section = json!({"type": "section", "text": {"type": "mrkdwn", "text": "x".repeat(3_000)}});
    for (method, args, code) in [
        ("chat.postMessage", json!({"text": "x"}), "channel_not_found"),
        ("chat.postMessage", json!({"channel": "C0NONE", "text": "x"}), "channel_not_found"),
        ("chat.postMessage", json!({"channel": "C0SECURITY", "text": "x"}), "not_in_channel"),
        ("chat.postMessage", json!({"channel": "C0REQUESTS"}), "no_text"),
        ("chat.postMessage", json!({"channel": "C0REQUESTS", "text": "", "blocks": []}), "no_text"),
        ("chat.postMessage", json!({"channel": "C0REQUESTS", "text": " \n\t"}), "no_text"),
        ("chat.update", json!({"channel": "C0REQUESTS", "ts": root, "text": "  "}), "no_text"),
        ("chat.postMessage", json!({"channel": "C0REQUESTS", "blocks": "nonsense"}), "invalid_blocks_format"),
        (
            "chat.postMessage",
            json!({"channel": "C0REQUESTS", "blocks": {"type": "divider"}}),
            "invalid_blocks_format",
        ),
        ("chat.postMessage", json!({"channel": "C0REQUESTS", "blocks": [{"type": "x"}]}), "invalid_blocks"),
        (
            "chat.postMessage",
            json!({"channel": "C0REQUESTS", "blocks": vec![divider.clone(); 51]}),
            "invalid_blocks",
        ),
        (
            "chat.postMessage",
            json!({"channel": "C0REQUESTS", "blocks": vec![section; 5]}),
            "msg_blocks_too_long",
        ),
        (
            "chat.postMessage",
            json!({"channel": "C0REQUESTS", "text": "x", "metadata": "x"}),
            "invalid_metadata_format",
        ),
        (
            "chat.postMessage",
            json!({"channel": "C0REQUESTS", "text": "x", "metadata": {"event_type": "x"}}),
            "invalid_metadata_schema",
        ),
        (
            "chat.postMessage",
            json!({"channel": "C0REQUESTS", "text": "x", "thread_ts": "1712345678.000100"}),
            "thread_not_found",
        ),
        (
            "chat.postMessage",
            json!({"channel": "C0REQUESTS", "text": "x", "thread_ts": reply}),
            "cannot_reply_to_message",
        ),
        (
            "chat.postEphemeral",
            json!({"channel": "C0OUTCOMES", "text": "x", "user": "U0GUS"}),
            "user_not_in_channel",
        ),
        (
            "chat.update",
            json!({"channel": "C0REQUESTS", "ts": root, "text": "x".repeat(4_001)}),
            "msg_too_long",
        ),
        (
            "chat.update",
            json!({"channel": "C0REQUESTS", "ts": "1712345678.000100", "text": "x"}),
            "message_not_found",
        ),
        ("chat.update", json!({"channel": "C0REQUESTS", "ts": foreign, "text": "x"}), "cant_update_message"),
        ("chat.delete", json!({"channel": "C0REQUESTS", "ts": "1712345678.000100"}), "message_not_found"),
        ("chat.getPermalink", json!({"channel": "C0REQUESTS", "message_ts": "1.2"}), "message_not_found"),
        ("conversations.replies", json!({"channel": "C0REQUESTS", "ts": "1.2"}), "thread_not_found"),
        ("conversations.history", json!({"channel": "C0REQUESTS", "cursor": "x"}), "invalid_cursor"),
        ("conversations.history", json!({"channel": "C0REQUESTS", "limit": "abc"}), "invalid_limit"),
        ("conversations.history", json!({"channel": "C0REQUESTS", "limit": -1}), "invalid_limit"),
        ("conversations.replies", json!({"channel": "C0REQUESTS", "ts": root, "limit": 0}), "invalid_limit"),
        ("users.list", json!({"limit": 5_000}), "invalid_limit"),
        ("conversations.open", json!({"users": "U0SAM"}), "user_not_visible"),
        ("conversations.open", json!({"users": "U0NOBODY"}), "user_not_found"),
        ("users.info", json!({"user": "U0NOBODY"}), "user_not_found"),
        ("usergroups.users.list", json!({"usergroup": "S0NONE"}), "no_such_subteam"),
        ("views.open", json!({"trigger_id": "1.2.3", "view": {"type": "modal"}}), "invalid_arguments"),
        ("chat.meMessage", json!({}), "unknown_method"),
    ] {
        assert_eq!(api.refused(method, args.clone()), code, "{method} {args}");
    }
}

#[test]
fn a_very_long_post_is_cut_and_warned_of() {
    let mut api = Api::new();
    let answer =
        api.call("chat.postMessage", json!({"channel": "C0REQUESTS", "text": "é".repeat(40_001)})).unwrap();
    assert_eq!(answer["warning"], "message_truncated");
    assert_eq!(answer["message"]["text"].as_str().unwrap().chars().count(), 40_000);
}

#[test]
fn text_that_isnt_to_be_formatted_is_kept_so() {
    let mut api = Api::new();
    for (given, plain) in
        [(json!({}), false), (json!({"mrkdwn": true}), false), (json!({"mrkdwn": false}), true)]
    {
        let ts = api.post(given);
        assert_eq!(api.0.message("C0REQUESTS", &ts).unwrap().said.plain, plain);
    }
}

#[test]
fn text_alone_takes_blocks_away_and_marks_the_message_as_edited() {
    let mut api = Api::new();
    let ts = api.post(json!({"blocks": [{"type": "divider"}]}));
    let blocks = json!({"channel": "C0REQUESTS", "ts": ts, "text": "x", "blocks": [{"type": "divider"}]});
    let answer = api.call("chat.update", blocks).unwrap();
    assert!(answer["message"]["edited"].is_null() && answer["message"]["blocks"][0]["block_id"] == "b1");
    let answer = api.call("chat.update", json!({"channel": "C0REQUESTS", "ts": ts, "text": "x"})).unwrap();
    assert!(answer["message"]["edited"].is_object() && answer["message"]["blocks"].is_null());
}

#[test]
fn threads_are_read_by_cursor_with_metadata_on_request() {
    let mut api = Api::new();
    let root = api.post(json!({}));
    for n in 0..4 {
        let metadata = json!({"event_type": "delivery", "event_payload": {"delivery_id": n}});
        api.post(json!({"thread_ts": root, "metadata": metadata}));
    }
    let mut args = json!({"channel": "C0REQUESTS", "ts": root, "limit": 2, "include_all_metadata": true});
    let mut seen = Vec::new();
    loop {
        let page = api.call("conversations.replies", args.clone()).unwrap();
        seen.extend(
            page["messages"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["metadata"]["event_payload"]["delivery_id"].clone()),
        );
        if page["has_more"] == false {
            break;
        }
        args["cursor"] = page["response_metadata"]["next_cursor"].clone();
    }
    assert_eq!(seen, [Value::Null, json!(0), json!(1), json!(2), json!(3)]);
    args = json!({"channel": "C0REQUESTS", "ts": root});
    let page = api.call("conversations.replies", args).unwrap();
    assert!(page["messages"].as_array().unwrap().iter().all(|one| one["metadata"].is_null()));
    assert_eq!(page["messages"][0]["reply_count"], 4);
    let history = api.call("conversations.history", json!({"channel": "C0REQUESTS"})).unwrap();
    assert_eq!(history["messages"].as_array().unwrap().len(), 1);
}

#[test]
fn reactions_are_the_bots_own_and_once() {
    let mut api = Api::new();
    let ts = api.post(json!({}));
    let args = |name: &str| json!({"channel": "C0REQUESTS", "timestamp": ts, "name": name});
    assert_eq!(api.call("reactions.add", args("eyes")), Ok(json!({})));
    assert_eq!(api.refused("reactions.add", args("eyes")), "already_reacted");
    for name in ["Not An Emoji", "no_such_emoji", "wave::skin-tone-9"] {
        assert_eq!(api.refused("reactions.add", args(name)), "invalid_name", "{name}");
    }
    assert_eq!(api.refused("reactions.remove", args("x")), "no_reaction");
    let shown = api.call("reactions.get", args("")).unwrap();
    assert_eq!(shown["message"]["reactions"], json!([{"name": "eyes", "users": [BOT_USER], "count": 1}]));
    assert_eq!(api.call("reactions.remove", args(":eyes:")), Ok(json!({})));
}

#[test]
fn strangers_guests_and_the_bot_are_told_apart() {
    let mut api = Api::new();
    let mut info = |user: &str| api.call("users.info", json!({"user": user})).unwrap()["user"].clone();
    let (riley, gus, sam, bot) = (info("U0RILEY"), info("U0GUS"), info("U0SAM"), info(BOT_USER));
    assert!(
        riley["is_stranger"].is_null() && riley["is_restricted"] == false && riley["team_id"] == "T0DEMO"
    );
    assert_eq!((&gus["is_restricted"], &sam["is_stranger"]), (&json!(true), &json!(true)));
    assert_eq!((&sam["team_id"], &bot["is_bot"]), (&json!("T0OTHER"), &json!(true)));
}

#[test]
fn a_direct_conversation_opens_by_list_or_by_string() {
    let mut api = Api::new();
    for users in [json!("U0ANA"), json!(["U0ANA"])] {
        let answer = api.call("conversations.open", json!({"users": users, "return_im": true})).unwrap();
        assert_eq!((&answer["channel"]["id"], &answer["channel"]["is_im"]), (&json!("D0ANA"), &json!(true)));
    }
    assert_eq!(api.refused("conversations.open", json!({"users": []})), "users_list_not_supplied");
}

#[test]
fn modals_need_a_trigger_and_can_be_updated() {
    let mut api = Api::new();
    let view = json!({"type": "modal", "title": {"type": "plain_text", "text": "Deny"}, "blocks": []});
    let trigger = api.0.tickets.trigger("U0ANA", now());
    let open = |trigger: &str| json!({"trigger_id": trigger, "view": view});
    let shown = api.call("views.open", open(&trigger)).unwrap()["view"].clone();
    assert_eq!(shown["app_installed_team_id"], "T0DEMO");
    assert_eq!(api.refused("views.open", open(&trigger)), "exchanged_trigger_id");
    assert_eq!(api.refused("views.open", open("1.2.3")), "invalid_trigger_id");
    let old = api.0.tickets.trigger("U0ANA", now() - 3_100_000);
    assert_eq!(api.refused("views.open", open(&old)), "expired_trigger_id");
    let update = json!({"view_id": shown["id"], "hash": shown["hash"], "view": view});
    assert!(api.call("views.update", update.clone()).is_ok());
    assert_eq!(api.refused("views.update", update), "hash_conflict");
    let pushed = api.0.tickets.trigger("U0ANA", now());
    assert!(api.call("views.push", open(&pushed)).is_ok());
    assert_eq!(api.0.views.of("U0ANA").len(), 2);
}

#[test]
fn a_snippet_is_announced_uploaded_and_shared() {
    let mut api = Api::new();
    let root = api.post(json!({}));
    let announce = |length: usize| json!({"filename": "diff.txt", "length": length});
    assert_eq!(api.refused("files.getUploadURLExternal", announce(1_000_001)), "snippet_too_large");
    let answer = api.call("files.getUploadURLExternal", announce(5)).unwrap();
    let id = answer["file_id"].as_str().unwrap();
    assert_eq!(answer["upload_url"], format!("{HERE}/upload/v1/{id}"));
    let share =
        json!({"files": [{"id": id, "title": "Diff"}], "channel_id": "C0REQUESTS", "thread_ts": root});
    assert_eq!(api.refused("files.completeUploadExternal", share.clone()), "file_update_failed");
    assert_eq!(super::upload(&mut api.0, id, "text/plain", b"1234").unwrap_err().0, 400);
    assert_eq!(super::upload(&mut api.0, "F0", "text/plain", b"12345").unwrap_err().0, 404);
    assert!(super::upload(&mut api.0, id, "text/plain", b"12345").is_ok());
    assert_eq!(api.call("files.completeUploadExternal", share).unwrap()["files"][0]["title"], "Diff");
    let thread = api.call("conversations.replies", json!({"channel": "C0REQUESTS", "ts": root})).unwrap();
    assert_eq!(thread["messages"][1]["files"][0]["id"], json!(id));
}
