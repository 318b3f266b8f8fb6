//! Rows: in order, once, one at a time.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex;

use alpha::domain::delivery::{Act, Modal, Posted, Reaction, Row, Slot, Status, Tried};
use alpha::domain::ids::{ChannelId, DeliveryId, Digest, JobId, MessageTs, Person, TriggerId};
use alpha::domain::job::Job;
use alpha::ports::{Claim, Store};
use jiff::Timestamp;

use crate::store::Place;
use crate::store::samples::{at, job, new, receipt, reply, row, worker};

/// Makes a job, and so many rows about it.
async fn told(store: &dyn Store, number: u64, rows: u32) -> Job {
    let mut change = new(job(number));
    change.rows = (1..=rows).map(|place| row(Some(&change.job), place, at(u64::from(place)))).collect();
    store.create(change.clone()).await.unwrap();
    change.job
}

async fn claim(store: &dyn Store, by: &str, now: Timestamp) -> Vec<Row> {
    store.claim_rows(&worker(by), now, 99).await.unwrap()
}

fn ids(rows: &[Row]) -> Vec<&str> {
    rows.iter().map(|row| row.id.as_str()).collect()
}

fn nth(job: &Job, place: u32) -> String {
    format!("{}/{place}", job.id)
}

async fn settle(store: &dyn Store, by: &str, row: &Row, tried: Tried, now: Timestamp) {
    store.settle_row(row.after(tried, now, 0.0), None, &worker(by)).await.unwrap();
}

pub async fn rows_of_a_lane_come_one_by_one_in_order(place: &Place) {
    let store = place.open();
    let (first, second) = (told(&*store, 1, 3).await, told(&*store, 2, 1).await);
    let claimed = claim(&*store, "a", at(99)).await;
    assert_eq!(ids(&claimed), [nth(&first, 1), nth(&second, 1)]);
    for (place, row) in [(2, &claimed[0]), (3, &store.rows(&first.id).await.unwrap()[1])] {
        assert_eq!(claim(&*store, "b", at(99)).await, []);
        settle(&*store, "a", row, Tried::Delivered, at(99)).await;
        assert_eq!(ids(&claim(&*store, "a", at(99)).await), [nth(&first, place)]);
    }
    let statuses: Vec<_> =
        store.rows(&first.id).await.unwrap().iter().map(|row| row.status.clone()).collect();
    assert_eq!(statuses, [Status::Sent, Status::Sent, Status::Pending]);
}

/// What a row of that act is called, which is known by its slot where it posts one.
fn about(job: &Job, act: Act, number: u32) -> Row {
    let id = match &act {
        Act::Post(slot) => slot.row(&job.id),
        Act::Update(_) | Act::React(_) | Act::Reply(_) | Act::Open { .. } => {
            DeliveryId::new(format!("{}:{number}", job.id))
        }
    };
    Row::new(id, Some(job.id.clone()), act, at(1))
}

/// Makes a job whose messages these are.
async fn telling(store: &dyn Store, acts: Vec<Act>) -> Job {
    let mut change = new(job(1));
    change.rows = (0..).zip(acts).map(|(number, act)| about(&change.job, act, number)).collect();
    store.create(change.clone()).await.unwrap();
    change.job
}

pub async fn no_lane_of_a_job_waits_for_another(place: &Place) {
    let store = place.open();
    let posts = [Slot::Card(1), Slot::Outcome(0), Slot::Announcement(0)].map(Act::Post);
    let job = telling(&*store, posts.into_iter().chain([Act::Reply(reply())]).collect()).await;
    let first = claim(&*store, "a", at(9)).await;
    let names = |slots: &[Slot]| slots.iter().map(|slot| slot.row(&job.id)).collect::<Vec<_>>();
    let [card, announced, answered] = first.as_slice() else { panic!("{first:?}") };
    assert_eq!(
        [card.id.clone(), announced.id.clone()].to_vec(),
        names(&[Slot::Card(1), Slot::Announcement(0)])
    );
    assert!(matches!(answered.act, Act::Reply(_)));
    // The thread is out of reach: what is announced isn't.
    let slow =
        Tried::NotSent { after: Some(std::time::Duration::from_mins(1)), why: "ratelimited".to_owned() };
    settle(&*store, "a", card, slow, at(9)).await;
    for done in [announced, answered] {
        settle(&*store, "a", done, Tried::Delivered, at(9)).await;
    }
    assert_eq!(claim(&*store, "a", at(59_000)).await, []);
    let again = claim(&*store, "a", at(60_009)).await;
    assert_eq!(again.iter().map(|row| row.id.clone()).collect::<Vec<_>>(), names(&[Slot::Card(1)]));
}

