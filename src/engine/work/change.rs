//! Changing a role: seen to stand as expected before each write, and read back after it.

use super::{Done, Lost, gave_up, of_account};
use crate::domain::approval::Approved;
use crate::domain::job::{Event, Job};
use crate::domain::proposal::Case;
use crate::domain::role::{Snapshot, Write};
use crate::domain::rollout::Stage;
use crate::domain::rollout::restore::leftovers;
use crate::engine::Engine;
use crate::ports::AccountError;

impl Engine {
    /// Sees that the role still stands as it was approved.
    pub(super) async fn verify(&self, job: &Job) -> Done {
        let case = match self.case_of(job).await {
            Ok(case) => case,
            Err(done) => return done,
        };
        match self.read_role(&job.role).await {
            Ok(live) if live.stands_like(&case.snapshot) => Done::of(Event::Verified),
            Ok(live) => Done::of(Event::Changed { why: differs(&case.snapshot, &live) }),
            Err(AccountError::NoSuchRole { name, .. }) => {
                Done::of(Event::Changed { why: format!("the role {name} is gone") })
            }
            Err(error) => of_account(&error),
        }
    }

    /// Makes one write of a stage, unless it is made already.
    pub(super) async fn write(&self, job: &Job, stage: Stage, step: u32) -> Result<Done, Lost> {
        let case = match self.case_of(job).await {
            Ok(case) => case,
            Err(done) => return Ok(done),
        };
        let Some(approved) = Approved::of(job) else {
            return Ok(gave_up("the job bears no approval of this change"));
        };
        let at = step as usize;
        let Some(write) = case.writes_of(stage).get(at) else {
            return Ok(gave_up(format!("the plan has no write {step} in stage {stage}")));
        };
        let (before, after) = (case.expected(stage, at), case.expected(stage, at + 1));
        let wrote = || Done::of(Event::Wrote { step, what: write.describe() });
        let live = match self.read_role(&job.role).await {
            Ok(live) => live,
            Err(error) => return Ok(of_account(&error)),
        };
        if !live.stands_like(&before) {
            if live.stands_like(&after) {
                return Ok(wrote());
            }
            return self.foreign(job, &approved, &case, (&before, &live)).await;
        }
        match self.make(job, &approved, write, &after).await? {
            Ok(live) if live.stands_like(&after) => Ok(wrote()),
            Ok(live) if live.stands_like(&before) => {
                let why = format!("{}: written, and not seen since", write.describe());
                Ok(Done::of(Event::Faltered { why }))
            }
            Ok(live) => self.foreign(job, &approved, &case, (&after, &live)).await,
            Err(error) => Ok(of_account(&error)),
        }
    }

    /// Somebody else changed the role. Nothing of theirs is touched; what the job made and the role doesn't use is
    /// deleted, because nobody comes back for it.
    pub(super) async fn foreign(
        &self,
        job: &Job,
        approved: &Approved,
        case: &Case,
        (expected, live): (&Snapshot, &Snapshot),
    ) -> Result<Done, Lost> {
        for write in leftovers(case).iter().filter(|write| !is_used(live, write)) {
            self.hold_on(job).await?;
            match self.in_time(self.world.roles.write(approved, &job.role, write)).await {
                Ok(()) => {}
                Err(error @ AccountError::Unavailable(_)) => return Ok(of_account(&error)),
                Err(error) => {
                    tracing::warn!(job = %job.id, %error, write = write.describe(), "left behind");
                }
            }
        }
        Ok(Done::of(Event::Foreign { why: differs(expected, live) }))
    }

    /// Writes, while the job is ours, and reads back until the write shows.
    pub(super) async fn make(
        &self,
        job: &Job,
        approved: &Approved,
        write: &Write,
        after: &Snapshot,
    ) -> Result<Result<Snapshot, AccountError>, Lost> {
        self.hold_on(job).await?;
        tracing::info!(job = %job.id, role = %job.role.name, write = write.describe(), "writing");
        if let Err(error) = self.in_time(self.world.roles.write(approved, &job.role, write)).await {
            return Ok(Err(error));
        }
        Ok(self.read_until(&job.role, |live| live.stands_like(after)).await)
    }
}

/// Whether a role uses the policy that a write would delete.
fn is_used(live: &Snapshot, write: &Write) -> bool {
    let Write::DeletePolicy { arn } = write else { return true };
    live.attached.contains_key(arn) || live.boundary.as_ref().is_some_and(|policy| policy.arn == *arn)
}

/// How a role differs from what was expected, in a few words.
pub(in crate::engine) fn differs(expected: &Snapshot, live: &Snapshot) -> String {
    let mut what = Vec::new();
    if expected.arn != live.arn || expected.role_id != live.role_id {
        what.push("it is another role of the same name".to_owned());
    }
    if expected.trust.canonical_bytes() != live.trust.canonical_bytes() {
        what.push("its trust policy".to_owned());
    }
    let names = expected.policy_names();
    let found = live.policy_names();
    what.extend(names.difference(&found).map(|name| format!("{name} is gone")));
    what.extend(found.difference(&names).map(|name| format!("{name} is new")));
    for (name, document) in &expected.inline {
        let changed =
            live.inline.get(name).is_some_and(|now| now.canonical_bytes() != document.canonical_bytes());
        if changed {
            what.push(format!("inline policy {name} says something else"));
        }
    }
    for (arn, policy) in &expected.attached {
        if live.attached.get(arn).is_some_and(|now| now.version != policy.version) {
            what.push(format!("{arn} has another default version"));
        }
    }
    let arn = |snapshot: &Snapshot| snapshot.boundary.as_ref().map(|policy| policy.arn.clone());
    if arn(expected) != arn(live) {
        what.push("its permissions boundary".to_owned());
    }
    if what.is_empty() {
        what.push("a policy's text".to_owned());
    }
    format!("somebody else changed the role meanwhile: {}", what.join("; "))
}
