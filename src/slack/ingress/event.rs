//! Mentions and direct messages, from the events that Slack posts.
//!
//! Slack posts an event up to three times more until it is acknowledged; each time with the same id, by which it is
//! known.

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::Inbound;
use super::fields::{Identity, Kind, id, key};
use crate::domain::ids::{ChannelId, MessageTs};
use crate::domain::receipt::{Receipt, Said, Sender};

/// What is read to verify our address.
#[derive(Deserialize)]
struct Verification {
    challenge: Option<String>,
}

/// The envelope of an event of which only the kind matters yet.
#[derive(Deserialize)]
struct Outline {
    event: EventKind,
}

/// What tells a message to us from everything else that happens. Only of that is the form known.
#[derive(Deserialize)]
struct EventKind {
    r#type: Option<String>,
    subtype: Option<String>,
    channel_type: Option<String>,
    bot_id: Option<IgnoredAny>,
}

/// What is read of an envelope with a message to us.
#[derive(Deserialize)]
struct Envelope {
    team_id: Option<String>,
    enterprise_id: Option<String>,
    event_id: Option<String>,
    event: Message,
    authorizations: Option<Vec<Authorization>>,
}

#[derive(Deserialize)]
struct Message {
    user: Option<String>,
    user_team: Option<String>,
    team: Option<String>,
    channel: Option<String>,
    text: Option<String>,
    ts: Option<String>,
    thread_ts: Option<String>,
}

/// As whom we are told of an event.
#[derive(Deserialize)]
struct Authorization {
    user_id: Option<String>,
}

/// How a message came to us.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Mention,
    Direct,
}

/// Reads the JSON of an event.
pub fn parse(body: &[u8], now: Timestamp) -> Inbound {
    let Ok(Kind { r#type }) = serde_json::from_slice(body) else {
        return malformed("an event of no kind");
    };
    match r#type.as_str() {
        "url_verification" => challenge(body),
        "event_callback" => happened(body, now),
        _ => ignored("an envelope of a kind that we don't know"),
    }
}

fn challenge(body: &[u8]) -> Inbound {
    let verification = serde_json::from_slice::<Verification>(body).ok();
    match verification.and_then(|verification| id(verification.challenge)) {
        Some(challenge) => Inbound::Challenge(challenge),
        None => malformed("no challenge"),
    }
}

fn happened(body: &[u8], now: Timestamp) -> Inbound {
    let Ok(Outline { event }) = serde_json::from_slice(body) else { return malformed("no event") };
    let way = match event.way() {
        Some(way) => way,
        None if event.is_message() => return overheard("a message that isn't said to us"),
        None => return ignored("an event of a kind that we don't know"),
    };
    if event.bot_id.is_some() || !event.is_said() {
        return overheard("a message of a program, or a change to one");
    }
    match serde_json::from_slice::<Envelope>(body) {
        Ok(envelope) => envelope.said(way, now),
        Err(_) => malformed("a message of another form"),
    }
}

fn malformed(why: &'static str) -> Inbound {
    Inbound::Malformed { why }
}

fn ignored(why: &'static str) -> Inbound {
    Inbound::Ignored { why, usual: false }
}

/// What is said all the time where we listen, and not to us.
fn overheard(why: &'static str) -> Inbound {
    Inbound::Ignored { why, usual: true }
}

impl EventKind {
    fn way(&self) -> Option<Way> {
        match (self.r#type.as_deref(), self.channel_type.as_deref()) {
            (Some("app_mention"), _) => Some(Way::Mention),
            (Some("message"), Some("im")) => Some(Way::Direct),
            _ => None,
        }
    }

    fn is_message(&self) -> bool {
        self.r#type.as_deref() == Some("message")
    }

    /// Whether a person said it just now: with a file too, or from a thread to everybody. Other subtypes are changes,
    /// or are told by Slack itself.
    fn is_said(&self) -> bool {
        matches!(self.subtype.as_deref(), None | Some("file_share" | "thread_broadcast"))
    }
}

impl Envelope {
    fn said(self, way: Way, now: Timestamp) -> Inbound {
        let event = self.event;
        let ours: Vec<String> = self
            .authorizations
            .into_iter()
            .flatten()
            .filter_map(|authorization| authorization.user_id)
            .collect();
        if event.user.as_ref().is_some_and(|user| ours.contains(user)) {
            return overheard("our own message");
        }
        let identity = Identity {
            user: event.user,
            team: id(event.user_team).or(event.team),
            enterprise: None,
            from_team: self.team_id,
            from_enterprise: self.enterprise_id,
        };
        let Some(person) = identity.person() else { return malformed("no user or no workspace") };
        let Some(event_id) = id(self.event_id) else {
            return malformed("no id, so a repetition couldn't be known");
        };
        let Some(channel) = id(event.channel) else { return malformed("no channel") };
        let text = event.text.unwrap_or_default();
        let line = said_to_us(&text, &ours, way).to_owned();
        // A mention is answered in a thread, its own at least; a direct message where it was written.
        let own = event.ts.filter(|_| way == Way::Mention);
        let sender = Sender {
            channel: ChannelId::new(channel),
            thread: id(event.thread_ts).or(id(own)).map(MessageTs::new),
            response_url: None,
            direct: way == Way::Direct,
            person,
        };
        let key = key("event", &sender.person.team, &[&event_id]);
        Inbound::Receipt(Receipt { key, at: now, from: sender, said: Said::Command { line } })
    }
}

/// What follows the mention of us: where the text begins with it, or in a channel, wherever it is.
fn said_to_us<'a>(text: &'a str, ours: &[String], way: Way) -> &'a str {
    let text = text.trim();
    let mentions = text.match_indices("<@").filter_map(|(at, _)| {
        let inner = text[at + 2..].split('>').next()?;
        let after = at + 2 + inner.len() + 1;
        Some((at, inner.split('|').next()?, text.get(after..)?))
    });
    let mut to_us = mentions.filter(|(at, user, _)| {
        let is_us = ours.iter().any(|our| our == user);
        // Where we aren't told who we are, a mention at the beginning is of us.
        (is_us && way == Way::Mention) || (*at == 0 && (is_us || ours.is_empty()))
    });
    to_us.next().map_or(text, |(_, _, rest)| rest.trim_start_matches([':', ',']).trim())
}

#[cfg(test)]
mod tests;
