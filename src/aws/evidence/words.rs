//! How far a source is, and what it left out, in a person's words. Pure.

use std::time::Duration;

/// A number with its thousands set apart: `1,250`.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// So many things: `1 event`, `1,250 events`.
pub(super) fn things(number: u64, thing: &str) -> String {
    format!("{} {thing}{}", count(number), if number == 1 { "" } else { "s" })
}

/// A place: `1st`, `2nd`, `11th`.
pub(super) fn ordinal(place: usize) -> String {
    let end = match (place % 10, place % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{place}{end}")
}

/// A time to wait, roughly: `90 s`, `15 min`.
pub(super) fn span(time: Duration) -> String {
    let seconds = time.as_secs_f64().ceil();
    if seconds < 120.0 { format!("{seconds} s") } else { format!("{} min", (seconds / 60.0).round()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_places_and_spans_read_well() {
        let counts = [0, 999, 1_000, 1_250, 1_234_567].map(count);
        assert_eq!(counts, ["0", "999", "1,000", "1,250", "1,234,567"]);
        assert_eq!([1, 1_250].map(|number| things(number, "event")), ["1 event", "1,250 events"]);
        let places = [1, 2, 3, 4, 11, 12, 13, 21, 22, 103, 111].map(ordinal);
        assert_eq!(
            places,
            ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "103rd", "111th"]
        );
        let spans = [50, 90_000, 119_000, 900_000].map(|ms| span(Duration::from_millis(ms)));
        assert_eq!(spans, ["1 s", "90 s", "119 s", "15 min"]);
    }
}
