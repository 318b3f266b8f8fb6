//! Payloads as Slack's documentation shows them, and what they come to.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::domain::ids::{Digest, JobId, TeamId};
use crate::domain::receipt::Subject;

const CLICK: &str = include_str!("../../../../tests/fixtures/slack/block_actions.json");
const OF_ORGANISATION: &str = include_str!("../../../../tests/fixtures/slack/block_actions_org.json");
const OF_STRANGER: &str = include_str!("../../../../tests/fixtures/slack/block_actions_stranger.json");
const DENIAL: &str = include_str!("../../../../tests/fixtures/slack/view_submission_deny.json");
const QUESTION: &str = include_str!("../../../../tests/fixtures/slack/view_submission_ask.json");
const CLOSED: &str = include_str!("../../../../tests/fixtures/slack/view_closed.json");
const ON_MESSAGE: &str = include_str!("../../../../tests/fixtures/slack/message_action.json");
const ANYWHERE: &str = include_str!("../../../../tests/fixtures/slack/shortcut.json");

fn now() -> Timestamp {
    Timestamp::from_second(1_767_225_700).unwrap()
}

fn posted(payload: &str) -> Inbound {
    let body = form_urlencoded::Serializer::new(String::new()).append_pair("payload", payload).finish();
    parse(body.as_bytes(), now())
}

fn receipt(payload: &str) -> Receipt {
    match posted(payload) {
        Inbound::Receipt(receipt) => receipt,
        other => panic!("no receipt: {other:?}"),
    }
}

/// A payload with one field set to something else.
fn with(payload: &str, pointer: &str, value: Value) -> String {
    let mut payload: Value = serde_json::from_str(payload).unwrap();
    *payload.pointer_mut(pointer).unwrap() = value;
    payload.to_string()
}

fn subject() -> Subject {
    Subject::revision(JobId::new("j-0123456789abcdef"), 1, Digest::new("5f2b0a"))
}

#[test]
fn a_click_is_read_with_who_where_and_about_what() {
    let receipt = receipt(CLICK);
    assert_eq!(receipt.key, ReceiptKey::new("action:T0ALPHA01:111.222.abcdef:approve:1767225700.123456"));
    assert_eq!(receipt.at, now());
    assert_eq!(receipt.from.person, Person::new("T0ALPHA01", "U0APPROVE"));
    assert_eq!(receipt.from.channel.as_str(), "C0PLATFORM");
    assert_eq!(receipt.from.thread, Some(MessageTs::new("1767225600.000200")));
    assert!(receipt.from.response_url.is_some() && !receipt.from.direct);
    let trigger = Some(TriggerId::new("111.222.abcdef"));
    assert_eq!(receipt.said, Said::Click { button: Button::Approve, subject: subject(), trigger });
}

#[test]
fn every_button_of_ours_is_known_and_no_other() {
    for button in Button::ALL {
        let said = receipt(&with(CLICK, "/actions/0/action_id", json!(button.as_str()))).said;
        assert!(matches!(said, Said::Click { button: found, .. } if found == button));
    }
    for (pointer, value) in [
        ("/actions/0/action_id", json!("APPROVE")),
        ("/actions/0/action_id", json!("approve ")),
        ("/actions/0/action_id", json!(null)),
        ("/type", json!("block_suggestion")),
        ("/type", json!("workflow_step_edit")),
    ] {
        let found = posted(&with(CLICK, pointer, value.clone()));
        assert!(matches!(found, Inbound::Ignored { .. }), "{pointer} {value}: {found:?}");
    }
}

