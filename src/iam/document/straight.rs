//! The straight way from JSON text to the model, without a tree between: for policies as nearly all of them are.
//!
//! It only ever gives up: whatever it doesn't know at once, and whatever is wrong, is left to the tree, which names the
//! place. It must never read a text that the tree refuses, nor read one otherwise than the tree does.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{Condition, Document, Effect, Operator, Selection, Statement, Version};

/// The keys of one operator among which a repeated one is looked for here.
const MOST_KEYS: usize = 16;

/// The policy, where the text is one beyond doubt.
pub(super) fn read(text: &str) -> Option<Document> {
    serde_json::from_str(text).ok().map(|Straight(document)| document)
}

/// What is read straight, whichever way it was written.
struct Straight<T>(T);

/// How the value is read from an object, from a list, from a string; what isn't said is given up.
trait Shape: Sized {
    fn from_object<'de, A: MapAccess<'de>>(_: A) -> Result<Self, A::Error> {
        Err(give_up())
    }

    fn from_list<'de, A: SeqAccess<'de>>(_: A) -> Result<Self, A::Error> {
        Err(give_up())
    }

    fn from_text(_: &str) -> Option<Self> {
        None
    }
}

fn give_up<E: Error>() -> E {
    E::custom("left to the tree")
}

/// Puts a value where none is yet: a repeated element is the tree's to refuse.
fn once<T, E: Error>(place: &mut Option<T>, value: T) -> Result<(), E> {
    if place.replace(value).is_some() { Err(give_up()) } else { Ok(()) }
}

fn next<'de, T: Shape, A: MapAccess<'de>>(members: &mut A) -> Result<T, A::Error> {
    members.next_value().map(|Straight(value)| value)
}

impl Shape for Document {
    fn from_object<'de, A: MapAccess<'de>>(mut members: A) -> Result<Self, A::Error> {
        let (mut version, mut id, mut statements) = (None, None, None);
        while let Some(Name(name)) = members.next_key()? {
            match &*name {
                "Version" => once(&mut version, next(&mut members)?)?,
                "Id" => once(&mut id, members.next_value()?)?,
                "Statement" => once(&mut statements, next(&mut members)?)?,
                _ => return Err(give_up()),
            }
        }
        Ok(Self { version, id, statements: statements.ok_or_else(give_up)? })
    }
}

impl Shape for Vec<Statement> {
    fn from_object<'de, A: MapAccess<'de>>(members: A) -> Result<Self, A::Error> {
        Ok(vec![Statement::from_object(members)?])
    }

    fn from_list<'de, A: SeqAccess<'de>>(mut items: A) -> Result<Self, A::Error> {
        let mut statements = Vec::new();
        while let Some(Straight(statement)) = items.next_element()? {
            statements.push(statement);
        }
        Ok(statements)
    }
}

impl Shape for Statement {
    fn from_object<'de, A: MapAccess<'de>>(mut members: A) -> Result<Self, A::Error> {
        let (mut sid, mut effect, mut actions, mut resources, mut conditions) =
            (None, None, None, None, None);
        while let Some(Name(name)) = members.next_key()? {
            let mut selection = |negated| {
                let patterns = next(&mut members)?;
                Ok(Selection { negated, patterns })
            };
            match &*name {
                "Action" => once(&mut actions, selection(false)?)?,
                "NotAction" => once(&mut actions, selection(true)?)?,
                "Resource" => once(&mut resources, selection(false)?)?,
                "NotResource" => once(&mut resources, selection(true)?)?,
                "Sid" => once(&mut sid, members.next_value()?)?,
                "Effect" => once(&mut effect, next(&mut members)?)?,
                "Condition" => once(&mut conditions, next(&mut members)?)?,
                _ => return Err(give_up()),
            }
        }
        let effect = effect.ok_or_else(give_up)?;
        let conditions = conditions.unwrap_or_default();
        Ok(Self { sid, effect, principal: None, actions, resources, conditions })
    }
}

impl Shape for Vec<Condition> {
    fn from_object<'de, A: MapAccess<'de>>(mut operators: A) -> Result<Self, A::Error> {
        let mut conditions = Self::new();
        while let Some(Name(name)) = operators.next_key()? {
            let operator = Operator::parse(&name).ok_or_else(give_up)?;
            let Keys(keys) = next(&mut operators)?;
            if conditions.iter().any(|known| known.operator == operator) {
                return Err(give_up());
            }
            conditions.extend(keys.into_iter().map(|(key, values)| Condition { operator, key, values }));
        }
        Ok(conditions)
    }
}

struct Keys(Vec<(String, Vec<String>)>);

