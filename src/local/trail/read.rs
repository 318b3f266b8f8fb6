//! One file, from its bytes to its records.

use std::fs;
use std::io::{self, BufReader, Read};
use std::path::Path;

use crate::iam::cloudtrail::Stream;
use crate::iam::cloudtrail::framing::Broken;

const READ: usize = 128 << 10;

/// Reads files, one after the other, in the same memory.
#[derive(Default)]
pub(super) struct File {
    stream: Stream,
}

impl File {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Gives out the records of a file. The error is the reason why it could not be read to its end.
    pub(super) fn read(
        &mut self,
        path: &Path,
        progress: &(dyn Fn(u64) + Sync),
        each: impl FnMut(&str, u64) -> Result<(), Broken>,
    ) -> Result<(), String> {
        let file = fs::File::open(path).map_err(|error| error.to_string())?;
        self.stream.read(BufReader::with_capacity(READ, Counted { file, progress }), each)
    }
}

/// Tells how far it is.
struct Counted<'p> {
    file: fs::File,
    progress: &'p (dyn Fn(u64) + Sync),
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        (self.progress)(count as u64);
        Ok(count)
    }
}
