//! Records that a file holds twice.
//!
//! Two records are the same when their event ID, their length and their checksum are. Only that: to take a call for a
//! repetition of another one would hide a use, and to count one twice takes nothing away. The memory is bounded: of a
//! record it lasts for at least [`REMEMBERED`] more calls, so that what is found depends on the file alone.

use std::collections::HashSet;

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
    length: usize,
    checksum: u64,
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
        let Some(id) = uuid(id) else { return false };
        let record = Record { id, length: record.len(), checksum: checksum(record.as_bytes()) };
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

/// Tells records of one ID apart, of which there are next to none, so that speed is worth more than a good spread: four
/// lanes of words, multiplied side by side.
fn checksum(bytes: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let step = |lane: u64, word: u64| (lane.rotate_left(5) ^ word).wrapping_mul(FACTOR);
    let mut lanes = [1_u64, 2, 3, 4];
    let (blocks, rest) = bytes.as_chunks::<32>();
    for block in blocks {
        let (words, _) = block.as_chunks::<8>();
        for (lane, word) in lanes.iter_mut().zip(words) {
            *lane = step(*lane, u64::from_le_bytes(*word));
        }
    }
    let end = rest.iter().fold(0, |end, byte| step(end, u64::from(*byte)));
    lanes.into_iter().fold(end, step)
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
