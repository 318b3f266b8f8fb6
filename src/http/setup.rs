//! Routes of what this server isn't set up for; whoever comes there is told so.

use axum::http::StatusCode;

/// Where an app would be installed in a workspace.
pub async fn no_install() -> (StatusCode, &'static str) {
    (
        StatusCode::NOT_FOUND,
        "This ALPHA is set up for one workspace, with a token: there is nothing to install here.\n",
    )
}

/// Where an identity of AWS would be tied to one of Slack.
pub async fn no_link() -> (StatusCode, &'static str) {
    (
        StatusCode::NOT_FOUND,
        "This ALPHA knows people by its approvers file alone: there is nothing to link here.\n",
    )
}
