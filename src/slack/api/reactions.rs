//! Reactions to a message, and modals.

use serde_json::{Value, json};

use super::chat::Done;
use super::{Api, ApiError, Class, Method};
use crate::domain::delivery::Reaction;
use crate::domain::ids::{ChannelId, MessageTs, TriggerId};

impl Api {
    /// Adds a reaction of ours; there already is as well.
    pub async fn add_reaction(
        &self,
        channel: &ChannelId,
        ts: &MessageTs,
        reaction: Reaction,
    ) -> Result<(), ApiError> {
        self.react(Method::ReactionsAdd, channel, ts, reaction).await
    }

    /// Removes a reaction of ours; not there is as well.
    pub async fn remove_reaction(
        &self,
        channel: &ChannelId,
        ts: &MessageTs,
        reaction: Reaction,
    ) -> Result<(), ApiError> {
        self.react(Method::ReactionsRemove, channel, ts, reaction).await
    }

    async fn react(
        &self,
        method: Method,
        channel: &ChannelId,
        ts: &MessageTs,
        reaction: Reaction,
    ) -> Result<(), ApiError> {
        let request =
            json!({ "channel": channel.as_str(), "timestamp": ts.as_str(), "name": reaction.name() });
        match self.post::<Done>(method, &request).await {
            Err(error) if error.class() == Class::Benign => Ok(()),
            answer => answer.map(|_| ()),
        }
    }

    /// Opens a modal, for whoever the trigger is of.
    pub async fn open_view(&self, trigger: &TriggerId, view: &Value) -> Result<(), ApiError> {
        let request = json!({ "trigger_id": trigger.as_str(), "view": view });
        self.post::<Done>(Method::ViewsOpen, &request).await.map(|_| ())
    }
}
