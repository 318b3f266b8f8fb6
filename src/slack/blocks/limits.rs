//! Slack's limits, and the closed set of what our messages and modals are made of.
//!
//! Slack tells of a message that breaks one of these with `invalid_blocks` and no more, after the fact; this tells
//! where, and before. It knows only what we use: anything else is a problem too, so that a misspelt type or key is
//! found here. Characters are counted as UTF-16 units, the most that Slack could count.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value};

use super::Message;
use super::cut::units;

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where, as a JSON pointer.
    pub at: String,
    /// What.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.what)
    }
}

/// The text of a message beside its blocks.
pub const MESSAGE_TEXT: usize = 4000;
/// Everything that people read of one message.
pub const MESSAGE_TOTAL: usize = 9000;
/// Blocks of a message.
pub const MESSAGE_BLOCKS: usize = 50;
/// Blocks of a modal.
pub const VIEW_BLOCKS: usize = 100;
/// The text of a section; the text of a piece of rich text too, for which Slack names no limit.
pub const TEXT: usize = 3000;
/// What a modal brings back.
pub const METADATA: usize = 3000;
/// Identifiers.
pub const ID: usize = 255;

/// What is wrong with a message.
pub fn check(message: &Message) -> Vec<Problem> {
    let mut checker = Checker::default();
    checker.length("/text", &message.text, 1, MESSAGE_TEXT);
    checker.total = units(&message.text);
    checker.blocks(&message.blocks, MESSAGE_BLOCKS, false);
    if checker.total > MESSAGE_TOTAL {
        checker.problem("", format!("{} characters in all, of at most {MESSAGE_TOTAL}", checker.total));
    }
    checker.problems
}

/// What is wrong with a modal.
pub fn check_view(view: &Value) -> Vec<Problem> {
    let mut checker = Checker::default();
    let Some(object) = view.as_object() else {
        checker.problem("", "is no object");
        return checker.problems;
    };
    let keys = ["type", "callback_id", "private_metadata", "title", "submit", "close", "blocks"];
    checker.keys("", object, &keys, &keys);
    if view["type"] != "modal" {
        checker.problem("/type", "isn't modal");
    }
    checker.string("/callback_id", &view["callback_id"], 1, ID);
    checker.string("/private_metadata", &view["private_metadata"], 0, METADATA);
    for key in ["title", "submit", "close"] {
        checker.text(&format!("/{key}"), &view[key], 24, &["plain_text"]);
    }
    match view["blocks"].as_array() {
        Some(blocks) => checker.blocks(blocks, VIEW_BLOCKS, true),
        None => checker.problem("/blocks", "is no list"),
    }
    checker.problems
}

#[derive(Default)]
struct Checker {
    problems: Vec<Problem>,
    total: usize,
    block_ids: BTreeSet<String>,
    primary: usize,
}

const BOTH: &[&str] = &["plain_text", "mrkdwn"];
const PLAIN: &[&str] = &["plain_text"];

impl Checker {
    fn problem(&mut self, at: &str, what: impl Into<String>) {
        self.problems.push(Problem { at: at.to_owned(), what: what.into() });
    }

    fn blocks(&mut self, blocks: &[Value], most: usize, modal: bool) {
        self.count("/blocks", blocks.len(), 1, most);
        for (index, block) in blocks.iter().enumerate() {
            let at = format!("/blocks/{index}");
            match block.as_object() {
                Some(object) => self.block(&at, object, modal),
                None => self.problem(&at, "is no object"),
            }
        }
        if self.primary > 1 {
            self.problem("/blocks", "more than one primary button");
        }
    }

