//! What an error of any of AWS's services means to whoever called.

use std::fmt;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::calls::{Call, Need, On};
use super::grant::{Denied, Place};
use crate::ports::AccountError;

/// Why a call did nothing, or may have done something nobody knows of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Of which kind it is.
    pub kind: Kind,
    /// The operation.
    pub operation: &'static str,
    /// The service's own word for it; empty where there was no answer.
    pub code: String,
    /// What the service said of it.
    pub message: String,
    /// What the call needs to be granted.
    needs: &'static [Need],
    /// Where that lies, as far as whoever called knows it.
    places: Vec<Place>,
}

/// What may be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// ALPHA lacks a permission.
    Denied,
    /// ALPHA's credentials are missing, wrong or over.
    Credentials,
    /// Too much was asked for at a time.
    Throttled,
    /// A quota is used up.
    Quota,
    /// What was asked for isn't there.
    Missing,
    /// What was to be made is there.
    Exists,
    /// What was asked for can't be, however often it is asked for.
    Rejected,
    /// There was no answer, or one that says nothing: whatever was asked for may have been done.
    Unknown,
}

/// The words of services for each kind, compared without their common endings.
const CODES: &[(Kind, &[&str])] = &[
    (Kind::Denied, &["AccessDenied", "UnauthorizedOperation", "Authorization", "NotAuthorized"]),
    (
        Kind::Credentials,
        &[
            "ExpiredToken",
            "InvalidClientTokenId",
            "UnrecognizedClient",
            "SignatureDoesNotMatch",
            "InvalidSignature",
            "InvalidAccessKeyId",
            "MissingAuthenticationToken",
            "IncompleteSignature",
            "InvalidToken",
            "RequestExpired",
            "OptInRequired",
        ],
    ),
    (
        Kind::Throttled,
        &[
            "Throttling",
            "Throttled",
            "TooManyRequests",
            "RequestLimitExceeded",
            "ProvisionedThroughputExceeded",
            "SlowDown",
            "RequestThrottled",
            // Somebody else changes it at this moment.
            "ConcurrentModification",
            "EntityTemporarilyUnmodifiable",
        ],
    ),
    (Kind::Quota, &["ServiceQuotaExceeded", "LimitExceeded"]),
    (
        Kind::Missing,
        &["NoSuchEntity", "ResourceNotFound", "NoSuchKey", "NoSuchBucket", "NotFound", "TrailNotFound"],
    ),
    (Kind::Exists, &["EntityAlreadyExists", "ResourceInUse", "Conflict", "DeleteConflict"]),
];

/// What a service says in its first line: where a signature is wrong, some cite the whole request after it, with the
/// token of the session.
fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or_default().trim_end().to_owned()
}

impl Fault {
    /// What an error of a call means.
    pub fn of<E, R>(call: &Call, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: fmt::Debug,
    {
        let fault = |kind, code: &str, message: String| Self {
            kind,
            operation: call.operation,
            code: code.to_owned(),
            message,
            needs: call.needs,
            places: Vec::new(),
        };
        match error {
            SdkError::ServiceError(answer) => {
                let meta = answer.err().meta();
                let code = meta.code().unwrap_or_default();
                fault(kind_of(code), code, first_line(meta.message().unwrap_or_default()))
            }
            SdkError::ConstructionFailure(_) => fault(Kind::Rejected, "", chain(error)),
            error => {
                let why = chain(error);
                let kind = if why.to_ascii_lowercase().contains("credentials") {
                    Kind::Credentials
                } else {
                    Kind::Unknown
                };
                fault(kind, "", why)
            }
        }
    }

    /// What an answer means that holds nothing of what was asked for.
    pub fn silent(call: &Call) -> Self {
        Self::unknown(call, "the answer holds nothing")
    }

    /// There was no answer that says whether it was done.
    pub fn unknown(call: &Call, why: impl Into<String>) -> Self {
        let (operation, needs) = (call.operation, call.needs);
        let (message, code) = (why.into(), String::new());
        Self { kind: Kind::Unknown, operation, code, message, needs, places: Vec::new() }
    }

    /// The same, where whoever called knows where something lies that the call needs.
    #[must_use]
    pub fn at(mut self, on: On, place: impl Into<String>) -> Self {
        self.places.push((on, place.into()));
        self
    }

    /// What is missing, where it was denied.
    pub fn denied(&self) -> Denied<'_> {
        let Self { operation, needs, places, message, .. } = self;
        Denied { operation, needs, places, message }
    }

