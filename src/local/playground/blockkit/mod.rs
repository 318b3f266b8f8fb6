//! Slack's checks of Block Kit: closed sets of blocks, elements and members, and every documented limit.
//!
//! Stricter than the documentation nowhere on purpose, laxer nowhere that a bot like ALPHA could notice. Types that
//! no bot of this kind sends (videos, remote files, workflow buttons) aren't in the sets and are refused as unknown.

mod blocks;
mod elements;
mod objects;
mod rich;
mod shape;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use serde_json::{Map, Value};
use shape::{Kind, Problems, check};

/// All text of one message; Slack documents no number, and refuses from somewhere between 10,000 and 13,000 on.
const MOST_TEXT: usize = 12_000;
/// All text of one table.
const MOST_TABLE_TEXT: usize = 10_000;

/// Why blocks are refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// What is wrong, each with a JSON pointer.
    Invalid(Vec<String>),
    /// Each block is fine, and together they hold too much text.
    TooLong,
}

/// Checks the blocks of a message.
pub(super) fn message(blocks: &[Value]) -> Result<(), Refused> {
    let mut problems = Problems::default();
    check(&Value::Array(blocks.to_vec()), &blocks::IN_MESSAGE, "/blocks", &mut problems);
    together(blocks, "/blocks", &mut problems);
    let found = problems.into_messages();
    if !found.is_empty() {
        return Err(Refused::Invalid(found));
    }
    if blocks.iter().map(text_in).sum::<usize>() > MOST_TEXT {
        return Err(Refused::TooLong);
    }
    Ok(())
}

/// Checks a modal.
pub(super) fn view(view: &Value) -> Result<(), Vec<String>> {
    let mut problems = Problems::default();
    check(view, &Kind::Of(&blocks::MODAL), "/view", &mut problems);
    let blocks = view.get("blocks").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    together(blocks, "/view/blocks", &mut problems);
    if view.get("submit").is_none() && blocks.iter().any(|block| type_of(block) == "input") {
        problems.add("/view", "missing required field: submit (the view has an input block)");
    }
    let found = problems.into_messages();
    if found.is_empty() { Ok(()) } else { Err(found) }
}

/// What only blocks taken together can break.
fn together(blocks: &[Value], at: &str, problems: &mut Problems) {
    let mut block_ids = HashSet::new();
    for (index, block) in blocks.iter().enumerate() {
        let at = format!("{at}/{index}");
        if let Some(id) = block.get("block_id").and_then(Value::as_str)
            && !block_ids.insert(id)
        {
            problems.add(&format!("{at}/block_id"), "`block_id` already exists in this message");
        }
        let mut action_ids = HashSet::new();
        for (element, at) in elements(block, &at) {
            if let Some(id) = element.get("action_id").and_then(Value::as_str)
                && !action_ids.insert(id)
            {
                problems.add(&format!("{at}/action_id"), "`action_id` already exists in this block");
            }
        }
        if type_of(block) == "table" && text_in(block) > MOST_TABLE_TEXT {
            problems.add(&at, "the text of a table must be less than 10001 characters");
        }
    }
    if blocks.iter().filter(|block| type_of(block) == "table").count() > 1 {
        problems.add(at, "only_one_table_allowed");
    }
}

fn type_of(value: &Value) -> &str {
    value.get("type").and_then(Value::as_str).unwrap_or_default()
}

/// The elements of a block that can act, with their places.
fn elements<'a>(block: &'a Value, at: &str) -> Vec<(&'a Value, String)> {
    let many = block.get("elements").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut found: Vec<_> =
        many.iter().enumerate().map(|(index, one)| (one, format!("{at}/elements/{index}"))).collect();
    for name in ["accessory", "element"] {
        found.extend(block.get(name).map(|one| (one, format!("{at}/{name}"))));
    }
    found
}

/// How many characters of text a value holds.
fn text_in(value: &Value) -> usize {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| match member {
                Value::String(text) if name == "text" => text.chars().count(),
                member => text_in(member),
            })
            .sum(),
        Value::Array(items) => items.iter().map(text_in).sum(),
        _ => 0,
    }
}

/// Gives ids to blocks and elements that have none, as Slack does when it stores them.
pub(super) fn complete(blocks: &mut [Value]) {
    let mut taken: HashSet<String> =
        blocks.iter().filter_map(|block| Some(block.get("block_id")?.as_str()?.to_owned())).collect();
    let mut number = 0;
    for block in blocks.iter_mut() {
        let Some(block) = block.as_object_mut() else { continue };
        if !block.contains_key("block_id") {
            let mut fresh = || {
                number += 1;
                format!("b{number}")
            };
            let mut id = fresh();
            while !taken.insert(id.clone()) {
                id = fresh();
            }
            block.insert("block_id".to_owned(), Value::String(id));
        }
        name_elements(block);
    }
}

fn name_elements(block: &mut Map<String, Value>) {
    let kind = block.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    if let Some(Value::Array(elements)) = block.get_mut("elements").filter(|_| kind == "actions") {
        for (index, element) in elements.iter_mut().enumerate() {
            name(element, index);
        }
    }
    for place in ["accessory", "element"] {
        if let Some(element) = block.get_mut(place).filter(|element| type_of(element) != "image") {
            name(element, 0);
        }
    }
}

fn name(element: &mut Value, index: usize) {
    if let Some(members) = element.as_object_mut()
        && !members.contains_key("action_id")
    {
        members.insert("action_id".to_owned(), Value::String(format!("a{}", index + 1)));
    }
}

/// The element with these ids among blocks.
pub(super) fn find<'a>(blocks: &'a [Value], block_id: &str, action_id: &str) -> Option<&'a Value> {
    let block =
        blocks.iter().find(|block| block.get("block_id").and_then(Value::as_str) == Some(block_id))?;
    let acts = |one: &Value| one.get("action_id").and_then(Value::as_str) == Some(action_id);
    elements(block, "").into_iter().map(|(element, _)| element).find(|element| acts(element))
}
