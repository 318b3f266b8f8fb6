//! Notes: each is read whole, and written on condition of the version that was read.

use super::keys::Key;
use super::sign;
use super::table::{Table, Written};
use super::write::{Changes, NEW, number, text};
use crate::ports::{Note, StoreError};

/// A note as it stands.
pub async fn note(table: &Table, key: &str) -> Result<Option<Note>, StoreError> {
    let Some(item) = table.get(&Key::note(key)).await? else { return Ok(None) };
    let corrupt = || StoreError::Corrupt(format!("note {key}"));
    let version = number(&item, "version").ok_or_else(corrupt)?;
    let text = text(&item, "text").ok_or_else(corrupt)?.to_owned();
    Ok(Some(Note { version, text }))
}

/// Writes a note that is at a version, or isn't there. Where the condition isn't met, what stands may be this very
/// writing, whose answer was lost: its sign says so.
pub async fn write(table: &Table, key: &str, from: Option<u64>, said: &str) -> Result<bool, StoreError> {
    let sign = sign()?;
    let mut changes = Changes::default();
    changes.set("text", Some(said));
    changes.set("version", Some(from.unwrap_or_default() + 1));
    changes.set("sign", Some(sign.as_str()));
    let change = changes.of(Key::note(key));
    let change = match from {
        None => change.only_if(NEW),
        Some(version) => change.only_if("#version = :from").with(":from", version),
    };
    if table.write(&[change]).await? == Written::Done {
        return Ok(true);
    }
    let there = table.get(&Key::note(key)).await?;
    Ok(there.is_some_and(|item| text(&item, "sign") == Some(sign.as_str())))
}
