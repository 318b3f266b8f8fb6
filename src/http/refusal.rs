//! Why a request gets no hearing. Whoever sent it learns the status and nothing else; operators learn the class.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::slack::ingress::verify::Refused;

/// Why a request gets no hearing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Its body is larger than any of Slack's.
    TooLarge,
    /// Its body is of another kind.
    MediaType,
    /// Its body took too long.
    Slow,
    /// Its body ended before its end.
    Broken,
    /// It isn't Slack's, as far as we can tell.
    Refused(Refused),
    /// We can't tell, because we know no secret.
    NoSecrets,
    /// It is Slack's and makes no sense.
    Malformed,
}

impl Refusal {
    /// As metrics and logs spell it.
    pub fn class(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::MediaType => "media_type",
            Self::Slow => "slow",
            Self::Broken => "broken",
            Self::Refused(refused) => refused.class(),
            Self::NoSecrets => "no_secrets",
            Self::Malformed => "malformed",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::Broken | Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Refused(_) => StatusCode::UNAUTHORIZED,
            Self::NoSecrets => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        self.status().into_response()
    }
}