impl Shape for Keys {
    fn from_object<'de, A: MapAccess<'de>>(mut members: A) -> Result<Self, A::Error> {
        let mut keys: Vec<(String, Vec<String>)> = Vec::new();
        while let Some(key) = members.next_key::<String>()? {
            if keys.len() == MOST_KEYS || keys.iter().any(|(known, _)| *known == key) {
                return Err(give_up());
            }
            keys.push((key, next(&mut members)?));
        }
        Ok(Self(keys))
    }
}

impl Shape for Vec<String> {
    fn from_list<'de, A: SeqAccess<'de>>(mut items: A) -> Result<Self, A::Error> {
        let mut texts = Self::new();
        while let Some(text) = items.next_element()? {
            texts.push(text);
        }
        Ok(texts)
    }

    fn from_text(text: &str) -> Option<Self> {
        Some(vec![text.to_owned()])
    }
}

impl Shape for Version {
    fn from_text(text: &str) -> Option<Self> {
        [Self::V2012, Self::V2008].into_iter().find(|version| version.as_str() == text)
    }
}

impl Shape for Effect {
    fn from_text(text: &str) -> Option<Self> {
        [Self::Allow, Self::Deny].into_iter().find(|effect| effect.as_str() == text)
    }
}

/// The name of a member, borrowed where it has no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(Reader)
    }
}

impl<'de, T: Shape> Deserialize<'de> for Straight<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader<T>(PhantomData<T>);
        impl<'de, T: Shape> Visitor<'de> for Reader<T> {
            type Value = Straight<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a part of a policy")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                T::from_text(text).map(Straight).ok_or_else(give_up)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
                T::from_list(items).map(Straight)
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
                T::from_object(members).map(Straight)
            }
        }
        deserializer.deserialize_any(Reader(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::iam::json::{Node, Place};

    fn by_tree(text: &str) -> Option<Document> {
        Document::from_node(&Node::parse(text.as_bytes()).ok()?, &Place::Root).ok()
    }

    #[test]
    fn ordinary_policies_are_read_straight() {
        for text in [
            r#"{"Version":"2012-10-17","Id":"i","Statement":{"Sid":"s","Effect":"Allow","Action":"a:b","Resource":"*"}}"#,
            r#"{"Statement":[{"Effect":"Deny","NotAction":["a:b","\u0061:c"],"NotResource":[],
                "Condition":{"StringLike":{"a":"b","A":["c"]},"Bool":{"a":"true"}}}]}"#,
            r#"{"Statement":[]}"#,
        ] {
            assert!(read(text).is_some(), "{text}");
            assert_eq!(read(text), by_tree(text), "{text}");
        }
    }

    /// Parts of policies, right and wrong, by which an element may be given.
    fn part() -> impl Strategy<Value = String> {
        let leaf = prop::sample::select(vec![
            r#""Allow""#,
            r#""2012-10-17""#,
            r#""a:b""#,
            r#""*""#,
            "null",
            "true",
            "1",
            "[]",
            "{}",
            r#"["a:b","a:c"]"#,
            r#"["Allow"]"#,
            r#"["a:b",null]"#,
            r#"{"StringLike":{"a":"b"}}"#,
        ])
        .prop_map(str::to_owned);
        leaf.prop_recursive(4, 24, 6, |inner| {
            let name = prop::sample::select(vec![
                "Version",
                "Id",
                "Statement",
                "Statement",
                "Sid",
                "Effect",
                "Effect",
                "Action",
                "NotAction",
                "Resource",
                "Condition",
                "Principal",
                "Bool",
                "StringLike",
                "stringlike",
                "a",
                "A",
            ]);
            let member = (name, inner.clone()).prop_map(|(name, value)| format!("{name:?}:{value}"));
            prop_oneof![
                3 => prop::collection::vec(member, 0..6).prop_map(|all| format!("{{{}}}", all.join(","))),
                1 => prop::collection::vec(inner, 0..3).prop_map(|all| format!("[{}]", all.join(","))),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn what_is_read_straight_is_read_so_by_the_tree(
            effect in part(), actions in part(), conditions in part(), other in part(), whole in part(),
        ) {
            let statement = format!(r#"{{"Effect":"Deny","Action":{actions},"Condition":{conditions}}}"#);
            for text in [
                format!(r#"{{"Statement":{statement}}}"#),
                format!(r#"{{"Statement":[{statement},{other}]}}"#),
                format!(r#"{{"Statement":{{"Effect":{effect},"Action":"a:b"}},"Id":{other}}}"#),
                whole,
            ] {
                if let Some(document) = read(&text) {
                    prop_assert_eq!(Some(document), by_tree(&text), "{}", text);
                }
            }
        }
    }
}
