//! How often the table is asked, where nobody gets in the way.

use alpha::aws::store::DynamoStore;
use alpha::domain::delivery::Tried;
use alpha::domain::ids::ReceiptKey;
use alpha::domain::job::State;
use alpha::ports::{Created, Received, Saved, Store};

use super::on_a_new_table;
use super::wire::{Fate, Wire};
use crate::store::samples::{approval, at, case, job, name, new, next, receipt, worker};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_is_stored_with_one_call_and_a_decision_and_a_step_take_two() {
    let (sdk, table) = on_a_new_table();
    let (wire, sdk) = Wire::of(&sdk, 1);
    let store = DynamoStore::open(&sdk, &table);
    let told = |what: &str, expected: &[&str]| {
        assert_eq!(wire.calls(), expected, "{what}");
        wire.order(|_, _| Fate::Passes);
    };
    told("opening", &[]);

    let first = new(job(1));
    assert_eq!(store.create(first.clone()).await.unwrap(), Created::Created);
    told("a command", &["TransactWriteItems"]);
    assert_eq!(store.receive(receipt(7)).await.unwrap(), Received::Stored);
    told("a click", &["TransactWriteItems"]);

    // A step: claimed, done, and stored with what came of it.
    let held = store.claim_job(&name(1), &worker("a"), at(9)).await.unwrap().unwrap();
    let mut change = next(&held, State::Proposing);
    change.case = Some(case(&held, 1));
    change.release = true;
    assert_eq!(store.save(change.clone()).await.unwrap(), Saved::Saved);
    told("a step", &["UpdateItem", "TransactWriteItems"]);

    // A decision: the job is looked at, and what was decided is stored with the receipt of the click.
    let asked = store.job(&name(1)).await.unwrap().unwrap();
    let mut change = next(&asked, State::Approved);
    change.job.decision = Some(approval(&asked, "ada"));
    change.settles = Some(ReceiptKey::new("receipt-7"));
    assert_eq!(store.save(change).await.unwrap(), Saved::Saved);
    told("a decision", &["GetItem", "TransactWriteItems"]);

    assert!(!store.renew_job(&name(1), &worker("a"), at(9)).await.unwrap());
    told("a renewal", &["UpdateItem"]);
    store.settle_receipt(&receipt(7).key, vec![]).await.unwrap();
    told("a receipt that comes to nothing", &["TransactWriteItems"]);
    let row = store.claim_rows(&worker("a"), at(9), 9).await.unwrap().remove(0);
    wire.order(|_, _| Fate::Passes);
    store.settle_row(row.after(Tried::Delivered, at(9), 0.0), None, &worker("a")).await.unwrap();
    // Two more rows of the lane came up beside it, and one of them was found to wait for it.
    told("a message", &["UpdateItem", "GetItem", "TransactWriteItems"]);
}
