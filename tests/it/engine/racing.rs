//! Many at once: clicks on one job, and jobs of many roles, by two processes over one store.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use alpha::domain::approval::Verdict;
use alpha::domain::delivery::{Act, Status};
use alpha::domain::ids::{JobId, ReceiptKey};
use alpha::domain::job::State;
use alpha::domain::receipt::{Button, Receipt, Said};
use alpha::ports::{Claim, Store as _};
use tokio_util::sync::CancellationToken;

use super::house::{House, Process, sender};
use super::people::{ana, approver};
use super::store::Trouble;
use crate::store::dynamo;

/// Processes that work by themselves until this is dropped or stopped.
pub struct AtWork {
    stop: CancellationToken,
    running: Vec<tokio::task::JoinHandle<()>>,
}

impl AtWork {
    pub fn begin<'a>(processes: impl IntoIterator<Item = &'a Process>) -> Self {
        let stop = CancellationToken::new();
        let run = |process: &Process| {
            let (engine, stop) = (Arc::clone(&process.engine), stop.clone());
            tokio::spawn(async move { engine.run(stop).await })
        };
        let running = processes.into_iter().map(run).collect();
        Self { stop, running }
    }

    pub async fn end(self) {
        self.stop.cancel();
        for running in self.running {
            running.await.unwrap();
        }
    }
}

/// Waits until something is so.
pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + Duration::from_mins(1);
    while !is_so().await {
        assert!(Instant::now() < end, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The texts of all answers that wait to be given, each taken once.
pub async fn answers(house: &House, process: &Process) -> Vec<String> {
    let claim = Claim { owner: "courier".to_owned(), lease: Duration::from_secs(30) };
    let mut texts = Vec::new();
    loop {
        let rows = process.store.claim_rows(&claim, house.now(), 100).await.unwrap();
        if rows.is_empty() {
            return texts;
        }
        for mut row in rows {
            if let Act::Reply(reply) = &row.act {
                texts.push(reply.text.clone());
            }
            row.status = Status::Sent;
            process.store.settle_row(row, None, &claim).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_clicks_at_once_one_decides_and_all_others_are_told_who_did() {
    of_fifty_clicks_one_decides(&House::new().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_clicks_on_a_job_in_dynamodb_one_decides() {
    of_fifty_clicks_one_decides(&House::keeping(Some(dynamo::place())).await).await;
}

async fn of_fifty_clicks_one_decides(house: &House) {
    let processes = [house.start("process-0"), house.start("process-1")];
    let id = processes[0].analyze("ci-deployer").await;
    assert!(matches!(processes[0].drive(house, &id).await, State::AwaitingDecision { .. }));
    for number in 0..50 {
        let button = if number % 3 == 0 { Button::Deny } else { Button::Approve };
        let key = format!("click-{number}");
        processes[number % 2].click(&approver(number), button, &id, house.now(), &key).await;
    }
    let work = AtWork::begin(&processes);
    until("every click is acted on", async || processes[0].store.census().await.unwrap().receipts == 0).await;
    work.end().await;
    let job = processes[0].job(&id).await;
    let decision = job.decision.clone().unwrap();
    let history = processes[0].store_history(&id).await;
    let decided: Vec<_> =
        history.iter().filter(|entry| ["approved", "denied"].contains(&entry.what.as_str())).collect();
    assert_eq!(decided.len(), 1, "{decided:?}");
    assert_eq!(alpha::domain::audit::first_broken(&history), None);
    let texts = answers(house, &processes[1]).await;
    assert_eq!(texts.len(), 49, "{texts:?}");
    let what = if decision.verdict == Verdict::Approve { "approved" } else { "denied" };
    let winner = format!("Too late: it was {what} by {decision} at ");
    assert!(texts.iter().all(|text| text.starts_with(&winner)), "{winner}: {:?}", texts[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_presses_a_button_that_says_nothing_is_told_so_and_nothing_is_done() {
    let house = House::new().await;
    let process = house.start("process");
    let id = process.analyze("ci-deployer").await;
    assert!(matches!(process.drive(&house, &id).await, State::AwaitingDecision { .. }));
    for button in [Button::Approve, Button::Deny] {
        let (key, from) = (ReceiptKey::new(button.as_str()), sender(ana()));
        let receipt = Receipt { key, at: house.now(), from, said: Said::Unreadable { button } };
        process.engine.receive(receipt).await.unwrap();
    }
    let work = AtWork::begin([&process]);
    until("both are acted on", async || process.store.census().await.unwrap().receipts == 0).await;
    work.end().await;
    let texts = answers(&house, &process).await;
    assert!(texts.len() == 2 && texts.iter().all(|text| text.contains("nothing was done")), "{texts:?}");
    assert!(matches!(process.job(&id).await.state, State::AwaitingDecision { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn jobs_of_different_roles_run_side_by_side_in_two_processes() {
    let house = House::new().await;
    let processes = [house.start("process-0"), house.start("process-1")];
    let roles = ["ci-deployer", "monthly-report", "log-shipper", "image-resizer", "backup"];
    let mut ids: Vec<JobId> = Vec::new();
    for role in roles {
        ids.push(processes[0].analyze(role).await);
    }
    let work = AtWork::begin(&processes);
    let states = async || {
        let mut states = Vec::new();
        for id in &ids {
            states.push(processes[1].job(id).await.state);
        }
        states
    };
    until("everything waits for a decision", async || {
        states().await.iter().all(|state| matches!(state, State::AwaitingDecision { .. }))
    })
    .await;
    for (number, id) in ids.iter().enumerate() {
        let key = format!("click-{number}");
        processes[number % 2].click(&ana(), Button::Approve, id, house.now(), &key).await;
    }
    let mut together = BTreeSet::new();
    until("every job has ended", async || {
        let states = states().await;
        together.insert(states.iter().filter(|state| matches!(state, State::Staging { .. })).count());
        house.pass(Duration::from_millis(250)).await;
        states.iter().all(State::is_terminal)
    })
    .await;
    work.end().await;
    assert!(together.iter().any(|count| *count > 1), "side by side: {together:?}");
    for (role, (id, state)) in roles.iter().zip(ids.iter().zip(states().await)) {
        let expected = if *role == "monthly-report" { "RolledBack" } else { "Succeeded" };
        assert_eq!(state.word(), expected, "{role}: {state:?}");
        processes[0].is_told_and_written_down(id).await;
    }
    assert_eq!(house.left_over(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_types_a_decision_hears_that_it_counts_though_the_process_died_right_after_it() {
    let house = House::new().await;
    let process = house.start("process");
    let id = process.analyze("ci-deployer").await;
    assert!(matches!(process.drive(&house, &id).await, State::AwaitingDecision { .. }));
    answers(&house, &process).await;
    process.store.order(Trouble::DiesAfter);
    let line = format!("deny {id} not now");
    process.engine.command(sender(ana()), &line, ReceiptKey::new("typed")).await.unwrap();
    let _dying = AtWork::begin([&process]);
    process.store.hangs.notified().await;
    assert_eq!(process.store.census().await.unwrap().receipts, 0, "it is settled with what it did");
    assert_eq!(
        answers(&house, &process).await,
        [format!("{id} (ci-deployer) is denied; nothing is changed.")]
    );
}
