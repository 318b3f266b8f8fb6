//! A small language for the shapes of JSON objects, and the one function that holds a value against them.
//!
//! Whatever a shape doesn't name is refused: a misspelt member passes no check here, as it passes none at Slack.

use serde_json::{Map, Value};

/// What a member may hold.
pub(super) enum Kind {
    /// `true` or `false`.
    Flag,
    /// A whole number from the first to the second.
    Whole(i64, i64),
    /// A string of one to so many characters.
    Words(usize),
    /// A string of at most so many characters.
    Blank(usize),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A web address.
    Link,
    /// A text object of type `plain_text`.
    Plain(usize),
    /// A text object of either type.
    Markup(usize),
    /// An object of this shape.
    Of(&'static Shape),
    /// An object of one of these shapes, told apart by `type`.
    Any(&'static [&'static Shape]),
    /// From so many to so many items of a kind.
    List(usize, usize, &'static Kind),
}

/// A member of an object.
pub(super) struct Field {
    name: &'static str,
    needed: bool,
    kind: Kind,
}

/// A member that must be there.
pub(super) const fn need(name: &'static str, kind: Kind) -> Field {
    Field { name, needed: true, kind }
}

/// A member that may be there.
pub(super) const fn may(name: &'static str, kind: Kind) -> Field {
    Field { name, needed: false, kind }
}

/// An object: its `type`, where it has one, and its members.
pub(super) struct Shape {
    /// The value of `type`; empty where the object has no `type`.
    pub(super) tag: &'static str,
    /// All members that it may have.
    pub(super) fields: &'static [Field],
    /// At least one of these members must be there.
    pub(super) one_of: &'static [&'static str],
}

/// What is wrong, in Slack's words, each with a JSON pointer.
#[derive(Default)]
pub(super) struct Problems {
    found: Vec<String>,
}

impl Problems {
    /// Notes one problem at one place.
    pub(super) fn add(&mut self, at: &str, what: &str) {
        if self.found.len() < 20 {
            self.found.push(format!("[ERROR] {what} [json-pointer:{at}]"));
        }
    }

    pub(super) fn into_messages(self) -> Vec<String> {
        self.found
    }
}

/// Holds a value against a kind.
pub(super) fn check(value: &Value, kind: &Kind, at: &str, problems: &mut Problems) {
    match kind {
        Kind::Flag if value.is_boolean() => {}
        Kind::Flag => problems.add(at, "must be a valid boolean"),
        Kind::Whole(least, most) => match value.as_i64() {
            Some(number) if (*least..=*most).contains(&number) => {}
            Some(_) => problems.add(at, &format!("must be a number from {least} to {most}")),
            None => problems.add(at, "must be a valid number"),
        },
        Kind::Words(most) => words(value, 1, *most, at, problems),
        Kind::Blank(most) => words(value, 0, *most, at, problems),
        Kind::Word(allowed) => match value.as_str() {
            Some(word) if allowed.contains(&word) => {}
            _ => problems.add(at, &format!("must be a valid enum value ({})", allowed.join(", "))),
        },
        Kind::Link => match value.as_str() {
            Some(link) if link.chars().count() > 3_000 => {
                problems.add(at, "must be less than 3001 characters");
            }
            Some(link) if url::Url::parse(link).is_ok() => {}
            _ => problems.add(at, "must be a valid URL"),
        },
        Kind::Plain(most) => text(value, &["plain_text"], *most, at, problems),
        Kind::Markup(most) => text(value, &["plain_text", "mrkdwn"], *most, at, problems),
        Kind::Of(shape) => object(value, shape, at, problems),
        Kind::Any(shapes) => one_of(value, shapes, at, problems),
        Kind::List(least, most, kind) => list(value, (*least, *most), kind, at, problems),
    }
}

fn words(value: &Value, least: usize, most: usize, at: &str, problems: &mut Problems) {
    match value.as_str().map(|text| text.chars().count()) {
        None => problems.add(at, "must be a string"),
        Some(length) if length < least => problems.add(at, "must be more than 0 characters"),
        Some(length) if length > most => {
            problems.add(at, &format!("must be less than {} characters", most + 1));
        }
        Some(_) => {}
    }
}

fn text(value: &Value, types: &[&str], most: usize, at: &str, problems: &mut Problems) {
    let Some(members) = value.as_object() else {
        return problems.add(at, "must be an object");
    };
    let tag = members.get("type").and_then(Value::as_str).unwrap_or_default();
    if !types.contains(&tag) {
        return problems.add(&format!("{at}/type"), &format!("must be one of: {}", types.join(", ")));
    }
    match members.get("text") {
        Some(text) => words(text, 1, most, &format!("{at}/text"), problems),
        None => problems.add(at, "missing required field: text"),
    }
    let flag = if tag == "plain_text" { "emoji" } else { "verbatim" };
    for (name, member) in members {
        match name.as_str() {
            "type" | "text" => {}
            name if name == flag => check(member, &Kind::Flag, &format!("{at}/{name}"), problems),
            name => problems.add(at, &format!("invalid additional property: {}", short(name))),
        }
    }
}

fn one_of(value: &Value, shapes: &[&'static Shape], at: &str, problems: &mut Problems) {
    let Some(members) = value.as_object() else {
        return problems.add(at, "must be an object");
    };
    match members.get("type").and_then(Value::as_str) {
        None => problems.add(at, "missing required field: type"),
        Some(tag) => match shapes.iter().find(|shape| shape.tag == tag) {
            Some(shape) => object(value, shape, at, problems),
            None => problems.add(&format!("{at}/type"), &format!("unsupported type: {}", short(tag))),
        },
    }
}

fn object(value: &Value, shape: &Shape, at: &str, problems: &mut Problems) {
    let Some(members) = value.as_object() else {
        return problems.add(at, "must be an object");
    };
    for (name, member) in members {
        if name == "type" && !shape.tag.is_empty() {
            if member.as_str() != Some(shape.tag) {
                problems.add(&format!("{at}/type"), &format!("must be: {}", shape.tag));
            }
            continue;
        }
        match shape.fields.iter().find(|field| field.name == name) {
            Some(field) => check(member, &field.kind, &format!("{at}/{name}"), problems),
            None => problems.add(at, &format!("invalid additional property: {}", short(name))),
        }
    }
    missing(members, shape, at, problems);
}

fn missing(members: &Map<String, Value>, shape: &Shape, at: &str, problems: &mut Problems) {
    for field in shape.fields.iter().filter(|field| field.needed && !members.contains_key(field.name)) {
        problems.add(at, &format!("missing required field: {}", field.name));
    }
    if !shape.one_of.is_empty() && !shape.one_of.iter().any(|name| members.contains_key(*name)) {
        problems.add(at, &format!("must define either {}", shape.one_of.join(" or ")));
    }
}

fn list(value: &Value, (least, most): (usize, usize), kind: &Kind, at: &str, problems: &mut Problems) {
    let Some(items) = value.as_array() else {
        return problems.add(at, "must be an array");
    };
    if items.len() < least {
        problems.add(at, &format!("no less than {least} items allowed"));
    }
    if items.len() > most {
        problems.add(at, &format!("no more than {most} items allowed"));
    }
    for (index, item) in items.iter().enumerate() {
        check(item, kind, &format!("{at}/{index}"), problems);
    }
}

fn short(name: &str) -> String {
    name.chars().take(40).collect()
}
