//! Answering one person: at the address that came with the request, else where they are, else in a direct message.

use std::time::Duration;

use super::act::Halt;
use super::decide::{Next, next};
use super::place::Place;
use super::post;
use super::{Delivery, words};
use crate::domain::delivery::{Reply, Row};
use crate::slack::api::{Answer, Ephemeral, Method};
use crate::slack::blocks::{self, Message};
use crate::slack::escape::escape;
use crate::slack::pacing::until;

/// How long an address for answers is good for, with some room: Slack says half an hour.
const FRESH: Duration = Duration::from_mins(25);

/// Answers one person.
pub(super) async fn reply(delivery: &Delivery, row: &Row, reply: &Reply) -> Result<(), Halt> {
    let message = blocks::note(&reply.text);
    // It is good for a few uses, so it is tried once; what comes after can be tried for long.
    if row.attempts == 0
        && let Some(url) = &reply.response_url
        && until(row.created, delivery.now()) < FRESH
        && at_address(delivery, row, reply, url, &message).await
    {
        return Ok(());
    }
    if reply.visible {
        let places = [
            Place::At { channel: reply.channel.clone(), thread: reply.thread.clone() },
            Place::Direct(reply.to.user.clone()),
        ];
        return post::say(delivery, row, &message, &plain(reply), &places).await.map(|_| ());
    }
    alone(delivery, row, reply, &message).await
}

/// Tries the address; whether that went well.
async fn at_address(delivery: &Delivery, row: &Row, reply: &Reply, url: &str, message: &Message) -> bool {
    let answer = Answer {
        url,
        thread: reply.thread.as_ref(),
        visible: reply.visible,
        text: &message.text,
        blocks: &message.blocks,
    };
    let answered = delivery.line.api().answer(&answer).await;
    if let Err(error) = &answered {
        tracing::info!(delivery = %row.id, %error, "an answer goes another way");
    }
    answered.is_ok()
}

/// Says it so that nobody else sees it; where they can't be reached so, in a direct message.
async fn alone(delivery: &Delivery, row: &Row, reply: &Reply, message: &Message) -> Result<(), Halt> {
    let end = match whisper(delivery, row, reply, message).await {
        Err(Halt::Failed(error)) if next(error.method, error.class()) == Next::Plain => {
            tracing::error!(delivery = %row.id, %error, "Slack refuses the form of an answer; it is sent as text alone");
            let bare = Message { text: plain(reply), blocks: Vec::new() };
            whisper(delivery, row, reply, &bare).await
        }
        end => end,
    };
    match end {
        Err(Halt::Failed(error)) if next(error.method, error.class()) == Next::Elsewhere => {
            let places = [Place::Direct(reply.to.user.clone())];
            post::say(delivery, row, message, &plain(reply), &places).await.map(|_| ())
        }
        end => end,
    }
}

/// What is said where blocks are refused.
fn plain(reply: &Reply) -> String {
    words::fitted(&escape(&reply.text))
}

async fn whisper(delivery: &Delivery, row: &Row, reply: &Reply, message: &Message) -> Result<(), Halt> {
    let note = Ephemeral {
        channel: &reply.channel,
        user: &reply.to.user,
        thread: reply.thread.as_ref(),
        text: &message.text,
        blocks: &message.blocks,
    };
    let noting = delivery.line.api().post_ephemeral(&note);
    delivery.line.call(row, Method::ChatPostEphemeral, &reply.channel, noting).await
}
