//! Events as Slack's documentation shows them, and what they come to.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::domain::ids::{Person, ReceiptKey, TeamId};

const MENTION: &str = include_str!("../../../../tests/fixtures/slack/app_mention.json");
const DIRECT: &str = include_str!("../../../../tests/fixtures/slack/message_im.json");
const VERIFICATION: &str = include_str!("../../../../tests/fixtures/slack/url_verification.json");

fn now() -> Timestamp {
    Timestamp::from_second(1_767_226_000).unwrap()
}

fn posted(body: &str) -> Inbound {
    parse(body.as_bytes(), now())
}

fn receipt(body: &str) -> Receipt {
    match posted(body) {
        Inbound::Receipt(receipt) => receipt,
        other => panic!("no receipt: {other:?}"),
    }
}

fn line(body: &str) -> String {
    match receipt(body).said {
        Said::Command { line } => line,
        other => panic!("no command: {other:?}"),
    }
}

/// An event with fields added or set to something else.
fn with(body: &str, fields: Value) -> String {
    let mut body: Value = serde_json::from_str(body).unwrap();
    for (name, value) in fields.as_object().unwrap() {
        let at = if matches!(name.as_str(), "authorizations" | "event_id" | "enterprise_id" | "team_id") {
            &mut body
        } else {
            &mut body["event"]
        };
        at[name] = value.clone();
    }
    body.to_string()
}

#[test]
fn a_mention_is_a_command_in_its_thread() {
    let found = receipt(MENTION);
    assert_eq!(found.key, ReceiptKey::new("event:T0ALPHA01:Ev0MENTION"));
    assert_eq!(found.from.person, Person::new("T0ALPHA01", "U0REQUEST"));
    assert_eq!(found.from.thread, Some(MessageTs::new("1767225600.000200")));
    assert_eq!(found.said, Said::Command { line: "status".to_owned() });
    assert!(!found.from.direct);
    let alone = receipt(&with(MENTION, json!({"thread_ts": null})));
    assert_eq!(alone.from.thread, Some(MessageTs::new("1767226000.000400")), "its own thread is made");
}

#[test]
fn a_direct_message_is_a_command_where_it_was_written() {
    let found = receipt(DIRECT);
    assert_eq!(found.said, Said::Command { line: "pending".to_owned() });
    assert_eq!(
        (found.from.channel.as_str(), found.from.thread, found.from.direct),
        ("D0REQUEST", None, true)
    );
    let threaded = receipt(&with(DIRECT, json!({"thread_ts": "1.2"})));
    assert_eq!(threaded.from.thread, Some(MessageTs::new("1.2")));
}

#[test]
fn what_is_said_to_us_follows_our_mention() {
    for (text, expected) in [
        ("<@U0ALPHA> status", "status"),
        ("  <@U0ALPHA|alpha>: status ", "status"),
        ("<@U0ALPHA>", ""),
        ("hey <@U0ALPHA>, status", "status"),
        ("<@U0OTHER> ask <@U0ALPHA> status", "status"),
        ("<@U0ALPHA> history <@U0OTHER>", "history <@U0OTHER>"),
        ("status", "status"),
        ("<@U0ALPHA", "<@U0ALPHA"),
    ] {
        assert_eq!(line(&with(MENTION, json!({"text": text}))), expected, "{text}");
    }
    for (text, expected) in [
        ("<@U0ALPHA> pending", "pending"),
        ("deny j-1 ask <@U0ALPHA> first", "deny j-1 ask <@U0ALPHA> first"),
    ] {
        assert_eq!(line(&with(DIRECT, json!({"text": text}))), expected, "{text}");
    }
    let unknown = with(MENTION, json!({"authorizations": null}));
    assert_eq!(line(&unknown), "status", "where we aren't told who we are");
}