#[test]
fn a_button_of_ours_that_doesnt_say_what_it_is_about_is_answered_all_the_same() {
    let job = "{\"j\":\"j-0123456789abcdef\"}";
    let revision = "{\"j\":\"j-0123456789abcdef\",\"r\":1}";
    for value in [json!(null), json!("yes"), json!("{\"j\":\"j-1\"}"), json!(job), json!(revision)] {
        let found = receipt(&with(CLICK, "/actions/0/value", value.clone()));
        assert_eq!(found.said, Said::Unreadable { button: Button::Approve }, "{value}");
        assert_eq!((&found.from, &found.key), (&receipt(CLICK).from, &receipt(CLICK).key));
    }
    for button in Button::ALL {
        let click = with(CLICK, "/actions/0/action_id", json!(button.as_str()));
        let said = receipt(&with(&click, "/actions/0/value", json!(job))).said;
        let decides = matches!(button, Button::Approve | Button::Deny);
        assert_eq!(said == Said::Unreadable { button }, decides, "{button:?}: {said:?}");
    }
}

#[test]
fn an_organisations_click_has_no_team_and_is_still_somebodys() {
    let person = receipt(OF_ORGANISATION).from.person;
    assert_eq!(person.to_string(), "T0ALPHA01/U0APPROVE");
    assert_eq!(person.enterprise, Some(TeamId::new("E0ALPHA")));
}

#[test]
fn a_stranger_in_a_shared_channel_is_of_their_own_workspace() {
    assert_eq!(receipt(OF_STRANGER).from.person, Person::new("T0OTHERS", "U0STRANGE"));
}

#[test]
fn a_click_in_a_direct_message_or_on_a_message_without_thread_is_answered_there() {
    let direct = with(CLICK, "/container/channel_id", json!("D0APPROVE"));
    let alone = with(&direct, "/container/thread_ts", json!(null));
    let alone = with(&alone, "/message/thread_ts", json!(null));
    let from = receipt(&alone).from;
    assert!(from.direct);
    assert_eq!(from.thread, Some(MessageTs::new("1767225600.000300")));
    let ephemeral = with(&alone, "/container/is_ephemeral", json!(true));
    assert_eq!(receipt(&ephemeral).from.thread, None);
}

#[test]
fn a_denial_is_read_with_its_reason_and_where_its_form_was_opened() {
    let receipt = receipt(DENIAL);
    assert_eq!(receipt.key, ReceiptKey::new("view:T0ALPHA01:V0FORM:1767225800.3wRYuk3R"));
    assert_eq!(receipt.from.channel.as_str(), "C0PLATFORM");
    assert_eq!(receipt.from.thread, Some(MessageTs::new("1767225600.000200")));
    let reason = Reason::parse("It still needs s3:PutObject at the end of the month.").unwrap();
    assert_eq!(receipt.said, Said::Denial { subject: subject(), reason });
}

#[test]
fn a_form_that_isnt_filled_in_well_stays_open_and_says_why() {
    let reason = "/view/state/values/reason/reason/value";
    let line = "/view/state/values/line/line/value";
    for (payload, pointer, value, expected) in [
        (DENIAL, reason, json!(null), ("reason", text::NO_REASON)),
        (DENIAL, reason, json!("  \n "), ("reason", text::NO_REASON)),
        (DENIAL, "/view/state/values/reason", json!({}), ("reason", text::NO_REASON)),
        (DENIAL, "/view/state", json!({}), ("reason", text::NO_REASON)),
        (DENIAL, reason, json!("\u{200b}\u{202e}"), ("reason", text::NO_REASON)),
        (DENIAL, reason, json!("é".repeat(2_001)), ("reason", text::LONG_REASON)),
        (DENIAL, "/view/private_metadata", json!("?"), ("reason", text::OUTDATED)),
        (DENIAL, "/view/private_metadata", json!("{\"c\":\"C1\"}"), ("reason", text::OUTDATED)),
        (
            DENIAL,
            "/view/private_metadata",
            json!("{\"c\":\"C1\",\"s\":{\"j\":\"j-0123456789abcdef\",\"r\":1}}"),
            ("reason", text::OUTDATED),
        ),
        (QUESTION, line, json!(""), ("line", text::NO_LINE)),
        (QUESTION, "/view/private_metadata", json!(""), ("line", text::OUTDATED)),
    ] {
        let found = posted(&with(payload, pointer, value));
        assert_eq!(found, Inbound::Refill { block: expected.0, says: expected.1 }, "{pointer}");
    }
    let longest = with(DENIAL, reason, json!("é".repeat(2_000)));
    assert!(
        matches!(receipt(&longest).said, Said::Denial { reason, .. } if reason.as_str().chars().count() == 2_000)
    );
}

