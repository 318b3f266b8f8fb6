//! What a message, modal or file says, from the job as it stands.
//!
//! Pure: it looks nothing up and sends nothing.

use serde_json::{Value, json};

use super::escape::escape;
use crate::domain::delivery::{Modal, Slot};
use crate::domain::job::Job;
use crate::domain::proposal::Case;

/// What a message says.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// A full sentence, for notifications and screen readers.
    pub text: String,
    /// Block Kit.
    pub blocks: Vec<Value>,
}

/// What messages say beyond the job.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// Whether the account is a simulated one.
    pub simulated: bool,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// Its title.
    pub title: String,
    /// Its name.
    pub filename: String,
    /// What is in it.
    pub text: String,
}

/// The message of a slot.
pub fn message(slot: &Slot, job: &Job, _case: Option<&Case>, context: &Context) -> Message {
    let simulated = if context.simulated { "SIMULATED: " } else { "" };
    let mention = match slot {
        Slot::Outcome(_) => format!("<@{}> ", job.asked.by.user),
        _ => String::new(),
    };
    let text = format!("{mention}{simulated}{} is {}.", escape(&job.role.name), job.state.word());
    let blocks = vec![json!({ "type": "section", "text": { "type": "mrkdwn", "text": text.clone() } })];
    Message { text, blocks }
}

/// An answer to one person, or any other text that is about no particular job.
pub fn note(text: &str) -> Message {
    Message { text: escape(text), blocks: Vec::new() }
}

/// A modal.
pub fn view(modal: &Modal, job: Option<&Job>) -> Value {
    let (callback, title) = match modal {
        Modal::Deny { .. } => ("deny", "Deny"),
        Modal::Ask { .. } => ("ask", "Ask ALPHA"),
    };
    let about = job.map_or_else(|| "ALPHA".to_owned(), |job| job.role.name.clone());
    json!({
        "type": "modal",
        "callback_id": callback,
        "title": { "type": "plain_text", "text": title },
        "blocks": [{ "type": "section", "text": { "type": "plain_text", "text": about } }],
    })
}

/// The whole difference of a case, as a file.
pub fn snippet(case: &Case) -> Snippet {
    Snippet {
        title: format!("Whole diff of {}", case.job),
        filename: format!("{}-{}.diff", case.job, case.revision),
        text: case.changes.whole.clone(),
    }
}
