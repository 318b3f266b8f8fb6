//! What time does to a job that waits for a decision.

use std::sync::atomic::Ordering;
use std::time::Duration;

use alpha::domain::approval::{Refusal, Wish};
use alpha::domain::delivery::Slot;
use alpha::domain::ids::{JobId, ReceiptKey};
use alpha::domain::job::{State, TIME_TO_DECIDE, first_entry};
use alpha::domain::receipt::Button;
use alpha::engine::{Outcome, Step};
use alpha::ports::{Change, Claim, Created, Store as _};

use super::house::{House, LEASE, Process, sender};
use super::people::ana;

async fn asked(house: &House, process: &Process) -> JobId {
    let id = process.analyze("ci-deployer").await;
    assert!(matches!(process.drive(house, &id).await, State::AwaitingDecision { .. }));
    id
}

async fn expiry(process: &Process, id: &JobId) -> jiff::Timestamp {
    match process.job(id).await.state {
        State::AwaitingDecision { expires, .. } => expires,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_reminded_after_a_quarter_of_an_hour_and_then_ever_later_until_it_is_too_late() {
    let house = House::new().await;
    let process = house.start("process");
    let id = asked(&house, &process).await;
    let since = house.now();
    let mut minutes = Vec::new();
    loop {
        let reminded_at = house.now().duration_since(since).as_mins();
        match process.engine.step(&id).await.unwrap() {
            Step::Decision(Some(then)) => house.pass_until(then).await,
            Step::Done => break,
            other => panic!("{other:?}"),
        }
        let posts = process.posts(&id).await;
        let reminded = posts.iter().filter(|slot| matches!(slot, Slot::Reminder(_))).count();
        if reminded > minutes.len() {
            minutes.push(reminded_at);
        }
    }
    assert_eq!(process.job(&id).await.state, State::Expired);
    assert_eq!(house.now().duration_since(since), TIME_TO_DECIDE.try_into().unwrap());
    assert_eq!(minutes, [15, 45, 105, 225, 465]);
    process.is_told_and_written_down(&id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_that_comes_too_late_is_told_so_before_the_timer_ran_and_after() {
    let house = House::new().await;
    let process = house.start("process");
    let id = asked(&house, &process).await;
    house.pass(TIME_TO_DECIDE).await;
    let outcome = process.wants(&ana(), Wish::Approve, &id, house.now()).await;
    assert_eq!(outcome, Outcome::Refused(Refusal::Expired));
    assert_eq!(process.engine.step(&id).await, Ok(Step::Done));
    let outcome = process.wants(&ana(), Wish::Approve, &id, house.now()).await;
    assert!(
        matches!(&outcome, Outcome::Refused(Refusal::Late { what }) if what.contains("over")),
        "{outcome:?}"
    );
}

/// So many more jobs, each for a role of its own, that wait for a decision as a given one does. Each can be decided a
/// second longer than the one before it.
async fn crowd(process: &Process, like: &JobId, count: u32) -> Vec<JobId> {
    let like = process.job(like).await;
    let mut made = Vec::new();
    for number in 1..=count {
        let mut job = like.clone();
        job.id = JobId::at(like.created + Duration::from_secs(number.into()), number.into());
        job.role.name = format!("role-{number}");
        job.asked.receipt = ReceiptKey::new(format!("crowd-{number}"));
        let State::AwaitingDecision { expires, .. } = &mut job.state else { panic!("{:?}", job.state) };
        *expires += Duration::from_secs(number.into());
        job.due = Some(*expires);
        made.push(job.id.clone());
        let (entries, rows) = (vec![first_entry(&mut job)], Vec::new());
        let change = Change { job, entries, rows, case: None, settles: None, release: false };
        assert_eq!(process.store.create(change).await.unwrap(), Created::Created);
    }
    made
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_expire_together_claim_nothing_while_nobody_has_said_anything() {
    let house = House::new().await;
    let process = house.start("process");
    let like = asked(&house, &process).await;
    let all = crowd(&process, &like, 20).await;
    house.pass_until(expiry(&process, all.last().unwrap()).await).await;
    for id in &all {
        assert_eq!(process.engine.step(id).await, Ok(Step::Done));
        assert_eq!(process.job(id).await.state, State::Expired);
    }
    assert_eq!(process.store.claims.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_first_is_the_first_that_is_pending_and_the_rest_is_counted_however_many_wait() {
    let house = House::new().await;
    let process = house.start("process");
    let like = asked(&house, &process).await;
    let all = crowd(&process, &like, 250).await;
    house.people.was_seen(ana(), alpha::ports::Standing::Member);
    let pending = process.engine.command(sender(ana()), "pending", ReceiptKey::new("pending")).await;
    let text = pending.unwrap().text;
    let lines: Vec<&str> = text.lines().collect();
    for (line, id) in lines[1..].iter().zip([&like].into_iter().chain(&all[..9])) {
        assert!(line.contains(id.as_str()), "{id}: {text}");
    }
    assert_eq!(lines.last(), Some(&"and 241 more"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_that_beat_the_timer_wins_though_both_are_looked_at_after_it() {
    let house = House::new().await;
    let process = house.start("process");
    let id = asked(&house, &process).await;
    house.pass_until(expiry(&process, &id).await - Duration::from_millis(1)).await;
    process.click(&ana(), Button::Approve, &id, house.now(), "in-time").await;
    house.pass(Duration::from_secs(5)).await;
    assert_eq!(process.drive(&house, &id).await, State::Succeeded);
    let waited = process.store.census().await.unwrap();
    assert_eq!(waited.receipts, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_that_beat_the_timer_wins_though_a_process_died_with_it_in_hand() {
    let house = House::new().await;
    let process = house.start("process-0");
    let id = asked(&house, &process).await;
    house.pass_until(expiry(&process, &id).await - Duration::from_secs(1)).await;
    process.click(&ana(), Button::Approve, &id, house.now(), "in-time").await;
    let dead = Claim { owner: "dead".to_owned(), lease: LEASE };
    assert_eq!(process.store.claim_receipts(&dead, house.now(), 9).await.unwrap().len(), 1);
    let process = house.start("process-1");
    house.pass(Duration::from_secs(2)).await;
    assert_eq!(process.drive(&house, &id).await, State::Succeeded);
}
