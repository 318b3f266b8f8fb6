//! Cases: deflated, and in parts where even so they are too large for one item.
//!
//! The parts are written first, under names that hold the sign of the change that brings the case; the item that names them
//! is written in the transaction of that change. So half a case is never seen, what isn't named isn't there, and no
//! change takes away the parts of another.

use std::io::{Read as _, Write as _};

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use futures_util::future::try_join_all;
use sha2::{Digest as _, Sha256};

use super::keys::Key;
use super::table::Table;
use super::write::{Item, NEW, Write, number, text};
use crate::domain::ids::JobId;
use crate::domain::proposal::Case;
use crate::ports::StoreError;
use crate::record;

/// How much one item holds of a case: an item may have 400 KB, its names and the rest of a transaction included.
const PART: usize = 300 * 1024;

/// A case as it is written.
#[derive(Debug)]
pub struct Packed {
    /// In the transaction.
    pub whole: Write,
    /// Before it.
    parts: Vec<Write>,
}

impl Packed {
    pub fn new(case: &Case, sign: &str) -> Result<Self, StoreError> {
        let (job, revision) = (&case.job, case.revision);
        let bytes = deflate(&record::write(case)?)?;
        let digest = hex::encode(Sha256::digest(&bytes));
        let mut item = Item::new();
        item.insert("digest".to_owned(), AttributeValue::S(digest));
        item.insert("sign".to_owned(), AttributeValue::S(sign.to_owned()));
        let mut parts = Vec::new();
        if bytes.len() <= PART {
            item.insert("bytes".to_owned(), AttributeValue::B(Blob::new(bytes)));
        } else {
            for (at, part) in bytes.chunks(PART).enumerate() {
                let part = Item::from([("bytes".to_owned(), AttributeValue::B(Blob::new(part)))]);
                parts.push(Write::put(Key::part(job, revision, sign, at), part));
            }
            item.insert("parts".to_owned(), AttributeValue::N(parts.len().to_string()));
        }
        Ok(Self { whole: Write::put(Key::case(job, revision), item).only_if(NEW), parts })
    }

    /// Writes what has to be there first. Written again, it is the same.
    pub async fn store_parts(&self, table: &Table) -> Result<(), StoreError> {
        for part in &self.parts {
            table.write(std::slice::from_ref(part)).await?;
        }
        Ok(())
    }

    /// Takes away what was written first and turned out not to be wanted. What is left of it does no harm.
    pub async fn drop_parts(&self, table: &Table) {
        for part in &self.parts {
            if let Err(error) = table.write(&[Write::delete(part.key.clone())]).await {
                tracing::warn!(%error, part = %part.key, "a part of a case that nobody wants stays in the table");
            }
        }
    }
}

/// The case of a revision.
pub async fn read(table: &Table, job: &JobId, revision: u32) -> Result<Option<Case>, StoreError> {
    let key = Key::case(job, revision);
    let Some(item) = table.get(&key).await? else { return Ok(None) };
    let broken = |why: &str| StoreError::Corrupt(format!("case {job} revision {revision}: {why}"));
    let digest = text(&item, "digest").ok_or_else(|| broken("it has no digest"))?;
    let bytes = match number(&item, "parts") {
        None => bytes_of(&item).ok_or_else(|| broken("there is nothing in it"))?.to_vec(),
        Some(count) => {
            let sign = text(&item, "sign").unwrap_or_default();
            let part = |at| async move { table.get(&Key::part(job, revision, sign, at)).await };
            let parts = try_join_all((0..usize::try_from(count).unwrap_or_default()).map(part)).await?;
            let parts: Option<Vec<&[u8]>> = parts.iter().map(|part| bytes_of(part.as_ref()?)).collect();
            parts.ok_or_else(|| broken("a part of it is missing"))?.concat()
        }
    };
    if hex::encode(Sha256::digest(&bytes)) != digest {
        return Err(broken("it isn't what was written"));
    }
    let record = inflate(&bytes).map_err(|error| broken(&error.to_string()))?;
    record::read(format_args!("{job} revision {revision}"), &record).map(Some)
}

fn bytes_of(item: &Item) -> Option<&[u8]> {
    item.get("bytes")?.as_b().ok().map(AsRef::as_ref)
}

fn deflate(text: &str) -> Result<Vec<u8>, StoreError> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    let done = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish());
    done.map_err(|error| StoreError::Corrupt(format!("a case that can't be deflated: {error}")))
}

fn inflate(bytes: &[u8]) -> std::io::Result<String> {
    let mut text = String::new();
    DeflateDecoder::new(bytes).read_to_string(&mut text)?;
    Ok(text)
}
