//! Finding a message that may have been sent, by the identity that it bears, and taking back what came twice.

use super::Delivery;
use super::act::Halt;
use super::alert::Noted;
use crate::domain::delivery::Row;
use crate::domain::ids::{ChannelId, MessageTs};
use crate::slack::api::{Class, Found, Method, Range};

/// How much earlier than its row a message may seem to be, by two clocks that differ.
const SKEW: i64 = 300;

/// The message of a row, if it stands there. The first one counts; later ones are taken back.
pub(super) async fn message(
    delivery: &Delivery,
    row: &Row,
    channel: &ChannelId,
    thread: Option<&MessageTs>,
) -> Result<Option<MessageTs>, Halt> {
    let found = look(delivery, row, channel, thread).await?;
    let mut ours = found.into_iter().filter(|found| found.delivery.as_ref() == Some(&row.id));
    let Some(first) = ours.next() else { return Ok(None) };
    for twin in ours {
        take_back(delivery, row, channel, &twin.ts).await;
    }
    Ok(Some(first.ts))
}

/// The message that shares a file of that name, if it stands there.
pub(super) async fn file(
    delivery: &Delivery,
    row: &Row,
    channel: &ChannelId,
    thread: Option<&MessageTs>,
    name: &str,
) -> Result<Option<MessageTs>, Halt> {
    let found = look(delivery, row, channel, thread).await?;
    Ok(found.into_iter().find(|found| found.files.iter().any(|file| file == name)).map(|found| found.ts))
}

async fn look(
    delivery: &Delivery,
    row: &Row,
    channel: &ChannelId,
    thread: Option<&MessageTs>,
) -> Result<Vec<Found>, Halt> {
    // A thread is short enough to be read from its beginning.
    let since = thread.is_none().then(|| row.created.as_second() - SKEW);
    let method = if thread.is_some() { Method::ConversationsReplies } else { Method::ConversationsHistory };
    let range = Range { channel, thread, since };
    match delivery.line.call(row, method, channel, delivery.line.api().messages(&range)).await {
        Ok(found) => Ok(found),
        // It may be that one may write where one may not read; then a message that comes twice is better than none.
        Err(Halt::Failed(error))
            if matches!(error.class(), Class::Config | Class::Destination | Class::Bug | Class::Unknown) =>
        {
            tracing::warn!(delivery = %row.id, %error, "can't see whether a message has arrived; it is sent again");
            Ok(Vec::new())
        }
        Err(halt) => Err(halt),
    }
}

async fn take_back(delivery: &Delivery, row: &Row, channel: &ChannelId, ts: &MessageTs) {
    let deleted =
        delivery.line.call(row, Method::ChatDelete, channel, delivery.line.api().delete(channel, ts)).await;
    let noted = match deleted {
        Ok(()) => Noted::TwinDeleted,
        Err(Halt::Failed(error)) if error.class() == Class::Benign => Noted::TwinDeleted,
        Err(halt) => {
            tracing::warn!(delivery = %row.id, %channel, %ts, ?halt, "a message stands twice and can't be taken back");
            Noted::TwinLeft
        }
    };
    (delivery.count)(noted);
}
