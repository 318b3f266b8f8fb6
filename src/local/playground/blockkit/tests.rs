//! Tables of what Slack refuses.

use serde_json::{Value, json};

use super::{Refused, complete, find, message, view};

fn long(length: usize) -> String {
    "x".repeat(length)
}

fn section(length: usize) -> Value {
    json!({"type": "section", "text": {"type": "mrkdwn", "text": long(length)}})
}

fn button(action_id: &str) -> Value {
    json!({"type": "button", "action_id": action_id, "text": {"type": "plain_text", "text": "Go"}})
}

#[test]
fn well_formed_blocks_pass() {
    let blocks = [
        section(3_000),
        json!({"type": "section", "fields": [{"type": "mrkdwn", "text": long(2_000)}]}),
        json!({"type": "header", "text": {"type": "plain_text", "text": long(150), "emoji": true}}),
        json!({"type": "divider"}),
        json!({"type": "context", "elements": [{"type": "mrkdwn", "text": "x", "verbatim": true}]}),
        json!({"type": "actions", "elements": [button("a"), button("b")]}),
        json!({"type": "rich_text", "elements": [
            {"type": "rich_text_section", "elements": [{"type": "text", "text": "x", "style": {"bold": true}}]},
            {"type": "rich_text_list", "style": "bullet", "elements": [
                {"type": "rich_text_section", "elements": [{"type": "user", "user_id": "U1"}]}]},
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x"}], "border": 0},
            {"type": "rich_text_quote", "elements": [{"type": "link", "url": "https://a.example"}]}]}),
        json!({"type": "table", "column_settings": [{"align": "right"}],
            "rows": [[{"type": "raw_text", "text": "x"}, {"type": "rich_text", "elements": [
                {"type": "rich_text_section", "elements": []}]}]]}),
    ];
    assert_eq!(message(&blocks), Ok(()));
}

