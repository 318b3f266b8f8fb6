//! Secrets between Slack and us: by which a request is known to come from Slack, and by which Slack knows us. They are
//! compared with, or go into one header, and are never shown.

use std::fmt;

/// Which secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecretKind {
    /// By which a request is known to come from Slack.
    Signing,
    /// By which Slack knows us.
    BotToken,
}

impl SecretKind {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Signing => "signing secret",
            Self::BotToken => "bot token",
        }
    }

    /// Where in Slack it is found.
    pub fn page(self) -> &'static str {
        match self {
            Self::Signing => "Basic Information",
            Self::BotToken => "OAuth & Permissions",
        }
    }
}

/// A signing secret. Not even its length can be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret(String);

impl SigningSecret {
    /// From its text; none where that is blank, so that an unset secret lets nobody in.
    pub fn new(text: &str) -> Option<Self> {
        if text.trim().is_empty() { None } else { Some(Self(text.to_owned())) }
    }

    /// Its bytes, for the one place that computes with them.
    pub fn expose(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret")
    }
}

/// The secrets that count now: the current one, and while it is being rotated, the one before. None of them lets
/// anybody in where there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SigningSecrets(Vec<SigningSecret>);

impl SigningSecrets {
    /// From the texts of secrets, the current one first; blank ones are left out.
    pub fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self(texts.into_iter().filter_map(SigningSecret::new).collect())
    }

    /// All of them, the current one first.
    pub fn iter(&self) -> impl Iterator<Item = &SigningSecret> {
        self.0.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A bot token, which shows itself to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct BotToken(String);

/// Why text is no bot token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "it must be a bot token as Slack shows it under \"OAuth & Permissions\": xoxb- and more, in one line"
)]
pub struct NoBotToken;

impl BotToken {
    /// From its text. Anything that can't stand in a header is refused here, so that it can't be cited by an error
    /// later.
    pub fn new(text: &str) -> Result<Self, NoBotToken> {
        let text = text.trim();
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(NoBotToken);
        }
        Ok(Self(text.to_owned()))
    }

    /// For the header alone.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for BotToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BotToken(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_nothing_of_itself() {
        let secrets = SigningSecrets::new(["8f742231b10e"]);
        assert_eq!(format!("{secrets:?} {secrets:#?}").matches("8f").count(), 0);
    }

    #[test]
    fn a_blank_secret_is_none() {
        assert!(SigningSecrets::new(["", " \n"]).is_empty());
        assert_eq!(SigningSecrets::new(["", " a\n", "b"]).iter().count(), 2);
    }

    #[test]
    fn a_token_is_not_seen_in_debug_output() {
        let token = BotToken::new(" xoxb-secret\n").unwrap();
        assert_eq!(format!("{token:?}"), "BotToken(hidden)");
        assert_eq!(token.expose(), "xoxb-secret");
    }

    #[test]
    fn what_cannot_stand_in_a_header_is_refused_without_being_cited() {
        for text in ["", "  ", "xoxb-a\nb", "xoxb-\u{e9}", "xoxb a"] {
            let refused = BotToken::new(text).unwrap_err();
            assert!(!refused.to_string().contains("xoxb-a"), "{text:?}");
        }
    }
}
