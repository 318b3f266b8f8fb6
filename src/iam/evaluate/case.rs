//! A request together with all its policies, as one JSON object: what a line of `evaluate --jsonl` holds.
//!
//! Members that the form doesn't know are passed over, but for those that look like a list of policies or like a
//! misspelt member of the form: to overlook one would change the answer.

use super::{Context, Level, PolicySet, Request, Target};
use crate::iam::document::{Document, DocumentError};
use crate::iam::json::{JsonError, Node, Place};

/// How alike two names are of which one is taken for the other, misspelt; 1 is equal.
const ALIKE: f64 = 0.75;
/// The kinds of policies.
const POLICIES: [&str; 7] = [
    "identityPolicies",
    "resourcePolicies",
    "permissionBoundaries",
    "sessionPolicies",
    "endpointPolicies",
    "serviceControlPolicies",
    "resourceControlPolicies",
];
/// The members of a request that may be missing, so that nobody would miss a misspelt one.
const OPTIONAL: [&str; 2] = ["resourceAccount", "context"];

/// A request and the policies that decide it.
#[derive(Debug, Clone)]
pub struct Case {
    /// What is asked.
    pub request: Request,
    /// What decides.
    pub policies: PolicySet,
}

/// Why a JSON text is no case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaseError {
    /// It isn't JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A policy in it is none.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// It is JSON, and not a case.
    #[error("at {}: {reason}", if pointer.is_empty() { "the top level" } else { pointer })]
    Shape {
        /// JSON pointer to the place.
        pointer: String,
        /// What was expected.
        reason: String,
    },
}

type Result<T> = std::result::Result<T, CaseError>;

fn wrong<T>(place: &Place<'_>, reason: impl Into<String>) -> Result<T> {
    Err(CaseError::Shape { pointer: place.to_string(), reason: reason.into() })
}

impl Case {
    /// Reads a case from JSON text.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        Self::from_node(&Node::parse(bytes)?)
    }

    /// Reads a case from JSON.
    pub fn from_node(node: &Node<'_>) -> Result<Self> {
        let root = Place::Root;
        let (mut request, mut policies) = (None, PolicySet::default());
        for (key, value) in members(node, &root, "a case is an object")? {
            let at = root.member(key);
            match key {
                "request" => request = Some(Request::from_node(value, &at)?),
                "identityPolicies" => policies.identity = documents(value, &at)?,
                "resourcePolicies" => policies.resource = documents(value, &at)?,
                "permissionBoundaries" => policies.boundaries = documents(value, &at)?,
                "sessionPolicies" => policies.session = documents(value, &at)?,
                "endpointPolicies" => policies.endpoint = documents(value, &at)?,
                "serviceControlPolicies" => policies.service_control = levels(value, &at)?,
                "resourceControlPolicies" => policies.resource_control = levels(value, &at)?,
                other => match misspelt(other, &POLICIES) {
                    Some(meant) => {
                        return wrong(&at, format!("{other:?} is no kind of policies; {meant:?} is"));
                    }
                    None if resembles_policies(other) => {
                        return wrong(&at, format!("{other:?} is no kind of policies"));
                    }
                    None => {}
                },
            }
        }
        let Some(request) = request else { return wrong(&root, "the member request is missing") };
        Ok(Self { request, policies })
    }
}

/// The member that is meant by one which the form doesn't know.
fn misspelt(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let alike = |known: &str| strsim::normalized_damerau_levenshtein(&name, &known.to_ascii_lowercase());
    let nearest =
        known.iter().map(|known| (alike(known), *known)).max_by(|(one, _), (other, _)| one.total_cmp(other));
    nearest.filter(|(alike, _)| *alike >= ALIKE).map(|(_, known)| known)
}

fn resembles_policies(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["polic", "boundar", "session", "scp", "rcp"].iter().any(|part| name.contains(part))
}

