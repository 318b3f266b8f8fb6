//! The workspace: people, conversations, messages, files and modals, with Slack's rules about who may do what.
//!
//! It knows no HTTP. Whatever a person can see of it carries the number of the change that made it so; the page asks
//! for what is newer than the last number it knows.

mod emoji;
mod files;
mod message;
mod people;
mod shelf;
pub(super) mod stamp;
mod talk;
#[cfg(test)]
mod tests;
mod tickets;
mod views;

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};
use stamp::Stamps;

pub(super) use files::File;
pub(super) use message::{Draft, Message};
pub(super) use people::{APP, APPROVERS, BOT, BOT_USER, Channel, Person, TEAM};
pub use shelf::OpenError;
use shelf::Shelf;
pub(super) use talk::Change;
pub(super) use tickets::Tickets;
pub(super) use views::{View, Views};

use super::settings::Settings;

/// How many messages are kept; the oldest go first.
const MOST_MESSAGES: usize = 3_000;
/// How many files are kept.
const MOST_FILES: usize = 200;
/// How many deletions a page can miss before it has to load everything again.
const MOST_GONE: usize = 1_000;

/// All that there is.
#[derive(Debug)]
pub(super) struct Workspace {
    /// Everybody, the bot last.
    pub people: Vec<Person>,
    /// Channels, then direct conversations.
    pub channels: Vec<Channel>,
    /// `trigger_id`s and `response_url`s.
    pub tickets: Tickets,
    /// Open modals.
    pub views: Views,
    messages: BTreeMap<(String, String), Message>,
    files: BTreeMap<String, File>,
    gone: VecDeque<(u64, String, String)>,
    forgotten: u64,
    stamps: Stamps,
    shelf: Shelf,
    address: String,
    epoch: String,
    seq: u64,
}

impl Workspace {
    /// The workspace as the file left it, or a fresh one.
    pub(super) fn open(settings: &Settings) -> Result<Self, OpenError> {
        let shelf = Shelf::open(settings.file.as_deref())?;
        let people = people::everybody(&settings.bot_name);
        let mut workspace = Self {
            channels: people::channels(&people),
            people,
            tickets: Tickets::default(),
            views: Views::default(),
            messages: BTreeMap::new(),
            files: BTreeMap::new(),
            gone: VecDeque::new(),
            forgotten: 0,
            stamps: Stamps::default(),
            shelf,
            address: settings.address.clone(),
            epoch: stamp::now().to_string(),
            seq: 0,
        };
        for mut message in workspace.shelf.all::<Message>("message") {
            workspace.seq += 1;
            message.seq = workspace.seq;
            workspace.stamps.after(&message.ts);
            workspace.messages.insert((message.channel.clone(), message.ts.clone()), message);
        }
        for file in workspace.shelf.all::<File>("file") {
            workspace.files.insert(file.id.clone(), file);
        }
        Ok(workspace)
    }

    /// The number of the last change.
    pub(super) fn seq(&self) -> u64 {
        self.seq
    }

    /// Something has changed that a page shows.
    pub(super) fn touch(&mut self) -> u64 {
        self.seq += 1;
        self.seq
    }

