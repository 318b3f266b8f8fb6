//! Forgetting what nobody needs.

use std::time::Duration;

use alpha::domain::delivery::Tried;
use alpha::domain::job::State;
use alpha::local::store::Pruned;
use alpha::ports::{Received, Store};

use super::open;
use crate::store::samples::{at, job, new, next, receipt, row, worker};

const DAY: u64 = 24 * 3_600_000;

#[tokio::test]
async fn what_is_old_and_done_is_forgotten_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("alpha.db"));
    for number in 1..=2 {
        store.receive(receipt(number)).await.unwrap();
        let mut change = new(job(number));
        change.rows.push(row(Some(&change.job), 9, at(number)));
        store.create(change).await.unwrap();
    }
    store.settle_receipt(&receipt(1).key, vec![row(None, 1, at(1)), row(None, 2, at(1))]).await.unwrap();
    store.count("U1", Duration::from_mins(1), at(1)).await.unwrap();
    // Of each job the first row is sent and the second waits; the answers about none are sent and given up.
    for (row, tried) in store.claim_rows(&worker("a"), at(9), 9).await.unwrap().iter().zip([
        Tried::Delivered,
        Tried::Delivered,
        Tried::Refused("no".to_owned()),
        Tried::Delivered,
    ]) {
        store.settle_row(row.after(tried, at(9), 0.0), None, &worker("a")).await.unwrap();
    }
    let first = store.job(&job(1).id).await.unwrap().unwrap();
    let mut ended = next(&first, State::Denied);
    ended.rows.clear();
    store.save(ended).await.unwrap();

    let counters_alone = Pruned { counters: 1, ..Pruned::default() };
    assert_eq!(store.prune(at(6 * DAY)).await.unwrap(), counters_alone);
    let all = Pruned { receipts: 1, rows: 2, counters: 0 };
    assert_eq!(store.prune(at(8 * DAY)).await.unwrap(), all);
    assert_eq!(store.prune(at(90 * DAY)).await.unwrap(), Pruned::default());
    assert_eq!(store.census().await.unwrap().rows["dead"], 1, "somebody may ask what became of it");
    let given_up = Pruned { rows: 1, ..Pruned::default() };
    assert_eq!(store.prune(at(91 * DAY)).await.unwrap(), given_up);

    assert_eq!(store.receive(receipt(1)).await.unwrap(), Received::Stored, "it is not known any more");
    assert_eq!(store.receive(receipt(2)).await.unwrap(), Received::Duplicate, "it was never acted on");
    let left = async |number| store.rows(&job(number).id).await.unwrap().len();
    assert_eq!((left(1).await, left(2).await), (1, 2));
    assert_eq!(store.history(&job(1).id).await.unwrap().len(), 2);
}
