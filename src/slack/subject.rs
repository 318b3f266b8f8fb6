//! What buttons and modals carry to Slack and back: which job, which revision, bound to what; and where a modal came
//! from. Nothing else goes along: on the way back everything is looked up anew.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::domain::ids::{ChannelId, Digest, JobId, MessageTs, Person};
use crate::domain::receipt::{Sender, Subject};

/// No value of ours is longer; Slack keeps 2,000 characters of a button and 3,000 of a modal.
const LONGEST: usize = 2_000;
/// No digest is longer.
const LONGEST_DIGEST: usize = 128;

/// Where a modal was opened from, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// What it is about, where it is about a job.
    pub subject: Option<Subject>,
    /// The channel.
    pub channel: ChannelId,
    /// The thread.
    pub thread: Option<MessageTs>,
    /// An address for answers that only they see.
    pub response_url: Option<String>,
    /// Whether it is a direct message with ALPHA.
    pub direct: bool,
}

impl Origin {
    /// Of a modal that is opened because somebody pressed a button or used the shortcut.
    pub fn of(sender: &Sender, subject: Option<&Subject>) -> Self {
        Self {
            subject: subject.cloned(),
            channel: sender.channel.clone(),
            thread: sender.thread.clone(),
            response_url: sender.response_url.clone(),
            direct: sender.direct,
        }
    }

    /// Whoever submitted the modal, answered where it was opened from.
    pub fn sender(self, person: Person) -> Sender {
        Sender {
            person,
            channel: self.channel,
            thread: self.thread,
            response_url: self.response_url,
            direct: self.direct,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct SubjectForm<'a> {
    j: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    d: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    q: Option<u32>,
}

#[derive(Serialize, Deserialize)]
struct OriginForm<'a> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    s: Option<SubjectForm<'a>>,
    c: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    t: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    u: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    m: bool,
}

/// A subject as the `value` of a button: `{"j":"j-...","r":1,"d":"..."}`, with the number of a
/// question where it answers one (`"q":1`).
pub fn encode_subject(subject: &Subject) -> String {
    written(&SubjectForm::of(subject))
}

/// The subject that a button carried; none where it is none of ours.
pub fn parse_subject(value: &str) -> Option<Subject> {
    read::<SubjectForm<'_>>(value)?.subject()
}

/// An origin as the `private_metadata` of a modal.
pub fn encode_origin(origin: &Origin) -> String {
    written(&OriginForm {
        s: origin.subject.as_ref().map(SubjectForm::of),
        c: origin.channel.as_str().into(),
        t: origin.thread.as_ref().map(|thread| thread.as_str().into()),
        u: origin.response_url.as_deref().map(Into::into),
        m: origin.direct,
    })
}

/// The origin that a modal carried; none where it is none of ours.
pub fn parse_origin(metadata: &str) -> Option<Origin> {
    let form: OriginForm<'_> = read(metadata)?;
    let subject = match form.s {
        Some(subject) => Some(subject.subject()?),
        None => None,
    };
    Some(Origin {
        subject,
        channel: ChannelId::new(Some(form.c).filter(|channel| !channel.is_empty())?),
        thread: form.t.map(MessageTs::new),
        response_url: form.u.map(Cow::into_owned),
        direct: form.m,
    })
}

impl<'a> SubjectForm<'a> {
    fn of(subject: &'a Subject) -> Self {
        Self {
            j: subject.job.as_str().into(),
            r: subject.revision,
            d: subject.digest.as_ref().map(|digest| digest.as_str().into()),
            q: subject.question,
        }
    }

    fn subject(self) -> Option<Subject> {
        let is_digest = |digest: &str| {
            (1..=LONGEST_DIGEST).contains(&digest.len())
                && digest.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        if !JobId::is_plausible(&self.j) || self.d.as_deref().is_some_and(|digest| !is_digest(digest)) {
            return None;
        }
        Some(Subject {
            job: JobId::new(self.j),
            revision: self.r,
            digest: self.d.map(Digest::new),
            question: self.q,
        })
    }
}

fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    if text.len() > LONGEST { None } else { serde_json::from_str(text).ok() }
}

/// Text of forms that hold nothing but text, numbers and flags: writing them can't fail.
fn written(form: &impl Serialize) -> String {
    serde_json::to_string(form).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::option;
    use proptest::prelude::*;

    use super::*;

    fn subjects() -> impl Strategy<Value = Subject> {
        let numbers = (option::of(any::<u32>()), option::of(any::<u32>()));
        ("j-[0-9a-z]{16}", numbers, option::of("[0-9a-f]{1,128}")).prop_map(
            |(job, (revision, question), digest)| Subject {
                job: JobId::new(job),
                revision,
                digest: digest.map(Digest::new),
                question,
            },
        )
    }

    proptest! {
        #[test]
        fn a_subject_comes_back_as_it_went(subject in subjects()) {
            prop_assert_eq!(parse_subject(&encode_subject(&subject)), Some(subject));
        }

        #[test]
        fn an_origin_comes_back_as_it_went(
            subject in option::of(subjects()),
            channel in "[CDG][0-9A-Z]{8,10}",
            thread in option::of("[0-9]{10}\\.[0-9]{6}"),
            response_url in option::of(".{0,200}"),
            direct: bool,
        ) {
            let (channel, thread) = (ChannelId::new(channel), thread.map(MessageTs::new));
            let origin = Origin { subject, channel, thread, response_url, direct };
            prop_assert_eq!(parse_origin(&encode_origin(&origin)), Some(origin));
        }

        #[test]
        fn any_value_is_read_or_refused(value in ".{0,200}") {
            let _ = (parse_subject(&value), parse_origin(&value));
        }
    }

    #[test]
    fn a_value_is_what_the_documents_say() {
        let value = r#"{"j":"j-0123456789abcdef","r":2,"d":"00ff"}"#;
        let subject = parse_subject(value).unwrap();
        assert_eq!((subject.revision, subject.digest.as_ref().unwrap().as_str()), (Some(2), "00ff"));
        assert_eq!(encode_subject(&subject), value);
    }

    #[test]
    fn values_that_are_none_of_ours_are_refused() {
        let long = format!(r#"{{"j":"j-0123456789abcdef","x":"{}"}}"#, "a".repeat(LONGEST));
        for value in [
            "",
            "approve",
            "{}",
            "[]",
            r#"{"j":"job"}"#,
            r#"{"j":"j-0123456789abcdef","r":-1}"#,
            r#"{"j":"j-0123456789abcdef","d":""}"#,
            r#"{"j":"j-0123456789abcdef","d":"<!channel>"}"#,
            long.as_str(),
        ] {
            assert_eq!(parse_subject(value), None, "{value}");
        }
    }
}
