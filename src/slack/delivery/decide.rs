//! What follows from a call that failed: inside the same try, and for the row. Pure, and a table.

use std::time::Duration;

use crate::slack::api::{Class, Method};

/// How often a row is tried on a code that nobody knows.
pub(super) const UNKNOWN_TRIES: u32 = 5;

/// What to do next within the same try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Say it in the next place.
    Elsewhere,
    /// Say it without blocks.
    Plain,
    /// Say it as a new message.
    Afresh,
    /// Say where the file is.
    Pointer,
    /// Tell whoever pressed the button.
    Tell,
    /// Nothing: the try is over.
    Stop,
}

/// What to do next within the same try.
pub(super) fn next(method: Method, class: Class) -> Next {
    match (method, class) {
        // A modal is opened at once or never.
        (Method::ViewsOpen, _) => Next::Tell,
        // A person is better told where the file is than nothing, unless it may come yet.
        (_, Class::RetryNotSent { .. } | Class::Ambiguous | Class::Benign | Class::Refresh) => Next::Stop,
        (Method::FilesGetUploadUrl | Method::FilesUpload | Method::FilesComplete, _) => Next::Pointer,
        (Method::ChatUpdate, Class::RepostUpdate) => Next::Afresh,
        (Method::ChatPostMessage | Method::ChatPostEphemeral | Method::ChatUpdate, Class::Payload) => {
            Next::Plain
        }
        (
            Method::ChatPostMessage | Method::ChatPostEphemeral | Method::ConversationsOpen,
            Class::Destination | Class::Identity,
        ) => Next::Elsewhere,
        _ => Next::Stop,
    }
}

/// What becomes of the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is as it should be.
    Delivered,
    /// To be tried again.
    Again(Option<Duration>),
    /// To be looked for, then tried again.
    Look,
    /// Given up; whether an operator can do something about it.
    Dead {
        /// Whether they are told loudly.
        alert: bool,
    },
}

/// What becomes of the row when the try is over, on its so many-th try, counted from zero.
pub(super) fn fate(method: Method, class: Class, attempts: u32) -> Fate {
    match class {
        Class::Benign => Fate::Delivered,
        Class::RetryNotSent { after } => Fate::Again(after),
        // What says nothing to everybody can be repeated without looking.
        Class::Ambiguous if leaves_a_message(method) => Fate::Look,
        Class::Ambiguous => Fate::Again(None),
        // The token may be another one when it is tried again.
        Class::Refresh if attempts == 0 => Fate::Again(None),
        Class::Unknown if attempts + 1 < UNKNOWN_TRIES => Fate::Again(None),
        // A reaction says nothing that the message doesn't.
        Class::Destination if matches!(method, Method::ReactionsAdd | Method::ReactionsRemove) => {
            Fate::Dead { alert: false }
        }
        Class::Config
        | Class::Bug
        | Class::Payload
        | Class::Refresh
        | Class::Unknown
        | Class::Destination => Fate::Dead { alert: true },
        Class::Identity | Class::RepostUpdate | Class::ViewsOpen | Class::Files => {
            Fate::Dead { alert: false }
        }
    }
}

/// Whether a call may leave a message in a channel that is found there again.
fn leaves_a_message(method: Method) -> bool {
    matches!(method, Method::ChatPostMessage | Method::FilesComplete)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RETRY: Class = Class::RetryNotSent { after: Some(Duration::from_secs(9)) };

    #[test]
    fn each_class_has_its_way_on_within_a_try() {
        for (method, class, expected) in [
            (Method::ChatPostMessage, Class::Destination, Next::Elsewhere),
            (Method::ChatPostMessage, Class::Payload, Next::Plain),
            (Method::ChatPostMessage, Class::Config, Next::Stop),
            (Method::ChatPostMessage, Class::Bug, Next::Stop),
            (Method::ChatPostMessage, Class::Unknown, Next::Stop),
            (Method::ChatPostMessage, RETRY, Next::Stop),
            (Method::ChatPostMessage, Class::Ambiguous, Next::Stop),
            (Method::ChatPostEphemeral, Class::Destination, Next::Elsewhere),
            (Method::ChatPostEphemeral, Class::Identity, Next::Elsewhere),
            (Method::ChatUpdate, Class::RepostUpdate, Next::Afresh),
            (Method::ChatUpdate, Class::Payload, Next::Plain),
            (Method::ChatUpdate, Class::Destination, Next::Stop),
            (Method::ViewsOpen, Class::ViewsOpen, Next::Tell),
            (Method::ViewsOpen, Class::Ambiguous, Next::Tell),
            (Method::ViewsOpen, RETRY, Next::Tell),
            (Method::FilesGetUploadUrl, Class::Files, Next::Pointer),
            (Method::FilesGetUploadUrl, Class::Config, Next::Pointer),
            (Method::FilesComplete, Class::Destination, Next::Pointer),
            (Method::FilesComplete, Class::Ambiguous, Next::Stop),
            (Method::FilesUpload, RETRY, Next::Stop),
            (Method::ReactionsAdd, Class::Config, Next::Stop),
        ] {
            assert_eq!(next(method, class), expected, "{method} {class:?}");
        }
    }

    #[test]
    fn each_class_has_its_fate_for_the_row() {
        let post = Method::ChatPostMessage;
        for (method, class, attempts, expected) in [
            (post, Class::Config, 0, Fate::Dead { alert: true }),
            (post, Class::Bug, 0, Fate::Dead { alert: true }),
            (post, Class::Payload, 0, Fate::Dead { alert: true }),
            (post, Class::Refresh, 0, Fate::Again(None)),
            (post, Class::Refresh, 1, Fate::Dead { alert: true }),
            (post, Class::Destination, 0, Fate::Dead { alert: true }),
            (post, Class::Identity, 0, Fate::Dead { alert: false }),
            (post, RETRY, 400, Fate::Again(Some(Duration::from_secs(9)))),
            (post, Class::Ambiguous, 0, Fate::Look),
            (Method::FilesComplete, Class::Ambiguous, 0, Fate::Look),
            (Method::FilesGetUploadUrl, Class::Ambiguous, 0, Fate::Again(None)),
            (Method::ChatUpdate, Class::Ambiguous, 0, Fate::Again(None)),
            (Method::ReactionsAdd, Class::Benign, 0, Fate::Delivered),
            (Method::ReactionsAdd, Class::Destination, 0, Fate::Dead { alert: false }),
            (post, Class::Unknown, 0, Fate::Again(None)),
            (post, Class::Unknown, UNKNOWN_TRIES - 1, Fate::Dead { alert: true }),
        ] {
            assert_eq!(fate(method, class, attempts), expected, "{method} {class:?} {attempts}");
        }
    }
}
