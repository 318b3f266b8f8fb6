//! Answers that are lost after what was asked for was done: what the store then says is true all the same.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use alpha::aws::store::DynamoStore;
use alpha::domain::delivery::{Posted, Slot, Tried};
use alpha::domain::ids::{ChannelId, MessageTs, ReceiptKey};
use alpha::domain::job::State;
use alpha::ports::{Created, JobQuery, Received, Saved, Store, StoreError};

use super::on_a_new_table;
use super::wire::{Fate, Wire};
use crate::store::samples::{at, case, job, name, new, next, receipt, row, worker};

/// What every method says, one after the other, in a story in which each does what it is for.
async fn story(store: &dyn Store) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    let mut hear = |what: &str, answer: &dyn Debug| said.push(format!("{what}: {answer:?}"));
    let (a, b) = (worker("a"), worker("b"));

    let first = new(job(1));
    hear("create", &store.create(first.clone()).await);
    let mut again = new(job(2));
    again.job.asked.receipt = ReceiptKey::new("receipt-1");
    hear("create the same", &store.create(again).await);
    let mut same_role = job(3);
    same_role.role = job(1).role;
    hear("create another of the role", &store.create(new(same_role)).await);

    hear("claim", &store.claim_job(&name(1), &a, at(5)).await);
    hear("claim what is held", &store.claim_job(&name(1), &a, at(6)).await);
    hear("renew", &store.renew_job(&name(1), &a, at(7)).await);
    hear("renew another's", &store.renew_job(&name(1), &b, at(7)).await);

    hear("receive", &store.receive(receipt(8)).await);
    hear("receive again", &store.receive(receipt(8)).await);
    hear("receive more", &store.receive(receipt(9)).await);
    hear("the oldest", &store.oldest_receipt().await);
    hear("claim receipts", &store.claim_receipts(&a, at(9), 1).await);

    let mut change = next(&first.job, State::Proposing);
    change.case = Some(case(&first.job, 1));
    change.settles = Some(receipt(8).key);
    hear("save", &store.save(change.clone()).await);
    hear("save from an old version", &store.save(next(&first.job, State::Proposing)).await);
    let mut ended = next(&change.job, State::Cancelled);
    ended.release = true;
    hear("save the end", &store.save(ended.clone()).await);

    let told = vec![row(Some(&ended.job), 90, at(10)), row(None, 91, at(10))];
    hear("settle", &store.settle_receipt(&receipt(9).key, told.clone()).await);
    hear("settle again", &store.settle_receipt(&receipt(9).key, told).await);
    hear("the oldest then", &store.oldest_receipt().await);

    for turn in 0..4 {
        let rows = store.claim_rows(&a, at(20), 9).await;
        hear("claim rows", &rows);
        for row in rows.unwrap_or_default() {
            let place = Posted {
                slot: Slot::Root,
                channel: ChannelId::new("C1"),
                ts: MessageTs::new(format!("{turn}.1")),
                link: None,
            };
            let posted = row.job.is_some().then_some(place);
            hear("settle", &store.settle_row(row.after(Tried::Delivered, at(20), 0.0), posted, &a).await);
        }
    }
    hear("root", &store.job_at(&ChannelId::new("C1"), &MessageTs::new("3.1")).await);
    hear("no root any more", &store.job_at(&ChannelId::new("C1"), &MessageTs::new("2.1")).await);

    hear("create more", &store.create(new(job(4))).await);
    hear("claim jobs", &store.claim_jobs(&b, at(20), 9).await);
    hear("claim rows", &store.claim_rows(&b, at(20), 9).await);
    hear("release", &store.release("b").await);
    hear("claim jobs again", &store.claim_jobs(&a, at(20), 9).await);

    hear("count", &store.count("U1", Duration::from_mins(1), at(1)).await);
    hear("count", &store.count("U1", Duration::from_mins(1), at(2)).await);
    hear("due", &store.next_due().await);
    hear("census", &store.census().await);
    hear("ready", &store.ready().await);
    hear("job", &store.job(&name(1)).await);
    hear("jobs", &store.jobs(&JobQuery { limit: 9, ..JobQuery::default() }).await);
    hear("case", &store.case(&name(1), 1).await.map(|case| case.is_some()));
    hear("history", &store.history(&name(1)).await);
    hear("rows", &store.rows(&name(1)).await);
    hear("posted", &store.posted(&name(1)).await);
    said
}

