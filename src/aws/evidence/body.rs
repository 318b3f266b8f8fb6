//! From the body of an object, which comes in pieces, to the records in it, which a thread reads: the pieces wait in a
//! short line between the two, so memory doesn't depend on how large an object is.

use std::io::{self, BufRead, Read};
use std::sync::Arc;

use aws_sdk_s3::primitives::ByteStream;
use bytes::{Buf as _, Bytes};
use tokio::sync::mpsc;

use super::asked::Shared;
use crate::iam::cloudtrail::{Filter, Reader, Seen, Stream};
use crate::iam::evidence::Evidence;

/// How many pieces wait at most.
const WAITING: usize = 8;

/// Reads objects, one after the other, in the same memory.
pub(super) struct Desk {
    stream: Stream,
    reader: Reader,
}

impl Desk {
    pub fn new() -> Self {
        Self { stream: Stream::new(), reader: Reader::with_circumstances() }
    }

    /// Counts the records of one; how many there were, and why it could not be read to its end.
    fn read(&mut self, pieces: Pieces, filter: &Filter, found: &Shared) -> (u64, Result<(), String>) {
        let (mut rest, mut records) = (Evidence::new(), 0);
        let reader = &mut self.reader;
        let read = self.stream.read(pieces, |record, at| {
            match reader.read(record, at, filter)? {
                Seen::Call(call) => found.lock().call(call),
                seen @ (Seen::Filtered { .. } | Seen::Apart(_)) => rest.count(&seen),
            }
            records += 1;
            Ok(())
        });
        found.lock().rest(rest);
        (records, read)
    }
}

/// Reads a body to its end in a thread of its own.
pub(super) async fn read(
    mut desk: Desk,
    mut body: ByteStream,
    filter: Arc<Filter>,
    found: Shared,
) -> (Option<Desk>, u64, Result<(), String>) {
    let (sender, receiver) = mpsc::channel(WAITING);
    let reading = tokio::task::spawn_blocking(move || {
        let (records, read) = desk.read(Pieces { receiver, piece: Bytes::new() }, &filter, &found);
        (desk, records, read)
    });
    loop {
        let piece = match body.next().await {
            Some(Ok(piece)) => Ok(piece),
            Some(Err(error)) => Err(io::Error::other(error)),
            None => break,
        };
        let is_last = piece.is_err();
        // Whoever has read enough, or can't read on, takes no more.
        if sender.send(piece).await.is_err() || is_last {
            break;
        }
    }
    drop(sender);
    match reading.await {
        Ok((desk, records, read)) => (Some(desk), records, read),
        Err(error) => {
            tracing::error!(%error, "the reading of a log file broke off");
            (None, 0, Err("the reading broke off; the log says where".to_owned()))
        }
    }
}

/// The pieces of a body, as bytes to be read.
struct Pieces {
    receiver: mpsc::Receiver<io::Result<Bytes>>,
    piece: Bytes,
}

impl BufRead for Pieces {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.piece.is_empty() {
            match self.receiver.blocking_recv() {
                Some(piece) => self.piece = piece?,
                None => break,
            }
        }
        Ok(&self.piece)
    }

    fn consume(&mut self, amount: usize) {
        self.piece.advance(amount);
    }
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}