pub async fn what_changes_a_message_waits_for_its_post(place: &Place) {
    let store = place.open();
    let job = telling(
        &*store,
        vec![
            Act::Post(Slot::Root),
            Act::React(Reaction::Eyes),
            Act::Update(Slot::Root),
            Act::Post(Slot::Card(1)),
            Act::Update(Slot::Card(1)),
            Act::Post(Slot::Diff(1)),
        ],
    )
    .await;
    let acts = |rows: &[Row]| rows.iter().map(|row| row.act.clone()).collect::<Vec<_>>();
    let root = claim(&*store, "a", at(9)).await;
    assert_eq!(acts(&root), [Act::Post(Slot::Root)]);
    let unknown = Tried::Ambiguous("500".to_owned());
    settle(&*store, "a", &root[0], unknown, at(9)).await;
    let root = claim(&*store, "a", at(5_000)).await;
    assert_eq!(acts(&root), [Act::Post(Slot::Root)], "it may not stand yet");
    settle(&*store, "a", &root[0], Tried::Delivered, at(5_000)).await;
    let next = claim(&*store, "a", at(5_000)).await;
    let freed = [
        Act::React(Reaction::Eyes),
        Act::Update(Slot::Root),
        Act::Post(Slot::Card(1)),
        Act::Post(Slot::Diff(1)),
    ];
    assert_eq!(acts(&next), freed);
    // What was given up is changed by nobody, and waited for by nobody.
    settle(&*store, "a", &next[2], Tried::Refused("no".to_owned()), at(5_001)).await;
    assert_eq!(acts(&claim(&*store, "a", at(5_001)).await), [Act::Update(Slot::Card(1))]);
    // What comes later waits for nothing that is done with.
    let late = about(&job, Act::Update(Slot::Root), 99);
    settle(&*store, "a", &next[1], Tried::Delivered, at(5_002)).await;
    store.settle_receipt(&receipt(1).key, vec![late.clone()]).await.unwrap();
    assert_eq!(claim(&*store, "a", at(5_002)).await, [late]);
}

pub async fn rows_about_no_job_come_side_by_side(place: &Place) {
    let store = place.open();
    let rows = (1..=5).map(|number| row(None, number, at(u64::from(number)))).collect();
    store.settle_receipt(&receipt(1).key, rows).await.unwrap();
    assert_eq!(store.claim_rows(&worker("a"), at(9), 2).await.unwrap().len(), 2);
    assert_eq!(ids(&claim(&*store, "b", at(4)).await), ["answer/3", "answer/4"]);
    assert_eq!(ids(&claim(&*store, "b", at(5)).await), ["answer/5"]);
}

pub async fn a_row_that_has_to_wait_holds_up_its_own_job_alone(place: &Place) {
    let store = place.open();
    let (first, second) = (told(&*store, 1, 2).await, told(&*store, 2, 2).await);
    let claimed = claim(&*store, "a", at(50)).await;
    let slow =
        Tried::NotSent { after: Some(std::time::Duration::from_secs(30)), why: "ratelimited".to_owned() };
    settle(&*store, "a", &claimed[0], slow, at(50)).await;
    settle(&*store, "a", &claimed[1], Tried::Delivered, at(50)).await;
    assert_eq!(ids(&claim(&*store, "b", at(50)).await), [nth(&second, 2)]);
    assert_eq!(claim(&*store, "b", at(9_000)).await, []);
    assert_eq!(store.next_due().await.unwrap(), Some(at(1)), "the jobs themselves are due");
    let later = claim(&*store, "b", at(30_050)).await;
    assert_eq!(later.iter().find(|row| row.job.as_ref() == Some(&first.id)).unwrap().attempts, 1);
}

pub async fn what_was_given_up_holds_nobody_up(place: &Place) {
    let store = place.open();
    let job = told(&*store, 1, 3).await;
    let row = claim(&*store, "a", at(50)).await.remove(0);
    settle(&*store, "a", &row, Tried::Refused("channel_not_found".to_owned()), at(50)).await;
    let row = claim(&*store, "a", at(50)).await.remove(0);
    assert_eq!(row.id.as_str(), nth(&job, 2));
    settle(&*store, "a", &row, Tried::Ambiguous("time-out".to_owned()), at(50)).await;
    // What may have been sent is looked for first, however long that takes.
    assert_eq!(claim(&*store, "a", at(50)).await, []);
    let again = claim(&*store, "a", at(1_050)).await;
    assert_eq!((ids(&again), again[0].status.clone()), (vec![nth(&job, 2).as_str()], Status::Unknown));
    let dead = Status::Dead("channel_not_found".to_owned());
    assert_eq!(store.rows(&job.id).await.unwrap()[0].status, dead);
}