#[test]
fn a_question_becomes_a_command_where_its_form_was_opened() {
    let receipt = receipt(QUESTION);
    assert_eq!(receipt.said, Said::Command { line: "status".to_owned() });
    assert_eq!(receipt.from.thread, Some(MessageTs::new("1767225600.000200")));
    assert!(receipt.from.response_url.is_some());
}

#[test]
fn the_shortcut_opens_a_form_for_the_thread_of_its_message() {
    let found = receipt(ON_MESSAGE);
    assert_eq!(found.key, ReceiptKey::new("shortcut:T0ALPHA01:111.444.abcdef:1767225900.000001"));
    assert_eq!(found.said, Said::Shortcut { trigger: TriggerId::new("111.444.abcdef") });
    assert_eq!(found.from.thread, Some(MessageTs::new("1767225600.000200")));
    let unthreaded = receipt(&with(ON_MESSAGE, "/message/thread_ts", json!(null)));
    assert_eq!(unthreaded.from.thread, Some(MessageTs::new("1767225600.000300")));
    let anywhere = receipt(ANYWHERE).from;
    assert_eq!((anywhere.channel.as_str(), anywhere.thread, anywhere.direct), ("U0APPROVE", None, true));
    let other = posted(&with(ON_MESSAGE, "/callback_id", json!("other")));
    assert!(matches!(other, Inbound::Ignored { .. }));
}

#[test]
fn what_isnt_for_us_is_ignored_and_what_slack_wouldnt_send_is_malformed() {
    assert!(matches!(posted(CLOSED), Inbound::Ignored { .. }));
    for payload in [
        r#"{"type":"something_new"}"#,
        r#"{"type":"brand_new","user":"U1"}"#,
        r#"{"type":"function_executed","channel":"C1","message":"x"}"#,
        r#"{"type":"view_closed","view":"V1"}"#,
    ] {
        assert!(matches!(posted(payload), Inbound::Ignored { .. }), "{payload}");
    }
    assert!(matches!(posted(&with(DENIAL, "/view/callback_id", json!("other"))), Inbound::Ignored { .. }));
    for payload in [
        "",
        "null",
        "[]",
        "{",
        "{}",
        r#"{"type":1}"#,
        r#"{"type":"block_actions"}"#,
        r#"{"type":"block_actions","user":"U1"}"#,
        r#"{"type":"block_actions","user":{"id":"U1"}}"#,
        r#"{"type":"view_submission","user":{"id":"U1","team_id":"T1"}}"#,
        r#"{"type":"message_action","callback_id":"ask_alpha","user":{"id":"U1","team_id":"T1"}}"#,
    ] {
        assert!(matches!(posted(payload), Inbound::Malformed { .. }), "{payload}");
    }
    assert!(matches!(parse(b"text=help", now()), Inbound::Malformed { .. }));
    assert!(matches!(posted(&with(CLICK, "/actions", json!([]))), Inbound::Malformed { .. }));
}

#[test]
fn fields_that_we_dont_know_change_nothing() {
    let mut payload: Value = serde_json::from_str(CLICK).unwrap();
    payload["bot_access_token"] = json!("xwfp-...");
    payload["user"]["is_new"] = json!({"deep": [1, 2, {"er": null}]});
    payload["actions"][0]["confirm"] = json!({"title": {"type": "plain_text", "text": "Sure?"}});
    assert_eq!(posted(&payload.to_string()), posted(CLICK));
}

proptest! {
    #[test]
    fn any_body_is_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse(&body, now());
    }

    #[test]
    fn a_payload_cut_anywhere_is_read_or_refused(cut in 0usize..1_500) {
        let _ = posted(CLICK.get(..cut).unwrap_or(CLICK));
    }
}
