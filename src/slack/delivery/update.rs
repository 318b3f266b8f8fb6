//! Bringing a message up to date; where it can't be changed any more, saying it anew.

use super::act::Halt;
use super::decide::{Next, next};
use super::place::of;
use super::{Delivery, post, words};
use crate::domain::delivery::{Posted, Row, Slot};
use crate::slack::api::{Method, Update};
use crate::slack::blocks::Message;

/// Brings the message of a slot up to date. What was never posted has nothing to be brought up to date: whatever posts
/// it later says what is then true, and so does what says it already. A file says what it said.
pub(super) async fn update(delivery: &Delivery, row: &Row, slot: &Slot) -> Result<Option<Posted>, Halt> {
    let job = post::job(delivery, row).await?;
    let posted = delivery.store.posted(&job.id).await?;
    let Some(at) = of(&posted, slot).filter(|at| !matches!(at.slot, Slot::Diff(_))) else { return Ok(None) };
    let message = post::message(delivery, slot, &job, at.channel.is_direct()).await?;
    if delivery.said.says(&job.id, slot, &message) {
        return Ok(linked(delivery, row, at).await);
    }
    delivery.said.forget(&job.id, slot);
    let end = match change(delivery, row, at, &message).await {
        Err(Halt::Failed(error)) if next(error.method, error.class()) == Next::Plain => {
            tracing::error!(delivery = %row.id, %error, "Slack refuses the form of a message; it is changed to text alone");
            let plain = Message { text: words::plain(&message, &job), blocks: Vec::new() };
            change(delivery, row, at, &plain).await
        }
        end => end,
    };
    match end {
        Ok(()) => {
            delivery.said.note(&job.id, slot, &message);
            Ok(linked(delivery, row, at).await)
        }
        Err(Halt::Failed(error)) if next(error.method, error.class()) == Next::Afresh => {
            post::afresh(delivery, row, slot, &job, &posted).await
        }
        Err(halt) => Err(halt),
    }
}

/// A root that could not be linked to when it was posted, with its link.
async fn linked(delivery: &Delivery, row: &Row, at: &Posted) -> Option<Posted> {
    if at.slot != Slot::Root || at.link.is_some() {
        return None;
    }
    let link = post::link(delivery, row, &at.channel, &at.ts).await?;
    Some(Posted { link: Some(link), ..at.clone() })
}

async fn change(delivery: &Delivery, row: &Row, at: &Posted, message: &Message) -> Result<(), Halt> {
    let update = Update { channel: &at.channel, ts: &at.ts, text: &message.text, blocks: &message.blocks };
    delivery.line.call(row, Method::ChatUpdate, &at.channel, delivery.line.api().update(&update)).await
}
