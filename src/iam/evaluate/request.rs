//! What is asked: who does what to which resource, in which circumstances.

use std::collections::HashMap;

/// One request for authorisation.
#[derive(Debug, Clone)]
pub struct Request {
    /// `service:Name`, in any case.
    pub action: String,
    /// The ARN of a user, role session, role or account; a service's name; or `anonymous`.
    pub principal: String,
    /// What it is done to.
    pub resource: Target,
    /// The account that owns the resource, where the ARN doesn't say.
    pub resource_account: Option<String>,
    /// The circumstances.
    pub context: Context,
}

/// The resource of a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// An ARN, or `*` for actions without resource types. It may hold wildcards.
    Named(String),
    /// There was one, and what recorded the call doesn't name it.
    Unknown,
}

/// The condition keys of a request.
#[derive(Debug, Clone, Default)]
pub struct Context {
    values: HashMap<String, Vec<String>>,
    open: bool,
}

impl Context {
    /// A context that has nothing but what is added: a key it lacks was not in the request.
    pub fn closed() -> Self {
        Self::default()
    }

    /// A context that may lack keys which the request had: a condition on one of them is undecided.
    pub fn open() -> Self {
        Self { open: true, ..Self::default() }
    }

    /// Whether a key that isn't here may have been in the request.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Adds a key; its name is compared without regard to case.
    pub fn insert(&mut self, key: &str, values: Vec<String>) {
        self.values.insert(key.to_ascii_lowercase(), values);
    }

    /// The values of a key given in lower case.
    pub fn get(&self, key: &str) -> Option<&[String]> {
        self.values.get(key).map(Vec::as_slice)
    }

    /// All keys in lower case, in no order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }
}
