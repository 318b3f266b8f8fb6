//! Somebody else changes a role past ALPHA: nothing of theirs is ever overwritten.

use std::sync::Arc;

use alpha::domain::approval::{Approved, Refusal, Wish};
use alpha::domain::errand::Errand;
use alpha::domain::job::{Phase, State};
use alpha::domain::role::{ManagedPolicy, RoleRef, Snapshot, Write};
use alpha::domain::rollout::Stage;
use alpha::engine::{Outcome, refused};
use alpha::iam::document::Document;
use alpha::local::account::SimulatedAccount;
use alpha::ports::{AccountError, Roles};
use async_trait::async_trait;

use super::house::{House, Process, assert_stands};
use super::people::ana;

const ROLE: &str = "ci-deployer";

/// An inline policy that somebody else puts on the role.
fn theirs() -> Write {
    let text =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;
    Write::PutInline { name: "theirs".to_owned(), document: Document::parse(text.as_bytes()).unwrap() }
}

async fn edit(house: &House, role: &RoleRef) {
    house.account.edit_as_somebody_else(role, &theirs()).await.unwrap();
}

async fn asked(house: &House, process: &Process) -> alpha::domain::ids::JobId {
    let id = process.analyze(ROLE).await;
    assert!(matches!(process.drive(house, &id).await, State::AwaitingDecision { .. }));
    id
}

