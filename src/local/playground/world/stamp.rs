//! Time as Slack writes it: seconds and six digits, unique within the workspace.

use std::time::{SystemTime, UNIX_EPOCH};

/// Microseconds since 1970.
pub(in super::super) type Micros = u64;

/// What the clock says.
pub(in super::super) fn now() -> Micros {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// A moment as a `ts`. All have one width, so they sort as strings.
pub(in super::super) fn ts(at: Micros) -> String {
    format!("{:010}.{:06}", at / 1_000_000, at % 1_000_000)
}

/// The moment of a `ts`, if it is one.
pub(in super::super) fn micros(ts: &str) -> Option<Micros> {
    let (seconds, fraction) = ts.split_once('.')?;
    let digits = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(seconds, 10) && digits(fraction, 6))
        .then(|| Some(seconds.parse::<u64>().ok()? * 1_000_000 + fraction.parse::<u64>().ok()?))?
}

/// Hands out moments, each later than all before.
#[derive(Debug, Default)]
pub(in super::super) struct Stamps {
    last: Micros,
}

impl Stamps {
    /// Never hands out this moment or an earlier one.
    pub(in super::super) fn after(&mut self, ts: &str) {
        self.last = self.last.max(micros(ts).unwrap_or_default());
    }

    /// A fresh `ts`.
    pub(in super::super) fn next(&mut self) -> String {
        self.last = now().max(self.last + 1);
        ts(self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::{Stamps, micros, ts};

    #[test]
    fn stamps_have_slacks_form_and_never_repeat() {
        assert_eq!(ts(1_712_345_678_000_100), "1712345678.000100");
        assert_eq!(micros("1712345678.000100"), Some(1_712_345_678_000_100));
        for wrong in ["", "1712345678", "1712345678.0001", "x712345678.000100", "1712345678.00010x"] {
            assert_eq!(micros(wrong), None, "{wrong}");
        }
        let mut stamps = Stamps::default();
        stamps.after("9712345678.000100");
        let drawn: Vec<_> = (0..100).map(|_| stamps.next()).collect();
        assert!(drawn.is_sorted_by(|a, b| a < b) && drawn[0] == "9712345678.000101");
    }
}
