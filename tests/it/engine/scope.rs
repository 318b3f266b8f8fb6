//! Roles that ALPHA may not change: told before anybody approves, refused until they may be, and approvable then.

use std::collections::BTreeMap;

use alpha::domain::approval::{Refusal, Wish};
use alpha::domain::ids::JobId;
use alpha::domain::job::State;
use alpha::domain::scope::Scope;
use alpha::engine::{Outcome, refused};

use super::house::{House, Process, assert_stands};
use super::people::{ana, ben};

const ROLE: &str = "ci-deployer";
const COMMAND: &str = "aws iam tag-role --role-name ci-deployer --tags Key=alpha-scope,Value=narrow";

/// A process that may change what the templates let it change.
fn start(house: &House, owner: &str) -> Process {
    started(house, owner, Scope::of_the_templates())
}

fn started(house: &House, owner: &str, scope: Scope) -> Process {
    let scopes = BTreeMap::from([(house.account.account().clone(), scope)]);
    house.start_changed(owner, |_, settings| settings.scopes = scopes)
}

async fn asked(house: &House, process: &Process) -> JobId {
    let id = process.analyze(ROLE).await;
    assert!(matches!(process.drive(house, &id).await, State::AwaitingDecision { .. }));
    id
}

/// Why somebody doesn't get what they want of a job: the role is out of scope.
async fn kept_out(house: &House, process: &Process, wish: Wish<'_>, id: &JobId) -> String {
    let who = if wish == Wish::Approve { ana() } else { ben() };
    match process.wants(&who, wish, id, house.now()).await {
        Outcome::Refused(refusal @ Refusal::OutOfScope { .. }) => refused(&refusal),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_without_the_tag_is_approvable_as_proposed_once_it_bears_it() {
    let house = House::new().await;
    let process = start(&house, "process");
    let id = asked(&house, &process).await;
    let before = process.job(&id).await;
    let told = before.case.clone().unwrap().out_of_scope.unwrap();
    assert!(told.contains("doesn't bear the tag alpha-scope=narrow") && told.contains(COMMAND), "{told}");
    let why = kept_out(&house, &process, Wish::Approve, &id).await;
    assert!(why.contains("ALPHA may not change this role") && why.contains(&told), "{why}");
    house.tag(ROLE, Some("wide"));
    let why = kept_out(&house, &process, Wish::Approve, &id).await;
    assert!(why.contains("Its tag alpha-scope is \"wide\", and not \"narrow\"."), "{why}");
    assert_eq!(process.job(&id).await, before, "nothing was decided, and nothing went down in its history");

    house.tag(ROLE, Some("narrow"));
    let outcome = process.wants(&ana(), Wish::Approve, &id, house.now()).await;
    let Outcome::Done(job) = outcome else { panic!("{outcome:?}") };
    assert_eq!(
        job.decision.unwrap().digest,
        before.case.unwrap().digest,
        "what was shown is what is approved"
    );
    assert_eq!(process.drive(&house, &id).await, State::Succeeded);
    process.is_told_and_written_down(&id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_operator_says_later_counts_at_the_click() {
    let house = House::new().await;
    let scope = |writable: &str, protected: &str| Scope {
        tag: None,
        writable: Some(vec![writable.to_owned()]),
        protected: Some(vec![protected.to_owned()]),
    };
    let process = started(&house, "free", Scope::default());
    let id = asked(&house, &process).await;
    assert_eq!(process.job(&id).await.case.unwrap().out_of_scope, None);
    let anything = "arn:aws:iam::*:role/*";
    let nothing = "arn:aws:iam::*:role/none";
    for (scope, named) in [
        (
            scope(nothing, nothing),
            ["outside of arn:aws:iam::*:role/none", "WritableRoles", "ALPHA_WRITABLE_ROLES"],
        ),
        (
            scope(anything, anything),
            ["protected by arn:aws:iam::*:role/*", "ProtectedRoles", "ALPHA_PROTECTED_ROLES"],
        ),
    ] {
        let process = started(&house, named[1], scope);
        let why = kept_out(&house, &process, Wish::Approve, &id).await;
        assert!(named.iter().all(|part| why.contains(part)), "{why}");
    }
    let process = started(&house, "wider", scope(anything, nothing));
    assert_eq!(process.drive_approved(&house, &id).await, State::Succeeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_lost_the_tag_before_the_first_write_is_left_alone_and_why_is_told() {
    let house = House::new().await;
    house.tag(ROLE, Some("narrow"));
    let process = start(&house, "process");
    let id = asked(&house, &process).await;
    assert_eq!(process.job(&id).await.case.unwrap().out_of_scope, None);
    let former = house.stands(ROLE).await;
    assert!(matches!(process.wants(&ana(), Wish::Approve, &id, house.now()).await, Outcome::Done(_)));
    house.tag(ROLE, None);
    let State::Failed { why } = process.drive(&house, &id).await else { panic!("it failed") };
    assert!(why.starts_with("Nothing was changed: ALPHA may not change this role. It doesn't bear"), "{why}");
    assert!(why.contains(COMMAND), "{why}");
    process.is_told_and_written_down(&id).await;
    assert_stands(&house.stands(ROLE).await, &former);
    assert_eq!(house.left_over(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_success_is_taken_back_once_the_role_bears_the_tag_again() {
    let house = House::new().await;
    house.tag(ROLE, Some("narrow"));
    let process = start(&house, "process");
    let id = process.analyze(ROLE).await;
    assert_eq!(process.drive_approved(&house, &id).await, State::Succeeded);
    house.tag(ROLE, None);
    let why = kept_out(&house, &process, Wish::RollBack, &id).await;
    assert!(why.contains(COMMAND), "{why}");
    assert_eq!(process.job(&id).await.state, State::Succeeded, "its way back stays open");
    house.tag(ROLE, Some("narrow"));
    assert!(matches!(process.wants(&ben(), Wish::RollBack, &id, house.now()).await, Outcome::Done(_)));
    assert!(matches!(process.drive(&house, &id).await, State::RolledBack { .. }));
    assert_stands(&house.stands(ROLE).await, &process.case(&id).await.snapshot);
}
