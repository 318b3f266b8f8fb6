//! Instants as columns: whole milliseconds since 1970. Records hold them exactly.
//!
//! What lies ahead is rounded up and the present is rounded down, so that nothing happens too early for it.

use std::time::Duration;

use jiff::Timestamp;

const NANOSECONDS: i128 = 1_000_000;

/// An instant that is waited for, or noted.
pub fn ahead(at: Timestamp) -> i64 {
    clamped(-(-at.as_nanosecond()).div_euclid(NANOSECONDS))
}

/// The present.
pub fn present(now: Timestamp) -> i64 {
    clamped(now.as_nanosecond().div_euclid(NANOSECONDS))
}

/// When a lease that is taken now ends.
pub fn lease_end(now: Timestamp, lease: Duration) -> i64 {
    now.saturating_add(lease).map_or(i64::MAX, ahead)
}

/// The instant of a column.
pub fn instant(column: i64) -> Timestamp {
    let end = if column < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_millisecond(column).unwrap_or(end)
}

fn clamped(milliseconds: i128) -> i64 {
    let end = if milliseconds < 0 { i64::MIN } else { i64::MAX };
    i64::try_from(milliseconds).unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_present_never_reaches_what_lies_ahead_too_early() {
        for (now, due, reached) in [
            ("2026-10-01T00:00:00Z", "2026-10-01T00:00:00Z", true),
            ("2026-10-01T00:00:00.0001Z", "2026-10-01T00:00:00.0009Z", false),
            ("2026-10-01T00:00:00.0019Z", "2026-10-01T00:00:00.0010Z", true),
            ("1969-12-31T23:59:59.9991Z", "1969-12-31T23:59:59.9999Z", false),
        ] {
            let (now, due): (Timestamp, Timestamp) = (now.parse().unwrap(), due.parse().unwrap());
            assert_eq!(ahead(due) <= present(now), reached, "{now} {due}");
            assert!(instant(ahead(due)) >= due && instant(present(now)) <= now);
        }
        assert_eq!(instant(i64::MAX), Timestamp::MAX);
    }
}
