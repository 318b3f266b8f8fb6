//! The order of writes, worked out before anybody is asked.
//!
//! Between any two writes, forward and back, the role can do no less than the proposal and no more than before: what is
//! new is put beside what is old before the old goes, and the other way round. Where there is no room for both, an
//! inline policy is written over in place. Where no such order exists there is no plan, and nobody is asked.

use super::{PlannedStage, Stage, Watch};
use crate::domain::ids::JobId;
use crate::domain::role::{ManagedPolicy, Snapshot, Write};
use crate::domain::rules::OWN_PATH;
use crate::iam::document::{Document, Version};
use crate::iam::grants::contained;
use crate::iam::proposal::{Form, INLINE_LIMIT, MANAGED_COUNT, MANAGED_LIMIT, PolicyPart};

/// What is written in which stage, and how each is watched.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The writes, by stage, in the stages' order.
    pub writes: Vec<(Stage, Vec<Write>)>,
    /// The stages, in order.
    pub stages: Vec<PlannedStage>,
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPlan {
    /// The new policies don't fit beside the old ones, nor over one of them.
    #[error(
        "the new policies don't fit beside the present ones, and none of these can be written over in place: {0}"
    )]
    NoRoom(String),
    /// The role's ARN names no account to make policies in.
    #[error("{0} is no ARN of a role")]
    NoAccount(String),
}

/// Plans the change of a role. `observed` is a policy of all that was seen to succeed, whoever granted it: the canary's
/// boundary must not take away what a resource's policy gives.
pub fn plan(
    job: &JobId,
    snapshot: &Snapshot,
    proposed: &[PolicyPart],
    observed: &Document,
    watch: &Watch,
) -> Result<Plan, NoPlan> {
    let maker = Maker::new(job, snapshot)?;
    let target = target(&maker, snapshot, proposed)?;
    let (canary, skipped) = match canary(&maker, snapshot, proposed, observed) {
        Ok(policy) => {
            let back = match &snapshot.boundary {
                Some(former) => Write::PutBoundary(former.clone()),
                None => Write::RemoveBoundary,
            };
            let deleted = Write::DeletePolicy { arn: policy.arn.clone() };
            (Some(([Write::CreatePolicy(policy.clone()), Write::PutBoundary(policy)], [back, deleted])), None)
        }
        Err(why) => (None, Some(why)),
    };
    let (canary, end) = canary.map_or((Vec::new(), Vec::new()), |(on, off)| (on.to_vec(), off.to_vec()));
    let target: Vec<Write> = target.into_iter().chain(end).collect();
    let staged = |stage: Stage, writes: &[Write], skipped: Option<String>| PlannedStage {
        stage,
        soak: watch.soak_of(stage),
        threshold: stage.threshold(),
        min_calls: watch.min_calls,
        writes: u32::try_from(writes.len()).unwrap_or(u32::MAX),
        skipped,
    };
    let by_replay = "no sandbox role is configured: the replay of the observed calls is the judge".to_owned();
    Ok(Plan {
        stages: vec![
            staged(Stage::Sandbox, &[], Some(by_replay)),
            staged(Stage::Canary, &canary, skipped),
            staged(Stage::Target, &target, None),
        ],
        writes: vec![(Stage::Sandbox, Vec::new()), (Stage::Canary, canary), (Stage::Target, target)],
    })
}

/// Names what a job makes.
struct Maker {
    job: String,
    prefix: String,
}

impl Maker {
    fn new(job: &JobId, snapshot: &Snapshot) -> Result<Self, NoPlan> {
        let none = || NoPlan::NoAccount(snapshot.arn.clone());
        let arn = crate::iam::arn::Arn::parse(&snapshot.arn).ok_or_else(none)?;
        if arn.account.is_empty() {
            return Err(none());
        }
        Ok(Self {
            job: job.to_string(),
            prefix: format!("arn:{}:iam::{}:policy{OWN_PATH}", arn.partition, arn.account),
        })
    }

    /// A managed policy that doesn't exist yet, under the path that ALPHA may make policies in; its first version is `v1`.
    fn policy(&self, name: &str, document: Document) -> ManagedPolicy {
        ManagedPolicy { arn: format!("{}{name}", self.prefix), version: "v1".to_owned(), document }
    }
}

