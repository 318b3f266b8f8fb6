//! Writes as values: what is to be written where, and under which condition.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::keys::Key;

/// An item as it is kept.
pub type Item = HashMap<String, AttributeValue>;

/// One write of a transaction.
#[derive(Debug, Clone)]
pub struct Write {
    pub key: Key,
    pub what: What,
    pub only_if: Option<String>,
    pub values: HashMap<String, AttributeValue>,
}

/// What a write does.
#[derive(Debug, Clone)]
pub enum What {
    /// Puts an item in the place of whatever there is.
    Put(Item),
    /// Changes an item, by an expression.
    Change(String),
    Delete,
}

/// The condition that there is no such item yet.
pub const NEW: &str = "attribute_not_exists(#pk)";

impl Write {
    pub fn put(key: Key, item: Item) -> Self {
        Self { key, what: What::Put(item), only_if: None, values: HashMap::new() }
    }

    pub fn change(key: Key, expression: impl Into<String>) -> Self {
        Self { key, what: What::Change(expression.into()), only_if: None, values: HashMap::new() }
    }

    pub fn delete(key: Key) -> Self {
        Self { key, what: What::Delete, only_if: None, values: HashMap::new() }
    }

    /// Under a condition.
    #[must_use]
    pub fn only_if(mut self, condition: impl Into<String>) -> Self {
        self.only_if = Some(condition.into());
        self
    }

    /// A value that an expression names, such as `:now`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl IntoValue) -> Self {
        self.values.insert(name.to_owned(), value.into_value());
        self
    }
}

/// A change as an expression: what is set to what, what is taken away.
#[derive(Debug, Default)]
pub struct Changes {
    sets: Vec<String>,
    removes: Vec<String>,
    values: HashMap<String, AttributeValue>,
}

impl Changes {
    /// An attribute is set to a value, or taken away where there is none.
    pub fn set(&mut self, name: &str, value: Option<impl IntoValue>) {
        match value {
            Some(value) => {
                self.sets.push(format!("#{name} = :{name}"));
                self.values.insert(format!(":{name}"), value.into_value());
            }
            None => self.remove(&[name]),
        }
    }

    /// An attribute is set to what an expression says.
    pub fn set_to(&mut self, name: &str, expression: &str) {
        self.sets.push(format!("#{name} = {expression}"));
    }

    /// Attributes are taken away.
    pub fn remove(&mut self, names: &[&str]) {
        self.removes.extend(names.iter().map(|name| format!("#{name}")));
    }

    /// These and those.
    pub fn append(&mut self, other: Self) {
        self.sets.extend(other.sets);
        self.removes.extend(other.removes);
        self.values.extend(other.values);
    }

    /// The same as a new item.
    pub fn into_put(self, key: Key) -> Write {
        let bare = |(name, value): (String, AttributeValue)| (name.trim_start_matches(':').to_owned(), value);
        Write::put(key, self.values.into_iter().map(bare).collect())
    }

    /// The change of one item.
    pub fn of(self, key: Key) -> Write {
        let mut expression = String::new();
        for (word, parts) in [("SET", self.sets), ("REMOVE", self.removes)] {
            if !parts.is_empty() {
                expression = format!("{expression} {word} {}", parts.join(", "));
            }
        }
        Write { values: self.values, ..Write::change(key, expression.trim_start()) }
    }
}

/// What an attribute can hold.
pub trait IntoValue {
    fn into_value(self) -> AttributeValue;
}

impl IntoValue for AttributeValue {
    fn into_value(self) -> AttributeValue {
        self
    }
}

impl IntoValue for &str {
    fn into_value(self) -> AttributeValue {
        AttributeValue::S(self.to_owned())
    }
}

impl IntoValue for String {
    fn into_value(self) -> AttributeValue {
        AttributeValue::S(self)
    }
}

impl IntoValue for u64 {
    fn into_value(self) -> AttributeValue {
        AttributeValue::N(self.to_string())
    }
}

impl IntoValue for i64 {
    fn into_value(self) -> AttributeValue {
        AttributeValue::N(self.to_string())
    }
}

/// A value that an expression names.
pub fn value(name: &str, value: impl IntoValue) -> (String, AttributeValue) {
    (name.to_owned(), value.into_value())
}

/// Every name that expressions use, as DynamoDB wants to be told of names that may be words of its own.
pub fn names<'a>(expressions: impl IntoIterator<Item = &'a str>) -> HashMap<String, String> {
    let mut names = HashMap::new();
    for expression in expressions {
        for part in expression.split('#').skip(1) {
            let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(part.len());
            names.insert(format!("#{}", &part[..end]), part[..end].to_owned());
        }
    }
    names
}

/// A text of an item.
pub fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

/// A number of an item.
pub fn number(item: &Item, name: &str) -> Option<u64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

/// The texts of a set.
pub fn texts(item: &Item, name: &str) -> Vec<String> {
    item.get(name).and_then(|set| set.as_ss().ok()).cloned().unwrap_or_default()
}

/// The place of an item, or of what an index tells of it.
pub fn key_of(item: &Item) -> Key {
    Key::new(text(item, "pk").unwrap_or_default(), text(item, "sk").unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_sets_what_there_is_and_takes_the_rest_away() {
        let mut changes = Changes::default();
        changes.set("state", Some("Denied"));
        changes.set("stage", None::<&str>);
        changes.set_to("due_sk", "#due");
        changes.remove(&["claim"]);
        let write = changes.of(Key::new("a", "b"));
        let What::Change(expression) = write.what else { panic!("it changes") };
        assert_eq!(expression, "SET #state = :state, #due_sk = #due REMOVE #stage, #claim");
        assert_eq!(write.values.len(), 1);
        let names = names([expression.as_str(), "size(#a_b) = :n"]);
        let mut found: Vec<&str> = names.values().map(String::as_str).collect();
        found.sort_unstable();
        assert_eq!(found, ["a_b", "claim", "due", "due_sk", "stage", "state"]);
        assert!(names.iter().all(|(sign, name)| sign[1..] == *name));
    }
}
