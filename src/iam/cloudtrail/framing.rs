//! Cutting a decompressed byte stream into records, without ever holding more than one record and one read.
//!
//! Understood are `{"Records": [...]}` and `{"Events": [...]}` (other members may stand before and behind), a bare
//! array, JSON lines, and a single record. Cutting looks at quotes and brackets only; whether a record is valid JSON is
//! for whoever reads it. An error names the byte of the stream, counted from 0.

mod seam;

use seam::Seam;
pub(super) use seam::is_shallow;

/// The largest record that is read; CloudTrail's own limit is far below.
pub const MAX_RECORD: usize = 16 << 20;
/// The deepest nesting that is read.
pub const MAX_DEPTH: u32 = 128;
/// How much is read at a time.
const CHUNK: usize = 256 << 10;

/// Why a stream can't be read on. Records before it have been given out and stand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// Not a byte in it but white space.
    #[error("the input is empty; JSON of CloudTrail was expected")]
    Empty,
    /// It ends within a value.
    #[error("byte {at}: the input ends within a JSON value that begins here")]
    Truncated {
        /// Where the unfinished value begins.
        at: u64,
    },
    /// Something else was expected.
    #[error("byte {at}: {expected} was expected")]
    Unexpected {
        /// Where.
        at: u64,
        /// What.
        expected: &'static str,
    },
    /// A record that isn't JSON.
    #[error("byte {at}: {reason}")]
    Malformed {
        /// Where.
        at: u64,
        /// What the parser says.
        reason: String,
    },
    /// Not UTF-8.
    #[error("byte {at}: not valid UTF-8")]
    Encoding {
        /// Where.
        at: u64,
    },
    /// A record larger than [`MAX_RECORD`].
    #[error("byte {at}: a record larger than {MAX_RECORD} bytes begins here")]
    TooLarge {
        /// Where it begins.
        at: u64,
    },
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("byte {at}: nested deeper than {MAX_DEPTH} levels")]
    TooDeep {
        /// Where.
        at: u64,
    },
}

/// What the input is within.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    /// Nothing: a top-level value or the end comes next.
    Top,
    /// An array of records; `wrapped` where it is a member of an object.
    List { wrapped: bool, after: After },
    /// A wrapping object, behind one of its members.
    Members,
}

/// What stands before the current place of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    Bracket,
    Element,
    Comma,
}

/// Cuts a stream into records. Fill [`Self::room`], say how much with [`Self::filled`], then [`Self::drain`].
#[derive(Debug)]
pub struct Splitter {
    buffer: Vec<u8>,
    /// The bytes of the buffer that were read in.
    end: usize,
    /// The place of the buffer's first byte in the stream.
    offset: u64,
    within: Within,
    ended: bool,
    any: bool,
    /// What stood between the last two records that were cut with care.
    seam: Option<Seam>,
}

impl Default for Splitter {
    fn default() -> Self {
        Self::new()
    }
}

/// What one step found in the text at hand.
enum Step {
    /// Go on behind this many bytes.
    To(usize),
    /// A record of these bounds.
    Record(usize, usize),
    /// More bytes are needed to tell.
    More,
}

impl Splitter {
    /// A splitter at the start of a stream.
    pub fn new() -> Self {
        Self {
            buffer: Vec::new(),
            end: 0,
            offset: 0,
            within: Within::Top,
            ended: false,
            any: false,
            seam: None,
        }
    }

    /// Makes ready for another stream; the memory of an ordinary one is kept.
    pub fn restart(&mut self) {
        let mut buffer = std::mem::take(&mut self.buffer);
        if buffer.len() > 4 * CHUNK {
            buffer = Vec::new();
        }
        *self = Self { buffer, ..Self::new() };
    }

    /// Where the next bytes of the stream go; never empty.
    pub fn room(&mut self) -> &mut [u8] {
        let wanted = (self.end + CHUNK).max(self.end * 2);
        if self.buffer.len() < self.end + CHUNK / 2 {
            self.buffer.resize(wanted, 0);
        }
        &mut self.buffer[self.end..]
    }

    /// Says how many bytes were put into [`Self::room`]; none is the end of the stream.
    pub fn filled(&mut self, count: usize) {
        self.ended |= count == 0;
        self.end = (self.end + count).min(self.buffer.len());
    }

    /// The place in the stream up to which everything has been read.
    pub fn position(&self) -> u64 {
        self.offset
    }