#[test]
fn programs_changes_and_we_ourselves_are_not_listened_to() {
    for fields in [
        json!({"bot_id": "B1"}),
        json!({"subtype": "message_changed"}),
        json!({"subtype": "bot_message", "user": null}),
        json!({"user": "U0ALPHA"}),
        json!({"channel_type": "channel"}),
        json!({"channel_type": "mpim"}),
        json!({"type": "reaction_added"}),
        json!({"type": null}),
    ] {
        let found = posted(&with(DIRECT, fields.clone()));
        assert!(matches!(found, Inbound::Ignored { .. }), "{fields}: {found:?}");
    }
    let limited = r#"{"type":"app_rate_limited","team_id":"T1"}"#;
    assert!(matches!(posted(limited), Inbound::Ignored { .. }));
}

#[test]
fn what_happens_elsewhere_is_passed_over_whatever_its_form() {
    for event in [
        json!({"type": "team_join", "user": {"id": "U1", "name": "new"}}),
        json!({"type": "user_change", "user": {"id": "U1"}, "cache_ts": 1, "event_ts": "1.1"}),
        json!({"type": "channel_created", "channel": {"id": "C1", "name": "fun", "created": 1}}),
        json!({"type": "channel_rename", "channel": {"id": "C1", "name": "fun"}}),
        json!({"type": "message", "channel_type": "im", "subtype": "message_changed", "channel": {"id": "C1"}}),
        json!({"type": "brand_new", "user": 1, "text": [], "ts": {}}),
    ] {
        let body = json!({"type": "event_callback", "event_id": "Ev1", "team_id": "T1", "event": event});
        let found = posted(&body.to_string());
        let usual = body["event"]["type"] == "message";
        assert!(matches!(found, Inbound::Ignored { usual: is, .. } if is == usual), "{body}: {found:?}");
    }
    for body in
        [json!({"type": "brand_new"}), json!({"type": "brand_new", "event": "x", "team_id": {"id": "T1"}})]
    {
        assert!(matches!(posted(&body.to_string()), Inbound::Ignored { .. }), "{body}");
    }
}

#[test]
fn a_message_with_a_file_and_one_to_the_whole_channel_are_said_by_a_person_too() {
    for subtype in ["file_share", "thread_broadcast"] {
        assert_eq!(line(&with(DIRECT, json!({"subtype": subtype}))), "pending", "{subtype}");
    }
    let program = with(DIRECT, json!({"subtype": "file_share", "bot_id": "B1"}));
    assert!(matches!(posted(&program), Inbound::Ignored { .. }));
}

#[test]
fn a_stranger_in_a_shared_channel_is_of_their_own_workspace() {
    let body = with(MENTION, json!({"user_team": "T0OTHERS", "enterprise_id": "E0ALPHA"}));
    assert_eq!(receipt(&body).from.person, Person::new("T0OTHERS", "U0REQUEST"));
    let ours = with(MENTION, json!({"enterprise_id": "E0ALPHA"}));
    assert_eq!(receipt(&ours).from.person.enterprise, Some(TeamId::new("E0ALPHA")));
}

#[test]
fn the_challenge_is_read() {
    let challenge = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P".to_owned();
    assert_eq!(posted(VERIFICATION), Inbound::Challenge(challenge));
}

#[test]
fn what_slack_wouldnt_send_is_malformed() {
    for body in [
        "",
        "[]",
        "{}",
        r#"{"type":"url_verification"}"#,
        r#"{"type":"event_callback"}"#,
        r#"{"type":"event_callback","event":"x"}"#,
        r#"{"type":"event_callback","event":{"type":"app_mention","user":{"id":"U1"}}}"#,
        r#"{"type":"event_callback","event":{"type":"app_mention"}}"#,
    ] {
        assert!(matches!(posted(body), Inbound::Malformed { .. }), "{body}");
    }
    for fields in [json!({"event_id": null}), json!({"channel": ""}), json!({"user": null})] {
        let found = posted(&with(MENTION, fields.clone()));
        assert!(matches!(found, Inbound::Malformed { .. }), "{fields}: {found:?}");
    }
}

proptest! {
    #[test]
    fn any_body_is_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..300), text in ".{0,100}") {
        let _ = parse(&body, now());
        line(&with(MENTION, json!({"text": text})));
    }
}
