//! Changing jobs.

use std::time::Duration;

use alpha::domain::approval::Approved;
use alpha::domain::audit::first_broken;
use alpha::domain::ids::ReceiptKey;
use alpha::domain::job::{Job, Phase, State};
use alpha::domain::rollout::Stage;
use alpha::ports::{Created, JobQuery, Saved, Store, StoreError};

use crate::store::Place;
use crate::store::samples::{approval, at, brief, case, job, name, new, next, receipt, worker};

async fn made(store: &dyn Store, number: u64) -> Job {
    let change = new(job(number));
    assert_eq!(store.create(change.clone()).await.unwrap(), Created::Created);
    change.job
}

pub async fn a_change_is_stored_whole(place: &Place) {
    let store = place.open();
    let first = made(&*store, 1).await;
    let mut change =
        next(&first, State::AwaitingDecision { expires: at(90_000), remind: at(50_000), reminders: 1 });
    let case = case(&first, 1);
    change.job.case = Some(brief(&case));
    change.job.due = Some(at(50_000));
    change.case = Some(case.clone());
    assert_eq!(store.save(change.clone()).await.unwrap(), Saved::Saved);
    assert_eq!(store.job(&first.id).await.unwrap(), Some(change.job.clone()));
    assert_eq!(store.case(&first.id, 1).await.unwrap(), Some(case));
    assert_eq!(store.history(&first.id).await.unwrap().len(), 2);
    assert_eq!(store.rows(&first.id).await.unwrap().last(), change.rows.last());
}

pub async fn a_change_from_an_old_version_is_told_what_there_is(place: &Place) {
    let store = place.open();
    let first = made(&*store, 1).await;
    let winner = next(&first, State::Denied);
    assert_eq!(store.save(winner.clone()).await.unwrap(), Saved::Saved);
    for late in [next(&first, State::Approved), next(&first, State::Denied)] {
        let conflict = Saved::Conflict(Box::new(winner.job.clone()));
        assert_eq!(store.save(late).await.unwrap(), conflict);
    }
    // One that is ahead of what there is isn't right either.
    let mut ahead = next(&winner.job, State::Failed { why: "?".to_owned() });
    ahead.job.version += 1;
    assert!(matches!(store.save(ahead).await.unwrap(), Saved::Conflict(_)));
    let stranger = next(&job(7), State::Denied);
    assert!(matches!(store.save(stranger).await.unwrap_err(), StoreError::Corrupt(_)));
}

pub async fn a_change_that_fails_leaves_nothing(place: &Place) {
    let store = place.open();
    let first = made(&*store, 1).await;
    store.receive(receipt(5)).await.unwrap();
    // An entry of that number is there already, which only a fault in the program brings about.
    let mut change = next(&first, State::Cancelled);
    change.entries[0].number = 1;
    change.case = Some(case(&first, 1));
    change.settles = Some(ReceiptKey::new("receipt-5"));
    assert!(matches!(store.save(change).await.unwrap_err(), StoreError::Corrupt(_)));
    assert_eq!(store.job(&first.id).await.unwrap(), Some(first.clone()));
    assert_eq!(store.history(&first.id).await.unwrap().len(), 1);
    assert_eq!(store.rows(&first.id).await.unwrap().len(), 1);
    assert_eq!(store.case(&first.id, 1).await.unwrap(), None);
    assert_eq!(store.claim_receipts(&worker("a"), at(0), 9).await.unwrap(), [receipt(5)]);
    // And a case is never written over.
    let mut with_case = next(&first, State::Proposing);
    with_case.case = Some(case(&first, 1));
    assert_eq!(store.save(with_case.clone()).await.unwrap(), Saved::Saved);
    let mut again = next(&with_case.job, State::Proposing);
    again.case = Some(case(&first, 1));
    assert!(matches!(store.save(again).await.unwrap_err(), StoreError::Corrupt(_)));
    assert_eq!(store.job(&first.id).await.unwrap(), Some(with_case.job));
}

pub async fn of_fifty_racing_changes_one_wins_and_the_others_are_told_who(place: &Place) {
    let store = place.open();
    let first = made(&*store, 1).await;
    let clicks: Vec<_> = (0..50)
        .map(|number| {
            let store = store.clone();
            let mut change = next(&first, State::Approved);
            change.job.decision = Some(approval(&first, &format!("approver-{number}")));
            tokio::spawn(async move { (change.job.clone(), store.save(change).await.unwrap()) })
        })
        .collect();
    let mut winners = Vec::new();
    let mut told = Vec::new();
    for click in clicks {
        match click.await.unwrap() {
            (job, Saved::Saved) => winners.push(job),
            (_, Saved::Conflict(job)) => told.push(*job),
            (_, Saved::Busy(job)) => panic!("no other job has that role: {}", job.id),
        }
    }
    assert_eq!((winners.len(), told.len()), (1, 49));
    assert!(told.iter().all(|job| *job == winners[0]));
    assert_eq!(store.history(&first.id).await.unwrap().len(), 2);
    assert_eq!(store.rows(&first.id).await.unwrap().len(), 2);
}

