//! A slash command, from the form that Slack posts.

use std::borrow::Cow;

use super::Inbound;
use super::fields::{Identity, id, key, response_url};
use crate::domain::ids::ChannelId;
use crate::domain::receipt::Sender;

/// What is looked at in the form of a slash command.
const FIELDS: &[&str] =
    &["team_id", "enterprise_id", "user_id", "channel_id", "text", "response_url", "trigger_id"];

/// Reads the form of a slash command.
pub fn parse(body: &[u8]) -> Inbound {
    if is_ssl_check(body) {
        return Inbound::SslCheck;
    }
    let mut identity = Identity::default();
    let (mut channel, mut line, mut trigger, mut answers) = (None, None, None, None);
    for (name, value) in fields(body, FIELDS) {
        let slot = match name.as_ref() {
            "team_id" => &mut identity.from_team,
            "enterprise_id" => &mut identity.from_enterprise,
            "user_id" => &mut identity.user,
            "channel_id" => &mut channel,
            "text" => &mut line,
            "response_url" => &mut answers,
            "trigger_id" => &mut trigger,
            _ => continue,
        };
        *slot = Some(value.into_owned());
    }
    // Only members of the workspace that a command comes from can run it, so that it is theirs.
    let Some(person) = identity.person() else { return malformed("no user or no workspace") };
    let Some(channel) = id(channel) else { return malformed("no channel") };
    let Some(trigger) = id(trigger) else {
        return malformed("no trigger, so a repetition couldn't be known");
    };
    let key = key("command", &person.team, &[&trigger]);
    let sender = Sender {
        person,
        channel: ChannelId::new(channel),
        thread: None,
        response_url: response_url(answers),
        // A direct message may be between two people, where ALPHA can't write; the address for answers always works.
        direct: false,
    };
    Inbound::Command { sender, line: line.unwrap_or_default(), key }
}

/// Whether Slack only looks whether our certificate is good. Such a request asks for nothing, so that it needs no
/// signature.
pub fn is_ssl_check(body: &[u8]) -> bool {
    fields(body, &["ssl_check"]).any(|(name, value)| name == "ssl_check" && value == "1")
}

/// The fields of a form, decoded: all of `names`, and of the others only those whose names have to be decoded to know.
fn fields<'b>(body: &'b [u8], names: &[&str]) -> impl Iterator<Item = (Cow<'b, str>, Cow<'b, str>)> {
    let may_be_wanted = |pair: &&[u8]| {
        let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default();
        name.contains(&b'%') || name.contains(&b'+') || names.iter().any(|wanted| wanted.as_bytes() == name)
    };
    body.split(|byte| *byte == b'&').filter(may_be_wanted).flat_map(form_urlencoded::parse)
}

fn malformed(why: &'static str) -> Inbound {
    Inbound::Malformed { why }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::ids::{Person, ReceiptKey, TeamId};

    const BODY: &str = include_str!("../../../tests/fixtures/slack/command.txt");

    fn body() -> &'static [u8] {
        BODY.trim_end().as_bytes()
    }

    #[test]
    fn a_slash_command_is_read_from_the_form_that_slack_posts() {
        let Inbound::Command { sender, line, key } = parse(body()) else { panic!("a command") };
        assert_eq!(sender.person, Person::new("T0ALPHA01", "U0REQUEST"));
        assert_eq!(sender.channel.as_str(), "C0PLATFORM");
        assert_eq!(line, "analyze ci-deployer --days 30");
        assert_eq!(key, ReceiptKey::new("command:T0ALPHA01:13345224609.738474920.8088930838d88f008e0"));
        assert_eq!(
            sender.response_url.as_deref(),
            Some("https://hooks.slack.com/commands/T0ALPHA01/1234567890/abcDEF")
        );
        assert_eq!((sender.thread, sender.direct), (None, false));
    }

    #[test]
    fn an_organisations_command_carries_the_organisation() {
        let body = "team_id=T1&enterprise_id=E1&is_enterprise_install=true&user_id=U1&channel_id=D1&text=&trigger_id=1.2.3";
        let Inbound::Command { sender, line, .. } = parse(body.as_bytes()) else { panic!("a command") };
        assert_eq!(sender.person.enterprise, Some(TeamId::new("E1")));
        assert_eq!(line, "");
    }

    proptest! {
        #[test]
        fn fields_are_those_of_the_whole_form(
            pairs in proptest::collection::vec("(text|t%65xt|te%78t|ssl_check|other|%|)(=?[a-z+%=]{0,4})?", 0..6)
        ) {
            let body = pairs.join("&");
            let wanted = |name: &str| name == "text" || name == "ssl_check";
            let all = form_urlencoded::parse(body.as_bytes()).filter(|(name, _)| wanted(name));
            let found = fields(body.as_bytes(), &["text", "ssl_check"]).filter(|(name, _)| wanted(name));
            prop_assert_eq!(found.collect::<Vec<_>>(), all.collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_isnt_a_command_is_told_apart() {
        for (body, expected) in [
            (&b"ssl_check=1&token=x"[..], "ssl"),
            (b"team_id=T1&user_id=U1&channel_id=C1&trigger_id=1&ssl_check=1", "ssl"),
            (b"ssl_check=0&token=x", "malformed"),
            (b"", "malformed"),
            (b"team_id=T1&user_id=U1&channel_id=C1&text=help", "malformed"),
            (b"team_id=T1&channel_id=C1&trigger_id=1", "malformed"),
            (b"user_id=U1&channel_id=C1&trigger_id=1", "malformed"),
            (b"team_id=T1&user_id=U1&trigger_id=1", "malformed"),
            (b"{\"team_id\":\"T1\"}", "malformed"),
            (b"\xff\xfe%zz&&&===", "malformed"),
        ] {
            let found = match parse(body) {
                Inbound::SslCheck => "ssl",
                Inbound::Malformed { .. } => "malformed",
                _ => "something",
            };
            assert_eq!(found, expected, "{}", String::from_utf8_lossy(body));
        }
    }
}
