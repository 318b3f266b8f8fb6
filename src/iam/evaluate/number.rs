//! Decimal numbers and instants, as conditions compare them: exactly, and never an error.

use std::cmp::Ordering;

use jiff::civil::DateTime;
use jiff::tz::Offset;

/// A decimal number of any length. Floating point would make unequal numbers equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    /// Without leading zeros.
    whole: Box<str>,
    /// Without trailing zeros.
    fraction: Box<str>,
}

impl Decimal {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        let negative = negative && !(whole.is_empty() && fraction.is_empty());
        Some(Self { negative, whole: whole.into(), fraction: fraction.into() })
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.negative != other.negative {
            return other.negative.cmp(&self.negative);
        }
        let size = (self.whole.len(), &self.whole, &self.fraction).cmp(&(
            other.whole.len(),
            &other.whole,
            &other.fraction,
        ));
        if self.negative { size.reverse() } else { size }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// An instant in nanoseconds since 1970: one of W3C's forms of ISO 8601, or seconds of Unix time. A time without a zone
/// is UTC. Four digits are a year; numbers past the year 5000 are taken as milliseconds.
pub(super) fn instant(text: &str) -> Option<i128> {
    let text = text.trim();
    if text.len() != 4
        && let Some(seconds) = unix(text)
    {
        return Some(seconds);
    }
    let (date, time) = match text.split_once(['T', 't']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |part| digits(part, 2))?;
    let day = parts.next().map_or(Some(1), |part| digits(part, 2))?;
    if parts.next().is_some() {
        return None;
    }
    let (clock, offset) = time.map_or(Some(("00:00", 0)), zone)?;
    let (hour, minute, second, nanosecond) = time_of_day(clock)?;
    let civil = DateTime::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
        hour,
        minute,
        second,
        nanosecond,
    )
    .ok()?;
    let utc = Offset::UTC.to_timestamp(civil).ok()?;
    Some(utc.as_nanosecond() - i128::from(offset) * 1_000_000_000)
}

fn unix(text: &str) -> Option<i128> {
    let (number, fraction) = text.split_once('.').unwrap_or((text, ""));
    let unsigned = number.strip_prefix('-').unwrap_or(number);
    let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if unsigned.is_empty() || unsigned.len() > 18 || !plain(unsigned) || !plain(fraction) {
        return None;
    }
    let seconds: i128 = number.parse().ok()?;
    let nanos: i128 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    let unit = if unsigned.len() > 11 { 1_000_000 } else { 1_000_000_000 };
    Some(seconds * unit + if number.starts_with('-') { -nanos } else { nanos })
}

fn digits(text: &str, width: usize) -> Option<u16> {
    (text.len() == width && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// The clock's part and the seconds east of Greenwich.
fn zone(time: &str) -> Option<(&str, i32)> {
    if let Some(clock) = time.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let Some(at) = time.rfind(['+', '-']) else { return Some((time, 0)) };
    let (clock, offset) = time.split_at(at);
    let (hours, minutes) = match offset[1..].split_once(':') {
        Some((hours, minutes)) => (digits(hours, 2)?, digits(minutes, 2)?),
        None if offset.len() == 5 => (digits(offset.get(1..3)?, 2)?, digits(offset.get(3..)?, 2)?),
        None => return None,
    };
    if hours > 23 || minutes > 59 {
        return None;
    }
    let east = i32::from(hours) * 3600 + i32::from(minutes) * 60;
    Some((clock, if offset.starts_with('-') { -east } else { east }))
}

fn time_of_day(clock: &str) -> Option<(i8, i8, i8, i32)> {
    let mut parts = clock.split(':');
    let hour = digits(parts.next()?, 2)?;
    let minute = digits(parts.next()?, 2)?;
    let (second, nanos) = match parts.next() {
        None => (0, 0),
        Some(text) => {
            let (second, fraction) = text.split_once('.').unwrap_or((text, "0"));
            if fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            (digits(second, 2)?, format!("{fraction:0<9}").get(..9)?.parse().ok()?)
        }
    };
    if parts.next().is_some() {
        return None;
    }
    Some((i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, i8::try_from(second).ok()?, nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_compared_exactly() {
        let ordered = ["-10.5", "-2", "-1.25", "0", "0.001", "0.01", "1", "9.99", "10", "9007199254740993"];
        for (i, small) in ordered.iter().enumerate() {
            for (j, large) in ordered.iter().enumerate() {
                let (a, b) = (Decimal::parse(small).unwrap(), Decimal::parse(large).unwrap());
                assert_eq!(a.cmp(&b), i.cmp(&j), "{small} {large}");
            }
        }
        assert_eq!(Decimal::parse("-0.0"), Decimal::parse("0"));
        assert_eq!(Decimal::parse("010.500"), Decimal::parse(" +10.5 "));
        for text in ["", "abc", "1e3", "0x10", "1.2.3", ".", "-", "1,000", "NaN"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn instants_are_read_in_every_documented_form() {
        let new_year = 1_577_836_800_000_000_000;
        for text in [
            "2020",
            "2020-01",
            "2020-01-01",
            "2020-01-01T00:00Z",
            "2020-01-01T00:00:00Z",
            "2020-01-01T00:00:00.000Z",
            "2020-01-01t01:00:00+01:00",
            "2019-12-31T19:00:00-05:00",
            "2020-01-01T05:30:00+0530",
            "2020-01-01T00:00:00",
            "1577836800",
            "1577836800000",
        ] {
            assert_eq!(instant(text), Some(new_year), "{text}");
        }
        assert_eq!(instant("1577836800.5"), Some(new_year + 500_000_000));
        for text in
            ["", "abc", "2020-13-01", "2020-02-30", "2020-1-1", "2020-01-01T25:00Z", "2020-01-01Tx", "T", "-"]
        {
            assert_eq!(instant(text), None, "{text}");
        }
    }
}
