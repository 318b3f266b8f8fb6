//! Instants as attributes: RFC 3339 to the nanosecond, all of one length, so that their order as text is that of time,
//! and people can read them.

use std::time::Duration;

use jiff::Timestamp;

/// An instant.
pub fn text(at: Timestamp) -> String {
    // Nothing here is older than that, and a year before zero would be spelt with a sign.
    format!("{:.9}", at.max(Timestamp::UNIX_EPOCH))
}

/// The instant of a text.
pub fn instant(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// When a lease that is taken now ends.
pub fn lease_end(now: Timestamp, lease: Duration) -> String {
    text(now.saturating_add(lease).unwrap_or(Timestamp::MAX))
}

/// An instant as DynamoDB's own forgetting wants it: whole seconds, none too early.
pub fn expiry(at: Timestamp, memory: Duration) -> i64 {
    at.saturating_add(memory).unwrap_or(Timestamp::MAX).as_second().saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_texts_is_that_of_time_and_nothing_of_it_is_lost() {
        let instants: Vec<Timestamp> = [
            "1970-01-01T00:00:00Z",
            "2026-10-01T08:00:00Z",
            "2026-10-01T08:00:00.000000001Z",
            "2026-10-01T08:00:00.1Z",
            "2026-10-01T08:00:01Z",
            "9999-12-30T22:00:00.999999999Z",
        ]
        .map(|text| text.parse().unwrap())
        .to_vec();
        let texts: Vec<String> = instants.iter().copied().map(text).collect();
        assert!(texts.is_sorted() && texts.iter().all(|text| text.len() == texts[0].len()), "{texts:?}");
        for (at, text) in instants.iter().zip(&texts) {
            assert_eq!(instant(text), Some(*at));
        }
        assert_eq!(text(Timestamp::MIN), texts[0]);
        assert_eq!(lease_end(Timestamp::MAX, Duration::MAX), text(Timestamp::MAX));
    }
}