pub async fn a_row_exists_once_whoever_writes_it_again(place: &Place) {
    let store = place.open();
    let job = told(&*store, 1, 1).await;
    let sent = claim(&*store, "a", at(9)).await.remove(0);
    settle(&*store, "a", &sent, Tried::Delivered, at(9)).await;
    let again = vec![row(Some(&job), 1, at(9)), row(Some(&job), 2, at(9)), row(Some(&job), 2, at(9))];
    store.settle_receipt(&receipt(1).key, again.clone()).await.unwrap();
    store.settle_receipt(&receipt(1).key, again).await.unwrap();
    assert_eq!(ids(&store.rows(&job.id).await.unwrap()), [nth(&job, 1), nth(&job, 2)]);
    assert_eq!(ids(&claim(&*store, "a", at(9)).await), [nth(&job, 2)]);
}

pub async fn a_lost_claim_stores_nothing(place: &Place) {
    let store = place.open();
    let job = told(&*store, 1, 2).await;
    let lost = claim(&*store, "a", at(9)).await.remove(0);
    let taken = claim(&*store, "b", at(10_009)).await.remove(0);
    assert_eq!(lost.id, taken.id);
    let posted =
        Posted { slot: Slot::Root, channel: ChannelId::new("C1"), ts: MessageTs::new("1.1"), link: None };
    let delivered = lost.after(Tried::Delivered, at(10_010), 0.0);
    store.settle_row(delivered, Some(posted.clone()), &worker("a")).await.unwrap();
    assert_eq!(store.posted(&job.id).await.unwrap(), []);
    assert_eq!(claim(&*store, "c", at(10_011)).await, []);
    let delivered = taken.after(Tried::Delivered, at(10_012), 0.0);
    store.settle_row(delivered.clone(), Some(posted.clone()), &worker("b")).await.unwrap();
    // And whoever says it again, having let it go, changes nothing any more.
    let late = taken.after(Tried::Refused("late".to_owned()), at(10_013), 0.0);
    store.settle_row(late, None, &worker("b")).await.unwrap();
    assert_eq!(store.rows(&job.id).await.unwrap()[0], delivered);
    assert_eq!(store.posted(&job.id).await.unwrap(), [posted]);
}

pub async fn a_row_that_was_let_go_in_mid_flight_may_have_been_sent(place: &Place) {
    let store = place.open();
    let job = told(&*store, 1, 2).await;
    assert_eq!(claim(&*store, "a", at(9)).await[0].status, Status::Pending);
    // Its holder died.
    let taken = claim(&*store, "b", at(10_009)).await.remove(0);
    assert_eq!(taken.status, Status::Unknown);
    settle(&*store, "b", &taken, Tried::Delivered, at(10_010)).await;
    // Its holder stops, and says so.
    assert_eq!(claim(&*store, "b", at(10_011)).await[0].status, Status::Pending);
    store.release("b").await.unwrap();
    assert_eq!(store.rows(&job.id).await.unwrap()[1].status, Status::Unknown);
    let taken = claim(&*store, "c", at(10_012)).await.remove(0);
    assert_eq!((taken.id.as_str(), taken.status), (nth(&job, 2).as_str(), Status::Unknown));
}

pub async fn a_thread_tells_its_job_by_the_root_alone(place: &Place) {
    let store = place.open();
    let job = told(&*store, 1, 2).await;
    for (slot, ts) in [(Slot::Root, "1.1"), (Slot::Card(1), "2.2")] {
        let posted = Posted { slot, channel: ChannelId::new("C1"), ts: MessageTs::new(ts), link: None };
        let row = claim(&*store, "a", at(9)).await.remove(0);
        store.settle_row(row.after(Tried::Delivered, at(9), 0.0), Some(posted), &worker("a")).await.unwrap();
    }
    for (channel, ts, found) in
        [("C1", "1.1", Some(job.id.clone())), ("C1", "2.2", None), ("C2", "1.1", None), ("C1", "9.9", None)]
    {
        let at = store.job_at(&ChannelId::new(channel), &MessageTs::new(ts)).await.unwrap();
        assert_eq!(at, found, "{channel} {ts}");
    }
}

pub async fn a_retried_row_keeps_its_place(place: &Place) {
    let store = place.open();
    let job = told(&*store, 1, 2).await;
    let row = claim(&*store, "a", at(9)).await.remove(0);
    let retry = Tried::NotSent { after: None, why: "connect".to_owned() };
    settle(&*store, "a", &row, retry, at(9)).await;
    let again = claim(&*store, "a", at(9_000)).await;
    assert_eq!(again.len(), 1);
    assert_eq!((again[0].id.as_str(), again[0].attempts), (nth(&job, 1).as_str(), 1));
    assert_eq!(again[0].status, Status::Pending);
}