/// Puts the new policies in place, then takes the old ones away.
fn target(maker: &Maker, snapshot: &Snapshot, proposed: &[PolicyPart]) -> Result<Vec<Write>, NoPlan> {
    let inline: Vec<&Document> =
        proposed.iter().filter(|part| part.form == Form::Inline).map(|part| &part.document).collect();
    let managed: Vec<&Document> =
        proposed.iter().filter(|part| part.form == Form::Managed).map(|part| &part.document).collect();
    if snapshot.attached.len() + managed.len() > MANAGED_COUNT {
        return Err(NoPlan::NoRoom(format!(
            "{} managed policies beside {} attached ones, of {MANAGED_COUNT} in all",
            managed.len(),
            snapshot.attached.len()
        )));
    }
    let mut writes = Vec::new();
    let mut written = Vec::new();
    for (number, document) in (1..).zip(&inline) {
        let suffix = if inline.len() == 1 { String::new() } else { format!("-{number}") };
        let name = in_place(maker, snapshot, document, &suffix)?;
        written.push(name.clone());
        writes.push(Write::PutInline { name, document: (*document).clone() });
    }
    for (number, document) in (1..).zip(&managed) {
        let policy = maker.policy(&format!("alpha-{}-{number}", maker.job), (*document).clone());
        writes.push(Write::CreatePolicy(policy.clone()));
        writes.push(Write::Attach(policy));
    }
    let old = snapshot.inline.keys().filter(|name| !written.contains(name));
    writes.extend(old.map(|name| Write::DeleteInline { name: name.clone() }));
    writes.extend(snapshot.attached.keys().map(|arn| Write::Detach { arn: arn.clone() }));
    Ok(writes)
}

/// The name under which a new inline policy is written: one of its own where there is room, else that of a present one,
/// the largest, which it replaces.
fn in_place(maker: &Maker, snapshot: &Snapshot, document: &Document, suffix: &str) -> Result<String, NoPlan> {
    let (present, size) = (snapshot.inline_size(), document.size());
    if present + size <= INLINE_LIMIT {
        return Ok(format!("alpha-{}{suffix}", maker.job));
    }
    let largest = snapshot.inline.iter().max_by_key(|(_, old)| old.size());
    match largest {
        Some((name, old)) if present - old.size() + size <= INLINE_LIMIT => Ok(name.clone()),
        _ => Err(NoPlan::NoRoom(format!(
            "{size} characters beside {present}, of {INLINE_LIMIT} for inline policies"
        ))),
    }
}

/// The canary's boundary, or why there can be none.
fn canary(
    maker: &Maker,
    snapshot: &Snapshot,
    proposed: &[PolicyPart],
    observed: &Document,
) -> Result<ManagedPolicy, String> {
    let mut document = Document { version: Some(Version::V2012), id: None, statements: Vec::new() };
    document.statements.extend(proposed.iter().flat_map(|part| part.document.statements.iter().cloned()));
    let uncovered = !contained(std::slice::from_ref(observed), std::slice::from_ref(&document)).holds();
    if uncovered {
        document.statements.extend(observed.statements.iter().cloned());
    }
    document.statements.iter_mut().for_each(|statement| statement.sid = None);
    if document.statements.is_empty() {
        return Err("nothing stays of the role's permissions, and no boundary can say that".to_owned());
    }
    let document = document.canonical();
    let size = document.size();
    if size > MANAGED_LIMIT {
        return Err(format!(
            "as a permissions boundary the proposal would have {size} characters, and one holds {MANAGED_LIMIT}"
        ));
    }
    if let Some(former) = &snapshot.boundary {
        let within =
            contained(std::slice::from_ref(&document), std::slice::from_ref(&former.document)).holds();
        if !within {
            return Err(
                "the role has a permissions boundary, and one that allows only what both allow can't be \
                        written exactly"
                    .to_owned(),
            );
        }
    }
    Ok(maker.policy(&format!("alpha-canary-{}", maker.job), document))
}
