//! The log of requests both ways. No secret gets into it.

use std::collections::VecDeque;

use serde::Serialize;

/// How many requests are remembered.
const MOST: usize = 300;
/// How much of a body is remembered.
const MOST_BODY: usize = 12_000;

/// Who called whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Way {
    /// The bot calls Slack.
    ToSlack,
    /// Slack calls the bot.
    ToAlpha,
}

/// One request and its answer.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Entry {
    /// Counts up.
    pub n: u64,
    /// Milliseconds since 1970.
    pub at: u64,
    /// Who called whom.
    pub way: Way,
    /// The method of the API, or what was sent.
    pub what: String,
    /// On whose behalf: a user id, or `bot`.
    pub who: String,
    /// The HTTP status, or a word where there was none.
    pub status: String,
    /// Milliseconds that it took.
    pub took: u64,
    /// The beginning of what was asked.
    pub asked: String,
    /// The beginning of what was answered.
    pub answered: String,
}

/// The last requests.
#[derive(Debug, Default)]
pub(super) struct Log {
    entries: VecDeque<Entry>,
    last: u64,
}

impl Log {
    /// Adds a request. `secrets` are blotted out wherever they stand.
    pub(super) fn add(&mut self, mut entry: Entry, secrets: &[&str]) {
        self.last += 1;
        entry.n = self.last;
        entry.asked = blotted(&entry.asked, secrets);
        entry.answered = blotted(&entry.answered, secrets);
        self.entries.push_back(entry);
        if self.entries.len() > MOST {
            self.entries.pop_front();
        }
    }

    /// The number of the last request.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// What came after a number.
    pub(super) fn after(&self, n: u64) -> Vec<&Entry> {
        self.entries.iter().filter(|entry| entry.n > n).collect()
    }
}

fn blotted(body: &str, secrets: &[&str]) -> String {
    let whole = secrets.iter().filter(|secret| !secret.is_empty()).fold(body.to_owned(), |body, secret| {
        let encoded: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        body.replace(secret, "•••").replace(&encoded, "•••")
    });
    let mut short: String = whole.chars().take(MOST_BODY).collect();
    if short.len() < whole.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::{Entry, Log, MOST, MOST_BODY, Way};

    #[test]
    fn the_log_is_bounded_and_holds_no_secret() {
        let mut log = Log::default();
        let entry = Entry {
            n: 0,
            at: 0,
            way: Way::ToSlack,
            what: "chat.postMessage".to_owned(),
            who: "bot".to_owned(),
            status: "200".to_owned(),
            took: 1,
            asked: format!("token=xoxb-1%2F2 xoxb-1/2 {}", "x".repeat(MOST_BODY)),
            answered: String::new(),
        };
        (0..=MOST).for_each(|_| log.add(entry.clone(), &["xoxb-1/2", ""]));
        let kept = log.after(0);
        assert_eq!((kept.len(), kept[0].n, log.last()), (MOST, 2, 301));
        assert!(
            kept[0].asked.starts_with("token=••• ••• xxx") && kept[0].asked.chars().count() == MOST_BODY + 1
        );
    }
}
