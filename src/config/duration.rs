//! Spans of time as people write them: a number and a unit.

use std::time::Duration;

/// The units, with their length in milliseconds.
const UNITS: [(&str, u64); 5] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// What a span of time looks like, for errors.
pub const EXPECTED: &str = "a whole number and a unit out of ms, s, m, h, d, such as 15m";

/// Reads such as `15m`. Nothing where it is none, or no span that a clock can be moved by.
pub fn parse(text: &str) -> Option<Duration> {
    let text = text.trim();
    let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit_at);
    let (_, milliseconds) = UNITS.iter().find(|(name, _)| *name == unit.trim_start())?;
    number.parse::<u64>().ok()?.checked_mul(*milliseconds).map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_unit_make_a_span_of_time() {
        for (text, milliseconds) in [
            ("0s", Some(0)),
            ("250ms", Some(250)),
            ("30s", Some(30_000)),
            (" 15 m ", Some(900_000)),
            ("1h", Some(3_600_000)),
            ("14d", Some(1_209_600_000)),
            ("15", None),
            ("m", None),
            ("", None),
            ("-1s", None),
            ("1.5h", None),
            ("1h30m", None),
            ("1M", None),
            ("٣s", None),
            ("99999999999999999999s", None),
            ("9999999999999999999d", None),
        ] {
            assert_eq!(parse(text), milliseconds.map(Duration::from_millis), "{text:?}");
        }
    }
}
