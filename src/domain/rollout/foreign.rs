//! A role that somebody else changed in the middle of a rollout: what they did, and what of the job's own doing stands.
//!
//! Nothing is written over what they did. What is said here is for the person who has to look: a role is compared with
//! the nearest standing that the job itself could have brought about, so that nobody else is blamed for the job's writes.

use super::Stage;
use super::restore::{by_hand, restore, standings};
use crate::domain::proposal::Case;
use crate::domain::role::{Snapshot, Write};

/// A role as a job finds it, where it expected another standing.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// What was decided on.
    pub case: &'a Case,
    /// How far the job's writes may have got: so many of that stage, and all of the stages before it.
    pub reach: (Stage, usize),
    /// A write that was just made: it counts as made, though it may not show yet.
    pub tried: Option<&'a Write>,
    /// How the role should stand.
    pub expected: &'a Snapshot,
    /// How it stands.
    pub live: &'a Snapshot,
}

impl Found<'_> {
    /// What somebody else did.
    pub fn foreign(&self) -> String {
        let possible = standings(self.case);
        let others = std::iter::once(self.expected).chain(&possible);
        let nearest = others
            .filter(|standing| !standing.stands_like(self.live))
            .map(|standing| differences(standing, self.live))
            .min_by_key(Vec::len);
        changed_meanwhile(&nearest.unwrap_or_default())
    }

    /// How the role would stand if nobody but the job had changed it.
    pub fn ours(&self) -> Snapshot {
        let Self { case, reach: (stage, written), tried, live, .. } = *self;
        let mut standing = case.snapshot.clone();
        let made = case.writes_until(stage, written);
        made.filter(|write| tried == Some(*write) || bears(live, write, &case.snapshot))
            .for_each(|write| standing.take(write));
        standing
    }
}

/// Whether a role bears what a write does. What is named after the job is the job's, whatever it says by now.
fn bears(live: &Snapshot, write: &Write, former: &Snapshot) -> bool {
    match write {
        Write::CreatePolicy(_) | Write::DeletePolicy { .. } => false,
        Write::PutBoundary(policy) => live.boundary.as_ref().is_some_and(|now| now.arn == policy.arn),
        Write::RemoveBoundary => live.boundary.is_none(),
        Write::PutInline { name, document } => live.inline.get(name).is_some_and(|now| {
            !former.inline.contains_key(name) || now.canonical_bytes() == document.canonical_bytes()
        }),
        Write::DeleteInline { name } => !live.inline.contains_key(name),
        Write::Attach(policy) => live.attached.contains_key(&policy.arn),
        Write::Detach { arn } => !live.attached.contains_key(arn),
    }
}

/// What of a job's doing stands, and the commands that take it back; none where nothing does. `left` deletes the managed
/// policies that the job made and that are still there.
pub fn remains(role: &str, case: &Case, standing: &Snapshot, left: &[Write]) -> Option<String> {
    let mut done: Vec<String> = restore(&case.snapshot, standing).iter().map(Write::describe).collect();
    done.extend(left.iter().filter_map(|write| match write {
        Write::DeletePolicy { arn } => Some(format!("create managed policy {arn}")),
        _ => None,
    }));
    let mut back = restore(standing, &case.snapshot);
    back.extend(left.iter().cloned());
    (!back.is_empty()).then(|| {
        let commands = by_hand(role, &back).join("\n");
        format!(
            "Of what this job did, this stands: {}.\nTo take it back by hand:\n{commands}",
            done.join("; ")
        )
    })
}

/// How a role that should stand in one way differs, in a few words.
pub fn differs(expected: &Snapshot, live: &Snapshot) -> String {
    changed_meanwhile(&differences(expected, live))
}

fn changed_meanwhile(what: &[String]) -> String {
    format!("somebody else changed the role meanwhile: {}", what.join("; "))
}

/// In what a role differs from how it was expected to stand.
pub fn differences(expected: &Snapshot, live: &Snapshot) -> Vec<String> {
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
    match (&expected.boundary, &live.boundary) {
        (Some(then), Some(now)) if then.arn == now.arn => {}
        (_, Some(now)) => what.push(format!("its permissions boundary is {}", now.arn)),
        (Some(then), None) => what.push(format!("its permissions boundary {} is gone", then.arn)),
        (None, None) => {}
    }
    if what.is_empty() {
        what.push("a policy's text".to_owned());
    }
    what
}
