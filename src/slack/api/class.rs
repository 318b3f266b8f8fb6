//! What follows from a call that failed: Slack's codes, HTTP's and the wire's, sorted into classes.
//!
//! Pure, and the only place that knows codes by name. A code that isn't here is [`Class::Unknown`]: it is tried a few
//! times and then given up with an alert, so that nothing is tried for ever.

#[cfg(test)]
mod tests;

use std::time::Duration;

use super::method::Method;
use crate::ports::SecretsError;

/// How a call failed, as far as the wire tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Slack answered with a code.
    Code(String),
    /// Too many calls; perhaps with a code, perhaps with how long to wait.
    Limited {
        /// What Slack said, where it could be read.
        code: Option<String>,
        /// How long to wait.
        after: Option<Duration>,
    },
    /// HTTP answered with a status that isn't a success.
    Status(u16),
    /// There was no connection, so that nothing was sent.
    NotConnected,
    /// No answer in time, or none to the end: it may have been sent.
    Lost,
    /// An answer that can't be read: it may have been sent.
    Unreadable,
    /// It was never tried: there is no token.
    NoToken(SecretsError),
    /// It was never tried: what was asked for can't be called.
    Impossible(&'static str),
}

/// What follows from a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// An operator has to change something in Slack or in ALPHA's configuration.
    Config,
    /// The token is too old.
    Refresh,
    /// It can't be said there.
    Destination,
    /// What is said has a form that Slack doesn't take.
    Payload,
    /// ALPHA called wrongly.
    Bug,
    /// It was certainly not done; try again, after this long where Slack says so.
    RetryNotSent {
        /// What Slack asked for.
        after: Option<Duration>,
    },
    /// It may have been done.
    Ambiguous,
    /// The message can't be changed any more; say it anew.
    RepostUpdate,
    /// It is as it should be already.
    Benign,
    /// The modal can't be opened any more.
    ViewsOpen,
    /// The file can't be sent.
    Files,
    /// There is no such person, or none that we may see.
    Identity,
    /// Nobody knows.
    Unknown,
}

/// How long to wait where Slack says that a workspace needs a moment.
const SLOWER: Duration = Duration::from_mins(1);

/// What follows from a failure of a method.
pub fn class(method: Method, failure: &Failure) -> Class {
    match failure {
        Failure::Code(code) => of_code(method, code),
        Failure::Limited { after, .. } => Class::RetryNotSent { after: *after },
        // Somebody may yet put the token in its place, and until then nothing is lost.
        Failure::NotConnected | Failure::NoToken(_) => Class::RetryNotSent { after: None },
        Failure::Lost | Failure::Unreadable => Class::Ambiguous,
        Failure::Impossible(_) => Class::Bug,
        Failure::Status(status) => of_status(*status),
    }
}

fn of_status(status: u16) -> Class {
    match status {
        429 => Class::RetryNotSent { after: None },
        // A request that HTTP gave up on may have been acted on, as with any error of the server.
        408 | 500..=599 => Class::Ambiguous,
        413 => Class::Payload,
        // A proxy in between, or an address that isn't the Web API's.
        300..=399 | 401 | 403 | 404 | 405 | 407 | 410 => Class::Config,
        _ => Class::Unknown,
    }
}

fn of_code(method: Method, code: &str) -> Class {
    by_method(method, code).or_else(|| by_code(code)).or_else(|| by_family(code)).unwrap_or(Class::Unknown)
}

/// Codes that mean one thing here and another there.
fn by_method(method: Method, code: &str) -> Option<Class> {
    match (method, code) {
        (Method::ChatUpdate, "message_not_found" | "cant_update_message" | "edit_window_closed") => {
            Some(Class::RepostUpdate)
        }
        // What isn't there needs no deleting, and can bear no reaction.
        (Method::ChatDelete | Method::ReactionsAdd | Method::ReactionsRemove, "message_not_found") => {
            Some(Class::Benign)
        }
        (Method::FilesGetUploadUrl | Method::FilesUpload | Method::FilesComplete, code)
            if code.starts_with("slack_connect_") && code.ends_with("_blocked") =>
        {
            Some(Class::Files)
        }
        _ => None,
    }
}

