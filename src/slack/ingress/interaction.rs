//! Buttons, forms and shortcuts, from the payload that Slack posts.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::Inbound;
use super::fields::{Identity, Kind, Named, id, key, response_url};
use crate::domain::ids::{ChannelId, MessageTs, Person, ReceiptKey, TriggerId};
use crate::domain::reason::Reason;
use crate::domain::receipt::{Button, Receipt, Said, Sender};
use crate::slack::subject::{Origin, parse_origin, parse_subject};

/// The modal that asks why a change is denied.
pub const DENY: &str = "deny";
/// The modal that asks for a command.
pub const ASK: &str = "ask";
/// The shortcut that opens it.
pub const ASK_ALPHA: &str = "ask_alpha";

/// What is read of a payload of a kind that we act on; all else in it is passed over.
#[derive(Deserialize)]
struct Payload {
    user: Option<User>,
    team: Option<Team>,
    enterprise: Option<Named>,
    trigger_id: Option<String>,
    response_url: Option<String>,
    callback_id: Option<String>,
    action_ts: Option<String>,
    channel: Option<Named>,
    container: Option<Container>,
    message: Option<Message>,
    actions: Option<Vec<Pressed>>,
    view: Option<View>,
}

#[derive(Deserialize)]
struct User {
    id: Option<String>,
    team_id: Option<String>,
    enterprise_id: Option<String>,
}

#[derive(Deserialize)]
struct Team {
    id: Option<String>,
    enterprise_id: Option<String>,
}

#[derive(Deserialize)]
struct Container {
    channel_id: Option<String>,
    message_ts: Option<String>,
    thread_ts: Option<String>,
    #[serde(default)]
    is_ephemeral: bool,
}

#[derive(Deserialize)]
struct Message {
    ts: Option<String>,
    thread_ts: Option<String>,
}

#[derive(Deserialize)]
struct Pressed {
    action_id: Option<String>,
    value: Option<String>,
    action_ts: Option<String>,
}

#[derive(Deserialize)]
struct View {
    id: Option<String>,
    hash: Option<String>,
    callback_id: Option<String>,
    private_metadata: Option<String>,
    app_installed_team_id: Option<String>,
    state: Option<ViewState>,
}

/// The fields of a form, by block and action.
#[derive(Deserialize)]
struct ViewState {
    #[serde(default)]
    values: HashMap<String, HashMap<String, Field>>,
}

#[derive(Deserialize)]
struct Field {
    value: Option<String>,
}

/// Reads the form that carries a payload.
pub fn parse(body: &[u8], now: Timestamp) -> Inbound {
    let payload = form_urlencoded::parse(body).find(|(name, _)| name == "payload").map(|(_, value)| value);
    let Some(payload) = payload else { return malformed("no payload") };
    let Ok(Kind { r#type }) = serde_json::from_str(&payload) else {
        return malformed("a payload of no kind");
    };
    let act = match r#type.as_str() {
        "block_actions" => Payload::click,
        "view_submission" => Payload::submission,
        "shortcut" | "message_action" => Payload::shortcut,
        "view_closed" => return ignored("a form was closed"),
        _ => return ignored("an interaction of a kind that we don't know"),
    };
    let Ok(mut payload) = serde_json::from_str::<Payload>(&payload) else {
        return malformed("a payload of another form");
    };
    match payload.person() {
        Some(person) => act(payload, person, now),
        None => malformed("no user or no workspace"),
    }
}

fn malformed(why: &'static str) -> Inbound {
    Inbound::Malformed { why }
}

fn ignored(why: &'static str) -> Inbound {
    Inbound::Ignored { why, usual: false }
}

/// Direct messages have channels of their own, whose ids begin so.
fn is_direct(channel: &str) -> bool {
    channel.starts_with('D')
}

impl Payload {
    fn person(&mut self) -> Option<Person> {
        let user = self.user.take()?;
        let (from_team, of_team) =
            self.team.take().map_or((None, None), |team| (team.id, team.enterprise_id));
        let installed = self.view.as_mut().and_then(|view| view.app_installed_team_id.take());
        let identity = Identity {
            user: user.id,
            team: user.team_id,
            enterprise: user.enterprise_id,
            from_team: id(from_team).or(installed),
            from_enterprise: self.enterprise.take().and_then(|enterprise| id(enterprise.id)).or(of_team),
        };
        identity.person()
    }

