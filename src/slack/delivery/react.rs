//! The reaction that the root message bears: how far a job is, at a glance.

use super::act::Halt;
use super::place::of;
use super::{Delivery, post};
use crate::domain::delivery::{Reaction, Row, Slot};
use crate::slack::api::Method;

/// Lets the root message bear one reaction of ours and no other. The new one comes first, so that there is always one.
pub(super) async fn react(delivery: &Delivery, row: &Row, reaction: Reaction) -> Result<(), Halt> {
    let job = post::job(delivery, row).await?;
    let posted = delivery.store.posted(&job.id).await?;
    let Some(root) = of(&posted, &Slot::Root) else { return Ok(()) };
    let api = delivery.line.api();
    let adding = api.add_reaction(&root.channel, &root.ts, reaction);
    delivery.line.call(Method::ReactionsAdd, &root.channel, adding).await?;
    for earlier in replaced(reaction) {
        let removing = api.remove_reaction(&root.channel, &root.ts, *earlier);
        delivery.line.call(Method::ReactionsRemove, &root.channel, removing).await?;
    }
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
