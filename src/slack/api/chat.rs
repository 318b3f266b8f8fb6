//! Messages: saying something, changing it, taking it back.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::class::Failure;
use super::{Api, ApiError, Method};
use crate::domain::ids::{ChannelId, DeliveryId, MessageTs, UserId};

/// The kind of metadata that our messages bear.
pub(super) const EVENT: &str = "alpha_delivery";

/// A message for everybody in a channel.
#[derive(Debug, Clone)]
pub struct Post<'a> {
    /// Where.
    pub channel: &'a ChannelId,
    /// In which thread.
    pub thread: Option<&'a MessageTs>,
    /// What it says, as a sentence.
    pub text: &'a str,
    /// What it says, as blocks.
    pub blocks: &'a [Value],
    /// By which it is found again.
    pub delivery: &'a DeliveryId,
}

/// A message for one person alone.
#[derive(Debug, Clone)]
pub struct Ephemeral<'a> {
    /// Where.
    pub channel: &'a ChannelId,
    /// For whom.
    pub user: &'a UserId,
    /// In which thread.
    pub thread: Option<&'a MessageTs>,
    /// What it says, as a sentence.
    pub text: &'a str,
    /// What it says, as blocks.
    pub blocks: &'a [Value],
}

/// A message that is to say something else.
#[derive(Debug, Clone)]
pub struct Update<'a> {
    /// Where.
    pub channel: &'a ChannelId,
    /// Which.
    pub ts: &'a MessageTs,
    /// What it says, as a sentence.
    pub text: &'a str,
    /// What it says, as blocks; none takes those away that it had.
    pub blocks: &'a [Value],
}

/// An answer at an address that came with a request.
#[derive(Debug, Clone)]
pub struct Answer<'a> {
    /// The address.
    pub url: &'a str,
    /// In which thread.
    pub thread: Option<&'a MessageTs>,
    /// Whether everybody sees it.
    pub visible: bool,
    /// What it says, as a sentence.
    pub text: &'a str,
    /// What it says, as blocks.
    pub blocks: &'a [Value],
}

/// Where a message is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostedAt {
    /// In which channel.
    pub channel: ChannelId,
    /// Its address there.
    pub ts: MessageTs,
}

#[derive(Serialize)]
struct PostRequest<'a> {
    channel: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    thread_ts: Option<&'a str>,
    text: &'a str,
    #[serde(skip_serializing_if = "<[Value]>::is_empty")]
    blocks: &'a [Value],
    metadata: Value,
    unfurl_links: bool,
    unfurl_media: bool,
}

#[derive(Deserialize)]
struct PostResponse {
    channel: String,
    ts: String,
}

/// An answer of which only `ok` matters.
#[derive(Deserialize)]
pub(super) struct Done {}

#[derive(Deserialize)]
struct PermalinkResponse {
    permalink: String,
}

impl Api {
    /// Says something in a channel.
    pub async fn post_message(&self, post: &Post<'_>) -> Result<PostedAt, ApiError> {
        let request = PostRequest {
            channel: post.channel.as_str(),
            thread_ts: post.thread.map(MessageTs::as_str),
            text: post.text,
            blocks: post.blocks,
            metadata: json!({ "event_type": EVENT, "event_payload": { "delivery_id": post.delivery.as_str() } }),
            // A role's name or a reason may look like an address; nobody asked for a preview of it.
            unfurl_links: false,
            unfurl_media: false,
        };
        let said: PostResponse = self.post(Method::ChatPostMessage, &request).await?;
        Ok(PostedAt { channel: ChannelId::new(said.channel), ts: MessageTs::new(said.ts) })
    }

    /// Says something to one person in a channel.
    pub async fn post_ephemeral(&self, note: &Ephemeral<'_>) -> Result<(), ApiError> {
        let mut request = json!({
            "channel": note.channel.as_str(),
            "user": note.user.as_str(),
            "text": note.text,
        });
        add_optional(&mut request, note.thread, note.blocks);
        self.post::<Done>(Method::ChatPostEphemeral, &request).await.map(|_| ())
    }

    /// Changes what a message says. Its metadata stay.
    pub async fn update(&self, update: &Update<'_>) -> Result<(), ApiError> {
        let request = json!({
            "channel": update.channel.as_str(),
            "ts": update.ts.as_str(),
            "text": update.text,
            "blocks": update.blocks,
        });
        self.post::<Done>(Method::ChatUpdate, &request).await.map(|_| ())
    }

    /// Takes a message back.
    pub async fn delete(&self, channel: &ChannelId, ts: &MessageTs) -> Result<(), ApiError> {
        let request = json!({ "channel": channel.as_str(), "ts": ts.as_str() });
        self.post::<Done>(Method::ChatDelete, &request).await.map(|_| ())
    }

    /// The address of a message, for people.
    pub async fn permalink(&self, channel: &ChannelId, ts: &MessageTs) -> Result<String, ApiError> {
        let params =
            [("channel", Some(channel.as_str().to_owned())), ("message_ts", Some(ts.as_str().to_owned()))];
        let answer: PermalinkResponse = self.get(Method::ChatGetPermalink, &params).await?;
        Ok(answer.permalink)
    }

    /// Answers at an address that came with a request, if it is one of Slack's. Such addresses are good for half an
    /// hour and a few uses, and no redirection is followed.
    pub async fn answer(&self, answer: &Answer<'_>) -> Result<(), ApiError> {
        let method = Method::ResponseUrl;
        let url = self
            .url
            .answer(answer.url)
            .ok_or_else(|| ApiError::new(method, Failure::Impossible("the address isn't one of Slack's")))?;
        let kind = if answer.visible { "in_channel" } else { "ephemeral" };
        let mut body = json!({ "response_type": kind, "replace_original": false, "text": answer.text });
        add_optional(&mut body, answer.thread, answer.blocks);
        self.post_to(method, url, &body).await
    }
}

fn add_optional(request: &mut Value, thread: Option<&MessageTs>, blocks: &[Value]) {
    if let Some(thread) = thread {
        request["thread_ts"] = json!(thread.as_str());
    }
    if !blocks.is_empty() {
        request["blocks"] = json!(blocks);
    }
}
