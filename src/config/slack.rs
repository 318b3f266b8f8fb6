//! How Slack is reached, and how it is known.

use std::net::IpAddr;

use url::{Host, Url};

use super::secret::Secret;
use crate::domain::ids::ChannelId;

/// How Slack is reached, and how it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slack {
    /// What it signs its requests with, and what is shown to it.
    pub credentials: Credentials,
    /// Where its Web API is: over TLS, or on this machine.
    pub api_url: Url,
    /// Where outcomes are announced; none where only the thread hears them.
    pub channel: Option<ChannelId>,
}

/// What Slack and ALPHA know each other by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// Said in the environment or the file.
    Given {
        /// What Slack signs its requests with.
        signing_secret: Secret,
        /// What is shown to it.
        bot_token: Secret,
    },
    /// Kept in Secrets Manager, under names that begin so, without a slash at the end.
    SecretsManager(String),
}

/// Reads where the secrets are: the prefix of their names in Secrets Manager, or nothing where they are said.
pub fn secrets(text: &str) -> Result<Option<String>, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c);
    match text.split_once(':') {
        None if text == "environment" => Ok(None),
        Some(("secretsmanager", prefix)) if prefix.chars().all(fits) => {
            let prefix = prefix.trim_end_matches('/');
            if prefix.is_empty() || prefix.len() > 256 {
                Err(EXPECTED_PLACE.to_owned())
            } else {
                Ok(Some(prefix.to_owned()))
            }
        }
        _ => Err(EXPECTED_PLACE.to_owned()),
    }
}

const EXPECTED_PLACE: &str = "expected environment, or secretsmanager:PREFIX, such as secretsmanager:alpha";

/// Reads the base of the Web API, which ends without a slash: over TLS, or on this machine.
pub fn api_url(text: &str) -> Result<Url, String> {
    const EXPECTED: &str = "expected an address that begins with https://, or http:// on this machine, such as \
                            https://slack.com/api";
    let url = Url::parse(text.trim().trim_end_matches('/'))
        .map_err(|error| format!("it is no URL ({error}); {EXPECTED}"))?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => {
            return Err(
                "http is allowed on this machine only (127.0.0.1, [::1], localhost), because the token \
                        would be sent in the clear; expected https://"
                    .to_owned(),
            );
        }
        _ => return Err(EXPECTED.to_owned()),
    }
    let bare = url.username().is_empty() && url.password().is_none();
    if !bare || url.query().is_some() || url.fragment().is_some() {
        return Err("expected the base alone, without user, password, query or fragment".to_owned());
    }
    Ok(url)
}

/// Whether an address may hold a password, and must not be shown.
pub fn holds_credentials(text: &str) -> bool {
    text.contains('@')
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    }
}

/// Reads the signing secret: any text that isn't blank.
pub fn signing_secret(text: &str) -> Result<Secret, String> {
    if is_blank(text) { Err(EXPECTED_SECRET.to_owned()) } else { Ok(Secret::new(text)) }
}

/// Whether a text says nothing; a blank secret would let everybody in.
pub fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// What the signing secret is.
pub const EXPECTED_SECRET: &str = "the signing secret of the Slack app";

/// What a bot token is.
pub const EXPECTED_TOKEN: &str = "a bot token, which begins with xoxb-";

/// Reads a bot token. What is wrong with one is told without any of it.
pub fn bot_token(text: &str) -> Result<Secret, String> {
    let text = text.trim();
    let rest = text.strip_prefix("xoxb-").unwrap_or_default();
    if rest.is_empty() || !rest.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!("expected {EXPECTED_TOKEN} and has no white space"));
    }
    Ok(Secret::new(text))
}

/// Reads the id of a channel.
pub fn channel(text: &str) -> Result<ChannelId, String> {
    let plausible = text.starts_with(['C', 'G', 'D'])
        && text.len() > 1
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if plausible {
        Ok(ChannelId::new(text))
    } else {
        Err("expected the id of a channel, such as C0123456789; Slack shows it at the end of the channel's details"
            .to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_web_api_is_reached_over_tls_or_on_this_machine() {
        for (text, base) in [
            ("https://slack.com/api", Some("https://slack.com/api")),
            (" https://slack.com/api/\n", Some("https://slack.com/api")),
            ("https://user@slack.com/api", None),
            ("https://:pass@slack.com/api", None),
            ("https://slack.example", Some("https://slack.example/")),
            ("http://127.0.0.1:8080/api/", Some("http://127.0.0.1:8080/api")),
            ("http://[::1]:9/api", Some("http://[::1]:9/api")),
            ("http://localhost:9", Some("http://localhost:9/")),
            ("http://slack.com/api", None),
            ("http://127.0.0.1.example.com/api", None),
            ("http://localhost.example.com/api", None),
            ("http://10.0.0.1/api", None),
            ("ftp://127.0.0.1/api", None),
            ("slack.com/api", None),
            ("https://slack.com/api?x=1", None),
            ("", None),
        ] {
            assert_eq!(api_url(text).ok().as_ref().map(Url::as_str), base, "{text}");
        }
    }

    #[test]
    fn a_bot_token_is_refused_without_being_shown() {
        for text in ["xoxb-1-2-abc", " xoxb-1-2-abc\n"] {
            assert_eq!(bot_token(text), Ok(Secret::new("xoxb-1-2-abc")));
        }
        for text in ["xoxp-hush", "hush", "xoxb-", "xoxb-hush\nhush", "xoxb- hush", "xoxb-hüsh"] {
            let error = bot_token(text).unwrap_err();
            assert!(error.contains("xoxb-") && !error.contains("hush"), "{error}");
        }
    }

    #[test]
    fn secrets_are_said_or_kept_under_a_prefix() {
        assert_eq!(secrets("environment"), Ok(None));
        assert_eq!(secrets("secretsmanager:alpha/"), Ok(Some("alpha".to_owned())));
        assert_eq!(secrets("secretsmanager:team/alpha"), Ok(Some("team/alpha".to_owned())));
        for text in
            ["", "alpha", "secretsmanager", "secretsmanager:", "secretsmanager:/", "secretsmanager:a b"]
        {
            assert!(secrets(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_channel_is_named_by_its_id() {
        for (text, good) in [
            ("C0123456789", true),
            ("G1", true),
            ("D1", true),
            ("#ops", false),
            ("C", false),
            ("c1", false),
            ("U1", false),
        ] {
            assert_eq!(channel(text).is_ok(), good, "{text}");
        }
    }
}
