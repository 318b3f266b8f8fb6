//! Everything that people read in Slack messages, filled from the files of `blocks/`.
//!
//! A message is worked out when it is delivered, from the job as it then stands. Nothing here decides, looks anything
//! up or keeps anything. No text of anybody's gets into a message but through `template`, which escapes it for where
//! it stands; and no message leaves Slack's limits, whatever the values are (a test holds that with [`limits`]).

mod choose;
mod cut;
mod decided;
pub mod examples;
mod facts;
mod files;
pub mod limits;
mod markup;
mod modal;
mod progress;
mod readable;
mod snippet;
mod template;
#[cfg(test)]
mod tests;
mod values;
mod words;

use serde_json::Value;

use crate::domain::delivery::Slot;
use crate::domain::job::Job;
use crate::domain::proposal::Case;
pub use files::File;
pub use modal::view;
pub use readable::readable;
pub use snippet::{Snippet, snippet};
use template::Values;

/// A message as Slack takes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// The whole of it in a sentence or two, for notifications and screen readers. It is mark-up, escaped.
    pub text: String,
    /// What is shown; nothing where the text is all there is.
    pub blocks: Vec<Value>,
}

/// What a message depends on beside its job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Context {
    /// Whether the account is simulated: then every message says so.
    pub simulated: bool,
    /// Whether the requester alone sees where it stands.
    pub alone: bool,
}

/// The message of a slot, for the job as it stands. The case is that of the job's revision, where there is one.
pub fn message(slot: &Slot, job: &Job, case: Option<&Case>, context: &Context) -> Message {
    let file = choose::file(slot, job, case);
    lay_out(file, &values::of(file, slot, job, case, *context)).unwrap_or_else(|error| {
        tracing::error!(job = %job.id, file = file.name(), %error, "a message could not be laid out");
        Message { text: progress::progress(job).as_str().to_owned(), blocks: Vec::new() }
    })
}

/// An answer to one person, or any other text that is about no particular job.
pub fn note(text: &str) -> Message {
    let (first, second) = halves(text);
    let values = Values::new().lines("text", text, NOTICE).lines("first", first, PART).lines_if(
        "second",
        Some(second),
        PART,
    );
    lay_out(File::Note, &values).unwrap_or_else(|error| {
        tracing::error!(file = File::Note.name(), %error, "a message could not be laid out");
        Message { text: cut::within(text, NOTICE, cut::as_markup), blocks: Vec::new() }
    })
}

/// How much of an answer is read out, and how much each of its two blocks shows.
const NOTICE: usize = 3000;
const PART: usize = 2900;

/// A text in two, the first no longer than a block, divided at the end of a line where there is one.
fn halves(text: &str) -> (&str, &str) {
    let text = text.trim();
    let mut used = 0;
    let over = text.char_indices().find(|(_, c)| {
        used += c.len_utf16();
        used > PART
    });
    let Some((end, _)) = over else { return (text, "") };
    let (head, _) = text.split_at(end);
    let at = head.rfind('\n').filter(|at| *at > 0).unwrap_or(end);
    text.split_at(at)
}

fn lay_out(file: File, values: &Values) -> Result<Message, template::FillError> {
    let filled = template::fill(file.template(), values)?;
    let (Some(text), Some(blocks)) = (filled["text"].as_str(), filled["blocks"].as_array()) else {
        return Err(template::FillError::Empty);
    };
    Ok(Message { text: text.to_owned(), blocks: blocks.clone() })
}
