//! A message, as it is kept, as Slack's API gives it and as the page gets it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::people::{APP, BOT, BOT_USER, TEAM};

/// Who has reacted with what, in the order in which they did.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub(in super::super) struct Reaction {
    /// Without colons.
    pub name: String,
    /// User ids.
    pub users: Vec<String>,
}

/// What somebody posts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(in super::super) struct Draft {
    /// As mrkdwn.
    pub text: String,
    /// Whether the text isn't formatted: what stands in it reads as it is, but for mentions and links.
    #[serde(default)]
    pub plain: bool,
    /// Checked and complete.
    pub blocks: Vec<Value>,
    /// The root of the thread.
    pub thread_ts: Option<String>,
    /// Whether a reply shows in the channel too.
    #[serde(default)]
    pub broadcast: bool,
    /// What the app keeps with the message.
    pub metadata: Option<Value>,
    /// Ids of files.
    #[serde(default)]
    pub files: Vec<String>,
    /// The only person who sees it.
    #[serde(default)]
    pub only_for: Option<String>,
}

/// A message in a conversation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in super::super) struct Message {
    /// The conversation.
    pub channel: String,
    /// Its id within the conversation, and its time.
    pub ts: String,
    /// A user id.
    pub author: String,
    /// What it says.
    pub said: Draft,
    /// When it was last changed by its author.
    pub edited: Option<String>,
    /// In the order in which they came.
    pub reactions: Vec<Reaction>,
    /// The change that brought it to its present form.
    #[serde(skip)]
    pub seq: u64,
    /// Blocks that it had before: a client that hasn't caught up can still press a button of them.
    #[serde(skip)]
    pub earlier: Vec<Vec<Value>>,
}

impl Message {
    /// Whether it belongs into a thread of another message.
    pub(in super::super) fn is_reply(&self) -> bool {
        self.said.thread_ts.as_ref().is_some_and(|thread| *thread != self.ts)
    }

    /// The blocks of now, then those of before.
    pub(in super::super) fn editions(&self) -> impl Iterator<Item = &[Value]> {
        std::iter::once(self.said.blocks.as_slice()).chain(self.earlier.iter().rev().map(Vec::as_slice))
    }

    /// As Slack gives it, but for replies and files, which the workspace knows.
    pub(in super::super) fn as_slack(&self, with_metadata: bool) -> Value {
        let mut message = json!({"type": "message", "user": self.author, "ts": self.ts, "text": self.said.text,
            "team": TEAM});
        if self.author == BOT_USER {
            message["bot_id"] = json!(BOT);
            message["app_id"] = json!(APP);
        }
        if !self.said.blocks.is_empty() {
            message["blocks"] = json!(self.said.blocks);
        }
        if let Some(thread) = &self.said.thread_ts {
            message["thread_ts"] = json!(thread);
        }
        if let Some(at) = &self.edited {
            message["edited"] = json!({"user": self.author, "ts": at});
        }
        if !self.reactions.is_empty() {
            message["reactions"] = self.reactions_as_slack();
        }
        if let Some(metadata) = self.said.metadata.as_ref().filter(|_| with_metadata) {
            message["metadata"] = metadata.clone();
        }
        message
    }

    /// The reactions as Slack gives them.
    pub(in super::super) fn reactions_as_slack(&self) -> Value {
        let each = |one: &Reaction| json!({"name": one.name, "users": one.users, "count": one.users.len()});
        self.reactions.iter().map(each).collect()
    }

    /// As the page gets it.
    pub(in super::super) fn as_page(&self, files: Vec<Value>) -> Value {
        json!({
            "channel": self.channel, "ts": self.ts, "author": self.author, "text": self.said.text,
            "plain": self.said.plain, "blocks": self.said.blocks, "thread_ts": self.said.thread_ts, "broadcast": self.said.broadcast,
            "edited": self.edited.is_some(), "reactions": self.reactions, "files": files,
            "ephemeral": self.said.only_for.is_some(), "seq": self.seq
        })
    }
}
