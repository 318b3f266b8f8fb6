//! The bot token: it goes into one header, and must never be seen anywhere else.

use std::fmt;

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
    pub(super) fn reveal(&self) -> &str {
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
    fn a_token_is_not_seen_in_debug_output() {
        let token = BotToken::new(" xoxb-secret\n").unwrap();
        assert_eq!(format!("{token:?}"), "BotToken(hidden)");
        assert_eq!(token.reveal(), "xoxb-secret");
    }

    #[test]
    fn what_cannot_stand_in_a_header_is_refused_without_being_cited() {
        for text in ["", "  ", "xoxb-a\nb", "xoxb-\u{e9}", "xoxb a"] {
            let refused = BotToken::new(text).unwrap_err();
            assert!(!refused.to_string().contains("xoxb-a"), "{text:?}");
        }
    }
}
