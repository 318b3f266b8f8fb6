//! Channels and threads: what was said in them, as far as it is ours, and opening a direct message.

use serde::Deserialize;
use serde_json::{Value, json};

use super::chat::EVENT;
use super::{Api, ApiError, Method};
use crate::domain::ids::{ChannelId, DeliveryId, MessageTs, UserId};

/// A message of a thread or channel, as far as it matters for finding ours again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its address.
    pub ts: MessageTs,
    /// By which we know it for one of ours.
    pub delivery: Option<DeliveryId>,
    /// The names of the files it shares.
    pub files: Vec<String>,
}

/// What is looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range<'a> {
    /// Which channel.
    pub channel: &'a ChannelId,
    /// Which thread of it; the channel itself where there is none.
    pub thread: Option<&'a MessageTs>,
    /// Since when, in seconds; since ever where nothing is said.
    pub since: Option<i64>,
}

/// How many messages an answer may hold.
const PAGE: &str = "200";
/// How many answers are looked through: more was said in a thread than anybody reads.
const PAGES: usize = 10;

#[derive(Deserialize)]
struct Messages {
    #[serde(default)]
    messages: Vec<Message>,
    #[serde(default)]
    response_metadata: Option<Cursor>,
}

#[derive(Deserialize)]
struct Cursor {
    #[serde(default)]
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    ts: String,
    #[serde(default)]
    metadata: Option<Metadata>,
    #[serde(default)]
    files: Option<Vec<File>>,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(default)]
    event_type: Option<String>,
    #[serde(default)]
    event_payload: Value,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    name: Option<String>,
}

#[derive(Deserialize)]
struct Opened {
    channel: OpenedChannel,
}

#[derive(Deserialize)]
struct OpenedChannel {
    id: String,
}

impl Api {
    /// The messages of a thread or channel, with our metadata, the oldest first.
    pub async fn messages(&self, range: &Range<'_>) -> Result<Vec<Found>, ApiError> {
        let method =
            if range.thread.is_some() { Method::ConversationsReplies } else { Method::ConversationsHistory };
        let mut found = Vec::new();
        let mut cursor = None;
        for _ in 0..PAGES {
            let params = [
                ("channel", Some(range.channel.as_str().to_owned())),
                ("ts", range.thread.map(|thread| thread.as_str().to_owned())),
                ("oldest", range.since.map(|since| since.to_string())),
                ("limit", Some(PAGE.to_owned())),
                ("include_all_metadata", Some("true".to_owned())),
                ("cursor", cursor.take()),
            ];
            let page: Messages = self.get(method, &params).await?;
            found.extend(page.messages.into_iter().map(Found::from));
            cursor = page
                .response_metadata
                .and_then(|metadata| metadata.next_cursor)
                .filter(|cursor| !cursor.is_empty());
            if cursor.is_none() {
                break;
            }
        }
        found.sort_by(|one, other| one.ts.cmp(&other.ts));
        Ok(found)
    }

    /// The direct message between somebody and us.
    pub async fn open_direct(&self, user: &UserId) -> Result<ChannelId, ApiError> {
        let request = json!({ "users": user.as_str() });
        let opened: Opened = self.post(Method::ConversationsOpen, &request).await?;
        Ok(ChannelId::new(opened.channel.id))
    }
}

impl From<Message> for Found {
    fn from(message: Message) -> Self {
        let delivery = message
            .metadata
            .filter(|metadata| metadata.event_type.as_deref() == Some(EVENT))
            .and_then(|metadata| {
                metadata.event_payload.get("delivery_id").and_then(Value::as_str).map(DeliveryId::new)
            });
        let files = message.files.unwrap_or_default().into_iter().filter_map(|file| file.name).collect();
        Self { ts: MessageTs::new(message.ts), delivery, files }
    }
}
