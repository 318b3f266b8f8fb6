//! JSON as a tree that keeps what a policy reader must see: duplicate keys and the place of everything.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// One JSON value. Objects keep their members in order and *with* duplicates, so that a reader can name them.
#[derive(Debug, Clone, PartialEq)]
pub enum Node<'a> {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// Any number, as it prints.
    Number(serde_json::Number),
    /// A string, borrowed where it has no escapes.
    Text(Cow<'a, str>),
    /// An array.
    List(Vec<Node<'a>>),
    /// An object, in the order of the text.
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
}

impl<'a> Node<'a> {
    /// Reads one JSON value from UTF-8 bytes; a byte order mark before it is passed over.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, JsonError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(JsonError("it is empty, and a JSON object was expected".into()));
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|error| JsonError(format!("invalid UTF-8 at byte {}", error.valid_up_to())))?;
        serde_json::from_str(text).map_err(|error| JsonError(format!("malformed JSON: {error}")))
    }

    /// What this value is, in a person's words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }

    /// The first member called `key`, where this is an object.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The string, where this is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Why bytes aren't JSON, with the line and column or the byte.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct JsonError(String);

/// A place in a JSON text, kept as a chain while walking and written as a JSON pointer (RFC 6901) when needed.
#[derive(Debug, Clone, Copy)]
pub enum Place<'p> {
    /// The whole text.
    Root,
    /// A member of an object.
    Member(&'p Place<'p>, &'p str),
    /// An item of a list.
    Item(&'p Place<'p>, usize),
}

impl<'p> Place<'p> {
    /// The member `name` of this place.
    #[must_use]
    pub fn member(&'p self, name: &'p str) -> Place<'p> {
        Place::Member(self, name)
    }

    /// The item `index` of this place.
    #[must_use]
    pub fn item(&'p self, index: usize) -> Place<'p> {
        Place::Item(self, index)
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Root => Ok(()),
            Place::Member(parent, name) => {
                write!(f, "{parent}/{}", name.replace('~', "~0").replace('/', "~1"))
            }
            Place::Item(parent, index) => write!(f, "{parent}/{index}"),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Node<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Builder::default().deserialize(deserializer)
    }
}

/// Values of lists and objects that aren't at their end yet, so that each is made once, in its size.
#[derive(Default)]
struct Builder<'a> {
    items: Vec<Node<'a>>,
    members: Vec<(Cow<'a, str>, Node<'a>)>,
}

impl<'de: 'a, 'a> DeserializeSeed<'de> for &mut Builder<'a> {
    type Value = Node<'a>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de: 'a, 'a> Visitor<'de> for &mut Builder<'a> {
    type Value = Node<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Self::Value, E> {
        serde_json::Number::from_f64(value)
            .map(Node::Number)
            .ok_or_else(|| E::custom("a number beyond range"))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Node::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_borrowed_str<E: de::Error>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Node::Text(Cow::Borrowed(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let start = self.items.len();
        while let Some(item) = items.next_element_seed(&mut *self)? {
            self.items.push(item);
        }
        Ok(Node::List(self.items.drain(start..).collect()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let start = self.members.len();
        while let Some(Key(key)) = members.next_key()? {
            let value = members.next_value_seed(&mut *self)?;
            self.members.push((key, value));
        }
        Ok(Node::Object(self.members.drain(start..).collect()))
    }
}

struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyBuilder;
        impl<'de> Visitor<'de> for KeyBuilder {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: de::Error>(self, value: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(value.to_owned())))
            }

            fn visit_borrowed_str<E: de::Error>(self, value: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(value)))
            }
        }
        deserializer.deserialize_str(KeyBuilder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duplicates_are_kept_and_order_too() {
        let node = Node::parse(br#"{"b":1,"a":"x","b":null}"#).unwrap();
        let Node::Object(members) = node else { panic!("an object") };
        let keys: Vec<_> = members.iter().map(|(key, _)| key.as_ref()).collect();
        assert_eq!(keys, ["b", "a", "b"]);
    }

    #[test]
    fn hostile_nesting_is_refused_without_overflowing() {
        let text = "[".repeat(10_000);
        let error = Node::parse(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("recursion limit"), "{error}");
    }

    #[test]
    fn errors_say_where() {
        assert!(Node::parse(b"{\"a\":\n 1,}").unwrap_err().to_string().contains("line 2"));
        assert_eq!(Node::parse(b"{\"a\xff\"").unwrap_err().to_string(), "invalid UTF-8 at byte 3");
        assert!(Node::parse(b" \n").unwrap_err().to_string().contains("empty"));
    }

    #[test]
    fn a_place_is_written_as_a_json_pointer() {
        let (root, name) = (Place::Root, "a/b~c");
        let statement = root.member("Statement");
        let first = statement.item(0);
        assert_eq!(first.member(name).to_string(), "/Statement/0/a~1b~0c");
    }
}