async fn approve(house: &House, process: &Process, id: &alpha::domain::ids::JobId) {
    let outcome = process.wants(&ana(), Wish::Approve, id, house.now()).await;
    assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_edit_at_the_approval_supersedes_the_job_and_the_clicker_is_told() {
    let house = House::new().await;
    let process = house.start("process");
    let id = asked(&house, &process).await;
    edit(&house, &house.role(ROLE)).await;
    let stood = house.stands(ROLE).await;
    let outcome = process.wants(&ana(), Wish::Approve, &id, house.now()).await;
    let Outcome::Refused(refusal @ Refusal::Changed { .. }) = outcome else { panic!("{outcome:?}") };
    let text = refused(&refusal);
    assert!(text.starts_with("Not approved:") && text.contains("theirs is new"), "{text}");
    assert!(matches!(process.drive(&house, &id).await, State::Superseded { .. }));
    process.is_told_and_written_down(&id).await;
    assert_stands(&house.stands(ROLE).await, &stood);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_edit_before_the_first_write_supersedes_the_job() {
    for verified in [false, true] {
        let house = House::new().await;
        let process = house.start("process");
        let id = asked(&house, &process).await;
        approve(&house, &process, &id).await;
        if verified {
            process.drive_until(&house, &id, |state| writes(state, Stage::Canary, 0)).await;
        }
        edit(&house, &house.role(ROLE)).await;
        let stood = house.stands(ROLE).await;
        let state = process.drive(&house, &id).await;
        assert!(matches!(state, State::Superseded { .. }), "{state:?}");
        process.is_told_and_written_down(&id).await;
        assert_stands(&house.stands(ROLE).await, &stood);
        assert_eq!(house.left_over(), [""; 0]);
    }
}

fn writes(state: &State, of: Stage, number: u32) -> bool {
    matches!(state, State::Staging { stage, phase: Phase::Writing { step } } if *stage == of && *step == number)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_edit_after_the_first_write_leaves_the_job_stuck_and_the_role_as_it_is() {
    for (stage, step) in [(Stage::Canary, 1), (Stage::Target, 0), (Stage::Target, 1)] {
        let house = House::new().await;
        let process = house.start("process");
        let id = asked(&house, &process).await;
        approve(&house, &process, &id).await;
        process.drive_until(&house, &id, |state| writes(state, stage, step)).await;
        edit(&house, &house.role(ROLE)).await;
        let stood = house.stands(ROLE).await;
        let state = process.drive(&house, &id).await;
        let State::Stuck { why } = &state else { panic!("{stage} {step}: {state:?}") };
        assert!(why.contains("theirs is new"), "{why}");
        process.is_told_and_written_down(&id).await;
        assert_stands(&house.stands(ROLE).await, &stood);
        // What the job made is gone, unless the role depends on it.
        let used: Vec<String> = stood.boundary.into_iter().map(|policy| policy.arn).collect();
        let left: Vec<String> = house.left_over();
        assert!(left.iter().all(|arn| used.contains(arn)), "{stage} {step}: {left:?}, used {used:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_edit_after_a_crash_leaves_no_policy_that_nobody_uses() {
    let house = House::new().await;
    let process = house.start("process-0");
    let id = asked(&house, &process).await;
    approve(&house, &process, &id).await;
    process.drive_until(&house, &id, |state| writes(state, Stage::Canary, 0)).await;
    process.dies_in_a_step(&id).await;
    assert_eq!(house.left_over().len(), 1, "the policy was made, and nobody wrote that down");
    edit(&house, &house.role(ROLE)).await;
    let process = house.start("process-1");
    house.pass(super::house::LEASE).await;
    assert!(matches!(process.drive(&house, &id).await, State::Superseded { .. }));
    assert_eq!(house.left_over(), [""; 0]);
}

/// Gives the role a boundary that no canary's can be written within, so that the canary is skipped, and the first write
/// is made to the role's own policies.
async fn bind(house: &House) {
    let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}]}"#;
    let edge = ManagedPolicy {
        arn: format!("arn:aws:iam::{}:policy/edge", SimulatedAccount::ACCOUNT),
        version: "v1".to_owned(),
        document: Document::parse(text.as_bytes()).unwrap(),
    };
    for write in [Write::CreatePolicy(edge.clone()), Write::PutBoundary(edge)] {
        house.account.edit_as_somebody_else(&house.role(ROLE), &write).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_edit_after_a_first_write_that_nobody_wrote_down_is_stuck_and_says_what_stands() {
    let house = House::new().await;
    bind(&house).await;
    let process = house.start("process-0");
    let id = asked(&house, &process).await;
    assert!(process.case(&id).await.writes_of(Stage::Canary).is_empty(), "the canary is skipped");
    approve(&house, &process, &id).await;
    process.drive_until(&house, &id, |state| writes(state, Stage::Target, 0)).await;
    process.dies_in_a_step(&id).await;
    edit(&house, &house.role(ROLE)).await;
    let stood = house.stands(ROLE).await;
    let process = house.start("process-1");
    house.pass(super::house::LEASE).await;
    let state = process.drive(&house, &id).await;
    let State::Stuck { why } = &state else { panic!("{state:?}") };
    let command = format!("aws iam delete-role-policy --role-name {ROLE} --policy-name alpha-{id}");
    assert!(why.contains("meanwhile: theirs is new.") && why.contains(&command), "{why}");
    process.is_told_and_written_down(&id).await;
    assert_stands(&house.stands(ROLE).await, &stood);
}

/// Edits a role right after it was written to, before anybody reads it back.
#[derive(Debug)]
struct Hasty(Arc<SimulatedAccount>, Stage);

#[async_trait]
impl Roles for Hasty {
    async fn read(&self, errand: &Errand, role: &RoleRef) -> Result<Snapshot, AccountError> {
        self.0.read(errand, role).await
    }

    async fn write(
        &self,
        approved: &Approved,
        errand: &Errand,
        role: &RoleRef,
        write: &Write,
    ) -> Result<(), AccountError> {
        self.0.write(approved, errand, role, write).await?;
        let is_it = match write {
            Write::PutInline { .. } => self.1 == Stage::Target,
            Write::CreatePolicy(_) => self.1 == Stage::Canary,
            _ => false,
        };
        if is_it { self.0.edit_as_somebody_else(role, &theirs()).await } else { Ok(()) }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_edit_that_shows_when_the_first_write_is_read_back_is_stuck_if_that_touched_the_role() {
    for (stage, expected) in [(Stage::Target, "Stuck"), (Stage::Canary, "Superseded")] {
        let house = House::new().await;
        if stage == Stage::Target {
            bind(&house).await;
        }
        let process = house.start_with("process", Arc::new(Hasty(Arc::clone(&house.account), stage)));
        let id = process.analyze(ROLE).await;
        let state = process.drive_approved(&house, &id).await;
        assert_eq!(state.word(), expected, "{state:?}");
        assert!(state.why().unwrap().contains("theirs is new"), "{state:?}");
        process.is_told_and_written_down(&id).await;
        assert_eq!(house.left_over(), [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_edit_while_a_stage_is_watched_is_found_before_the_stage_passes() {
    for (of, reached) in [(Stage::Canary, "canary"), (Stage::Target, "target")] {
        let house = House::new().await;
        let process = house.start("process");
        let id = asked(&house, &process).await;
        approve(&house, &process, &id).await;
        let watched = |state: &State| matches!(state, State::Staging { stage, phase: Phase::Soaking { .. } } if *stage == of);
        process.drive_until(&house, &id, watched).await;
        edit(&house, &house.role(ROLE)).await;
        let stood = house.stands(ROLE).await;
        let state = process.drive(&house, &id).await;
        let State::Stuck { why } = &state else { panic!("{reached}: {state:?}") };
        assert!(why.contains("meanwhile: theirs is new.") && why.contains("aws iam "), "{reached}: {why}");
        process.is_told_and_written_down(&id).await;
        assert_stands(&house.stands(ROLE).await, &stood);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_edit_while_a_person_is_asked_is_found_before_the_stage_passes() {
    let house = House::new().await;
    let process = house.start("process");
    let id = asked(&house, &process).await;
    approve(&house, &process, &id).await;
    process.drive_until(&house, &id, |state| writes(state, Stage::Target, 0)).await;
    house.falls_silent().await;
    let state = process.drive(&house, &id).await;
    assert!(matches!(state, State::Held { stage: Stage::Target, .. }), "{state:?}");
    edit(&house, &house.role(ROLE)).await;
    let stood = house.stands(ROLE).await;
    process.wants(&ana(), Wish::Continue, &id, house.now()).await;
    let state = process.drive(&house, &id).await;
    assert!(matches!(&state, State::Stuck { why } if why.contains("theirs is new")), "{state:?}");
    process.is_told_and_written_down(&id).await;
    assert_stands(&house.stands(ROLE).await, &stood);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_edit_on_the_way_back_leaves_the_job_stuck_and_the_role_as_it_is() {
    let house = House::new().await;
    let process = house.start("process");
    let id = asked(&house, &process).await;
    approve(&house, &process, &id).await;
    process.drive_until(&house, &id, |state| writes(state, Stage::Target, 1)).await;
    process.wants(&ana(), Wish::RollBack, &id, house.now()).await;
    edit(&house, &house.role(ROLE)).await;
    let stood = house.stands(ROLE).await;
    let state = process.drive(&house, &id).await;
    assert!(matches!(state, State::Stuck { .. }), "{state:?}");
    process.is_told_and_written_down(&id).await;
    assert_stands(&house.stands(ROLE).await, &stood);
}
