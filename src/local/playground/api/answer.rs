//! How the Web API refuses.

use serde_json::{Value, json};

/// What a method gives: members beside `ok`, or a refusal.
pub(in super::super) type Answer = Result<Value, Refusal>;

/// A refusal, in Slack's words.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Refusal {
    /// Slack's word.
    pub code: String,
    /// Explanations, as `response_metadata.messages` holds them.
    pub messages: Vec<String>,
    /// How many seconds to wait, where it is a matter of waiting.
    pub retry_after: Option<u64>,
}

impl Refusal {
    /// With explanations.
    pub(in super::super) fn explained(code: &str, messages: Vec<String>) -> Self {
        Self { messages, ..Self::from(code) }
    }

    /// A missing argument.
    pub(in super::super) fn missing(argument: &str) -> Self {
        Self::explained(
            "invalid_arguments",
            vec![format!("[ERROR] missing required field: {argument} [json-pointer:/{argument}]")],
        )
    }

    /// Too fast.
    pub(in super::super) fn too_fast(seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..Self::from("ratelimited") }
    }

    /// As Slack gives it.
    pub(in super::super) fn body(&self) -> Value {
        let mut body = json!({"ok": false, "error": self.code});
        if self.code == "missing_scope" {
            body["needed"] = json!("chat:write");
            body["provided"] = json!("commands");
        }
        if !self.messages.is_empty() {
            body["response_metadata"] = json!({"messages": self.messages});
        }
        body
    }
}

impl From<&str> for Refusal {
    fn from(code: &str) -> Self {
        Self { code: code.to_owned(), messages: Vec::new(), retry_after: None }
    }
}
