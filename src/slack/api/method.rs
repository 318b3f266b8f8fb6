//! The methods of the Web API that are called: their names, how long an answer may take, how often they may be called.

use std::fmt;
use std::time::Duration;

/// What is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    /// Who we are.
    AuthTest,
    /// Says something.
    ChatPostMessage,
    /// Says something to one person alone.
    ChatPostEphemeral,
    /// Says something anew.
    ChatUpdate,
    /// Takes something back.
    ChatDelete,
    /// The address of a message.
    ChatGetPermalink,
    /// The messages of a thread.
    ConversationsReplies,
    /// The messages of a channel.
    ConversationsHistory,
    /// Opens a direct message.
    ConversationsOpen,
    /// Who somebody is.
    UsersInfo,
    /// Adds a reaction.
    ReactionsAdd,
    /// Removes a reaction.
    ReactionsRemove,
    /// Opens a modal.
    ViewsOpen,
    /// Asks where a file may go.
    FilesGetUploadUrl,
    /// Sends a file there.
    FilesUpload,
    /// Shares a file.
    FilesComplete,
    /// Answers at an address that came with a request.
    ResponseUrl,
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::AuthTest,
        Self::ChatPostMessage,
        Self::ChatPostEphemeral,
        Self::ChatUpdate,
        Self::ChatDelete,
        Self::ChatGetPermalink,
        Self::ConversationsReplies,
        Self::ConversationsHistory,
        Self::ConversationsOpen,
        Self::UsersInfo,
        Self::ReactionsAdd,
        Self::ReactionsRemove,
        Self::ViewsOpen,
        Self::FilesGetUploadUrl,
        Self::FilesUpload,
        Self::FilesComplete,
        Self::ResponseUrl,
    ];

    /// Slack's name for it; a word of ours for the two that are no methods but addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::AuthTest => "auth.test",
            Self::ChatPostMessage => "chat.postMessage",
            Self::ChatPostEphemeral => "chat.postEphemeral",
            Self::ChatUpdate => "chat.update",
            Self::ChatDelete => "chat.delete",
            Self::ChatGetPermalink => "chat.getPermalink",
            Self::ConversationsReplies => "conversations.replies",
            Self::ConversationsHistory => "conversations.history",
            Self::ConversationsOpen => "conversations.open",
            Self::UsersInfo => "users.info",
            Self::ReactionsAdd => "reactions.add",
            Self::ReactionsRemove => "reactions.remove",
            Self::ViewsOpen => "views.open",
            Self::FilesGetUploadUrl => "files.getUploadURLExternal",
            Self::FilesUpload => "upload_url",
            Self::FilesComplete => "files.completeUploadExternal",
            Self::ResponseUrl => "response_url",
        }
    }

    /// How long an answer may take. What lets a modal be opened is good for three seconds in all.
    pub fn time_out(self) -> Duration {
        match self {
            Self::ViewsOpen => Duration::from_millis(2_500),
            Self::ResponseUrl => Duration::from_secs(3),
            Self::UsersInfo => Duration::from_secs(5),
            _ => Duration::from_secs(10),
        }
    }

    /// How many calls a minute Slack's tier for it allows to a workspace. Posts have a limit by channel beside it, and
    /// the last two aren't methods.
    pub fn a_minute(self) -> u32 {
        match self {
            Self::ReactionsRemove => 20,
            Self::ChatUpdate
            | Self::ChatDelete
            | Self::ConversationsReplies
            | Self::ConversationsHistory
            | Self::ConversationsOpen
            | Self::ReactionsAdd => 50,
            Self::UsersInfo
            | Self::ChatPostEphemeral
            | Self::ViewsOpen
            | Self::FilesGetUploadUrl
            | Self::FilesComplete => 100,
            Self::ChatPostMessage | Self::ChatGetPermalink | Self::AuthTest => 300,
            Self::FilesUpload | Self::ResponseUrl => 600,
        }
    }

    /// Whether it puts something into a channel for everybody there, of which Slack allows about one a second.
    pub fn posts(self) -> bool {
        matches!(self, Self::ChatPostMessage | Self::FilesComplete)
    }

    /// Whether it is one of those that send a file.
    pub fn sends_a_file(self) -> bool {
        matches!(self, Self::FilesGetUploadUrl | Self::FilesUpload | Self::FilesComplete)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
