//! From JSON to the model, with the place of whatever doesn't fit.

use std::borrow::Cow;
use std::collections::HashSet;

use super::{
    Condition, Document, Effect, Operator, Principal, Principals, Selection, Statement, Version, straight,
};
use crate::iam::json::{JsonError, Node, Place};

/// The largest document that is read. IAM's own limits are far below; white space doesn't count there.
pub const MAX_BYTES: usize = 1 << 20;

/// Why something isn't a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Larger than [`MAX_BYTES`].
    #[error("the document has {0} bytes, and a policy has {MAX_BYTES} at most")]
    TooLarge(usize),
    /// Not JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// JSON, and not a policy.
    #[error("at {}: {reason}", if pointer.is_empty() { "the top level" } else { pointer })]
    Shape {
        /// JSON pointer to the place.
        pointer: String,
        /// What is wrong, and what was expected.
        reason: String,
    },
}

type Result<T> = std::result::Result<T, DocumentError>;

fn wrong<T>(place: &Place<'_>, reason: impl Into<String>) -> Result<T> {
    Err(DocumentError::Shape { pointer: place.to_string(), reason: reason.into() })
}

impl Document {
    /// Reads a policy from JSON text, or from the URL-encoded form in which IAM's API returns it.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > MAX_BYTES {
            return Err(DocumentError::TooLarge(bytes.len()));
        }
        let text = decoded(bytes);
        match std::str::from_utf8(&text).ok().and_then(straight::read) {
            Some(document) => Ok(document),
            None => Self::from_node(&Node::parse(&text)?, &Place::Root),
        }
    }

    /// Reads a policy out of a larger JSON text, `place` being where it stands.
    pub fn from_node(node: &Node<'_>, place: &Place<'_>) -> Result<Self> {
        let mut document = Self::default();
        let mut found = false;
        for (key, value) in members(node, place, "a policy is a JSON object")? {
            let at = place.member(key);
            match key.as_ref() {
                "Version" => document.version = Some(version(value, &at)?),
                "Id" => document.id = Some(text(value, &at)?.to_owned()),
                "Statement" => {
                    found = true;
                    document.statements = match value {
                        Node::List(items) => each(items, &at, statement)?,
                        single => vec![statement(single, &at)?],
                    };
                }
                other => {
                    return wrong(
                        &at,
                        format!("unknown element {other:?}; expected Version, Id or Statement"),
                    );
                }
            }
        }
        if !found {
            return wrong(place, "the element Statement is missing");
        }
        Ok(document)
    }
}

/// IAM's API returns documents with every reserved character percent-encoded, so that they begin with `%7B`.
pub(crate) fn decoded(bytes: &[u8]) -> Cow<'_, [u8]> {
    let start = bytes.trim_ascii_start();
    if start.len() >= 3 && start[..3].eq_ignore_ascii_case(b"%7b") {
        percent_encoding::percent_decode(start).into()
    } else {
        Cow::Borrowed(bytes)
    }
}

fn statement(node: &Node<'_>, place: &Place<'_>) -> Result<Statement> {
    let (mut sid, mut effect, mut principal, mut actions, mut resources, mut conditions) =
        (None, None, None, None, None, Vec::new());
    for (key, value) in members(node, place, "a statement is a JSON object")? {
        let at = place.member(key);
        match key.as_ref() {
            "Sid" => sid = Some(text(value, &at)?.to_owned()),
            "Effect" => {
                effect = Some(match text(value, &at)? {
                    "Allow" => Effect::Allow,
                    "Deny" => Effect::Deny,
                    other => {
                        return wrong(&at, format!("{other:?} is no effect; expected \"Allow\" or \"Deny\""));
                    }
                });
            }
            "Principal" | "NotPrincipal" => {
                let negated = key == "NotPrincipal";
                once(principal.is_none(), "Principal", &at)?;
                principal = Some(Principals { negated, members: principals(value, &at)? });
            }
            "Action" | "NotAction" => {
                once(actions.is_none(), "Action", &at)?;
                actions = Some(Selection { negated: key == "NotAction", patterns: texts(value, &at)? });
            }
            "Resource" | "NotResource" => {
                once(resources.is_none(), "Resource", &at)?;
                resources = Some(Selection { negated: key == "NotResource", patterns: texts(value, &at)? });
            }
            "Condition" => conditions = condition_block(value, &at)?,
            other => return wrong(&at, format!("unknown element {other:?} in a statement")),
        }
    }
    let Some(effect) = effect else { return wrong(place, "the element Effect is missing") };
    Ok(Statement { sid, effect, principal, actions, resources, conditions })
}

