//! Numbers, spans of time and sizes in words.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// A number, its thousands apart.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number of things, such as `1 call` or `1,204 calls`.
pub(super) fn things(number: u64, thing: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {thing}{ending}", count(number))
}

/// How many actions before and after, and how much less that is, such as `161 → 3 (98.1 % less)`.
pub(super) fn before_after(before: u64, after: u64) -> String {
    format!("{} → {}{}", count(before), count(after), change(before, after))
}

/// How much less, or more. Not everything while something is left, nor nothing while something is gone.
fn change(before: u64, after: u64) -> String {
    if before == after || before == 0 {
        return String::new();
    }
    let permille = u128::from(before.abs_diff(after)) * 1000 / u128::from(before);
    let (whole, tenth) = (permille / 10, permille % 10);
    let word = if after < before { "less" } else { "more" };
    if permille == 0 {
        return format!(" (under 0.1 % {word})");
    }
    if tenth == 0 { format!(" ({whole} % {word})") } else { format!(" ({whole}.{tenth} % {word})") }
}

/// A span of time, such as `15 min`, in at most two units.
pub(super) fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let parts = [
        (seconds / 86_400, "d"),
        (seconds / 3600 % 24, "h"),
        (seconds / 60 % 60, "min"),
        (seconds % 60, "s"),
    ];
    let shown: Vec<String> = parts
        .iter()
        .skip_while(|(number, _)| *number == 0)
        .take(2)
        .filter(|(number, _)| *number > 0)
        .map(|(number, unit)| format!("{number} {unit}"))
        .collect();
    if shown.is_empty() { "0 s".to_owned() } else { shown.join(" ") }
}

/// The span between two moments; none where the second isn't later.
pub(super) fn between(since: Timestamp, until: Timestamp) -> Duration {
    until.duration_since(since).max(SignedDuration::ZERO).unsigned_abs()
}

/// A share in parts of ten thousand, such as `2 %`.
pub(super) fn share(parts: u32) -> String {
    let (whole, rest) = (parts / 100, parts % 100);
    if rest == 0 { format!("{whole} %") } else { format!("{whole}.{rest:02} %") }
}

/// A moment where nobody's own time zone is known.
pub(super) fn utc(moment: Timestamp) -> String {
    moment.strftime("%-d %B %Y, %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{before_after, count, share, span, things};

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!([count(0), count(999), count(1000), count(1_234_567)], ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([things(1, "call"), things(2, "call")], ["1 call", "2 calls"]);
        assert_eq!([share(200), share(25)], ["2 %", "0.25 %"]);
    }

    #[test]
    fn a_reduction_never_claims_all_while_something_is_left_nor_nothing_while_something_is_gone() {
        for (before, after, expected) in [
            (161, 3, "161 → 3 (98.1 % less)"),
            (10, 0, "10 → 0 (100 % less)"),
            (18_000, 1, "18,000 → 1 (99.9 % less)"),
            (18_000, 17_999, "18,000 → 17,999 (under 0.1 % less)"),
            (4, 5, "4 → 5 (25 % more)"),
            (4, 4, "4 → 4"),
            (0, 2, "0 → 2"),
        ] {
            assert_eq!(before_after(before, after), expected);
        }
    }

    #[test]
    fn spans_take_two_units_at_most() {
        for (seconds, expected) in [
            (0, "0 s"),
            (45, "45 s"),
            (900, "15 min"),
            (5400, "1 h 30 min"),
            (3600, "1 h"),
            (93_784, "1 d 2 h"),
        ] {
            assert_eq!(span(Duration::from_secs(seconds)), expected);
        }
    }
}