    fn block(&mut self, at: &str, block: &Map<String, Value>, modal: bool) {
        let kind = block.get("type").and_then(Value::as_str).unwrap_or_default();
        if let Some(id) = block.get("block_id") {
            self.string(&format!("{at}/block_id"), id, 1, ID);
            if !self.block_ids.insert(id.as_str().unwrap_or_default().to_owned()) {
                self.problem(at, "has the block_id of another block");
            }
        }
        match kind {
            "header" => {
                self.keys(at, block, &["type", "text"], &["type", "text", "block_id"]);
                self.text(&format!("{at}/text"), &block["text"], 150, PLAIN);
            }
            "section" => self.section(at, block),
            "context" => {
                self.keys(at, block, &["type", "elements"], &["type", "elements", "block_id"]);
                self.each(at, block, "elements", 10, |checker, at, element| {
                    checker.text(at, element, TEXT, BOTH);
                });
            }
            "actions" => {
                self.keys(at, block, &["type", "elements", "block_id"], &["type", "elements", "block_id"]);
                let mut ids = BTreeSet::new();
                self.each(at, block, "elements", 25, |checker, at, element| {
                    checker.button(at, element);
                    if !ids.insert(element["action_id"].as_str().unwrap_or_default().to_owned()) {
                        checker.problem(at, "has the action_id of another button");
                    }
                });
            }
            "rich_text" => {
                self.keys(at, block, &["type", "elements"], &["type", "elements", "block_id"]);
                self.each(at, block, "elements", usize::MAX, Self::rich);
            }
            "input" if modal => self.input(at, block),
            _ => self.problem(at, format!("no block of ours has the type {kind:?}")),
        }
    }

    fn section(&mut self, at: &str, block: &Map<String, Value>) {
        self.keys(at, block, &["type"], &["type", "text", "fields", "block_id"]);
        if !block.contains_key("text") && !block.contains_key("fields") {
            self.problem(at, "has neither text nor fields");
        }
        if let Some(text) = block.get("text") {
            self.text(&format!("{at}/text"), text, TEXT, BOTH);
        }
        if block.contains_key("fields") {
            self.each(at, block, "fields", 10, |checker, at, field| checker.text(at, field, 2000, BOTH));
        }
    }

    fn input(&mut self, at: &str, block: &Map<String, Value>) {
        let all = ["type", "block_id", "label", "hint", "element"];
        self.keys(at, block, &all, &all);
        self.text(&format!("{at}/label"), &block["label"], 2000, PLAIN);
        self.text(&format!("{at}/hint"), &block["hint"], 2000, PLAIN);
        let at = format!("{at}/element");
        let Some(element) = block.get("element").and_then(Value::as_object) else {
            return self.problem(&at, "is no object");
        };
        let known = ["type", "action_id", "multiline", "max_length", "placeholder"];
        self.keys(&at, element, &["type", "action_id"], &known);
        if element["type"] != "plain_text_input" {
            self.problem(&at, "isn't a plain_text_input");
        }
        self.string(&format!("{at}/action_id"), &element["action_id"], 1, ID);
        if let Some(placeholder) = element.get("placeholder") {
            self.text(&format!("{at}/placeholder"), placeholder, 150, PLAIN);
        }
        if element.get("max_length").is_some_and(|most| !matches!(most.as_u64(), Some(1..=3000))) {
            self.problem(&at, "max_length isn't from 1 to 3000");
        }
    }