fn once(first: bool, name: &str, place: &Place<'_>) -> Result<()> {
    if first { Ok(()) } else { wrong(place, format!("a statement has either {name} or Not{name}")) }
}

fn principals(node: &Node<'_>, place: &Place<'_>) -> Result<Vec<Principal>> {
    if let Node::Text(text) = node {
        return match text.as_ref() {
            "*" => Ok(vec![Principal::Everyone]),
            other => wrong(place, format!("{other:?} needs a kind, such as {{\"AWS\": {other:?}}}")),
        };
    }
    let mut named = Vec::new();
    for (kind, value) in members(node, place, "a principal is \"*\" or an object")? {
        let at = place.member(kind);
        let build = match kind.as_ref() {
            "AWS" => Principal::Aws,
            "Service" => Principal::Service,
            "Federated" => Principal::Federated,
            "CanonicalUser" => Principal::CanonicalUser,
            other => {
                return wrong(
                    &at,
                    format!("unknown kind {other:?}; expected AWS, Service, Federated or CanonicalUser"),
                );
            }
        };
        named.extend(texts(value, &at)?.into_iter().map(build));
    }
    Ok(named)
}

fn condition_block(node: &Node<'_>, place: &Place<'_>) -> Result<Vec<Condition>> {
    let mut conditions = Vec::new();
    for (name, keys) in members(node, place, "a condition block is an object")? {
        let at = place.member(name);
        let Some(operator) = Operator::parse(name) else {
            return wrong(&at, format!("unknown condition operator {name:?}"));
        };
        for (key, values) in members(keys, &at, "an operator holds an object of condition keys")? {
            let at = at.member(key);
            let values = match values {
                Node::List(items) => each(items, &at, scalar)?,
                single => vec![scalar(single, &at)?],
            };
            conditions.push(Condition { operator, key: key.as_ref().to_owned(), values });
        }
    }
    Ok(conditions)
}

fn version(node: &Node<'_>, place: &Place<'_>) -> Result<Version> {
    match text(node, place)? {
        "2012-10-17" => Ok(Version::V2012),
        "2008-10-17" => Ok(Version::V2008),
        other => wrong(place, format!("{other:?} is no version; expected \"2012-10-17\" or \"2008-10-17\"")),
    }
}

fn members<'n, 'a>(
    node: &'n Node<'a>,
    place: &Place<'_>,
    expected: &str,
) -> Result<&'n [(Cow<'a, str>, Node<'a>)]> {
    let Node::Object(members) = node else {
        return wrong(place, format!("{expected}, and here is {}", node.kind()));
    };
    let mut seen = HashSet::with_capacity(if members.len() > 8 { members.len() } else { 0 });
    for (index, (key, _)) in members.iter().enumerate() {
        let duplicate = if members.len() > 8 {
            !seen.insert(key)
        } else {
            members[..index].iter().any(|(earlier, _)| earlier == key)
        };
        if duplicate {
            return wrong(&place.member(key), "duplicate key");
        }
    }
    Ok(members)
}

/// Reads every item of a list, and makes room for them once.
fn each<'a, T>(
    items: &[Node<'a>],
    place: &Place<'_>,
    read: impl Fn(&Node<'a>, &Place<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut all = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        all.push(read(item, &place.item(index))?);
    }
    Ok(all)
}

