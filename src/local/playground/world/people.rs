//! Who is in the workspace, and where they can talk.

use serde::Serialize;
use serde_json::{Value, json};

/// The workspace of the bot.
pub(in super::super) const TEAM: &str = "T0DEMO";
/// The workspace of the stranger.
pub(in super::super) const OTHER_TEAM: &str = "T0OTHER";
/// The bot as a user.
pub(in super::super) const BOT_USER: &str = "U0ALPHA";
/// The bot as a bot.
pub(in super::super) const BOT: &str = "B0ALPHA";
/// The app.
pub(in super::super) const APP: &str = "A0ALPHA";
/// The user group of the approvers.
pub(in super::super) const APPROVERS: &str = "S0APPROVERS";

/// A person, or the bot.
#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct Person {
    /// `U0...`
    pub id: String,
    /// The handle, without `@`.
    pub name: String,
    /// What the page shows.
    pub real_name: String,
    /// What they are here for.
    pub role: &'static str,
    /// Where they belong.
    pub team: &'static str,
    /// A guest.
    pub restricted: bool,
    /// Has left.
    pub deleted: bool,
    /// Not a person.
    pub bot: bool,
}

impl Person {
    /// Whether this is somebody from another workspace.
    pub(in super::super) fn stranger(&self) -> bool {
        self.team != TEAM
    }

    /// As `users.info` gives it.
    pub(in super::super) fn as_slack(&self) -> Value {
        let mut user = json!({
            "id": self.id, "team_id": self.team, "name": self.name, "deleted": self.deleted, "color": "9f69e7",
            "real_name": self.real_name, "tz": "Europe/Amsterdam", "tz_label": "Central European Time",
            "tz_offset": 3600,
            "profile": {
                "title": self.role, "real_name": self.real_name, "real_name_normalized": self.real_name,
                "display_name": self.name, "display_name_normalized": self.name, "team": self.team,
                "status_text": "", "status_emoji": "", "avatar_hash": "g0000000000"
            },
            "is_admin": false, "is_owner": false, "is_primary_owner": false,
            "is_restricted": self.restricted, "is_ultra_restricted": false,
            "is_bot": self.bot, "is_app_user": false, "updated": 1_712_000_000
        });
        if self.stranger() {
            user["is_stranger"] = json!(true);
        }
        if self.bot {
            user["profile"]["bot_id"] = json!(BOT);
            user["profile"]["api_app_id"] = json!(APP);
        }
        user
    }
}

/// Everybody, the bot last.
pub(in super::super) fn everybody(bot_name: &str) -> Vec<Person> {
    let person = |id: &str, name: &str, real_name: &str, role, team, restricted| Person {
        id: id.to_owned(),
        name: name.to_owned(),
        real_name: real_name.to_owned(),
        role,
        team,
        restricted,
        deleted: false,
        bot: false,
    };
    let mut all = vec![
        person("U0RILEY", "riley", "Riley Moreau", "requester", TEAM, false),
        person("U0ANA", "ana", "Ana Oliveira", "approver", TEAM, false),
        person("U0BEN", "ben", "Ben Achterberg", "approver", TEAM, false),
        person("U0GUS", "gus", "Gus Lindqvist", "guest", TEAM, true),
        person("U0SAM", "sam", "Sam Okafor", "stranger from another team", OTHER_TEAM, false),
    ];
    all.push(Person {
        bot: true,
        ..person(BOT_USER, &bot_name.to_lowercase(), bot_name, "app", TEAM, false)
    });
    all
}

/// A channel, or a conversation with the bot alone.
#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct Channel {
    /// `C0...`, or `D0...`
    pub id: String,
    /// Without `#`; empty for a direct conversation.
    pub name: String,
    /// What it is for.
    pub topic: &'static str,
    /// Who may read and write.
    pub members: Vec<String>,
    /// Whether people of another workspace are in it.
    pub shared: bool,
}

impl Channel {
    /// Whether this is a direct conversation with the bot.
    pub(in super::super) fn direct(&self) -> bool {
        self.name.is_empty()
    }

    /// Whether somebody is in it.
    pub(in super::super) fn has(&self, user: &str) -> bool {
        self.members.iter().any(|member| member == user)
    }

    /// As `conversations.info` gives it.
    pub(in super::super) fn as_slack(&self) -> Value {
        if self.direct() {
            let user = self.members.iter().find(|member| *member != BOT_USER);
            return json!({"id": self.id, "created": 1_712_000_000, "is_im": true, "is_channel": false,
                "is_archived": false, "is_org_shared": false, "user": user, "context_team_id": TEAM,
                "is_user_deleted": false, "is_open": true});
        }
        json!({
            "id": self.id, "name": self.name, "name_normalized": self.name, "created": 1_712_000_000,
            "creator": "U0ANA", "is_channel": true, "is_group": false, "is_im": false, "is_mpim": false,
            "is_private": false, "is_archived": false, "is_general": false, "is_shared": self.shared,
            "is_ext_shared": self.shared, "is_org_shared": false, "is_member": self.has(BOT_USER),
            "context_team_id": TEAM, "num_members": self.members.len(),
            "topic": {"value": self.topic, "creator": "U0ANA", "last_set": 1_712_000_000},
            "purpose": {"value": "", "creator": "", "last_set": 0}
        })
    }
}

/// All channels, and the bot's conversation with each member of its workspace.
pub(in super::super) fn channels(people: &[Person]) -> Vec<Channel> {
    let channel = |id: &str, name: &str, topic, members: &[&str]| Channel {
        id: id.to_owned(),
        name: name.to_owned(),
        topic,
        members: members.iter().map(|&member| member.to_owned()).collect(),
        shared: members.contains(&"U0SAM"),
    };
    let mut all = vec![
        channel(
            "C0REQUESTS",
            "iam-requests",
            "Ask for a role to be narrowed; shared with a partner",
            &["U0RILEY", "U0ANA", "U0BEN", "U0GUS", "U0SAM", BOT_USER],
        ),
        channel("C0OUTCOMES", "iam-outcomes", "What became of it", &["U0RILEY", "U0ANA", "U0BEN", BOT_USER]),
        channel("C0SECURITY", "security", "The bot isn't in here", &["U0RILEY", "U0ANA", "U0BEN"]),
    ];
    for person in people.iter().filter(|person| !person.bot && !person.stranger()) {
        let id = person.id.replacen('U', "D", 1);
        all.push(channel(&id, "", "", &[&person.id, BOT_USER]));
    }
    all
}