    fn click(self, person: Person, now: Timestamp) -> Inbound {
        let Some(action) = self.actions.into_iter().flatten().next() else { return malformed("no action") };
        let Some(button) = action.action_id.as_deref().and_then(Button::parse) else {
            return ignored("a button that isn't ours");
        };
        let subject = action.value.as_deref().and_then(parse_subject);
        let subject = subject.filter(|subject| subject.names_its_case() || !button.decides());
        let (trigger, at) = (id(self.trigger_id), id(action.action_ts).or(id(self.action_ts)));
        if trigger.is_none() && at.is_none() {
            return malformed("no trigger and no time, so a repetition couldn't be known");
        }
        let identity = [trigger.as_deref().unwrap_or("-"), button.as_str(), at.as_deref().unwrap_or("-")];
        let key = key("action", &person.team, &identity);
        let (channel, thread) = match (self.container, self.message) {
            (Some(container), message) => {
                let threads = [container.thread_ts, message.and_then(|message| message.thread_ts)];
                // A message that one person sees alone can't be answered in a thread.
                let own = container.message_ts.filter(|_| !container.is_ephemeral);
                (container.channel_id, threads.into_iter().chain([own]).find_map(id))
            }
            (None, Some(message)) => (None, id(message.thread_ts).or(id(message.ts))),
            (None, None) => (None, None),
        };
        let channel = id(channel).or(self.channel.and_then(|channel| id(channel.id)));
        let Some(channel) = channel else { return malformed("no channel") };
        let sender = Sender {
            person,
            // The message with the button is ours, so that ALPHA is a member.
            direct: is_direct(&channel),
            channel: ChannelId::new(channel),
            thread: thread.map(MessageTs::new),
            response_url: response_url(self.response_url),
        };
        let said = match subject {
            Some(subject) => Said::Click { button, subject, trigger: trigger.map(TriggerId::new) },
            None => Said::Unreadable { button },
        };
        Inbound::Receipt(Receipt { key, at: now, from: sender, said })
    }

    fn submission(self, person: Person, now: Timestamp) -> Inbound {
        let Some(mut view) = self.view else { return malformed("no form") };
        let Some(view_id) = id(view.id.take()) else { return malformed("a form without an id") };
        let hash = id(view.hash.take()).unwrap_or_default();
        let key = key("view", &person.team, &[&view_id, &hash]);
        let origin = view.private_metadata.as_deref().and_then(parse_origin);
        match view.callback_id.as_deref() {
            Some(DENY) => denial(view, origin, person, key, now),
            Some(ASK) => question(view, origin, person, key, now),
            _ => ignored("a form that isn't ours"),
        }
    }

    fn shortcut(self, person: Person, now: Timestamp) -> Inbound {
        if self.callback_id.as_deref() != Some(ASK_ALPHA) {
            return ignored("a shortcut that isn't ours");
        }
        let Some(trigger) = id(self.trigger_id) else { return malformed("no trigger") };
        let at = id(self.action_ts).unwrap_or_default();
        let key = key("shortcut", &person.team, &[&trigger, &at]);
        let thread = self.message.and_then(|message| id(message.thread_ts).or(id(message.ts)));
        let channel = self.channel.and_then(|channel| id(channel.id));
        let sender = Sender {
            // A shortcut that belongs to no message is answered in a direct message, which a user's id stands for. One
            // on a message may be used where ALPHA isn't a member, in a direct message of two people too.
            direct: channel.is_none(),
            channel: ChannelId::new(channel.unwrap_or_else(|| person.user.as_str().to_owned())),
            person,
            thread: thread.map(MessageTs::new),
            response_url: response_url(self.response_url),
        };
        let said = Said::Shortcut { trigger: TriggerId::new(trigger) };
        Inbound::Receipt(Receipt { key, at: now, from: sender, said })
    }
}

fn denial(view: View, origin: Option<Origin>, person: Person, key: ReceiptKey, now: Timestamp) -> Inbound {
    const BLOCK: &str = "reason";
    let refill = |says| Inbound::Refill { block: BLOCK, says };
    let opened = origin.and_then(|mut origin| Some((origin.subject.take()?, origin)));
    let Some((subject, origin)) = opened.filter(|(subject, _)| subject.names_its_case()) else {
        return refill(text::OUTDATED);
    };
    let Some(reason) = view.field(BLOCK) else { return refill(text::NO_REASON) };
    if reason.chars().count() > Reason::LONGEST {
        return refill(text::LONG_REASON);
    }
    let Some(reason) = Reason::parse(&reason) else { return refill(text::NO_REASON) };
    let said = Said::Denial { subject, reason };
    Inbound::Receipt(Receipt { key, at: now, from: origin.sender(person), said })
}

fn question(view: View, origin: Option<Origin>, person: Person, key: ReceiptKey, now: Timestamp) -> Inbound {
    const BLOCK: &str = "line";
    let refill = |says| Inbound::Refill { block: BLOCK, says };
    let Some(origin) = origin else { return refill(text::OUTDATED) };
    let Some(line) = view.field(BLOCK) else { return refill(text::NO_LINE) };
    Inbound::Receipt(Receipt { key, at: now, from: origin.sender(person), said: Said::Command { line } })
}

impl View {
    /// What was written into the field of a block that is called as the block is, without blanks around it.
    fn field(self, block: &str) -> Option<String> {
        let value = self.state?.values.remove(block)?.remove(block)?.value?;
        let text = value.trim();
        if text.is_empty() { None } else { Some(text.to_owned()) }
    }
}

/// What people read under a field that isn't filled in well.
mod text {
    pub const NO_REASON: &str = "Say why, so that whoever asked knows what to change.";
    pub const LONG_REASON: &str = "At most 2,000 characters, please.";
    pub const NO_LINE: &str = "Say what to do, such as: status";
    pub const OUTDATED: &str = "This form is out of date: close it, and open it again. Nothing was done.";
}

#[cfg(test)]
mod tests;
