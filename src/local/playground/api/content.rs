//! What a message says: text, blocks and metadata, checked as Slack checks them.

use serde_json::{Map, Value};

use super::answer::Refusal;
use super::args::Args;
use crate::local::playground::blockkit::{self, Refused};

/// Beyond this a post is cut.
pub(super) const MOST_POSTED: usize = 40_000;
/// Beyond this an update is refused.
const MOST_UPDATED: usize = 4_000;
/// Beyond this Slack warns.
const MOST_METADATA: usize = 16_000;

/// What was given; what is absent was not.
#[derive(Debug)]
pub(in super::super) struct Content {
    /// Text, be it empty.
    pub text: Option<String>,
    /// Whether the text is not to be formatted.
    pub plain: bool,
    /// Blocks, with ids.
    pub blocks: Option<Vec<Value>>,
    /// Metadata.
    pub metadata: Option<Value>,
    /// What Slack warns of.
    pub warning: Option<&'static str>,
}

impl Content {
    /// Reads what a post or an ephemeral says.
    pub(in super::super) fn posted(args: &Args) -> Result<Self, Refusal> {
        let mut content = Self::read(args)?;
        if let Some(text) = &mut content.text
            && text.chars().count() > MOST_POSTED
        {
            *text = text.chars().take(MOST_POSTED).collect();
            content.warning = Some("message_truncated");
        }
        Ok(content)
    }

    /// Reads what an update says.
    pub(in super::super) fn updated(args: &Args) -> Result<Self, Refusal> {
        let content = Self::read(args)?;
        if content.text.as_ref().is_some_and(|text| text.chars().count() > MOST_UPDATED) {
            return Err("msg_too_long".into());
        }
        Ok(content)
    }

    fn read(args: &Args) -> Result<Self, Refusal> {
        let blocks = match args.data("blocks") {
            Ok(None) => None,
            Ok(Some(Value::Array(blocks))) => Some(checked(blocks)?),
            Ok(Some(_)) | Err(()) => return Err("invalid_blocks_format".into()),
        };
        let metadata = match args.data("metadata") {
            Err(()) => return Err("invalid_metadata_format".into()),
            Ok(metadata) => metadata.map(checked_metadata).transpose()?,
        };
        let text = args.has("text").then(|| args.text("text").unwrap_or_default());
        let plain = args.has("mrkdwn") && !args.flag("mrkdwn");
        if text.as_deref().is_none_or(|text| text.trim().is_empty())
            && blocks.as_ref().is_none_or(Vec::is_empty)
        {
            return Err("no_text".into());
        }
        Ok(Self { text, plain, blocks, metadata, warning: None })
    }
}

fn checked(mut blocks: Vec<Value>) -> Result<Vec<Value>, Refusal> {
    match blockkit::message(&blocks) {
        Err(Refused::Invalid(messages)) => Err(Refusal::explained("invalid_blocks", messages)),
        Err(Refused::TooLong) => Err("msg_blocks_too_long".into()),
        Ok(()) => {
            blockkit::complete(&mut blocks);
            Ok(blocks)
        }
    }
}

fn checked_metadata(metadata: Value) -> Result<Value, Refusal> {
    let Value::Object(members) = &metadata else { return Err("invalid_metadata_format".into()) };
    if members.is_empty() {
        return Ok(metadata);
    }
    let kind = members.get("event_type").and_then(Value::as_str).unwrap_or_default();
    let payload = members.get("event_payload");
    if kind.is_empty() || !payload.is_some_and(Value::is_object) || unknown(members) {
        return Err("invalid_metadata_schema".into());
    }
    if metadata.to_string().len() > MOST_METADATA {
        return Err("metadata_too_large".into());
    }
    Ok(metadata)
}

fn unknown(members: &Map<String, Value>) -> bool {
    members.keys().any(|name| !matches!(name.as_str(), "event_type" | "event_payload" | "entities"))
}
