//! What a button carries: which job, which revision, bound to what; and nothing that could be believed unseen.

use crate::domain::receipt::Subject;

/// A subject as the value of a button: `{"j": job, "r": revision, "d": digest}`, without what isn't known.
pub fn encode_subject(subject: &Subject) -> String {
    let mut value = serde_json::Map::new();
    value.insert("j".to_owned(), subject.job.as_str().into());
    if let Some(revision) = subject.revision {
        value.insert("r".to_owned(), revision.into());
    }
    if let Some(digest) = &subject.digest {
        value.insert("d".to_owned(), digest.as_str().into());
    }
    serde_json::Value::Object(value).to_string()
}

#[cfg(test)]
mod tests {
    use super::encode_subject;
    use crate::domain::ids::{Digest, JobId};
    use crate::domain::receipt::Subject;

    #[test]
    fn a_button_carries_job_revision_and_digest_in_short_json() {
        let subject = Subject { job: JobId::new("j-1"), revision: Some(2), digest: Some(Digest::new("ab")) };
        assert_eq!(encode_subject(&subject), r#"{"j":"j-1","r":2,"d":"ab"}"#);
        let bare = Subject { job: JobId::new("j-1"), revision: None, digest: None };
        assert_eq!(encode_subject(&bare), r#"{"j":"j-1"}"#);
    }
}
