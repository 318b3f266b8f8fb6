//! The reaction that the root message bears: how far a job is, at a glance.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::act::Halt;
use super::place::of;
use super::{Delivery, post};
use crate::domain::delivery::{Reaction, Row, Slot};
use crate::domain::ids::DeliveryId;
use crate::slack::api::Method;

/// How many calls have been made of reactions that have to wait in the middle. Slack allows few removals a minute: one
/// that began anew each time would use up what it waits for, and never come to its end.
#[derive(Debug, Default)]
pub(super) struct Progress(Mutex<HashMap<DeliveryId, usize>>);

/// How many are remembered. Whoever is forgotten begins anew, which is harmless.
const REMEMBERED: usize = 4_096;

impl Progress {
    fn of(&self, row: &Row) -> usize {
        let made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        made.get(&row.id).copied().unwrap_or_default()
    }

    fn note(&self, row: &Row, calls: usize) {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if made.len() >= REMEMBERED {
            made.clear();
        }
        made.insert(row.id.clone(), calls);
    }

    fn end(&self, row: &Row) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&row.id);
    }
}

/// Lets the root message bear one reaction of ours and no other. The new one comes first, so that there is always one.
/// A reaction that the job has moved past is nobody's concern: the next one has a row of its own.
pub(super) async fn react(delivery: &Delivery, row: &Row, reaction: Reaction) -> Result<(), Halt> {
    let job = post::job(delivery, row).await?;
    if job.state.reaction() != reaction {
        delivery.reacted.end(row);
        return Ok(());
    }
    let posted = delivery.store.posted(&job.id).await?;
    let Some(root) = of(&posted, &Slot::Root) else { return Ok(()) };
    let (api, line) = (delivery.line.api(), &delivery.line);
    let made = delivery.reacted.of(row);
    if made == 0 {
        let adding = api.add_reaction(&root.channel, &root.ts, reaction);
        line.call(row, Method::ReactionsAdd, &root.channel, adding).await?;
        delivery.reacted.note(row, 1);
    }
    for (calls, earlier) in (2..).zip(replaced(reaction)).skip(made.saturating_sub(1)) {
        let removing = api.remove_reaction(&root.channel, &root.ts, *earlier);
        line.call(row, Method::ReactionsRemove, &root.channel, removing).await?;
        delivery.reacted.note(row, calls);
    }
    delivery.reacted.end(row);
    Ok(())
}

/// What may stand there before a reaction, the likeliest first. Nothing follows a job's end but the taking back of a
/// success, and Slack allows few removals a minute, so none is made that can't be needed.
fn replaced(reaction: Reaction) -> &'static [Reaction] {
    match reaction {
        Reaction::Eyes => &[],
        Reaction::Hourglass => &[Reaction::Eyes, Reaction::Check],
        Reaction::Check => &[Reaction::Hourglass, Reaction::Eyes],
        Reaction::Cross | Reaction::Rewind => &[Reaction::Hourglass, Reaction::Eyes, Reaction::Check],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_way_a_job_goes_one_reaction_is_left() {
        use Reaction::{Check, Cross, Eyes, Hourglass, Rewind};
        let ways: [&[Reaction]; 8] = [
            &[Eyes, Hourglass, Check, Rewind],
            &[Eyes, Cross],
            &[Eyes, Check],
            &[Eyes, Hourglass, Check],
            &[Eyes, Hourglass, Cross],
            &[Eyes, Hourglass, Rewind],
            &[Eyes, Hourglass, Check, Hourglass, Rewind],
            &[Eyes, Hourglass, Check, Hourglass, Cross],
        ];
        for way in ways {
            // Any of them but the last may have been given up.
            for lost in 0..way.len() {
                let mut borne: Vec<Reaction> = Vec::new();
                for (place, reaction) in way.iter().enumerate() {
                    if place + 1 < way.len() && place == lost {
                        continue;
                    }
                    borne.retain(|earlier| !replaced(*reaction).contains(earlier));
                    borne.push(*reaction);
                }
                assert_eq!(borne, [*way.last().unwrap()], "{way:?} without number {lost}");
            }
        }
    }
}
