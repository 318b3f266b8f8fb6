//! What was received.

use alpha::domain::ids::{Digest, MessageTs, Person, ReceiptKey, TeamId, TriggerId};
use alpha::domain::reason::Reason;
use alpha::domain::receipt::{Button, Receipt, Said, Subject};
use alpha::ports::Received;

use crate::store::Place;
use crate::store::samples::{at, job, name, new, receipt, row, worker};

pub async fn what_comes_twice_is_stored_once(place: &Place) {
    let store = place.open();
    assert_eq!(store.receive(receipt(1)).await.unwrap(), Received::Stored);
    let mut again = receipt(1);
    again.said = Said::Command { line: "other words, the same key".to_owned() };
    assert_eq!(store.receive(again).await.unwrap(), Received::Duplicate);
    assert_eq!(store.claim_receipts(&worker("a"), at(9), 9).await.unwrap(), [receipt(1)]);
    let racing: Vec<_> = (0..20)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.receive(receipt(2)).await.unwrap() })
        })
        .collect();
    let mut stored = 0;
    for one in racing {
        stored += usize::from(one.await.unwrap() == Received::Stored);
    }
    assert_eq!(stored, 1);
}

/// One of each kind of saying.
fn sayings() -> Vec<Receipt> {
    let subject = |revision: Option<u32>| Subject {
        job: name(1),
        revision,
        digest: revision.map(|_| Digest::new("abc")),
        question: revision,
    };
    let said = [
        Said::Command { line: "analyze \"a b\"".to_owned() },
        Said::Click { button: Button::RollBack, subject: subject(None), trigger: Some(TriggerId::new("t")) },
        Said::Click { button: Button::Deny, subject: subject(Some(2)), trigger: None },
        Said::Unreadable { button: Button::Approve },
        Said::Denial { subject: subject(Some(2)), reason: Reason::parse("no \u{1f6ab}").unwrap() },
        Said::Shortcut { trigger: TriggerId::new("t") },
    ];
    (1..)
        .zip(said)
        .map(|(number, said)| {
            let mut receipt = Receipt { said, ..receipt(number) };
            receipt.from.person = Person { enterprise: Some(TeamId::new("E1")), ..receipt.from.person };
            receipt.from.direct = number.is_multiple_of(2);
            receipt.from.thread = number.is_multiple_of(2).then(|| MessageTs::new("1.2"));
            receipt
        })
        .collect()
}

pub async fn what_came_is_claimed_the_oldest_first_until_it_is_settled(place: &Place) {
    let store = place.open();
    for receipt in sayings().into_iter().rev() {
        store.receive(receipt).await.unwrap();
    }
    let (a, b) = (worker("a"), worker("b"));
    assert_eq!(store.claim_receipts(&a, at(9), 2).await.unwrap(), sayings()[..2]);
    assert_eq!(store.claim_receipts(&b, at(9), 9).await.unwrap(), sayings()[2..]);
    assert_eq!(store.claim_receipts(&b, at(9), 9).await.unwrap(), []);
    for receipt in sayings() {
        store.settle_receipt(&receipt.key, vec![]).await.unwrap();
    }
    assert_eq!(store.claim_receipts(&b, at(99_999), 9).await.unwrap(), []);
    assert_eq!(store.next_due().await.unwrap(), None);
}

pub async fn the_oldest_that_waits_is_known_whoever_holds_it(place: &Place) {
    let store = place.open();
    assert_eq!(store.oldest_receipt().await.unwrap(), None);
    let oldest = async || store.oldest_receipt().await.unwrap();
    for number in [3, 1, 2] {
        store.receive(receipt(number)).await.unwrap();
    }
    let came = |number| receipt(number).at;
    assert_eq!(oldest().await, Some(came(1)));
    assert_eq!(store.claim_receipts(&worker("a"), at(9), 1).await.unwrap(), [receipt(1)]);
    assert_eq!(oldest().await, Some(came(1)), "what somebody holds isn't acted on yet");
    for (number, next) in [(1, Some(came(2))), (3, Some(came(2))), (2, None)] {
        store.settle_receipt(&receipt(number).key, vec![]).await.unwrap();
        assert_eq!(oldest().await, next);
    }
}

pub async fn a_lost_claim_on_a_receipt_is_taken_over(place: &Place) {
    let store = place.open();
    store.receive(receipt(1)).await.unwrap();
    store.receive(receipt(2)).await.unwrap();
    assert_eq!(store.claim_receipts(&worker("a"), at(10), 1).await.unwrap(), [receipt(1)]);
    assert_eq!(store.claim_receipts(&worker("b"), at(10_009), 1).await.unwrap(), [receipt(2)]);
    assert_eq!(store.claim_receipts(&worker("b"), at(10_009), 9).await.unwrap(), []);
    assert_eq!(store.claim_receipts(&worker("b"), at(10_010), 9).await.unwrap(), [receipt(1)]);
}

pub async fn settling_stores_what_is_told_once(place: &Place) {
    let store = place.open();
    let change = new(job(1));
    store.create(change.clone()).await.unwrap();
    store.receive(receipt(7)).await.unwrap();
    let told = vec![row(Some(&change.job), 8, at(8)), row(None, 9, at(9))];
    // Whoever lost the claim settles it as well, and nobody hears it twice.
    for _ in 0..2 {
        store.settle_receipt(&receipt(7).key, told.clone()).await.unwrap();
    }
    assert_eq!(store.rows(&change.job.id).await.unwrap(), [change.rows[0].clone(), told[0].clone()]);
    let claimed = store.claim_rows(&worker("a"), at(9), 9).await.unwrap();
    assert_eq!(claimed, [change.rows[0].clone(), told[1].clone()]);
    // What was never received is as good as settled: the command line answers too.
    store.settle_receipt(&ReceiptKey::new("none"), vec![row(None, 10, at(10))]).await.unwrap();
    assert_eq!(store.claim_rows(&worker("a"), at(10), 9).await.unwrap().len(), 1);
}

pub async fn what_was_settled_is_still_known_for_a_repetition(place: &Place) {
    let store = place.open();
    store.receive(receipt(1)).await.unwrap();
    store.settle_receipt(&receipt(1).key, vec![]).await.unwrap();
    drop(store);
    let store = place.open();
    assert_eq!(store.receive(receipt(1)).await.unwrap(), Received::Duplicate);
    assert_eq!(store.claim_receipts(&worker("a"), at(9), 9).await.unwrap(), []);
}
