//! From the bytes of a log file to its records, wherever the bytes come from.

use std::io::{self, BufRead, Read};

use flate2::bufread::MultiGzDecoder;

use super::framing::{Broken, Splitter};

const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Reads log files, one after the other, in the same memory.
#[derive(Debug, Default)]
pub struct Stream {
    splitter: Splitter,
}

impl Stream {
    /// A reader of log files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives out the records of a file. It is inflated where its first bytes say gzip, whatever it is called; several
    /// gzip members are one stream. The error is the reason why it could not be read to its end.
    pub fn read(
        &mut self,
        mut bytes: impl BufRead,
        each: impl FnMut(&str, u64) -> Result<(), Broken>,
    ) -> Result<(), String> {
        self.splitter.restart();
        let gzip = bytes.fill_buf().map_err(|error| error.to_string())?.starts_with(&GZIP);
        if gzip {
            let inflated = MultiGzDecoder::new(bytes);
            self.records(inflated, each).map_err(|error| match error {
                Failure::Broken(broken) => format!("{broken} (counted after inflating)"),
                Failure::Read(at, error) => format!("broken gzip after {at} inflated bytes: {error}"),
            })
        } else {
            self.records(bytes, each).map_err(|error| match error {
                Failure::Broken(broken) => broken.to_string(),
                Failure::Read(at, error) => format!("byte {at}: {error}"),
            })
        }
    }

    fn records(
        &mut self,
        mut bytes: impl Read,
        mut each: impl FnMut(&str, u64) -> Result<(), Broken>,
    ) -> Result<(), Failure> {
        loop {
            let filled = fill(&mut bytes, self.splitter.room());
            let (count, error) = match filled {
                Ok(count) => (count, None),
                Err((count, error)) => (count, Some(error)),
            };
            if error.is_none() || count > 0 {
                self.splitter.filled(count);
                self.splitter.drain(&mut each).map_err(Failure::Broken)?;
            }
            match error {
                Some(error) => return Err(Failure::Read(self.splitter.position(), error)),
                None if count == 0 => return Ok(()),
                None => {}
            }
        }
    }
}

enum Failure {
    Broken(Broken),
    /// Up to which byte all is read.
    Read(u64, io::Error),
}

/// Fills the whole room, unless the stream ends; a large record is then looked at a few times and not after each read.
fn fill(bytes: &mut impl Read, room: &mut [u8]) -> Result<usize, (usize, io::Error)> {
    let mut filled = 0;
    while filled < room.len() {
        match bytes.read(&mut room[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err((filled, error)),
        }
    }
    Ok(filled)
}
