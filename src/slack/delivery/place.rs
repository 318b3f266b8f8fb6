//! Where a message belongs, and where else it may go. Pure.

use crate::domain::delivery::{Posted, Slot};
use crate::domain::ids::{ChannelId, MessageTs, UserId};
use crate::domain::job::Job;

/// A place for a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// A channel, or a thread in it.
    At {
        /// Which.
        channel: ChannelId,
        /// Which thread of it.
        thread: Option<MessageTs>,
    },
    /// The direct message with somebody, which may have to be opened.
    Direct(UserId),
}

impl Place {
    /// Whether one person alone sees what is said there.
    pub(super) fn is_direct(&self) -> bool {
        match self {
            Self::At { channel, .. } => channel.is_direct(),
            Self::Direct(_) => true,
        }
    }
}

/// The places of a job's message, the right one first. None: it is said nowhere.
pub(super) fn places(slot: &Slot, job: &Job, posted: &[Posted], announce: Option<&ChannelId>) -> Vec<Place> {
    let direct = Place::Direct(job.asked.by.user.clone());
    let root = posted.iter().find(|posted| posted.slot == Slot::Root);
    match slot {
        Slot::Announcement(_) => {
            announce.map(|channel| Place::At { channel: channel.clone(), thread: None }).into_iter().collect()
        }
        Slot::Root => vec![Place::At { channel: job.asked.channel.clone(), thread: None }, direct],
        Slot::Card(_)
        | Slot::Reminder(_)
        | Slot::Held(_)
        | Slot::Outcome(_)
        | Slot::Diff(_)
        | Slot::Pointer(_) => match root {
            Some(root) => vec![
                Place::At { channel: root.channel.clone(), thread: Some(root.ts.clone()) },
                Place::At { channel: root.channel.clone(), thread: None },
                direct,
            ],
            None => vec![Place::At { channel: job.asked.channel.clone(), thread: None }, direct],
        },
    }
}

/// Where a message stands in a job's list.
pub(super) fn of<'a>(posted: &'a [Posted], slot: &Slot) -> Option<&'a Posted> {
    posted.iter().find(|posted| posted.slot == *slot)
}
