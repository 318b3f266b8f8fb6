//! A guess at where a record ends, far sooner than by looking at its brackets.
//!
//! Records of one log begin alike, and what stands between two of them stands between the next two: `},{"eventVersion":`
//! is searched for. It is only ever a guess. Whoever reads the record as JSON confirms it, since an object that is
//! valid from its first byte to its last ends nowhere else.

use memchr::memmem::Finder;

use super::MAX_DEPTH;

/// How far ahead the end of a record is looked for; few records are larger.
const AHEAD: usize = 64 << 10;
/// How long the name of a record's first member may be.
const NAME: usize = 64;

/// What stands between the end of one record and the first value of the next.
#[derive(Debug)]
pub(super) struct Seam(Finder<'static>);

impl Seam {
    /// The seam between a record that ends at `end` and one that begins at `start`.
    pub(super) fn between(bytes: &[u8], end: usize, start: usize) -> Option<Self> {
        let last = end.checked_sub(1)?;
        let name = bytes.get(start..)?.iter().take(NAME).position(|byte| *byte == b':')?;
        let seam = bytes.get(last..=start + name).filter(|seam| seam.len() <= 2 * NAME)?;
        Some(Self(Finder::new(seam).into_owned()))
    }

    /// Where the record that begins at `at` may end; never where it could be nested too deep.
    pub(super) fn guess(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let ahead = &bytes[at..bytes.len().min(at + AHEAD)];
        let length = self.0.find(ahead)? + 1;
        is_shallow(&ahead[..length]).then_some(at + length)
    }
}

/// Whether there are so few brackets that nothing can be nested too deep. That some are within strings doesn't matter:
/// a text that isn't shallow is looked at closely.
pub(in super::super) fn is_shallow(bytes: &[u8]) -> bool {
    // Both opening brackets are one byte but for this bit; and so few at a time that their count fits a byte, as wide
    // registers count best.
    const CASE: u8 = 0x20;
    let opening = |chunk: &[u8]| chunk.iter().map(|byte| u8::from(byte | CASE == b'{')).sum::<u8>();
    bytes.chunks(u8::MAX as usize).map(|chunk| u32::from(opening(chunk))).sum::<u32>() <= MAX_DEPTH
}
