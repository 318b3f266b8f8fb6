//! Making jobs.

use alpha::domain::ids::ReceiptKey;
use alpha::domain::job::State;
use alpha::ports::{Change, Created, Received};

use crate::store::Place;
use crate::store::samples::{at, case, job, name, new, next, receipt, worker};

pub async fn a_job_is_there_with_its_history_messages_and_case(place: &Place) {
    let store = place.open();
    let mut change = new(job(1));
    change.case = Some(case(&change.job, 1));
    assert_eq!(store.create(change.clone()).await.unwrap(), Created::Created);
    let Change { job, entries, rows, case, .. } = change;
    assert_eq!(store.job(&job.id).await.unwrap().as_ref(), Some(&job));
    assert_eq!(store.history(&job.id).await.unwrap(), entries);
    assert_eq!(store.rows(&job.id).await.unwrap(), rows);
    assert_eq!(store.case(&job.id, 1).await.unwrap(), case);
}

pub async fn the_same_request_makes_one_job(place: &Place) {
    let store = place.open();
    let first = new(job(1));
    store.create(first.clone()).await.unwrap();
    // The second try has another name, and the role is busy with the first: what counts is the request.
    let mut again = job(1);
    again.id = name(2);
    let duplicate = Created::Duplicate(Box::new(first.job.clone()));
    assert_eq!(store.create(new(again.clone())).await.unwrap(), duplicate);
    // It counts as well when the first has ended.
    let ended = next(&first.job, State::Cancelled);
    store.save(ended.clone()).await.unwrap();
    assert_eq!(store.create(new(again)).await.unwrap(), Created::Duplicate(Box::new(ended.job)));
    assert_eq!(store.job(&name(2)).await.unwrap(), None);
}

pub async fn a_role_has_one_open_job(place: &Place) {
    let store = place.open();
    let first = new(job(1));
    store.create(first.clone()).await.unwrap();
    let mut second = job(2);
    // IAM knows no two roles whose names differ in case alone.
    second.role.name = first.job.role.name.to_uppercase();
    let busy = Created::Busy(Box::new(first.job.clone()));
    assert_eq!(store.create(new(second.clone())).await.unwrap(), busy);
    store.save(next(&first.job, State::Denied)).await.unwrap();
    assert_eq!(store.create(new(second.clone())).await.unwrap(), Created::Created);
    let mut elsewhere = job(3);
    elsewhere.role.name.clone_from(&second.role.name);
    elsewhere.role.account = alpha::domain::ids::AccountId::new("444455556666");
    assert_eq!(store.create(new(elsewhere)).await.unwrap(), Created::Created);
}

pub async fn a_job_that_is_refused_leaves_nothing(place: &Place) {
    let store = place.open();
    store.create(new(job(1))).await.unwrap();
    assert_eq!(store.receive(receipt(2)).await.unwrap(), Received::Stored);
    let mut second = job(2);
    second.role = job(1).role;
    let mut change = new(second);
    change.settles = Some(ReceiptKey::new("receipt-2"));
    change.case = Some(case(&change.job, 1));
    assert!(matches!(store.create(change.clone()).await.unwrap(), Created::Busy(_)));
    let id = &change.job.id;
    assert_eq!(store.history(id).await.unwrap(), []);
    assert_eq!(store.rows(id).await.unwrap(), []);
    assert_eq!(store.case(id, 1).await.unwrap(), None);
    // Whoever asked is still to be answered.
    assert_eq!(store.claim_receipts(&worker("a"), at(0), 9).await.unwrap(), [receipt(2)]);
}

pub async fn of_many_requests_for_one_role_one_makes_a_job(place: &Place) {
    let store = place.open();
    let tries: Vec<_> = (1..=30)
        .map(|number| {
            let store = store.clone();
            let mut job = job(number);
            "wanted".clone_into(&mut job.role.name);
            tokio::spawn(async move { (job.id.clone(), store.create(new(job)).await.unwrap()) })
        })
        .collect();
    let mut made = Vec::new();
    let mut told = Vec::new();
    for one in tries {
        match one.await.unwrap() {
            (id, Created::Created) => made.push(id),
            (_, Created::Busy(job)) => told.push(job.id),
            (_, Created::Duplicate(job)) => panic!("each was asked for once: {}", job.id),
        }
    }
    assert_eq!((made.len(), told.len()), (1, 29));
    assert!(told.iter().all(|id| *id == made[0]));
}
