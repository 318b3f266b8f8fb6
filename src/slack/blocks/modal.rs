//! The modals, with what their submission has to bring back.

use serde_json::{Map, Value};

use super::files::File;
use super::template::{Values, fill};
use crate::domain::delivery::Modal;
use crate::domain::job::Job;

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
    let mut value = Map::new();
    let mut put = |key: &str, entry: Value| value.insert(key.to_owned(), entry);
    match modal {
        Modal::Deny { job, revision, digest, channel, thread } => {
            put("j", job.as_str().into());
            put("r", (*revision).into());
            put("d", digest.as_str().into());
            put("c", channel.as_str().into());
            if let Some(thread) = thread {
                put("t", thread.as_str().into());
            }
        }
        Modal::Ask { channel, thread } => {
            put("c", channel.as_str().into());
            put("t", thread.as_str().into());
        }
    }
    Value::Object(value).to_string()
}
