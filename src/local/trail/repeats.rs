//! Records that a file holds twice.
//!
//! Two records are the same when their event ID, their length and their checksum are. Only that: to take a call for a
//! repetition of another one would hide a use, and to count one twice takes nothing away. The memory is bounded: of a
//! record it lasts for at least [`REMEMBERED`] more calls, so that what is found depends on the file alone.

use std::collections::HashSet;

use flate2::Crc;

/// How many calls are remembered at least.
const REMEMBERED: usize = 100_000;

/// The records of a file so far.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    recent: HashSet<Record>,
    earlier: HashSet<Record>,
}

/// What tells a record from all others. The ID is cut in halves to be packed closely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Record {
    id: [u64; 2],
    length: u32,
    checksum: u32,
}

impl Repeats {
    /// Another file begins.
    pub(super) fn restart(&mut self) {
        self.recent.clear();
        self.earlier.clear();
    }

    /// Whether the file held this record before. One whose ID is no UUID, which CloudTrail doesn't write, never
    /// repeats another.
    pub(super) fn is_repeated(&mut self, id: &str, record: &str) -> bool {
        let (Some(id), Ok(length)) = (uuid(id), u32::try_from(record.len())) else { return false };
        let mut crc = Crc::new();
        crc.update(record.as_bytes());
        let record = Record { id, length, checksum: crc.sum() };
        if self.earlier.contains(&record) || !self.recent.insert(record) {
            return true;
        }
        if self.recent.len() >= REMEMBERED {
            std::mem::swap(&mut self.recent, &mut self.earlier);
            self.recent.clear();
        }
        false
    }
}

fn uuid(text: &str) -> Option<[u64; 2]> {
    let bytes: &[u8; 36] = text.as_bytes().try_into().ok()?;
    let (mut value, mut hyphens) = (0_u128, 0);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 8 | 13 | 18 | 23) {
            hyphens += usize::from(*byte == b'-');
        } else {
            value = value << 4 | u128::from(char::from(*byte).to_digit(16)?);
        }
    }
    #[expect(clippy::cast_possible_truncation, reason = "the halves of the value")]
    (hyphens == 4).then_some([(value >> 64) as u64, value as u64])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: usize) -> String {
        format!("0f3a9c1e-6b2d-4c55-8d6e-{n:012x}")
    }

    #[test]
    fn a_record_is_repeated_where_its_id_and_all_its_bytes_are() {
        let mut repeats = Repeats::default();
        let cases = [
            (id(1), "a", false),
            (id(1), "a", true),
            (id(1), "b", false),
            (id(1), "aa", false),
            (id(2), "a", false),
            (id(1).to_uppercase(), "a", true),
            ("e1".into(), "a", false),
            ("e1".into(), "a", false),
            (id(1).replace('-', "0"), "a", false),
            (id(1).replace('-', "0"), "a", false),
        ];
        for (id, record, repeated) in cases {
            assert_eq!(repeats.is_repeated(&id, record), repeated, "{id} {record}");
        }
        repeats.restart();
        assert!(!repeats.is_repeated(&id(1), "a"), "another file");
    }

    #[test]
    fn memory_lasts_for_a_bounded_number_of_calls() {
        let mut repeats = Repeats::default();
        assert!((0..=2 * REMEMBERED).all(|n| !repeats.is_repeated(&id(n), "x")));
        assert!((REMEMBERED + 1..=2 * REMEMBERED).all(|n| repeats.is_repeated(&id(n), "x")));
        assert!(!repeats.is_repeated(&id(0), "x"), "forgotten");
    }
}