/// Codes that mean the same everywhere.
fn by_code(code: &str) -> Option<Class> {
    Some(match code {
        "not_authed"
        | "invalid_auth"
        | "account_inactive"
        | "token_revoked"
        | "missing_scope"
        | "not_allowed_token_type"
        | "no_permission"
        | "access_denied"
        | "team_access_not_granted"
        | "enterprise_is_restricted"
        | "two_factor_setup_required"
        | "deprecated_endpoint"
        | "method_deprecated"
        | "ekm_access_denied"
        | "app_access_restricted"
        | "as_user_not_supported"
        | "metadata_must_be_sent_from_app"
        | "accesslimited"
        | "plan_upgrade_required" => Class::Config,

        "token_expired" => Class::Refresh,

        "channel_not_found"
        | "not_in_channel"
        | "is_archived"
        | "is_inactive"
        | "team_not_found"
        | "messages_tab_disabled"
        | "user_not_in_channel"
        | "cannot_reply_to_message"
        | "thread_not_found"
        | "posting_to_channel_denied"
        | "posting_to_general_channel_denied"
        | "invalid_channel"
        | "user_is_external_guest"
        | "thread_locked"
        | "not_reactable"
        | "too_many_emoji"
        | "too_many_reactions"
        | "method_not_supported_for_channel_type" => Class::Destination,

        "invalid_blocks"
        | "invalid_blocks_format"
        | "msg_blocks_too_long"
        | "msg_too_long"
        | "no_text"
        | "block_mismatch"
        | "too_many_attachments"
        | "invalid_attachments"
        | "attachment_payload_limit_exceeded"
        | "markdown_text_conflict"
        | "metadata_too_large" => Class::Payload,

        "invalid_arguments"
        | "invalid_arg_name"
        | "invalid_array_arg"
        | "invalid_charset"
        | "invalid_form_data"
        | "invalid_json"
        | "json_not_object"
        | "invalid_post_type"
        | "missing_post_type"
        | "missing_argument"
        | "missing_charset"
        | "unknown_method"
        | "unknown_subtype"
        | "invalid_name"
        | "bad_timestamp"
        | "no_item_specified"
        | "invalid_cursor"
        | "invalid_limit"
        | "invalid_ts_latest"
        | "invalid_ts_oldest"
        | "users_list_not_supplied"
        | "duplicate_external_id" => Class::Bug,

        "ratelimited" | "rate_limited" | "service_unavailable" | "request_timeout" => {
            Class::RetryNotSent { after: None }
        }
        "external_channel_migrating"
        | "org_login_required"
        | "team_added_to_org"
        | "message_limit_exceeded" => Class::RetryNotSent { after: Some(SLOWER) },

        "fatal_error" | "internal_error" | "update_failed" => Class::Ambiguous,

        "already_reacted" | "no_reaction" => Class::Benign,

        "expired_trigger_id" | "exchanged_trigger_id" | "invalid_trigger_id" | "view_too_large" => {
            Class::ViewsOpen
        }

        "file_uploads_disabled"
        | "file_uploads_except_images_disabled"
        | "file_type_not_allowed"
        | "file_upload_size_restricted"
        | "snippet_too_large"
        | "unknown_snippet_type"
        | "storage_limit_reached"
        | "blocked_file_type"
        | "malware_detected"
        | "file_not_found"
        | "file_update_failed" => Class::Files,

        "user_not_found" | "users_not_found" | "user_not_visible" | "no_such_subteam" | "user_disabled"
        | "cannot_dm_bot" => Class::Identity,

        _ => return None,
    })
}

/// Codes that come in families.
fn by_family(code: &str) -> Option<Class> {
    if code.starts_with("restricted_action")
        || (code.starts_with("slack_connect_") && code.ends_with("_blocked"))
    {
        Some(Class::Destination)
    } else if code.starts_with("invalid_metadata_") {
        Some(Class::Payload)
    } else {
        None
    }
}

impl Class {
    /// Its word, for logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Refresh => "refresh",
            Self::Destination => "destination",
            Self::Payload => "payload",
            Self::Bug => "bug",
            Self::RetryNotSent { .. } => "retry",
            Self::Ambiguous => "ambiguous",
            Self::RepostUpdate => "repost",
            Self::Benign => "benign",
            Self::ViewsOpen => "views_open",
            Self::Files => "files",
            Self::Identity => "identity",
            Self::Unknown => "unknown",
        }
    }
}
