//! Who may decide, and what a decision does to a job.

use alpha::domain::approval::{Refusal, Wish};
use alpha::domain::ids::{JobId, Person, ReceiptKey};
use alpha::domain::job::{Phase, State};
use alpha::domain::receipt::Subject;
use alpha::domain::role::Write;
use alpha::domain::rollout::Stage;
use alpha::engine::{Outcome, Speaker, refused};
use alpha::iam::document::Document;
use alpha::ports::{JobQuery, PeopleError, Standing, Store as _};

use super::house::{House, LEASE, Process, assert_stands, sender};
use super::people::{ana, ben, noor, person, riley, riley_again};

const ROLE: &str = "ci-deployer";

async fn asked(house: &House, process: &Process) -> JobId {
    let id = process.analyze(ROLE).await;
    assert!(matches!(process.drive(house, &id).await, State::AwaitingDecision { .. }));
    id
}

fn refusal(outcome: Outcome) -> Refusal {
    match outcome {
        Outcome::Refused(refusal) => refusal,
        Outcome::Done(job) => panic!("granted: {:?}", job.state),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_approves_what_they_asked_for_themselves_whichever_user_they_come_as() {
    let house = House::new().await;
    let process = house.start("process");
    let id = asked(&house, &process).await;
    for who in [riley(), riley_again()] {
        let refused = refusal(process.wants(&who, Wish::Approve, &id, house.now()).await);
        assert_eq!(refused, Refusal::Oneself, "{who}");
    }
    assert!(matches!(process.job(&id).await.state, State::AwaitingDecision { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_no_right_is_told_the_same_whatever_there_is() {
    let house = House::new().await;
    let process = house.start("process");
    let id = asked(&house, &process).await;
    let gus = person("UGUS");
    let elsewhere = Person::new("T2", "UANA");
    let unknown = JobId::at(house.now(), 7);
    let mut told = Vec::new();
    for standing in [Standing::Guest, Standing::Stranger, Standing::Bot, Standing::Gone] {
        house.people.set(gus.clone(), Ok(standing));
        told.push(refusal(process.wants(&gus, Wish::Approve, &id, house.now()).await));
    }
    house.people.set(gus.clone(), Err(PeopleError::Unknown));
    told.push(refusal(process.wants(&gus, Wish::Approve, &id, house.now()).await));
    for wish in [Wish::Approve, Wish::Deny(None), Wish::Cancel, Wish::Continue, Wish::RollBack] {
        for who in [&noor(), &elsewhere] {
            told.push(refusal(process.wants(who, wish, &id, house.now()).await));
        }
        let nothing = Subject { revision: Some(1), ..Subject::named(unknown.clone()) };
        let granted = process.engine.grant(&Speaker::Slack(ana()), wish, &nothing, house.now()).await;
        told.push(refusal(granted.unwrap()));
    }
    assert!(told.iter().all(|refusal| *refusal == Refusal::Nothing), "{told:?}");
    assert!(matches!(process.job(&id).await.state, State::AwaitingDecision { .. }));
    assert_eq!(process.store_history(&id).await.len(), 4, "nothing of it goes down in the history");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_cannot_be_looked_up_may_do_nothing_and_is_told_to_try_again() {
    let house = House::new().await;
    let process = house.start("process");
    let id = asked(&house, &process).await;
    house.people.set(ana(), Err(PeopleError::Unavailable("Slack is down".to_owned())));
    let refusal = refusal(process.wants(&ana(), Wish::Approve, &id, house.now()).await);
    assert_eq!(refusal, Refusal::Unknown);
    assert!(refused(&refusal).contains("Try again"), "{}", refused(&refusal));
    house.people.set(ana(), Ok(Standing::Member));
    assert!(matches!(process.wants(&ana(), Wish::Approve, &id, house.now()).await, Outcome::Done(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_who_asks_is_refused_and_the_role_is_free_again() {
    let house = House::new().await;
    let process = house.start("process");
    house.people.set(riley(), Ok(Standing::Guest));
    let id = process.analyze(ROLE).await;
    let State::Failed { why } = process.drive(&house, &id).await else { panic!("a guest is let in") };
    assert!(why.contains("Guests"), "{why}");
    house.people.set(riley(), Ok(Standing::Member));
    let answer = process.engine.command(sender(riley()), "analyze ci-deployer", ReceiptKey::new("again"));
    assert!(answer.await.unwrap().text.starts_with("Analysing"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_requester_withdraws_while_nothing_is_written() {
    for (when, reached) in [("asked for", 0), ("analysed", 1), ("approved", 2)] {
        let house = House::new().await;
        let process = house.start("process");
        let id = process.analyze(ROLE).await;
        if reached > 0 {
            process.drive(&house, &id).await;
        }
        if reached > 1 {
            process.wants(&ana(), Wish::Approve, &id, house.now()).await;
        }
        let outcome = process.wants(&riley(), Wish::Cancel, &id, house.now()).await;
        assert!(matches!(outcome, Outcome::Done(_)), "{when}: {outcome:?}");
        assert_eq!(process.drive(&house, &id).await, State::Cancelled, "{when}");
        process.is_told_and_written_down(&id).await;
        let late = refusal(process.wants(&ana(), Wish::Approve, &id, house.now()).await);
        assert!(matches!(&late, Refusal::Late { what } if what.contains("withdrawn")), "{when}: {late:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_has_one_open_job_and_the_next_when_that_has_ended() {
    let house = House::new().await;
    let process = house.start("process");
    let id = process.analyze(ROLE).await;
    let again = async |line: &str, key: &str| {
        process.engine.command(sender(riley()), line, ReceiptKey::new(key)).await.unwrap().text
    };
    let busy = again("analyze CI-Deployer", "second").await;
    assert!(busy.contains(id.as_str()) && busy.contains("already"), "{busy}");
    let repeated = again("analyze ci-deployer", "command:ci-deployer").await;
    assert!(repeated.starts_with("Analysing") && repeated.contains(id.as_str()), "{repeated}");
    process.wants(&riley(), Wish::Cancel, &id, house.now()).await;
    let next = again("analyze ci-deployer", "third").await;
    assert!(next.starts_with("Analysing") && !next.contains(id.as_str()), "{next}");
}

/// Drives an approved job until a person is asked because too little was seen of the role.
async fn held(house: &House, process: &Process) -> JobId {
    let id = asked(house, process).await;
    process.wants(&ana(), Wish::Approve, &id, house.now()).await;
    house.falls_silent().await;
    let state = process.drive(house, &id).await;
    assert!(matches!(&state, State::Held { stage: Stage::Canary, .. }), "{state:?}");
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_of_which_too_little_was_seen_is_held_until_somebody_lets_it_go_on() {
    let house = House::new().await;
    let process = house.start("process");
    let id = held(&house, &process).await;
    house.pass(std::time::Duration::from_hours(24)).await;
    assert!(matches!(process.drive(&house, &id).await, State::Held { .. }), "silence is never a yes");
    assert!(matches!(process.wants(&ana(), Wish::Continue, &id, house.now()).await, Outcome::Done(_)));
    let late = refusal(process.wants(&ben(), Wish::Continue, &id, house.now()).await);
    assert!(matches!(&late, Refusal::Late { what } if what.contains("continued by ana at")), "{late:?}");
    let state = process.drive(&house, &id).await;
    assert!(matches!(&state, State::Held { stage: Stage::Target, .. }), "{state:?}");
    assert_eq!(process.job(&id).await.word.unwrap().question, Some(1));
    process.wants(&ben(), Wish::Continue, &id, house.now()).await;
    assert_eq!(process.drive(&house, &id).await, State::Succeeded);
    process.is_told_and_written_down(&id).await;
    let case = process.case(&id).await;
    assert_stands(&house.stands(ROLE).await, &case.expected(Stage::Target, usize::MAX));
    assert_eq!(house.left_over(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_that_is_held_is_rolled_back_when_somebody_says_so() {
    let house = House::new().await;
    let process = house.start("process");
    let id = held(&house, &process).await;
    assert!(matches!(process.wants(&ben(), Wish::RollBack, &id, house.now()).await, Outcome::Done(_)));
    assert!(matches!(process.drive(&house, &id).await, State::RolledBack { .. }));
    process.is_told_and_written_down(&id).await;
    assert_stands(&house.stands(ROLE).await, &process.case(&id).await.snapshot);
    assert_eq!(house.left_over(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_after_success_is_an_epoch_of_its_own_with_an_outcome_of_its_own() {
    let house = House::new().await;
    let process = house.start("process");
    let id = process.analyze(ROLE).await;
    assert_eq!(process.drive_approved(&house, &id).await, State::Succeeded);
    process.is_told_and_written_down(&id).await;
    assert_eq!(process.job(&id).await.epoch, 0);
    assert!(matches!(process.wants(&ben(), Wish::RollBack, &id, house.now()).await, Outcome::Done(_)));
    assert!(matches!(process.drive(&house, &id).await, State::RolledBack { .. }));
    assert_eq!(process.job(&id).await.epoch, 1);
    process.is_told_and_written_down(&id).await;
    assert_stands(&house.stands(ROLE).await, &process.case(&id).await.snapshot);
    assert_eq!(house.left_over(), [""; 0]);
    let again = refusal(process.wants(&ana(), Wish::RollBack, &id, house.now()).await);
    assert!(matches!(&again, Refusal::Late { what } if what.contains("asked for by ben at")), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_after_success_waits_for_the_roles_next_job() {
    let house = House::new().await;
    let process = house.start("process");
    let id = process.analyze(ROLE).await;
    assert_eq!(process.drive_approved(&house, &id).await, State::Succeeded);
    let answer = process.engine.command(sender(riley()), "analyze ci-deployer", ReceiptKey::new("next"));
    assert!(answer.await.unwrap().text.starts_with("Analysing"));
    let refused = refusal(process.wants(&ben(), Wish::RollBack, &id, house.now()).await);
    assert!(matches!(&refused, Refusal::Late { what } if what.contains("another open job")), "{refused:?}");
    assert_eq!(process.job(&id).await.state, State::Succeeded);
}

/// Somebody widens the role that a job has narrowed, by an inline policy of theirs, or takes that away again.
async fn somebody_else(house: &House, write: Write) {
    house.account.edit_as_somebody_else(&house.role(ROLE), &write).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_success_is_taken_back_once_the_later_one_was_and_is_never_spent_in_vain() {
    let house = House::new().await;
    let process = house.start("process");
    let first = process.analyze(ROLE).await;
    assert_eq!(process.drive_approved(&house, &first).await, State::Succeeded);
    let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
    let document = Document::parse(text.as_bytes()).unwrap();
    somebody_else(&house, Write::PutInline { name: "theirs".to_owned(), document }).await;
    house.pass(std::time::Duration::from_secs(1)).await;
    let again =
        process.engine.command(sender(riley()), "analyze ci-deployer", ReceiptKey::new("again")).await;
    assert!(again.unwrap().text.starts_with("Analysing"));
    let query = JobQuery { limit: 1, ..JobQuery::default() };
    let second = process.store.jobs(&query).await.unwrap().jobs.remove(0).id;
    assert_eq!(process.drive_approved(&house, &second).await, State::Succeeded);

    let early = refusal(process.wants(&ben(), Wish::RollBack, &first, house.now()).await);
    let Refusal::Unfit { later, .. } = &early else { panic!("{early:?}") };
    assert_eq!(later.as_ref(), Some(&second));
    assert!(refused(&early).contains(second.as_str()), "{}", refused(&early));
    assert_eq!(process.job(&first).await.state, State::Succeeded);

    assert!(matches!(process.wants(&ben(), Wish::RollBack, &second, house.now()).await, Outcome::Done(_)));
    assert!(matches!(process.drive(&house, &second).await, State::RolledBack { .. }));
    let early = refusal(process.wants(&ben(), Wish::RollBack, &first, house.now()).await);
    assert_eq!(early, Refusal::Unfit { why: "theirs is new".to_owned(), later: None });

    somebody_else(&house, Write::DeleteInline { name: "theirs".to_owned() }).await;
    assert!(matches!(process.wants(&ben(), Wish::RollBack, &first, house.now()).await, Outcome::Done(_)));
    assert!(matches!(process.drive(&house, &first).await, State::RolledBack { .. }));
    assert_stands(&house.stands(ROLE).await, &process.case(&first).await.snapshot);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_asked_for_in_the_middle_of_a_write_is_gone_on_with_at_once() {
    let house = House::new().await;
    let process = house.start("process");
    let id = asked(&house, &process).await;
    process.wants(&ana(), Wish::Approve, &id, house.now()).await;
    let is_writing = |state: &State| {
        matches!(state, State::Staging { stage: Stage::Canary, phase: Phase::Writing { step: 1 } })
    };
    process.drive_until(&house, &id, is_writing).await;
    let (step, thaw) = process.freezes_in_a_step(&id).await;
    assert!(matches!(process.wants(&ben(), Wish::RollBack, &id, house.now()).await, Outcome::Done(_)));
    let before = house.now();
    thaw.notify_one();
    step.await.unwrap();
    assert!(matches!(process.drive(&house, &id).await, State::RolledBack { .. }));
    let waited = house.now().duration_since(before);
    assert!(waited < LEASE.try_into().unwrap(), "nobody waited for a claim to run out: {waited}");
    assert_stands(&house.stands(ROLE).await, &process.case(&id).await.snapshot);
    assert_eq!(house.left_over(), [""; 0]);
    assert_eq!(process.store.untroubled(), 0);
    assert_eq!(process.store.census().await.unwrap().jobs.get("RolledBack"), Some(&1));
}
