//! Posting, changing, deleting, reacting and reading back.

use serde_json::{Value, json};

use super::emoji;
use super::message::{Draft, Message, Reaction};
use super::{BOT_USER, Workspace};

/// How many earlier editions of a message's blocks can still be pressed.
const EARLIER: usize = 3;

/// What an update changes; what is absent stays.
#[derive(Debug, Default)]
pub(in super::super) struct Change {
    /// New text.
    pub text: Option<String>,
    /// New blocks; an empty list takes them away.
    pub blocks: Option<Vec<Value>>,
    /// New metadata.
    pub metadata: Option<Value>,
}

impl Workspace {
    /// Posts, as anybody. The conversation must be one.
    pub(in super::super) fn post(&mut self, channel: &str, author: &str, said: Draft) -> Message {
        let message = Message {
            channel: channel.to_owned(),
            ts: self.stamps.next(),
            author: author.to_owned(),
            said,
            edited: None,
            reactions: Vec::new(),
            seq: 0,
            earlier: Vec::new(),
        };
        self.keep(message.clone());
        // A page shows the number of replies at the root.
        if let Some(thread) = &message.said.thread_ts
            && message.said.only_for.is_none()
            && let Some(mut root) = self.message(channel, thread).cloned()
        {
            root.said.thread_ts = Some(root.ts.clone());
            self.keep(root);
        }
        message
    }

    /// A message that isn't for one person alone.
    pub(in super::super) fn message(&self, channel: &str, ts: &str) -> Option<&Message> {
        self.any_message(channel, ts).filter(|message| message.said.only_for.is_none())
    }

    /// A message, whoever sees it.
    pub(in super::super) fn any_message(&self, channel: &str, ts: &str) -> Option<&Message> {
        self.messages.get(&(channel.to_owned(), ts.to_owned()))
    }

