//! How a call failed: what the client library says, made into what can be acted on, and nothing that must not be shown.
//!
//! The library's errors hold whole response bodies and addresses; of these, only codes of a plain form go on from here.

use std::time::Duration;

use hyper_util::client::legacy::Error as Wire;
use slack_morphism::errors::SlackClientError;

use super::class::{Class, Failure, class};
use super::method::Method;

/// A call that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{method}: {}", self.reason())]
pub struct ApiError {
    /// What was called.
    pub method: Method,
    /// How it failed.
    pub failure: Failure,
}

impl ApiError {
    pub(super) fn new(method: Method, failure: Failure) -> Self {
        Self { method, failure }
    }

    /// What follows from it.
    pub fn class(&self) -> Class {
        class(self.method, &self.failure)
    }

    /// Slack's code, where it gave one.
    pub fn code(&self) -> Option<&str> {
        match &self.failure {
            Failure::Code(code) | Failure::Limited { code: Some(code), .. } => Some(code),
            Failure::Limited { code: None, .. }
            | Failure::Status(_)
            | Failure::NotConnected
            | Failure::Lost
            | Failure::Unreadable
            | Failure::NoToken(_)
            | Failure::Impossible(_) => None,
        }
    }

    /// How long Slack asked to wait.
    pub fn after(&self) -> Option<Duration> {
        match self.class() {
            Class::RetryNotSent { after } => after,
            _ => None,
        }
    }

    /// Whether Slack took the token for none, so that nothing was done and another token may do.
    pub(super) fn refuses_token(&self) -> bool {
        let codes = ["invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"];
        self.code().is_some_and(|code| codes.contains(&code))
    }

    fn reason(&self) -> String {
        match &self.failure {
            Failure::Code(code) => code.clone(),
            Failure::Limited { after: Some(after), .. } => {
                format!("too many calls, Slack asks to wait {} s", after.as_secs())
            }
            Failure::Limited { after: None, .. } => "too many calls".to_owned(),
            Failure::Status(status) => format!("HTTP status {status}"),
            Failure::NotConnected => "no connection".to_owned(),
            Failure::Lost => "no answer in time".to_owned(),
            Failure::Unreadable => "an answer that can't be read".to_owned(),
            Failure::NoToken(error) => error.to_string(),
            Failure::Impossible(why) => (*why).to_owned(),
        }
    }
}

/// What the library's error comes to.
pub(super) fn failure_of(error: &SlackClientError) -> Failure {
    match error {
        SlackClientError::ApiError(api) => Failure::Code(plain(&api.code)),
        SlackClientError::RateLimitError(limit) => {
            Failure::Limited { code: limit.code.as_deref().map(plain), after: limit.retry_after }
        }
        SlackClientError::HttpError(http) => Failure::Status(http.status_code.as_u16()),
        SlackClientError::HttpProtocolError(http) => match &http.cause {
            Some(cause) if never_connected(cause.as_ref()) => Failure::NotConnected,
            Some(_) | None => Failure::Lost,
        },
        // The answer broke off while it was read.
        SlackClientError::SystemError(_) | SlackClientError::EndOfStream(_) => Failure::Lost,
        SlackClientError::ProtocolError(_) => Failure::Unreadable,
        SlackClientError::SocketModeProtocolError(_) => Failure::Impossible("socket mode isn't used"),
    }
}

/// Whether a request failed before there was a connection to write it to.
fn never_connected(cause: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(cause);
    while let Some(error) = cause {
        if error.downcast_ref::<Wire>().is_some_and(Wire::is_connect) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// A code as it may be logged and stored: Slack's codes are short words, and anything else is none of Slack's.
pub(super) fn plain(code: &str) -> String {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !code.is_empty() && code.len() <= 80 && code.bytes().all(word) {
        code.to_owned()
    } else {
        "a_code_that_is_no_word".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use slack_morphism::errors::SlackClientApiError;

    use super::*;

    #[test]
    fn an_error_shows_the_method_and_the_code_and_no_body() {
        let body = r#"{"ok":false,"error":"invalid_auth","sent":"xoxb-secret"}"#.to_owned();
        let api = SlackClientApiError::new("invalid_auth".to_owned()).with_http_response_body(body);
        let error = ApiError::new(Method::ChatUpdate, failure_of(&SlackClientError::ApiError(api)));
        assert_eq!(error.to_string(), "chat.update: invalid_auth");
        assert!(!format!("{error:?}").contains("secret"));
        assert_eq!(error.class(), Class::Config);
    }

    #[test]
    fn a_code_that_is_no_word_is_not_repeated() {
        for code in ["", "xoxb secret", "a\nb", &"x".repeat(81)] {
            assert_eq!(plain(code), "a_code_that_is_no_word", "{code:?}");
        }
        assert_eq!(plain("not_in_channel"), "not_in_channel");
    }
}
