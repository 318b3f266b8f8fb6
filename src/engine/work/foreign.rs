//! A role that somebody else changed: nothing of theirs is touched, and a person is told what stands.

use super::{Done, Lost, of_account};
use crate::domain::approval::Approved;
use crate::domain::errand::Errand;
use crate::domain::job::{Event, Job};
use crate::domain::role::{Snapshot, Write};
use crate::domain::rollout::foreign::{Found, remains};
use crate::domain::rollout::restore::leftovers;
use crate::engine::Engine;
use crate::ports::AccountError;

impl Engine {
    /// Somebody else changed the role. What the job made and the role doesn't use is deleted, because nobody comes back
    /// for it.
    pub(super) async fn foreign(
        &self,
        job: &Job,
        approved: &Approved,
        found: Found<'_>,
    ) -> Result<Done, Lost> {
        let mut left = Vec::new();
        for write in leftovers(found.case) {
            if is_used(found.live, &write) {
                left.push(write);
                continue;
            }
            self.hold_on(job).await?;
            match self.in_time(self.world.roles.write(approved, &Errand::of(job), &job.role, &write)).await {
                Ok(()) => {}
                Err(error @ AccountError::Unavailable(_)) => return Ok(of_account(&error)),
                Err(error) => {
                    tracing::warn!(job = %job.id, %error, write = write.describe(), "left behind");
                    left.push(write);
                }
            }
        }
        Ok(Done::of(Event::Foreign {
            why: found.foreign(),
            remains: remains(&job.role.name, found.case, &found.ours(), &left),
        }))
    }
}

/// Whether a role uses the policy that a write would delete.
fn is_used(live: &Snapshot, write: &Write) -> bool {
    let Write::DeletePolicy { arn } = write else { return true };
    live.attached.contains_key(arn) || live.boundary.as_ref().is_some_and(|policy| policy.arn == *arn)
}
