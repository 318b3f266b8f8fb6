//! Answers, as far as a race has to read them: where one ends, and whether it is the right one.

use anyhow::{Context as _, bail};

/// An answer as it comes in.
#[derive(Debug, Default)]
pub struct Answer {
    bytes: Vec<u8>,
}

impl Answer {
    /// Takes more of it; true when it is all there and is a success that says what is expected.
    pub fn take(&mut self, more: &[u8], expected: &str) -> anyhow::Result<bool> {
        self.bytes.extend_from_slice(more);
        let Some(end) = find(&self.bytes, b"\r\n\r\n") else { return Ok(false) };
        let head = std::str::from_utf8(&self.bytes[..end]).context("headers that are no text")?;
        let body = &self.bytes[end + 4..];
        if !whole(head, body)? {
            return Ok(false);
        }
        if !head.starts_with("HTTP/1.1 200") || find(body, expected.as_bytes()).is_none() {
            bail!("a wrong answer: {}", String::from_utf8_lossy(&self.bytes));
        }
        self.bytes.clear();
        Ok(true)
    }
}

/// Whether a body has all that its headers announce.
fn whole(head: &str, body: &[u8]) -> anyhow::Result<bool> {
    for line in head.split("\r\n").skip(1) {
        let Some((name, value)) = line.split_once(':') else { continue };
        if name.eq_ignore_ascii_case("content-length") {
            return Ok(body.len() >= value.trim().parse()?);
        }
        if name.eq_ignore_ascii_case("transfer-encoding") {
            return Ok(body.ends_with(b"0\r\n\r\n"));
        }
    }
    bail!("an answer without a length: {head}")
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, wanted)
}
