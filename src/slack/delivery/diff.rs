//! The whole diff, as a file in the job's thread; where files can't go, a message that says where it is.

use super::act::Halt;
use super::decide::{Next, next};
use super::place::{Place, of, places};
use super::{Delivery, find, post};
use crate::domain::delivery::{Posted, Row, Slot, Status};
use crate::domain::ids::{ChannelId, MessageTs};
use crate::slack::api::{Method, Upload};
use crate::slack::blocks;

/// Shares the whole diff of a revision, unless it is shared. Where that can't be, a message says where it is, once.
pub(super) async fn share(delivery: &Delivery, row: &Row, revision: u32) -> Result<Option<Posted>, Halt> {
    let slot = Slot::Diff(revision);
    let job = post::job(delivery, row).await?;
    let posted = delivery.store.posted(&job.id).await?;
    if of(&posted, &slot).is_some() {
        return Ok(None);
    }
    let Some(case) = post::case(delivery, &job, Some(revision)).await? else {
        return Err(Halt::Pointless("the revision that it is about isn't in the store".to_owned()));
    };
    let places = places(&slot, &job, &posted, None);
    let Some(Place::At { channel, thread }) = places.first() else { return Ok(None) };
    let file = blocks::snippet(&case);
    let upload = Upload {
        channel,
        thread: thread.as_ref(),
        filename: &file.filename,
        title: &file.title,
        text: &file.text,
    };
    match upload_once(delivery, row, &upload).await {
        Ok(ts) => Ok(ts.map(|ts| Posted { slot, channel: channel.clone(), ts, link: None })),
        Err(Halt::Failed(error)) if next(error.method, error.class()) == Next::Pointer => {
            tracing::warn!(delivery = %row.id, %error, "a file can't be uploaded; a message says where it is");
            let pointer = Slot::Pointer(revision);
            if of(&posted, &pointer).is_some() {
                return Ok(None);
            }
            post::afresh(delivery, row, &pointer, &job, &posted).await
        }
        Err(halt) => Err(halt),
    }
}

/// Uploads a file, unless it stands there; its message, where that is known.
async fn upload_once(delivery: &Delivery, row: &Row, upload: &Upload<'_>) -> Result<Option<MessageTs>, Halt> {
    if row.status == Status::Unknown
        && let Some(ts) = find::file(delivery, row, upload.channel, upload.thread, upload.filename).await?
    {
        return Ok(Some(ts));
    }
    let sharing = delivery.line.api().share(upload);
    let shared = delivery.line.call(row, Method::FilesComplete, upload.channel, sharing).await?;
    match shared.ts {
        Some(ts) => Ok(Some(ts)),
        None => Ok(where_it_is(delivery, row, upload.channel, upload.thread, upload.filename).await),
    }
}

/// Slack shares a file some time after it says that it has; if it can't be seen yet, its message stays unknown, and
/// nothing but that is lost.
async fn where_it_is(
    delivery: &Delivery,
    row: &Row,
    channel: &ChannelId,
    thread: Option<&MessageTs>,
    name: &str,
) -> Option<MessageTs> {
    find::file(delivery, row, channel, thread, name).await.ok().flatten()
}
