//! Opening a modal: at once, and only once, since what lets us do it is good for three seconds and one use.

use super::act::Halt;
use super::{Delivery, reply, words};
use crate::domain::delivery::{Modal, Reply, Row, Status};
use crate::domain::ids::{Person, TriggerId};
use crate::slack::api::Class;
use crate::slack::blocks;

/// Opens a modal, or tells whoever pressed the button that it could not be.
pub(super) async fn open(
    delivery: &Delivery,
    row: &Row,
    to: &Person,
    trigger: &TriggerId,
    modal: &Modal,
) -> Result<(), Halt> {
    // On a second try what is left to do is to tell them.
    if row.attempts == 0 && row.status == Status::Pending {
        let job = match modal {
            Modal::Deny { job, .. } => delivery.store.job(job).await?,
            Modal::Ask { .. } => None,
        };
        let view = blocks::view(modal, job.as_ref());
        match delivery.line.api().open_view(trigger, &view).await {
            Ok(()) => return Ok(()),
            Err(error) => {
                let expected =
                    matches!(error.class(), Class::ViewsOpen | Class::Ambiguous | Class::RetryNotSent { .. });
                if expected {
                    tracing::info!(delivery = %row.id, %error, "a modal came too late");
                } else {
                    tracing::error!(delivery = %row.id, %error, "a modal can't be opened");
                }
            }
        }
    }
    match reply::reply(delivery, row, &too_late(to, modal)).await {
        Err(Halt::Later(then)) => Err(Halt::Again(then)),
        end => end,
    }
}

fn too_late(to: &Person, modal: &Modal) -> Reply {
    let (channel, thread) = match modal {
        Modal::Deny { channel, thread, .. } => (channel.clone(), thread.clone()),
        Modal::Ask { channel, thread } => (channel.clone(), Some(thread.clone())),
    };
    let text = words::modal_too_late().to_owned();
    Reply { to: to.clone(), channel, thread, response_url: None, visible: false, text }
}