    /// The root of the thread that a reply may name, or Slack's word for why not.
    pub(in super::super) fn thread_root(&self, channel: &str, ts: &str) -> Result<&Message, &'static str> {
        let root = self.message(channel, ts).ok_or("thread_not_found")?;
        if root.is_reply() { Err("cannot_reply_to_message") } else { Ok(root) }
    }

    /// Changes a message of the bot, or says with Slack's word why not.
    pub(in super::super) fn update(
        &mut self,
        channel: &str,
        ts: &str,
        change: Change,
    ) -> Result<Message, &'static str> {
        let mut message = self.message(channel, ts).cloned().ok_or("message_not_found")?;
        if message.author != BOT_USER {
            return Err("cant_update_message");
        }
        self.amend(&mut message, change);
        Ok(message)
    }

    /// Changes a message by its `response_url`, be it for one person alone.
    pub(in super::super) fn replace(&mut self, channel: &str, ts: &str, change: Change) -> Option<Message> {
        let mut message = self.any_message(channel, ts).cloned()?;
        self.amend(&mut message, change);
        Some(message)
    }

    fn amend(&mut self, message: &mut Message, change: Change) {
        if let Some(blocks) = change.blocks {
            let before = std::mem::replace(&mut message.said.blocks, blocks);
            message.earlier.push(before);
            if message.earlier.len() > EARLIER {
                message.earlier.remove(0);
            }
        }
        if let Some(text) = change.text {
            message.said.text = text;
        }
        if change.metadata.is_some() {
            message.said.metadata = change.metadata;
        }
        // Slack marks a message as edited where its text shows, not where its blocks do.
        if message.said.blocks.is_empty() {
            message.edited = Some(self.stamps.next());
        }
        self.keep(message.clone());
    }

    /// Deletes a message of the bot, or says with Slack's word why not.
    pub(in super::super) fn delete(&mut self, channel: &str, ts: &str) -> Result<(), &'static str> {
        let message = self.message(channel, ts).ok_or("message_not_found")?;
        if message.author != BOT_USER {
            return Err("cant_delete_message");
        }
        self.forget(channel, ts);
        Ok(())
    }

    /// Takes a message away, whoever sees it.
    pub(in super::super) fn forget(&mut self, channel: &str, ts: &str) {
        let dropped = self.drop_message(channel, ts);
        if let Some(thread) = dropped.and_then(|message| message.said.thread_ts)
            && let Some(root) = self.message(channel, &thread).cloned()
        {
            self.keep(root);
        }
    }

    /// Reacts to a message, or says with Slack's word why not.
    pub(in super::super) fn react(
        &mut self,
        channel: &str,
        ts: &str,
        user: &str,
        name: &str,
    ) -> Result<(), &'static str> {
        if !emoji::exists(name) {
            return Err("invalid_name");
        }
        let mut message = self.message(channel, ts).cloned().ok_or("message_not_found")?;
        let user = user.to_owned();
        let full = message.reactions.len() >= 50;
        match message.reactions.iter_mut().find(|reaction| reaction.name == name) {
            Some(reaction) if reaction.users.contains(&user) => return Err("already_reacted"),
            Some(reaction) => reaction.users.push(user),
            None if full => return Err("too_many_reactions"),
            None => message.reactions.push(Reaction { name: name.to_owned(), users: vec![user] }),
        }
        self.keep(message);
        Ok(())
    }

    /// Takes a reaction back, or says with Slack's word why not.
    pub(in super::super) fn unreact(
        &mut self,
        channel: &str,
        ts: &str,
        user: &str,
        name: &str,
    ) -> Result<(), &'static str> {
        let mut message = self.message(channel, ts).cloned().ok_or("message_not_found")?;
        let reaction =
            message.reactions.iter_mut().find(|reaction| reaction.name == name).ok_or("no_reaction")?;
        let at = reaction.users.iter().position(|one| one == user).ok_or("no_reaction")?;
        reaction.users.remove(at);
        message.reactions.retain(|reaction| !reaction.users.is_empty());
        self.keep(message);
        Ok(())
    }

    /// What `conversations.history` reads: the newest first, replies only where they were broadcast.
    pub(in super::super) fn history(&self, channel: &str) -> Vec<&Message> {
        let mut found: Vec<_> =
            self.in_channel(channel).filter(|one| !one.is_reply() || one.said.broadcast).collect();
        found.reverse();
        found
    }

    /// What `conversations.replies` reads: the root, then its replies, the oldest first.
    pub(in super::super) fn thread(&self, channel: &str, ts: &str) -> Vec<&Message> {
        self.in_channel(channel)
            .filter(|one| one.ts == ts || one.said.thread_ts.as_deref() == Some(ts))
            .collect()
    }

    fn in_channel(&self, channel: &str) -> impl Iterator<Item = &Message> {
        let from = (channel.to_owned(), String::new());
        self.messages
            .range(from..)
            .map(|(_, message)| message)
            .take_while(move |message| message.channel == channel)
            .filter(|message| message.said.only_for.is_none())
    }

    /// A message as Slack gives it, with what the workspace knows beyond it.
    pub(in super::super) fn show(&self, message: &Message, with_metadata: bool) -> Value {
        let mut shown = message.as_slack(with_metadata);
        if !message.said.files.is_empty() {
            shown["files"] = self.files_of(message).map(|file| file.as_slack(&self.address)).collect();
        }
        match message.said.thread_ts.as_deref() {
            Some(thread) if thread == message.ts => {
                let thread = self.thread(&message.channel, &message.ts);
                let replies = thread.get(1..).unwrap_or_default();
                let mut users: Vec<_> = replies.iter().map(|reply| reply.author.clone()).collect();
                users.sort();
                users.dedup();
                shown["reply_count"] = json!(replies.len());
                shown["reply_users_count"] = json!(users.len());
                shown["reply_users"] = json!(users);
                shown["latest_reply"] = json!(replies.last().map(|reply| &reply.ts));
            }
            Some(thread) => {
                let root = self.message(&message.channel, thread);
                shown["parent_user_id"] = json!(root.map(|root| &root.author));
            }
            None => {}
        }
        shown
    }
}