    /// The same as the account's callers know it.
    pub fn into_account(self) -> AccountError {
        let text = self.to_string();
        match self.kind {
            Kind::Denied => AccountError::Denied(text),
            Kind::Credentials | Kind::Throttled | Kind::Unknown => AccountError::Unavailable(text),
            Kind::Quota | Kind::Missing | Kind::Exists | Kind::Rejected => AccountError::Rejected(text),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, code, message, .. } = self;
        match self.kind {
            Kind::Denied => f.write_str(&self.denied().told()),
            Kind::Credentials => write!(
                f,
                "{operation}: ALPHA's AWS credentials are missing, wrong or over ({code}{}{message})",
                if code.is_empty() { "" } else { ": " }
            ),
            _ if code.is_empty() => write!(f, "{operation}: {message}"),
            _ => write!(f, "{operation}: {code}: {message}"),
        }
    }
}

impl std::error::Error for Fault {}

fn kind_of(code: &str) -> Kind {
    let bare = code.trim_end_matches("Exception").trim_end_matches("Error");
    let known = CODES.iter().find(|(_, words)| words.iter().any(|word| bare.starts_with(word)));
    match (known, code) {
        (Some((kind, _)), _) => *kind,
        (None, "") => Kind::Unknown,
        (None, code)
            if ["Internal", "ServiceFailure", "ServiceUnavailable"]
                .iter()
                .any(|word| code.starts_with(word)) =>
        {
            Kind::Unknown
        }
        (None, _) => Kind::Rejected,
    }
}

/// An error with all that caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_s_word_says_what_may_be_done() {
        for (code, kind) in [
            ("AccessDenied", Kind::Denied),
            ("AccessDeniedException", Kind::Denied),
            ("UnauthorizedOperation", Kind::Denied),
            ("AuthorizationError", Kind::Denied),
            ("NotAuthorizedException", Kind::Denied),
            ("ExpiredToken", Kind::Credentials),
            ("ExpiredTokenException", Kind::Credentials),
            ("InvalidClientTokenId", Kind::Credentials),
            ("UnrecognizedClientException", Kind::Credentials),
            ("Throttling", Kind::Throttled),
            ("ThrottlingException", Kind::Throttled),
            ("ProvisionedThroughputExceededException", Kind::Throttled),
            ("SlowDown", Kind::Throttled),
            ("LimitExceeded", Kind::Quota),
            ("ServiceQuotaExceededException", Kind::Quota),
            ("NoSuchEntity", Kind::Missing),
            ("ResourceNotFoundException", Kind::Missing),
            ("EntityAlreadyExists", Kind::Exists),
            ("DeleteConflict", Kind::Exists),
            ("MalformedPolicyDocument", Kind::Rejected),
            ("ValidationException", Kind::Rejected),
            ("InternalServerError", Kind::Unknown),
            ("ServiceFailureException", Kind::Unknown),
            ("", Kind::Unknown),
        ] {
            assert_eq!(kind_of(code), kind, "{code}");
        }
    }

    #[test]
    fn a_request_that_is_cited_is_left_out() {
        let message = "The request signature we calculated does not match the signature you provided.\n\nThe Canonical \
                       String for this request should have been\n'POST\n/\n\nx-amz-security-token:hush'\n";
        let first = "The request signature we calculated does not match the signature you provided.";
        assert_eq!(first_line(message), first);
        assert_eq!(first_line(""), "");
    }

    #[test]
    fn a_missing_permission_is_told_with_the_statement_that_would_grant_it() {
        let call = Call {
            service: "IAM",
            operation: "PutRolePolicy",
            needs: &[Need { action: "iam:PutRolePolicy", on: On::RolesInScope }],
        };
        let fault = Fault { kind: Kind::Denied, ..Fault::unknown(&call, "no") };
        let text = fault.at(On::RolesInScope, "arn:aws:iam::1:role/web").into_account().to_string();
        let statement =
            r#"{"Effect": "Allow", "Action": "iam:PutRolePolicy", "Resource": "arn:aws:iam::1:role/web"}"#;
        assert!(text.contains("PutRolePolicy needs iam:PutRolePolicy") && text.contains(statement), "{text}");
    }
}
