//! Policies, as the JSON documents that they are.
//!
//! What is read back equals what was written, order and spelling included. [`Document::to_json`] puts the conditions of
//! one operator together, which a rare document (one operator under two spellings) would not survive unchanged; so a
//! condition block is written here in the order of its conditions.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::iam::document::{Condition, Document};

/// A policy in a record.
pub struct PolicyRecord(pub Document);

impl From<&Document> for PolicyRecord {
    fn from(document: &Document) -> Self {
        Self(document.clone())
    }
}

impl Serialize for PolicyRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        written(&self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PolicyRecord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let document = Document::parse(value.to_string().as_bytes());
        document.map(Self).map_err(|error| D::Error::custom(format_args!("a policy: {error}")))
    }
}

fn written(document: &Document) -> Value {
    let mut json = document.to_json();
    for (place, statement) in document.statements.iter().enumerate() {
        if !statement.conditions.is_empty() {
            json["Statement"][place]["Condition"] = block(&statement.conditions);
        }
    }
    json
}

/// A run of conditions with one operator and different keys shares an object. Where the operator comes back later, it
/// is spelt in another case, which nobody looks at. A document that was read has no more such runs than its own text
/// had spellings, so they never run out.
fn block(conditions: &[Condition]) -> Value {
    let mut block: Vec<(String, Map<String, Value>)> = Vec::new();
    let mut current = None;
    for condition in conditions {
        let fits = current == Some(condition.operator)
            && block.last().is_some_and(|(_, keys)| !keys.contains_key(&condition.key));
        if !fits {
            let usual = condition.operator.to_string();
            let free = |name: &String| block.iter().all(|(taken, _)| taken != name);
            let name = spellings(&usual).find(free).unwrap_or_else(|| usual.clone());
            block.push((name, Map::new()));
            current = Some(condition.operator);
        }
        let values = condition.values.iter().map(|value| Value::from(value.as_str())).collect();
        block.last_mut().and_then(|(_, keys)| keys.insert(condition.key.clone(), values));
    }
    Value::Object(block.into_iter().map(|(name, keys)| (name, Value::Object(keys))).collect())
}

/// The text, then the text with the case of some of its first letters turned over.
fn spellings(text: &str) -> impl Iterator<Item = String> + '_ {
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count().min(31);
    (0_u32..1 << letters).map(move |turned| {
        let mut letter = 0;
        let turn = |c: char| {
            let this = c.is_ascii_alphabetic() && letter < letters && turned >> letter & 1 == 1;
            letter += usize::from(c.is_ascii_alphabetic());
            match c {
                c if !this => c,
                c if c.is_ascii_lowercase() => c.to_ascii_uppercase(),
                c => c.to_ascii_lowercase(),
            }
        };
        text.chars().map(turn).collect()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn back(document: &Document) -> Document {
        let text = serde_json::to_string(&PolicyRecord::from(document)).unwrap();
        serde_json::from_str::<PolicyRecord>(&text).unwrap().0
    }

    fn document(json: &str) -> Document {
        Document::parse(json.as_bytes()).unwrap()
    }

    #[test]
    fn a_policy_reads_back_as_it_was_with_order_and_spelling() {
        for json in [
            r#"{"Statement":[]}"#,
            r#"{"Version":"2008-10-17","Id":"é\u0001","Statement":{"Effect":"Deny","Action":[],"Resource":["b","a","b"]}}"#,
            r#"{"Statement":[{"Sid":"","Effect":"Allow","Principal":"*","NotAction":"S3:gEt*","NotResource":"*"}]}"#,
            r#"{"Statement":[{"Effect":"Allow","NotPrincipal":{"Service":["z","a"],"AWS":"*","Federated":[]},"Action":"sts:*"}]}"#,
            r#"{"Statement":{"Effect":"Deny","Condition":{"Bool":{"a":false},"NumericEquals":{"b":[1,2.50]}}}}"#,
            r#"{"Statement":{"Effect":"Deny","Condition":{"StringEquals":{"k":"1","K":"2"},"Bool":{"x":[]},
               "stringequals":{"k":"3"},"Null":{},"STRINGEQUALS":{"k":"4"}}}}"#,
        ] {
            let read = document(json);
            assert_eq!(back(&read), read, "{json}");
        }
    }

    #[test]
    fn an_ordinary_policy_is_kept_as_it_is_written_elsewhere() {
        let read = document(
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*",
            "Condition":{"StringEquals":{"aws:a":["x"],"aws:b":["y","z"]},"Bool":{"aws:c":["true"]}}}]}"#,
        );
        let plain: Value =
            serde_json::from_str(&serde_json::to_string(&PolicyRecord::from(&read)).unwrap()).unwrap();
        assert_eq!(document(&plain.to_string()), document(&read.to_string_compact()));
        assert_eq!(plain["Statement"][0]["Condition"].as_object().unwrap().len(), 2);
    }

    type Keys = Vec<(String, Vec<String>)>;

    /// Any spelling of a few operators, over and over, with the same few keys.
    fn conditions() -> impl Strategy<Value = Vec<(String, Keys)>> {
        let operator = (
            prop::sample::select(vec!["Bool", "Null", "StringLike", "ForAnyValue:ArnLikeIfExists"]),
            any::<u32>(),
        )
            .prop_map(|(name, n)| spellings(name).nth(n as usize % 16).unwrap());
        let keys =
            prop::collection::vec(("[aAbB]{1,2}", prop::collection::vec("[a-z*?\u{e9}\"]{0,3}", 0..3)), 0..4);
        prop::collection::vec((operator, keys), 0..12)
    }

    proptest! {
        #[test]
        fn whatever_was_read_reads_back_equal(blocks in conditions()) {
            let mut block = Map::new();
            for (operator, keys) in blocks {
                let keys = keys.into_iter().map(|(key, values)| (key, values.into_iter().collect())).collect();
                block.insert(operator, Value::Object(keys));
            }
            let json = serde_json::json!({"Statement": {"Effect": "Deny", "Action": "a:b", "Resource": "*", "Condition": block}});
            let read = document(&json.to_string());
            prop_assert_eq!(back(&read), read);
        }
    }
}