#[test]
fn each_broken_block_is_refused_with_a_pointer() {
    let plain = |length| json!({"type": "plain_text", "text": long(length)});
    let cases = [
        (json!({"type": "sektion"}), "unsupported type: sektion [json-pointer:/blocks/0/type]"),
        (json!({"text": "x"}), "missing required field: type [json-pointer:/blocks/0]"),
        (json!("x"), "must be an object [json-pointer:/blocks/0]"),
        (json!({"type": "section"}), "must define either text or fields [json-pointer:/blocks/0]"),
        (section(3_001), "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
        (section(0), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
        (
            json!({"type": "section", "txt": 1, "text": {"type": "mrkdwn", "text": "x"}}),
            "invalid additional property: txt [json-pointer:/blocks/0]",
        ),
        (
            json!({"type": "section", "text": {"type": "mrkdwn", "text": "x", "emoji": true}}),
            "invalid additional property: emoji [json-pointer:/blocks/0/text]",
        ),
        (
            json!({"type": "section", "text": {"type": "markdown", "text": "x"}}),
            "must be one of: plain_text, mrkdwn [json-pointer:/blocks/0/text/type]",
        ),
        (
            json!({"type": "section", "fields": vec![plain(1); 11]}),
            "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
        ),
        (
            json!({"type": "section", "fields": [plain(2_001)]}),
            "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
        ),
        (
            json!({"type": "header", "text": plain(151)}),
            "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
        ),
        (
            json!({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}),
            "must be one of: plain_text [json-pointer:/blocks/0/text/type]",
        ),
        (
            json!({"type": "actions", "elements": (0..26).map(|n| button(&n.to_string())).collect::<Vec<_>>()}),
            "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
        ),
        (
            json!({"type": "actions", "elements": [button("a"), button("a")]}),
            "`action_id` already exists in this block [json-pointer:/blocks/0/elements/1/action_id]",
        ),
        (
            json!({"type": "actions", "elements": [{"type": "plain_text_input", "action_id": "a"}]}),
            "unsupported type: plain_text_input [json-pointer:/blocks/0/elements/0/type]",
        ),
        (
            json!({"type": "actions", "elements": [{"type": "button", "text": plain(76)}]}),
            "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
        ),
        (
            json!({"type": "actions", "elements": [{"type": "button", "text": plain(1), "value": long(2_001)}]}),
            "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
        ),
        (
            json!({"type": "actions", "elements": [{"type": "button", "text": plain(1), "style": "default"}]}),
            "must be a valid enum value (primary, danger) [json-pointer:/blocks/0/elements/0/style]",
        ),
        (
            json!({"type": "actions", "elements": [{"type": "button", "text": plain(1), "confirm": {
                "title": plain(101), "text": plain(1), "confirm": plain(1), "deny": plain(1)}}]}),
            "must be less than 101 characters [json-pointer:/blocks/0/elements/0/confirm/title/text]",
        ),
        (
            json!({"type": "context", "elements": vec![plain(1); 11]}),
            "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
        ),
        (
            json!({"type": "divider", "block_id": long(256)}),
            "must be less than 256 characters [json-pointer:/blocks/0/block_id]",
        ),
        (
            json!({"type": "rich_text", "elements": [{"type": "text", "text": "x"}]}),
            "unsupported type: text [json-pointer:/blocks/0/elements/0/type]",
        ),
        (
            json!({"type": "rich_text", "elements": [{"type": "rich_text_preformatted", "elements": [
                {"type": "emoji", "name": "x"}]}]}),
            "unsupported type: emoji [json-pointer:/blocks/0/elements/0/elements/0/type]",
        ),
        (
            json!({"type": "table", "rows": [vec![json!({"type": "raw_text", "text": "x"}); 21]]}),
            "no more than 20 items allowed [json-pointer:/blocks/0/rows/0]",
        ),
        (
            json!({"type": "table", "rows": [vec![json!({"type": "raw_text", "text": long(6_000)}); 2]]}),
            "the text of a table must be less than 10001 characters [json-pointer:/blocks/0]",
        ),
        (
            json!({"type": "image", "alt_text": "x"}),
            "must define either image_url or slack_file [json-pointer:/blocks/0]",
        ),
    ];
    for (block, expected) in cases {
        let Err(Refused::Invalid(found)) = message(std::slice::from_ref(&block)) else {
            panic!("accepted: {block}");
        };
        assert_eq!(found, [format!("[ERROR] {expected}")], "{block}");
    }
}

#[test]
fn what_only_the_whole_message_breaks_is_refused() {
    let divider = json!({"type": "divider", "block_id": "same"});
    let table = json!({"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]});
    for (blocks, expected) in [
        (vec![json!({"type": "divider"}); 51], "no more than 50 items allowed [json-pointer:/blocks]"),
        (
            vec![divider.clone(), divider],
            "`block_id` already exists in this message [json-pointer:/blocks/1/block_id]",
        ),
        (vec![table.clone(), table], "only_one_table_allowed [json-pointer:/blocks]"),
    ] {
        assert_eq!(message(&blocks), Err(Refused::Invalid(vec![format!("[ERROR] {expected}")])));
    }
    assert_eq!(message(&vec![section(3_000); 4]), Ok(()));
    assert_eq!(message(&vec![section(2_401); 5]), Err(Refused::TooLong));
}

#[test]
fn modals_are_held_to_their_own_limits() {
    let plain = |length| json!({"type": "plain_text", "text": long(length)});
    let modal = json!({"type": "modal", "title": plain(24), "submit": plain(24), "close": plain(24),
        "private_metadata": long(3_000), "callback_id": long(255), "blocks": [{"type": "input",
        "label": plain(5), "element": {"type": "plain_text_input", "action_id": "a", "multiline": true}}]});
    assert_eq!(view(&modal), Ok(()));
    for (member, value, expected) in [
        ("title", plain(25), "must be less than 25 characters [json-pointer:/view/title/text]"),
        ("submit", plain(25), "must be less than 25 characters [json-pointer:/view/submit/text]"),
        ("close", plain(25), "must be less than 25 characters [json-pointer:/view/close/text]"),
        (
            "private_metadata",
            json!(long(3_001)),
            "must be less than 3001 characters [json-pointer:/view/private_metadata]",
        ),
        (
            "callback_id",
            json!(long(256)),
            "must be less than 256 characters [json-pointer:/view/callback_id]",
        ),
        (
            "blocks",
            json!(vec![json!({"type": "divider"}); 101]),
            "no more than 100 items allowed [json-pointer:/view/blocks]",
        ),
        (
            "blocks",
            json!([{"type": "table", "rows": []}]),
            "unsupported type: table [json-pointer:/view/blocks/0/type]",
        ),
        ("type", json!("dialog"), "must be: modal [json-pointer:/view/type]"),
    ] {
        let mut broken = modal.clone();
        broken[member] = value;
        assert_eq!(view(&broken), Err(vec![format!("[ERROR] {expected}")]), "{member}");
    }
    let mut silent = modal;
    silent.as_object_mut().unwrap().remove("submit");
    assert!(view(&silent).unwrap_err()[0].contains("missing required field: submit"));
}

#[test]
fn blocks_and_elements_get_ids_once() {
    let mut blocks = [
        json!({"type": "divider", "block_id": "b1"}),
        json!({"type": "actions", "elements": [
        {"type": "button", "text": {"type": "plain_text", "text": "Go"}}]}),
    ];
    complete(&mut blocks);
    assert_eq!(blocks[1]["block_id"], "b2");
    assert_eq!(find(&blocks, "b2", "a1"), Some(&blocks[1]["elements"][0]));
    let once = blocks.clone();
    complete(&mut blocks);
    assert_eq!(blocks, once);
}