    /// Gives out all records that are complete, each with its place in the stream. An error of `each` ends it.
    ///
    /// `each` checks that its record is JSON, which confirms where the record ends. One that it refuses may have been
    /// cut by a wrong guess: it is cut again with care, and given out again where that changes it. So what `each`
    /// refuses must leave no trace.
    pub fn drain(&mut self, mut each: impl FnMut(&str, u64) -> Result<(), Broken>) -> Result<(), Broken> {
        let bytes = &self.buffer[..self.end];
        let (text, invalid) = match std::str::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let valid = error.valid_up_to();
                // What is cut off in the middle of a character may be completed by the next read.
                let cut = error.error_len().is_none() && !self.ended;
                (std::str::from_utf8(&bytes[..valid]).unwrap_or_default(), (!cut).then_some(valid))
            }
        };
        let ended = self.ended && invalid.is_none();
        let mut at = 0;
        if self.offset == 0 && text.starts_with('\u{feff}') {
            at = '\u{feff}'.len_utf8();
        }
        let mut last = None;
        let outcome = loop {
            at += text.as_bytes()[at..].iter().take_while(|byte| is_space(**byte)).count();
            if at == text.len() {
                break Ok(());
            }
            if let Some(end) = self.guess(text, at) {
                if each(&text[at..end], self.offset + at as u64).is_ok() {
                    self.within = self.within.behind_element();
                    (at, last, self.any) = (end, Some(end), true);
                    continue;
                }
                self.seam = None;
            }
            match step(&mut self.within, text, at, self.offset, ended) {
                Ok(Step::To(next)) => at = next,
                Ok(Step::Record(from, to)) if to - from > MAX_RECORD => {
                    break Err(Broken::TooLarge { at: self.offset + from as u64 });
                }
                Ok(Step::Record(from, to)) => {
                    at = to;
                    self.seam = last.and_then(|last| Seam::between(text.as_bytes(), last, from));
                    last = Some(to);
                    if let Err(broken) = each(&text[from..to], self.offset + from as u64) {
                        break Err(broken);
                    }
                }
                Ok(Step::More) if ended => break Err(Broken::Truncated { at: self.offset + at as u64 }),
                Ok(Step::More) if text.len() - at > MAX_RECORD => {
                    break Err(Broken::TooLarge { at: self.offset + at as u64 });
                }
                Ok(Step::More) => break Ok(()),
                Err(broken) => break Err(broken),
            }
            self.any = true;
        };
        outcome?;
        if let Some(invalid) = invalid {
            return Err(Broken::Encoding { at: self.offset + invalid as u64 });
        }
        if ended && self.within != Within::Top {
            return Err(Broken::Truncated { at: self.offset + at as u64 });
        }
        if ended && !self.any {
            return Err(Broken::Empty);
        }
        self.buffer.copy_within(at..self.end, 0);
        self.end -= at;
        self.offset += at as u64;
        Ok(())
    }
}

impl Splitter {
    /// Where a record of a list most likely ends.
    fn guess(&self, text: &str, at: usize) -> Option<usize> {
        let Within::List { after: After::Bracket | After::Comma, .. } = self.within else { return None };
        self.seam.as_ref().filter(|_| text.as_bytes()[at] == b'{')?.guess(text.as_bytes(), at)
    }
}

impl Within {
    /// The same list, behind one more of its elements.
    fn behind_element(self) -> Self {
        match self {
            Self::List { wrapped, .. } => Self::List { wrapped, after: After::Element },
            Self::Top | Self::Members => self,
        }
    }
}

/// One step at `at`, which is no white space.
fn step(within: &mut Within, text: &str, at: usize, offset: u64, ended: bool) -> Result<Step, Broken> {
    let unexpected = |expected| Err(Broken::Unexpected { at: offset + at as u64, expected });
    let byte = text.as_bytes()[at];
    match (*within, byte) {
        (Within::Top, b'[') => {
            *within = Within::List { wrapped: false, after: After::Bracket };
            Ok(Step::To(at + 1))
        }
        (Within::Top, b'{') => object(within, text, at, offset, ended),
        (Within::Top, _) => unexpected("an object or an array"),
        (Within::List { wrapped, after: After::Bracket | After::Element }, b']') => {
            *within = if wrapped { Within::Members } else { Within::Top };
            Ok(Step::To(at + 1))
        }
        (Within::List { wrapped, after: After::Element }, b',') => {
            *within = Within::List { wrapped, after: After::Comma };
            Ok(Step::To(at + 1))
        }
        (Within::List { after: After::Element, .. }, _) => unexpected("a comma or the end of the list"),
        (Within::List { wrapped, .. }, b'{') => match value_end(text, at, offset)? {
            Some(end) => {
                *within = Within::List { wrapped, after: After::Element };
                Ok(Step::Record(at, end))
            }
            None => Ok(Step::More),
        },
        (Within::List { .. }, _) => unexpected("a record, which is an object,"),
        (Within::Members, b'}') => {
            *within = Within::Top;
            Ok(Step::To(at + 1))
        }
        (Within::Members, b',') => match member(text, at + 1, offset)? {
            Some(Member::List(start)) => {
                *within = Within::List { wrapped: true, after: After::Bracket };
                Ok(Step::To(start))
            }
            Some(Member::Other(end)) => Ok(Step::To(end)),
            None => Ok(Step::More),
        },
        (Within::Members, _) => unexpected("a comma or the end of the object"),
    }
}

