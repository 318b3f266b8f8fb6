//! Snippets: announced, uploaded, then shared into a conversation.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::people::{BOT_USER, TEAM};

/// A snippet, up to Slack's megabyte.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in super::super) struct File {
    /// `F0...`
    pub id: String,
    /// With its ending.
    pub name: String,
    /// What the page shows.
    pub title: String,
    /// How long it was said to be.
    pub announced: usize,
    /// What was uploaded.
    pub content: Option<String>,
    /// Whether it has been shared.
    pub complete: bool,
    /// What a screen reader says.
    pub alt: Option<String>,
}

impl File {
    /// As Slack gives it.
    pub(in super::super) fn as_slack(&self, address: &str) -> Value {
        json!({
            "id": self.id, "name": self.name, "title": self.title, "user": BOT_USER, "user_team": TEAM,
            "mimetype": "text/plain", "filetype": "text", "pretty_type": "Plain Text", "mode": "snippet",
            "size": self.content.as_ref().map_or(0, String::len), "is_external": false, "editable": true,
            "is_public": false, "preview": self.preview(), "permalink": format!("{address}/playground/files/{}", self.id)
        })
    }

    fn preview(&self) -> String {
        self.content.as_deref().unwrap_or_default().lines().take(5).collect::<Vec<_>>().join("\n")
    }

    /// As the page gets it.
    pub(in super::super) fn as_page(&self) -> Value {
        json!({"id": self.id, "name": self.name, "title": self.title, "content": self.content, "alt": self.alt})
    }
}