    fn button(&mut self, at: &str, element: &Value) {
        let Some(button) = element.as_object() else { return self.problem(at, "is no object") };
        let needed = ["type", "action_id", "text", "value"];
        self.keys(at, button, &needed, &["type", "action_id", "text", "value", "style", "confirm"]);
        if element["type"] != "button" {
            self.problem(at, "isn't a button");
        }
        self.string(&format!("{at}/action_id"), &element["action_id"], 1, ID);
        self.string(&format!("{at}/value"), &element["value"], 1, 2000);
        self.text(&format!("{at}/text"), &element["text"], 75, PLAIN);
        match button.get("style").map(Value::as_str) {
            None => {}
            Some(Some("primary")) => self.primary += 1,
            Some(_) => self.problem(at, "has a style that isn't ours"),
        }
        let Some(confirm) = button.get("confirm") else { return };
        let at = format!("{at}/confirm");
        let Some(object) = confirm.as_object() else { return self.problem(&at, "is no object") };
        let all = ["title", "text", "confirm", "deny"];
        self.keys(&at, object, &all, &all);
        for (key, most) in [("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)] {
            self.text(&format!("{at}/{key}"), &confirm[key], most, PLAIN);
        }
    }

    fn rich(&mut self, at: &str, element: &Value) {
        let Some(object) = element.as_object() else { return self.problem(at, "is no object") };
        self.keys(at, object, &["type", "elements"], &["type", "elements"]);
        let kind = element["type"].as_str().unwrap_or_default();
        if !["rich_text_section", "rich_text_preformatted", "rich_text_quote"].contains(&kind) {
            self.problem(at, format!("no rich text of ours has the type {kind:?}"));
        }
        self.each(at, object, "elements", usize::MAX, |checker, at, text| {
            let Some(object) = text.as_object() else { return checker.problem(at, "is no object") };
            checker.keys(at, object, &["type", "text"], &["type", "text", "style"]);
            if text["type"] != "text" {
                checker.problem(at, "isn't a text");
            }
            checker.counted(&format!("{at}/text"), &text["text"], TEXT);
            let Some(style) = object.get("style") else { return };
            match style.as_object() {
                Some(style) => checker.keys(at, style, &[], &["bold", "code"]),
                None => checker.problem(at, "has a style that is no object"),
            }
        });
    }

    /// A text object.
    fn text(&mut self, at: &str, text: &Value, most: usize, kinds: &[&str]) {
        let Some(object) = text.as_object() else { return self.problem(at, "is no text object") };
        let kind = text["type"].as_str().unwrap_or_default();
        if !kinds.contains(&kind) {
            self.problem(at, format!("is of the type {kind:?}"));
        }
        let known: &[&str] =
            if kind == "plain_text" { &["type", "text", "emoji"] } else { &["type", "text", "verbatim"] };
        self.keys(at, object, &["type", "text"], known);
        self.counted(&format!("{at}/text"), &text["text"], most);
    }

    /// A string that people read.
    fn counted(&mut self, at: &str, text: &Value, most: usize) {
        self.string(at, text, 1, most);
        self.total += text.as_str().map_or(0, units);
        if text.as_str().is_some_and(|text| text.trim().is_empty()) {
            self.problem(at, "shows nothing");
        }
    }

    fn string(&mut self, at: &str, text: &Value, least: usize, most: usize) {
        match text.as_str() {
            Some(text) => self.length(at, text, least, most),
            None => self.problem(at, "is no string"),
        }
    }

    fn length(&mut self, at: &str, text: &str, least: usize, most: usize) {
        let length = units(text);
        if !(least..=most).contains(&length) {
            self.problem(at, format!("{length} characters, of {least} to {most}"));
        }
    }

    fn count(&mut self, at: &str, count: usize, least: usize, most: usize) {
        if !(least..=most).contains(&count) {
            self.problem(at, format!("{count} elements, of {least} to {most}"));
        }
    }

    /// Looks at each element of a list.
    fn each(
        &mut self,
        at: &str,
        object: &Map<String, Value>,
        key: &str,
        most: usize,
        mut look: impl FnMut(&mut Self, &str, &Value),
    ) {
        let at = format!("{at}/{key}");
        let Some(elements) = object.get(key).and_then(Value::as_array) else {
            return self.problem(&at, "is no list");
        };
        self.count(&at, elements.len(), 1, most);
        for (index, element) in elements.iter().enumerate() {
            look(self, &format!("{at}/{index}"), element);
        }
    }

    fn keys(&mut self, at: &str, object: &Map<String, Value>, needed: &[&str], known: &[&str]) {
        for key in needed.iter().filter(|key| !object.contains_key(**key)) {
            self.problem(at, format!("lacks {key}"));
        }
        for key in object.keys().filter(|key| !known.contains(&key.as_str())) {
            self.problem(at, format!("no {key} belongs here"));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::Message;
    use super::{check, check_view};

    fn problems(block: Value) -> Vec<String> {
        let message = Message { text: "x".to_owned(), blocks: vec![block] };
        check(&message).iter().map(ToString::to_string).collect()
    }

    fn button(text: &str, value: &str) -> Value {
        json!({"type": "button", "action_id": "a", "value": value, "text": {"type": "plain_text", "text": text}})
    }

    #[test]
    fn each_limit_is_held_exactly() {
        let many = |count: usize| "x".repeat(count);
        let header = |count| json!({"type": "header", "text": {"type": "plain_text", "text": many(count)}});
        let section = |count| json!({"type": "section", "text": {"type": "mrkdwn", "text": many(count)}});
        let field = |count| json!({"type": "section", "fields": [{"type": "mrkdwn", "text": many(count)}]});
        let fields =
            |count| json!({"type": "section", "fields": vec![json!({"type": "mrkdwn", "text": "x"}); count]});
        let context = |count| json!({"type": "context", "elements": vec![json!({"type": "mrkdwn", "text": "x"}); count]});
        let label =
            |count| json!({"type": "actions", "block_id": "b", "elements": [button(&many(count), "v")]});
        let value =
            |count| json!({"type": "actions", "block_id": "b", "elements": [button("x", &many(count))]});
        let id = |count: usize| json!({"type": "actions", "block_id": many(count), "elements": [button("x", "v")]});
        let held: [(&dyn Fn(usize) -> Value, usize); 8] = [
            (&header, 150),
            (&section, 3000),
            (&field, 2000),
            (&fields, 10),
            (&context, 10),
            (&label, 75),
            (&value, 2000),
            (&id, 255),
        ];
        for (make, most) in held {
            assert_eq!(problems(make(most)), Vec::<String>::new());
            assert_eq!(problems(make(most + 1)).len(), 1, "{}", make(most + 1));
            assert!(!problems(make(0)).is_empty());
        }
    }

    #[test]
    fn a_whole_message_has_limits_too() {
        let section =
            |count: usize| json!({"type": "section", "text": {"type": "mrkdwn", "text": "x".repeat(count)}});
        let found =
            |text: usize, blocks: Vec<Value>| check(&Message { text: "x".repeat(text), blocks }).len();
        assert_eq!(found(4000, vec![section(3000), section(2000)]), 0);
        assert_eq!(found(4000, vec![section(3000), section(2001)]), 1);
        assert_eq!(found(4001, vec![section(1)]), 1);
        assert_eq!(found(0, vec![section(1)]), 1);
        assert_eq!(found(1, vec![section(1); 50]), 0);
        assert_eq!(found(1, vec![section(1); 51]), 1);
    }

    #[test]
    fn what_we_do_not_use_is_a_problem() {
        for block in [
            json!({"type": "sektion", "text": {"type": "mrkdwn", "text": "x"}}),
            json!({"type": "image", "image_url": "https://example.com", "alt_text": "x"}),
            json!({"type": "section", "text": {"type": "mrkdown", "text": "x"}}),
            json!({"type": "section", "text": {"type": "mrkdwn", "text": "x", "emoji": true}}),
            json!({"type": "section", "txet": {"type": "mrkdwn", "text": "x"}}),
            json!({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}),
            json!({"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": []}]}),
            json!({"type": "input", "block_id": "b"}),
            json!({"type": "actions", "block_id": "b", "elements": [button("x", "v"), button("y", "v")]}),
            json!(7),
        ] {
            assert!(!problems(block.clone()).is_empty(), "{block}");
        }
    }

    #[test]
    fn a_modal_has_limits_of_its_own() {
        let plain = |count: usize| json!({"type": "plain_text", "text": "x".repeat(count)});
        let view = |title: usize, metadata: usize| {
            json!({"type": "modal", "callback_id": "c", "private_metadata": "x".repeat(metadata),
                "title": plain(title), "submit": plain(1), "close": plain(1),
                "blocks": [{"type": "section", "text": plain(1)}]})
        };
        assert_eq!(check_view(&view(24, 3000)), []);
        assert_eq!(check_view(&view(25, 3000)).len(), 1);
        assert_eq!(check_view(&view(24, 3001)).len(), 1);
        assert_eq!(check_view(&Value::Null).len(), 1);
    }
}
