//! Reads a body, as far as it is no larger and no slower than it may be.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;

use super::refusal::Refusal;

/// Whether a body says of itself that it is too large. Asked before anything else is.
pub fn is_declared_too_large(body: &Body, cap: usize) -> bool {
    body.size_hint().lower() > u64::try_from(cap).unwrap_or(u64::MAX)
}

/// All of a body. More than `cap` is never held, whatever it said of itself.
pub async fn read(body: Body, cap: usize, within: Duration) -> Result<Bytes, Refusal> {
    tokio::time::timeout(within, capped(body, cap)).await.unwrap_or(Err(Refusal::Slow))
}

async fn capped(mut body: Body, cap: usize) -> Result<Bytes, Refusal> {
    // Nearly all bodies come in one piece, which then needs no copy.
    let first = next(&mut body, cap).await?.unwrap_or_default();
    let Some(second) = next(&mut body, cap - first.len()).await? else { return Ok(first) };
    let mut all = BytesMut::from(first);
    all.extend_from_slice(&second);
    while let Some(data) = next(&mut body, cap - all.len()).await? {
        all.extend_from_slice(&data);
    }
    Ok(all.freeze())
}

/// The next piece, which is no larger than what there is room for; none at the end.
async fn next(body: &mut Body, room: usize) -> Result<Option<Bytes>, Refusal> {
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Refusal::Broken)?.into_data() else { continue };
        return if data.len() > room { Err(Refusal::TooLarge) } else { Ok(Some(data)) };
    }
    Ok(None)
}
