//! The modals, with what their submission has to bring back.

use serde_json::Value;

use super::files::File;
use super::template::{Values, fill};
use crate::domain::delivery::Modal;
use crate::domain::job::Job;
use crate::domain::receipt::Subject;
use crate::slack::subject::{Origin, encode_origin};

/// A modal as `views.open` takes it.
pub fn view(modal: &Modal, job: Option<&Job>) -> Value {
    let (file, values) =
        match modal {
            Modal::Deny { .. } => {
                let values = Values::new()
                    .line_if("role", job.map(|job| job.role.name.as_str()), 80)
                    .line_if("account", job.map(|job| job.role.account.as_str()), 24);
                (File::Deny, values)
            }
            Modal::Ask { .. } => (File::Ask, Values::new()),
        };
    fill(file.template(), &values.code("metadata", metadata(modal))).unwrap_or_else(|error| {
        tracing::error!(file = file.name(), %error, "a modal could not be laid out");
        Value::Null
    })
}

/// What comes back with the submission: what the click carried, and where it was.
fn metadata(modal: &Modal) -> String {
    let (subject, channel, thread) = match modal {
        Modal::Deny { job, revision, digest, channel, thread } => {
            (Some(Subject::revision(job.clone(), *revision, digest.clone())), channel, thread.clone())
        }
        Modal::Ask { channel, thread } => (None, channel, Some(thread.clone())),
    };
    encode_origin(&Origin { subject, channel: channel.clone(), thread, response_url: None, direct: false })
}
