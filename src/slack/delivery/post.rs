//! Posting a job's message: in its place, or where else it can be said, once.

use super::act::Halt;
use super::decide::{Next, next};
use super::place::{Place, of, places};
use super::{Delivery, find, words};
use crate::domain::delivery::{Posted, Row, Slot, Status};
use crate::domain::ids::{ChannelId, MessageTs};
use crate::domain::job::Job;
use crate::domain::proposal::Case;
use crate::slack::api::{Method, Post, PostedAt};
use crate::slack::blocks::{self, Context, Message};

/// Posts the message of a slot, unless it is posted.
pub(super) async fn post(delivery: &Delivery, row: &Row, slot: &Slot) -> Result<Option<Posted>, Halt> {
    let job = job(delivery, row).await?;
    let posted = delivery.store.posted(&job.id).await?;
    if of(&posted, slot).is_some() {
        return Ok(None);
    }
    afresh(delivery, row, slot, &job, &posted).await
}

/// Posts the message of a slot, whether or not it was posted.
pub(super) async fn afresh(
    delivery: &Delivery,
    row: &Row,
    slot: &Slot,
    job: &Job,
    posted: &[Posted],
) -> Result<Option<Posted>, Halt> {
    let places = places(slot, job, posted, delivery.settings.announce.as_ref());
    if places.is_empty() {
        return Ok(None);
    }
    let alone = places.first().is_some_and(Place::is_direct);
    let message = message(delivery, slot, job, alone).await?;
    delivery.said.forget(&job.id, slot);
    let plain = words::plain(&message, job);
    let at = say(delivery, row, &message, &plain, &places).await?;
    // What was found to have been sent before said what was true then.
    if row.status != Status::Unknown {
        delivery.said.note(&job.id, slot, &message);
    }
    let link = match slot {
        Slot::Root => link(delivery, row, &at.channel, &at.ts).await,
        Slot::Card(_)
        | Slot::Reminder(_)
        | Slot::Held(_)
        | Slot::Outcome(_)
        | Slot::Announcement(_)
        | Slot::Diff(_)
        | Slot::Pointer(_) => None,
    };
    Ok(Some(Posted { slot: slot.clone(), channel: at.channel, ts: at.ts, link }))
}

/// A link to a root message, by which people find the thread. Without it they find less, and nothing fails: it is asked
/// for again when the root is next brought up to date.
pub(super) async fn link(
    delivery: &Delivery,
    row: &Row,
    channel: &ChannelId,
    ts: &MessageTs,
) -> Option<String> {
    let asking = delivery.line.api().permalink(channel, ts);
    match delivery.line.call(row, Method::ChatGetPermalink, channel, asking).await {
        Ok(link) => Some(link),
        Err(halt) => {
            tracing::info!(delivery = %row.id, ?halt, "there is no link to a message");
            None
        }
    }
}

/// The job of a row, as it now stands.
pub(super) async fn job(delivery: &Delivery, row: &Row) -> Result<Job, Halt> {
    let gone = || Halt::Pointless("the job that it is about isn't in the store".to_owned());
    let id = row.job.as_ref().ok_or_else(gone)?;
    delivery.store.job(id).await?.ok_or_else(gone)
}

/// What a slot's message says now; where the requester alone sees it, how others decide.
pub(super) async fn message(
    delivery: &Delivery,
    slot: &Slot,
    job: &Job,
    alone: bool,
) -> Result<Message, Halt> {
    let revision = match slot {
        Slot::Card(revision) | Slot::Diff(revision) | Slot::Pointer(revision) => Some(*revision),
        Slot::Root | Slot::Reminder(_) | Slot::Held(_) | Slot::Outcome(_) | Slot::Announcement(_) => {
            job.case.as_ref().map(|case| case.revision)
        }
    };
    let case = case(delivery, job, revision).await?;
    let mut message =
        blocks::message(slot, job, case.as_ref(), &Context { alone, ..delivery.settings.context });
    message.text = words::fitted(&message.text);
    Ok(message)
}

pub(super) async fn case(
    delivery: &Delivery,
    job: &Job,
    revision: Option<u32>,
) -> Result<Option<Case>, Halt> {
    match revision {
        Some(revision) => Ok(delivery.store.case(&job.id, revision).await?),
        None => Ok(None),
    }
}

/// Says something in the first place that takes it, unless it stands there already; as text alone, where its blocks are
/// refused.
pub(super) async fn say(
    delivery: &Delivery,
    row: &Row,
    message: &Message,
    plain: &str,
    places: &[Place],
) -> Result<PostedAt, Halt> {
    let mut last = Halt::Pointless("there is no place to say it in".to_owned());
    for place in places {
        let tried = match resolve(delivery, row, place).await {
            Ok((channel, thread)) => once(delivery, row, message, plain, &channel, thread.as_ref()).await,
            Err(halt) => Err(halt),
        };
        match tried {
            Err(Halt::Failed(error)) if next(error.method, error.class()) == Next::Elsewhere => {
                last = Halt::Failed(error);
            }
            end => return end,
        }
    }
    Err(last)
}

/// The channel and thread of a place.
async fn resolve(
    delivery: &Delivery,
    row: &Row,
    place: &Place,
) -> Result<(ChannelId, Option<MessageTs>), Halt> {
    match place {
        Place::At { channel, thread } => Ok((channel.clone(), thread.clone())),
        Place::Direct(user) => {
            // No channel is known yet, so the person stands for it.
            let lane = ChannelId::new(user.as_str());
            let opening = delivery.line.api().open_direct(user);
            let channel = delivery.line.call(row, Method::ConversationsOpen, &lane, opening).await?;
            Ok((channel, None))
        }
    }
}

/// Says something in one place. Where it may stand already, it is looked for before and after, since what was slow to
/// arrive may do so in between.
async fn once(
    delivery: &Delivery,
    row: &Row,
    message: &Message,
    plain: &str,
    channel: &ChannelId,
    thread: Option<&MessageTs>,
) -> Result<PostedAt, Halt> {
    let suspect = row.status == Status::Unknown;
    if suspect && let Some(ts) = find::message(delivery, row, channel, thread).await? {
        return Ok(PostedAt { channel: channel.clone(), ts });
    }
    let at = match send(delivery, row, message, channel, thread).await {
        Err(Halt::Failed(error)) if next(error.method, error.class()) == Next::Plain => {
            tracing::error!(delivery = %row.id, %error, "Slack refuses the form of a message; it is sent as text alone");
            let plain = Message { text: plain.to_owned(), blocks: Vec::new() };
            send(delivery, row, &plain, channel, thread).await?
        }
        end => end?,
    };
    if suspect && let Ok(Some(first)) = find::message(delivery, row, &at.channel, thread).await {
        return Ok(PostedAt { ts: first, ..at });
    }
    Ok(at)
}

async fn send(
    delivery: &Delivery,
    row: &Row,
    message: &Message,
    channel: &ChannelId,
    thread: Option<&MessageTs>,
) -> Result<PostedAt, Halt> {
    let post = Post { channel, thread, text: &message.text, blocks: &message.blocks, delivery: &row.id };
    delivery.line.call(row, Method::ChatPostMessage, channel, delivery.line.api().post_message(&post)).await
}