/// One of each kind.
fn acts(job: &JobId) -> Vec<Act> {
    let to = Person::new("T1", "U1");
    let open = |modal| Act::Open { to: to.clone(), trigger: TriggerId::new("t"), modal };
    let (channel, ts) = (ChannelId::new("C1"), MessageTs::new("1.2"));
    vec![
        Act::Post(Slot::Root),
        Act::Post(Slot::Card(2)),
        Act::Update(Slot::Reminder(1)),
        Act::Post(Slot::Held(3)),
        Act::Post(Slot::Outcome(0)),
        Act::Post(Slot::Announcement(u32::MAX)),
        Act::Post(Slot::Diff(1)),
        Act::Post(Slot::Pointer(1)),
        Act::React(Reaction::Hourglass),
        Act::Reply(reply()),
        open(Modal::Deny {
            job: job.clone(),
            revision: 2,
            digest: Digest::new("abc"),
            channel: channel.clone(),
            thread: Some(ts.clone()),
        }),
        open(Modal::Ask { channel, thread: ts }),
    ]
}

pub async fn a_message_is_known_by_its_place(place: &Place) {
    let store = place.open();
    let mut change = new(job(1));
    let id = change.job.id.clone();
    change.rows = (0..)
        .zip(acts(&id))
        .map(|(number, act)| Row { act, ..row(Some(&change.job), number, at(1)) })
        .collect();
    store.create(change.clone()).await.unwrap();
    assert_eq!(store.rows(&id).await.unwrap(), change.rows);
    let mut expected = BTreeSet::new();
    let mut rows = Vec::new();
    for number in 0..change.rows.len() {
        if rows.is_empty() {
            rows = claim(&*store, "a", at(9)).await;
        }
        let row = rows.remove(0);
        let posted = match &row.act {
            Act::Post(slot) | Act::Update(slot) => {
                expected.insert(slot.clone());
                let (channel, ts) = (ChannelId::new("C1"), MessageTs::new(format!("{number}.0")));
                Some(Posted { slot: slot.clone(), channel, ts, link: None })
            }
            Act::React(_) | Act::Reply(_) | Act::Open { .. } => None,
        };
        store.settle_row(row.after(Tried::Delivered, at(9), 0.0), posted, &worker("a")).await.unwrap();
    }
    let found: BTreeSet<_> = store.posted(&id).await.unwrap().into_iter().map(|one| one.slot).collect();
    assert_eq!(found, expected);
    // Posted anew, it is where it is now.
    let again = Row { id: DeliveryId::new("again"), ..row(Some(&change.job), 99, at(9)) };
    store.settle_receipt(&receipt(1).key, vec![again]).await.unwrap();
    let row = claim(&*store, "a", at(9)).await.remove(0);
    let moved = Posted {
        slot: Slot::Card(2),
        channel: ChannelId::new("D9"),
        ts: MessageTs::new("9.9"),
        link: Some("https://x.slack.com/9".to_owned()),
    };
    let settled = row.after(Tried::Delivered, at(9), 0.0);
    store.settle_row(settled, Some(moved.clone()), &worker("a")).await.unwrap();
    let posted = store.posted(&id).await.unwrap();
    assert_eq!(posted.len(), expected.len());
    assert!(posted.contains(&moved));
}

pub async fn many_deliverers_never_hold_two_rows_of_a_lane(place: &Place) {
    let store = place.open();
    for number in 1..=6 {
        told(&*store, number, 10).await;
    }
    let flying: Arc<Mutex<BTreeSet<JobId>>> = Arc::default();
    let order: Arc<Mutex<Vec<String>>> = Arc::default();
    let deliverers: Vec<_> = (0..8)
        .map(|number| {
            let (store, flying, order) = (store.clone(), flying.clone(), order.clone());
            tokio::spawn(async move {
                let by = Claim { owner: format!("d{number}"), ..worker("") };
                while order.lock().unwrap().len() < 60 {
                    for row in store.claim_rows(&by, at(99), 2).await.unwrap() {
                        let job = row.job.clone().unwrap();
                        assert!(flying.lock().unwrap().insert(job.clone()), "two rows of {job}");
                        tokio::task::yield_now().await;
                        order.lock().unwrap().push(row.id.to_string());
                        flying.lock().unwrap().remove(&job);
                        store.settle_row(row.after(Tried::Delivered, at(99), 0.0), None, &by).await.unwrap();
                    }
                }
            })
        })
        .collect();
    for deliverer in deliverers {
        deliverer.await.unwrap();
    }
    let order = order.lock().unwrap();
    assert_eq!(order.len(), 60);
    for number in 1..=6 {
        let job = job(number);
        let places: Vec<_> = order.iter().filter(|id| id.starts_with(job.id.as_str())).cloned().collect();
        assert_eq!(places, (1..=10).map(|place| nth(&job, place)).collect::<Vec<_>>());
    }
}