async fn told(fates: impl Fn(usize, &str) -> Fate + Send + 'static) -> (Vec<String>, Vec<String>) {
    let (sdk, table) = on_a_new_table();
    let (wire, sdk) = Wire::of(&sdk, 3);
    wire.order(fates);
    (story(&DynamoStore::open(&sdk, &table)).await, wire.calls())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whichever_answer_is_lost_every_method_says_what_is_true() {
    let (expected, calls) = told(|_, _| Fate::Passes).await;
    assert!(!expected.iter().any(|said| said.contains("Err(")), "{expected:#?}");
    let writes = ["TransactWriteItems", "UpdateItem", "PutItem", "DeleteItem"];
    let risky: Vec<usize> = calls
        .iter()
        .enumerate()
        .filter(|(_, call)| writes.contains(&call.as_str()))
        .map(|(at, _)| at)
        .collect();
    assert!(risky.len() > 30, "{}", risky.len());
    for lost in risky {
        let fates = move |number, _: &str| if number == lost { Fate::LosesItsAnswer } else { Fate::Passes };
        let (said, _) = told(fates).await;
        for (said, expected) in said.iter().zip(&expected) {
            assert_eq!(said, expected, "after the answer to call {lost}, {}, was lost", calls[lost]);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_asks_again_after_an_error_finds_what_was_done() {
    let (sdk, table) = on_a_new_table();
    // Nothing is tried again by itself.
    let (wire, sdk) = Wire::of(&sdk, 1);
    let store = Arc::new(DynamoStore::open(&sdk, &table));
    let lose = || {
        wire.order(|number, _| if number == 0 { Fate::LosesItsAnswer } else { Fate::Passes });
    };
    let change = new(job(1));
    lose();
    assert!(matches!(store.create(change.clone()).await.unwrap_err(), StoreError::Unavailable(_)));
    assert_eq!(store.create(change.clone()).await.unwrap(), Created::Duplicate(Box::new(change.job.clone())));
    lose();
    assert!(matches!(store.receive(receipt(1)).await.unwrap_err(), StoreError::Unavailable(_)));
    assert_eq!(store.receive(receipt(1)).await.unwrap(), Received::Duplicate);
    let later = next(&change.job, State::Collecting);
    lose();
    assert!(matches!(store.save(later.clone()).await.unwrap_err(), StoreError::Unavailable(_)));
    assert_eq!(store.save(later.clone()).await.unwrap(), Saved::Conflict(Box::new(later.job.clone())));
    assert_eq!(store.history(&name(1)).await.unwrap().len(), 2);
    assert_eq!(store.rows(&name(1)).await.unwrap().len(), 2);
}

/// A save whose answer is lost, and that somebody builds on before it is asked for again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_was_made_is_known_though_another_one_came_after_it() {
    let (sdk, table) = on_a_new_table();
    let other = DynamoStore::open(&sdk, &table);
    let first = new(job(1));
    other.create(first.clone()).await.unwrap();
    let change = next(&first.job, State::Collecting);
    let after = next(&change.job, State::Proposing);
    let (wire, sdk) = Wire::of(&sdk, 2);
    let store = DynamoStore::open(&sdk, &table);
    wire.order({
        let after = after.clone();
        move |number, _| match number {
            0 => Fate::LosesItsAnswer,
            1 => {
                // Between the two tries.
                let (other, after) = (other.clone(), after.clone());
                let saved = std::thread::spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                    runtime.block_on(other.save(after)).unwrap()
                });
                assert_eq!(saved.join().unwrap(), Saved::Saved);
                Fate::Passes
            }
            _ => Fate::Passes,
        }
    });
    assert_eq!(store.save(change).await.unwrap(), Saved::Saved);
    assert_eq!(store.job(&name(1)).await.unwrap(), Some(after.job));
}
