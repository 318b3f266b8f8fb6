//! What the playground is told by whoever starts it.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// A string that never prints.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret itself, for a signature or a comparison.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl<S: Into<String>> From<S> for Secret {
    fn from(value: S) -> Self {
        Self(value.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// What the playground needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Signs what the playground sends.
    pub signing_secret: Secret,
    /// What the bot must show when it calls the Web API.
    pub bot_token: Secret,
    /// Where the playground itself is reached, such as `http://127.0.0.1:8080`: `response_url`s, upload addresses and
    /// permalinks begin with it.
    pub address: String,
    /// Where ALPHA's ingress is reached. The same as `address` where one listener serves both.
    pub alpha: String,
    /// What the bot is called; people write `@` and this name.
    pub bot_name: String,
    /// The slash command that the workspace knows.
    pub command: String,
    /// The SQLite file that outlives a restart; without it everything is in memory.
    pub file: Option<PathBuf>,
    /// How long after each failure an event is sent again. Slack's own: at once, a minute, five minutes.
    pub event_retries: Vec<Duration>,
}

impl Settings {
    /// Settings for one listener that serves the playground and ALPHA, with everything else at its default.
    pub fn new(
        signing_secret: impl Into<Secret>,
        bot_token: impl Into<Secret>,
        address: impl Into<String>,
    ) -> Self {
        let address = address.into().trim_end_matches('/').to_owned();
        Self {
            signing_secret: signing_secret.into(),
            bot_token: bot_token.into(),
            alpha: address.clone(),
            address,
            bot_name: "ALPHA".to_owned(),
            command: "/alpha".to_owned(),
            file: None,
            event_retries: vec![Duration::ZERO, Duration::from_mins(1), Duration::from_mins(5)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;

    #[test]
    fn secrets_never_print() {
        let settings = Settings::new("very-secret", "xoxb-token", "http://127.0.0.1:1/");
        let printed = format!("{settings:?}");
        assert!(!printed.contains("very-secret") && !printed.contains("xoxb"), "{printed}");
        assert_eq!(settings.alpha, "http://127.0.0.1:1");
    }
}