fn text<'n>(node: &'n Node<'_>, place: &Place<'_>) -> Result<&'n str> {
    match node {
        Node::Text(text) => Ok(text),
        other => wrong(place, format!("expected a string, and here is {}", other.kind())),
    }
}

fn texts(node: &Node<'_>, place: &Place<'_>) -> Result<Vec<String>> {
    match node {
        Node::List(items) => each(items, place, |item, at| Ok(text(item, at)?.to_owned())),
        Node::Text(text) => Ok(vec![text.to_string()]),
        other => {
            wrong(place, format!("expected a string or a list of strings, and here is {}", other.kind()))
        }
    }
}

fn scalar(node: &Node<'_>, place: &Place<'_>) -> Result<String> {
    match node {
        Node::Text(text) => Ok(text.to_string()),
        Node::Bool(value) => Ok(value.to_string()),
        Node::Number(value) => Ok(value.to_string()),
        other => {
            wrong(place, format!("expected a string, a number or a boolean, and here is {}", other.kind()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointer_of(json: &str) -> String {
        match Document::parse(json.as_bytes()) {
            Err(DocumentError::Shape { pointer, .. }) => pointer,
            other => panic!("{json}: {other:?}"),
        }
    }

    #[test]
    fn a_single_statement_and_single_strings_are_lists_of_one() {
        let short = r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
        let long = r#"{"Statement":[{"Effect":"Allow","Action":["s3:*"],"Resource":["*"]}]}"#;
        assert_eq!(Document::parse(short.as_bytes()), Document::parse(long.as_bytes()));
    }

    #[test]
    fn a_url_encoded_document_is_read_as_the_api_returns_it() {
        let plain = r#"{"Version":"2012-10-17","Statement":[]}"#;
        let encoded = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";
        assert_eq!(Document::parse(plain.as_bytes()), Document::parse(encoded.as_bytes()));
    }

    #[test]
    fn what_does_not_fit_is_named_by_its_pointer() {
        let cases = [
            (r#"[]"#, ""),
            (r#"{"Version":"2012-10-17"}"#, ""),
            (r#"{"Statement":[],"Statment":[]}"#, "/Statment"),
            (r#"{"Statement":[],"Statement":[]}"#, "/Statement"),
            (r#"{"Statement":[{"Effect":"Permit"}]}"#, "/Statement/0/Effect"),
            (r#"{"Statement":[{"Action":"s3:*"}]}"#, "/Statement/0"),
            (r#"{"Statement":{"Effect":"Allow","Action":[1]}}"#, "/Statement/Action/0"),
            (r#"{"Statement":{"Effect":"Allow","Action":"a:b","NotAction":"a:c"}}"#, "/Statement/NotAction"),
            (r#"{"Statement":{"Effect":"Allow","Principal":"arn"}}"#, "/Statement/Principal"),
            (r#"{"Statement":{"Effect":"Allow","Condition":{"Like":{}}}}"#, "/Statement/Condition/Like"),
            (
                r#"{"Statement":{"Effect":"Allow","Condition":{"Bool":{"a/b":null}}}}"#,
                "/Statement/Condition/Bool/a~1b",
            ),
        ];
        for (json, expected) in cases {
            assert_eq!(pointer_of(json), expected, "{json}");
        }
    }

    #[test]
    fn booleans_and_numbers_in_conditions_are_taken_as_they_print() {
        let json = r#"{"Statement":{"Effect":"Deny","Condition":{"Bool":{"a":false},"NumericEquals":{"b":[1,2.5]}}}}"#;
        let document = Document::parse(json.as_bytes()).unwrap();
        let values: Vec<_> =
            document.statements[0].conditions.iter().flat_map(|c| c.values.clone()).collect();
        assert_eq!(values, ["false", "1", "2.5"]);
    }

    #[test]
    fn too_large_a_document_is_refused_before_it_is_read() {
        let error = Document::parse(&vec![b' '; MAX_BYTES + 1]).unwrap_err();
        assert_eq!(error, DocumentError::TooLarge(MAX_BYTES + 1));
    }
}
