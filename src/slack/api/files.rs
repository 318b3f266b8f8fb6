//! Files: asking where one may go, sending it there, sharing it.

use serde::Deserialize;
use serde_json::{Value, json};

use super::class::Failure;
use super::{Api, ApiError, Method};
use crate::domain::ids::{ChannelId, MessageTs};

/// A text file to be shared in a channel or thread.
#[derive(Debug, Clone)]
pub struct Upload<'a> {
    /// Where.
    pub channel: &'a ChannelId,
    /// In which thread.
    pub thread: Option<&'a MessageTs>,
    /// Its name.
    pub filename: &'a str,
    /// Its title.
    pub title: &'a str,
    /// What is in it.
    pub text: &'a str,
}

/// A file that was shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// The message that shares it, where Slack says so; often that comes later.
    pub ts: Option<MessageTs>,
}

#[derive(Deserialize)]
struct Ticket {
    upload_url: String,
    file_id: String,
}

#[derive(Deserialize)]
struct Completed {
    #[serde(default)]
    files: Vec<Value>,
}

impl Api {
    /// Shares a text file. Nobody sees anything before the last of its three calls.
    pub async fn share(&self, upload: &Upload<'_>) -> Result<Shared, ApiError> {
        let params =
            [("filename", Some(upload.filename.to_owned())), ("length", Some(upload.text.len().to_string()))];
        let ticket: Ticket = self.get(Method::FilesGetUploadUrl, &params).await?;
        let refused = Failure::Impossible("Slack named an address for the file that isn't Slack's");
        let url =
            self.url.upload(&ticket.upload_url).ok_or_else(|| ApiError::new(Method::FilesUpload, refused))?;
        self.send_to(Method::FilesUpload, url, "text/plain; charset=utf-8", upload.text.as_bytes()).await?;
        let mut request = json!({
            "files": [{ "id": ticket.file_id, "title": upload.title }],
            "channel_id": upload.channel.as_str(),
        });
        if let Some(thread) = upload.thread {
            request["thread_ts"] = json!(thread.as_str());
        }
        let done: Completed = self.post(Method::FilesComplete, &request).await?;
        let ts = done.files.first().and_then(|file| share_of(file, upload.channel)).map(MessageTs::new);
        Ok(Shared { ts })
    }
}

/// The message by which a file is shared in a channel.
fn share_of<'a>(file: &'a Value, channel: &ChannelId) -> Option<&'a str> {
    ["public", "private"]
        .into_iter()
        .find_map(|kind| file.get("shares")?.get(kind)?.get(channel.as_str())?.get(0)?.get("ts")?.as_str())
}