pub async fn a_job_that_opens_again_waits_for_the_open_one_of_its_role(place: &Place) {
    let store = place.open();
    let first = made(&*store, 1).await;
    let succeeded = next(&first, State::Succeeded);
    store.save(succeeded.clone()).await.unwrap();
    let mut second = job(2);
    second.role = first.role.clone();
    let second = new(second);
    store.create(second.clone()).await.unwrap();
    let again = next(&succeeded.job, State::RollingBack { why: "by ada".to_owned(), stage: None });
    assert_eq!(store.save(again.clone()).await.unwrap(), Saved::Busy(Box::new(second.job.clone())));
    assert_eq!(store.job(&first.id).await.unwrap(), Some(succeeded.job));
    assert_eq!(store.history(&first.id).await.unwrap().len(), 2);
    store.save(next(&second.job, State::Cancelled)).await.unwrap();
    assert_eq!(store.save(again).await.unwrap(), Saved::Saved);
}

pub async fn a_change_settles_what_it_answers(place: &Place) {
    let store = place.open();
    store.receive(receipt(1)).await.unwrap();
    store.receive(receipt(2)).await.unwrap();
    let mut change = new(job(1));
    change.settles = Some(ReceiptKey::new("receipt-1"));
    store.create(change.clone()).await.unwrap();
    let mut change = next(&change.job, State::Cancelled);
    change.settles = Some(ReceiptKey::new("receipt-2"));
    store.save(change).await.unwrap();
    assert_eq!(store.claim_receipts(&worker("a"), at(0), 9).await.unwrap(), []);
}

/// One of each kind, with and without what may be absent.
fn states() -> Vec<State> {
    let why = || "because".to_owned();
    let staging = |stage, phase| State::Staging { stage, phase };
    vec![
        State::Collecting,
        State::Proposing,
        State::AwaitingDecision { expires: at(2), remind: at(1), reminders: 3 },
        State::Approved,
        staging(Stage::Sandbox, Phase::Accepted),
        staging(Stage::Canary, Phase::Writing { step: 2 }),
        staging(Stage::Target, Phase::Soaking { since: at(1), until: at(2), extended: true }),
        State::Held { stage: Stage::Canary, why: why(), since: at(3), time: 2 },
        State::RollingBack { why: why(), stage: Some(Stage::Target) },
        State::RollingBack { why: why(), stage: None },
        State::RolledBack { why: why() },
        State::Denied,
        State::Expired,
        State::Cancelled,
        State::Superseded { why: why() },
        State::Failed { why: why() },
        State::NothingToDo { why: why() },
        State::Stuck { why: why() },
        State::Succeeded,
    ]
}

pub async fn every_state_reads_back_as_it_was(place: &Place) {
    let store = place.open();
    let mut job = made(&*store, 1).await;
    for state in states() {
        let change = next(&job, state.clone());
        assert_eq!(store.save(change.clone()).await.unwrap(), Saved::Saved, "{}", state.word());
        job = change.job;
        assert_eq!(store.job(&job.id).await.unwrap(), Some(job.clone()));
        let listed = JobQuery { states: vec![state.word()], limit: 9, ..JobQuery::default() };
        assert_eq!(store.jobs(&listed).await.unwrap().jobs.len(), 1, "{}", state.word());
    }
}

pub async fn everything_survives_reopening(place: &Place) {
    let store = place.open();
    store.receive(receipt(3)).await.unwrap();
    let first = made(&*store, 1).await;
    let case = case(&first, 1);
    let mut change = next(&first, State::Approved);
    change.job.case = Some(brief(&case));
    change.job.decision = Some(approval(&change.job, "ada"));
    change.job.due = Some(at(7) + Duration::from_nanos(1));
    change.case = Some(case.clone());
    store.save(change.clone()).await.unwrap();
    let held = worker("before");
    assert_eq!(store.claim_jobs(&held, at(8), 9).await.unwrap().len(), 1);
    drop(store);

    let store = place.open();
    let job = store.job(&name(1)).await.unwrap().unwrap();
    assert_eq!(job, change.job);
    // The proof of the approval isn't stored; it follows from what is.
    assert_eq!(Approved::of(&job).unwrap().digest(), &case.digest());
    assert_eq!(store.case(&job.id, 1).await.unwrap().unwrap(), case);
    assert_eq!(store.history(&job.id).await.unwrap().len(), 2);
    assert_eq!(store.rows(&job.id).await.unwrap().len(), 2);
    assert_eq!(store.claim_receipts(&held, at(8), 9).await.unwrap(), [receipt(3)]);
    assert_eq!(store.claim_jobs(&worker("after"), at(8), 9).await.unwrap(), []);
    assert!(store.renew_job(&job.id, &held, at(9)).await.unwrap());
}

pub async fn a_history_stays_bound_entry_by_entry(place: &Place) {
    let store = place.open();
    let mut job = made(&*store, 1).await;
    for state in states() {
        let change = next(&job, state);
        store.save(change.clone()).await.unwrap();
        job = change.job;
    }
    drop(store);
    let history = place.open().history(&job.id).await.unwrap();
    assert_eq!(history.len(), states().len() + 1);
    assert_eq!(first_broken(&history), None);
    let last = history.last().unwrap();
    assert_eq!(job.head, Some((last.number, last.hash.clone())));
}