impl Request {
    /// Reads a request from JSON text: the `request` member of a case by itself.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        Self::from_node(&Node::parse(bytes)?, &Place::Root)
    }

    fn from_node(node: &Node<'_>, place: &Place<'_>) -> Result<Self> {
        let (mut action, mut principal, mut resource) = (None, None, None);
        let (mut resource_account, mut context) = (None, Context::closed());
        for (key, value) in members(node, place, "a request is an object")? {
            let at = place.member(key);
            match key {
                "action" => {
                    let name = text(value, &at)?;
                    if !name.contains(':') {
                        return wrong(&at, format!("{name:?} is no action; expected service:Name"));
                    }
                    action = Some(name);
                }
                "principal" => principal = Some(text(value, &at)?),
                "resource" => resource = Some(text(value, &at)?),
                "resourceAccount" if *value == Node::Null => {}
                "resourceAccount" => resource_account = Some(text(value, &at)?),
                "context" => context = circumstances(value, &at)?,
                other => {
                    if let Some(meant) = misspelt(other, &OPTIONAL) {
                        return wrong(&at, format!("{other:?} is no member of a request; {meant:?} is"));
                    }
                }
            }
        }
        match (action, principal, resource) {
            (Some(action), Some(principal), Some(resource)) => {
                Ok(Self { action, principal, resource: Target::Named(resource), resource_account, context })
            }
            (None, ..) => wrong(place, "the member action is missing"),
            (_, None, _) => wrong(place, "the member principal is missing"),
            (.., None) => wrong(place, "the member resource is missing"),
        }
    }
}

fn circumstances(node: &Node<'_>, place: &Place<'_>) -> Result<Context> {
    let mut context = Context::closed();
    if *node == Node::Null {
        return Ok(context);
    }
    for (key, value) in members(node, place, "a context is an object of condition keys")? {
        let at = place.member(key);
        if context.get(&key.to_ascii_lowercase()).is_some() {
            return wrong(
                &at,
                "the same condition key twice; their names are compared without regard to case",
            );
        }
        match value {
            Node::Null => {}
            Node::List(items) => {
                let values = items.iter().enumerate().map(|(index, item)| scalar(item, &at.item(index)));
                context.insert(key, values.collect::<Result<_>>()?);
            }
            single => context.insert(key, vec![scalar(single, &at)?]),
        }
    }
    Ok(context)
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

fn text(node: &Node<'_>, place: &Place<'_>) -> Result<String> {
    match node {
        Node::Text(text) if !text.is_empty() => Ok(text.to_string()),
        Node::Text(_) => wrong(place, "expected a string, and here is an empty one"),
        other => wrong(place, format!("expected a string, and here is {}", other.kind())),
    }
}

fn documents(node: &Node<'_>, place: &Place<'_>) -> Result<Vec<Document>> {
    let document = |(index, item)| Ok(Document::from_node(item, &place.item(index))?);
    list(node, place)?.iter().enumerate().map(document).collect()
}

fn levels(node: &Node<'_>, place: &Place<'_>) -> Result<Vec<Level>> {
    let level = |(index, item)| {
        let at = place.item(index);
        let (mut name, mut policies) = (None, None);
        for (key, value) in members(item, &at, "a level is an object with a name and policies")? {
            let at = at.member(key);
            match key {
                "name" if *value == Node::Null => {}
                "name" => name = Some(text(value, &at)?),
                "policies" => policies = Some(documents(value, &at)?),
                _ => {}
            }
        }
        let Some(policies) = policies else { return wrong(&at, "the member policies is missing") };
        Ok(Level { name, policies })
    };
    list(node, place)?.iter().enumerate().map(level).collect()
}

/// A list; `null` is as good as a missing one.
fn list<'n, 'a>(node: &'n Node<'a>, place: &Place<'_>) -> Result<&'n [Node<'a>]> {
    match node {
        Node::List(items) => Ok(items),
        Node::Null => Ok(&[]),
        other => wrong(place, format!("expected a list, and here is {}", other.kind())),
    }
}

fn members<'n>(
    node: &'n Node<'_>,
    place: &Place<'_>,
    expected: &str,
) -> Result<impl Iterator<Item = (&'n str, &'n Node<'n>)> + use<'n>> {
    let Node::Object(members) = node else {
        return wrong(place, format!("{expected}, and here is {}", node.kind()));
    };
    let mut names: Vec<&str> = members.iter().map(|(key, _)| key.as_ref()).collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return wrong(&place.member(twice[0]), "duplicate key");
    }
    Ok(members.iter().map(|(key, value)| (key.as_ref(), value)))
}