/// An object at the top: a record, or what wraps a list of records.
fn object(within: &mut Within, text: &str, at: usize, offset: u64, ended: bool) -> Result<Step, Broken> {
    let mut next = at + 1;
    // Most records are complete and don't wrap anything: one look at the first member and one cut.
    match member(text, next, offset) {
        Ok(Some(Member::List(start))) => {
            *within = Within::List { wrapped: true, after: After::Bracket };
            return Ok(Step::To(start));
        }
        Ok(None) if !ended => return Ok(Step::More),
        Ok(Some(Member::Other(_)) | None) | Err(_) => {}
    }
    if let Some(end) = value_end(text, at, offset)?
        && !text[at..end].contains("\"Records\"")
        && !text[at..end].contains("\"Events\"")
    {
        return Ok(Step::Record(at, end));
    }
    loop {
        match member(text, next, offset) {
            Ok(Some(Member::List(start))) => {
                *within = Within::List { wrapped: true, after: After::Bracket };
                return Ok(Step::To(start));
            }
            Ok(Some(Member::Other(end))) => {
                let behind = end + text.as_bytes()[end..].iter().take_while(|byte| is_space(**byte)).count();
                if text.as_bytes().get(behind) != Some(&b',') {
                    break;
                }
                next = behind + 1;
            }
            Ok(None) | Err(_) => break,
        }
    }
    Ok(value_end(text, at, offset)?.map_or(Step::More, |end| Step::Record(at, end)))
}

enum Member {
    /// A list of records, whose first byte behind the bracket is here.
    List(usize),
    /// Anything else, which ends here.
    Other(usize),
}

/// The member of an object that begins at or behind `at`; `None` where the text ends within it.
fn member(text: &str, at: usize, offset: u64) -> Result<Option<Member>, Broken> {
    let bytes = text.as_bytes();
    let skip = |at: usize| at + bytes[at..].iter().take_while(|byte| is_space(**byte)).count();
    let unexpected = |at: usize, expected| Err(Broken::Unexpected { at: offset + at as u64, expected });
    let key = skip(at);
    match bytes.get(key) {
        None => return Ok(None),
        Some(b'"') => {}
        Some(_) => return unexpected(key, "a member's name"),
    }
    let Some(key_end) = string_end(bytes, key) else { return Ok(None) };
    let colon = skip(key_end);
    match bytes.get(colon) {
        None => return Ok(None),
        Some(b':') => {}
        Some(_) => return unexpected(colon, "a colon"),
    }
    let value = skip(colon + 1);
    let Some(first) = bytes.get(value) else { return Ok(None) };
    let holds_records = matches!(&text[key + 1..key_end - 1], "Records" | "Events");
    if holds_records && *first == b'[' {
        return Ok(Some(Member::List(value + 1)));
    }
    Ok(value_end(text, value, offset)?.map(Member::Other))
}

/// The end of the JSON value at `at`; `None` where the text ends within it.
fn value_end(text: &str, at: usize, offset: u64) -> Result<Option<usize>, Broken> {
    let bytes = text.as_bytes();
    match bytes[at] {
        b'{' | b'[' => container_end(bytes, at).map_err(|at| Broken::TooDeep { at: offset + at as u64 }),
        b'"' => Ok(string_end(bytes, at)),
        _ => Ok(bytes[at..]
            .iter()
            .position(|byte| matches!(byte, b',' | b'}' | b']') || is_space(*byte))
            .map(|length| at + length)),
    }
}

/// The end of the object or array at `at`; `None` where the text ends within it; an error where it is too deep.
fn container_end(bytes: &[u8], at: usize) -> Result<Option<usize>, usize> {
    let (mut at, mut depth) = (at, 0_u32);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => match string_end(bytes, at) {
                Some(end) => {
                    at = end;
                    continue;
                }
                None => return Ok(None),
            },
            b'{' | b'[' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(at);
                }
            }
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Ok(Some(at + 1));
                }
            }
            _ => {}
        }
        at += 1;
    }
    Ok(None)
}

/// The end of the string whose opening quote is at `at`.
fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        at += plain_run(bytes.get(at..)?);
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// At least as many bytes from the start as come in whole words before the first quote or backslash, and no more than
/// come before it. Eight bytes at a time: most of a log is the inside of short strings.
fn plain_run(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let mut run = 0;
    for word in bytes.chunks_exact(8) {
        let word =
            u64::from_le_bytes([word[0], word[1], word[2], word[3], word[4], word[5], word[6], word[7]]);
        let (quote, slash) = (word ^ (ONES * 0x22), word ^ (ONES * 0x5c));
        let found = ((quote.wrapping_sub(ONES) & !quote) | (slash.wrapping_sub(ONES) & !slash)) & HIGH;
        if found != 0 {
            return run + found.trailing_zeros() as usize / 8;
        }
        run += 8;
    }
    run
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

#[cfg(test)]
#[path = "framing_tests.rs"]
mod tests;