    /// A person by id.
    pub(super) fn person(&self, id: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.id == id)
    }

    /// A conversation by id, by name with or without `#`, or by the id of the person whose conversation with the bot
    /// it is.
    pub(super) fn channel(&self, named: &str) -> Option<&Channel> {
        let name = named.strip_prefix('#').unwrap_or(named);
        self.channels.iter().find(|channel| {
            channel.id == named
                || (channel.name == name && !channel.direct())
                || (channel.direct() && named.starts_with('U') && named != BOT_USER && channel.has(named))
        })
    }

    /// A conversation that somebody is in, or Slack's word for why it can't be reached.
    pub(super) fn reach(&self, named: &str, user: &str) -> Result<&Channel, &'static str> {
        let channel = self.channel(named).ok_or("channel_not_found")?;
        if channel.has(user) {
            return Ok(channel);
        }
        // Somebody else's direct conversation isn't even there.
        Err(if channel.direct() { "channel_not_found" } else { "not_in_channel" })
    }

    /// Brings the bot into a channel.
    pub(super) fn invite_bot(&mut self, channel: &str) {
        if let Some(channel) = self.channels.iter_mut().find(|one| one.id == channel)
            && !channel.has(BOT_USER)
        {
            channel.members.push(BOT_USER.to_owned());
            self.touch();
        }
    }

    /// A file by id.
    pub(super) fn file(&self, id: &str) -> Option<&File> {
        self.files.get(id)
    }

    /// Keeps a file in the place of its former self.
    pub(super) fn keep_file(&mut self, file: File) {
        self.shelf.put("file", &file.id, &file);
        self.files.insert(file.id.clone(), file);
        while self.files.len() > MOST_FILES
            && let Some((id, _)) = self.files.pop_first()
        {
            self.shelf.remove("file", &id);
        }
    }

    /// A fresh id for a file; ids sort by age.
    pub(super) fn file_id(&mut self) -> String {
        format!("F0{}", self.stamps.next().replace('.', ""))
    }

    /// What somebody's page shows and doesn't know yet.
    pub(super) fn changes(&self, user: &str, epoch: &str, since: u64) -> Value {
        let fresh = epoch != self.epoch || since < self.forgotten;
        let since = if fresh { 0 } else { since };
        let sees = |channel: &str| self.channel(channel).is_some_and(|channel| channel.has(user));
        let messages: Vec<_> = self
            .messages
            .values()
            .filter(|message| message.seq > since && sees(&message.channel))
            .filter(|message| message.said.only_for.as_deref().is_none_or(|only| only == user))
            .map(|message| message.as_page(self.files_of(message).map(File::as_page).collect()))
            .collect();
        let gone: Vec<_> = self
            .gone
            .iter()
            .filter(|(seq, channel, _)| *seq > since && sees(channel))
            .map(|(_, channel, ts)| json!({"channel": channel, "ts": ts}))
            .collect();
        let channels: Vec<_> = self.channels.iter().filter(|channel| channel.has(user)).collect();
        json!({
            "epoch": self.epoch, "seq": self.seq, "fresh": fresh, "messages": messages, "gone": gone,
            "people": self.people, "channels": channels, "bot": BOT_USER,
            "views": self.views.of(user).iter().map(|view| view.as_slack(&json!({}))).collect::<Vec<_>>()
        })
    }

    fn files_of(&self, message: &Message) -> impl Iterator<Item = &File> {
        message.said.files.iter().filter_map(|id| self.files.get(id))
    }

    fn keep(&mut self, mut message: Message) {
        message.seq = self.touch();
        let key = (message.channel.clone(), message.ts.clone());
        if message.said.only_for.is_none() {
            self.shelf.put("message", &format!("{}/{}", key.1, key.0), &message);
        }
        self.messages.insert(key, message);
        while self.messages.len() > MOST_MESSAGES {
            let oldest = self.messages.keys().min_by(|a, b| a.1.cmp(&b.1)).cloned();
            if let Some((channel, ts)) = oldest {
                self.drop_message(&channel, &ts);
            }
        }
    }

    fn drop_message(&mut self, channel: &str, ts: &str) -> Option<Message> {
        let dropped = self.messages.remove(&(channel.to_owned(), ts.to_owned()))?;
        let seq = self.touch();
        self.shelf.remove("message", &format!("{ts}/{channel}"));
        self.gone.push_back((seq, channel.to_owned(), ts.to_owned()));
        if self.gone.len() > MOST_GONE {
            self.forgotten = self.gone.pop_front().map_or(seq, |(seq, ..)| seq);
        }
        Some(dropped)
    }
}
