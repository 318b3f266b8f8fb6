//! Somebody else changes a role past ALPHA: nothing of theirs is ever overwritten.

use alpha::domain::approval::{Refusal, Wish};
use alpha::domain::job::{Phase, State};
use alpha::domain::role::{RoleRef, Write};
use alpha::domain::rollout::Stage;
use alpha::engine::{Outcome, refused};
use alpha::iam::document::Document;

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
