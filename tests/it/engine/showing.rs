//! What clicks come to that decide nothing: the whole diff, the form for a denial, and where it is all to be found.

use std::sync::Arc;
use std::time::{Duration, Instant};

use alpha::domain::approval::Wish;
use alpha::domain::delivery::{Act, Posted, Row, Slot, Status, Tried};
use alpha::domain::ids::{ChannelId, JobId, MessageTs, Person, ReceiptKey, TriggerId};
use alpha::domain::job::State;
use alpha::domain::receipt::{Button, Receipt, Said};
use alpha::ports::{Claim, Standing, Store as _};
use tokio_util::sync::CancellationToken;

use super::house::{House, Process, sender};
use super::people::{ana, ben, noor, riley};

fn courier() -> Claim {
    Claim { owner: "courier".to_owned(), lease: Duration::from_secs(30) }
}

async fn asked(house: &House, process: &Process) -> JobId {
    let id = process.analyze("ci-deployer").await;
    assert!(matches!(process.drive(house, &id).await, State::AwaitingDecision { .. }));
    // What was told until here is delivered.
    loop {
        let rows = process.store.claim_rows(&courier(), house.now(), 99).await.unwrap();
        if rows.is_empty() {
            return id;
        }
        for row in rows {
            settle(house, process, &row, Tried::Delivered).await;
        }
    }
}

async fn settle(house: &House, process: &Process, row: &Row, tried: Tried) {
    process.store.settle_row(row.after(tried, house.now(), 0.0), None, &courier()).await.unwrap();
}

/// Somebody presses a button, and that is acted on; what there is to tell then.
async fn press(house: &House, process: &Process, who: &Person, button: Button, id: &JobId) -> Vec<Row> {
    let at = house.now();
    let key = ReceiptKey::new(format!("{}-{}-{at}", button.as_str(), who.user));
    let trigger = (button == Button::Deny).then(|| TriggerId::new("1.2"));
    let said = Said::Click { button, subject: process.subject(id).await, trigger };
    process.engine.receive(Receipt { key, at, from: sender(who.clone()), said }).await.unwrap();
    let stop = CancellationToken::new();
    let running = tokio::spawn({
        let (engine, stop) = (Arc::clone(&process.engine), stop.clone());
        async move { engine.run(stop).await }
    });
    let end = Instant::now() + Duration::from_mins(1);
    while process.store.census().await.unwrap().receipts > 0 {
        assert!(Instant::now() < end, "a click is never acted on");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stop.cancel();
    running.await.unwrap();
    house.pass(Duration::from_millis(1)).await;
    process.store.claim_rows(&courier(), house.now(), 99).await.unwrap()
}

fn said(row: &Row) -> &str {
    match &row.act {
        Act::Reply(reply) => &reply.text,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_diff_is_asked_for_again_after_it_came_to_nothing() {
    let house = House::new().await;
    let process = house.start("process");
    let id = asked(&house, &process).await;
    let diff = Act::Post(Slot::Diff(1));
    let first = press(&house, &process, &ana(), Button::Diff, &id).await;
    assert_eq!(first.iter().map(|row| &row.act).collect::<Vec<_>>(), [&diff]);
    // It is under way: nothing more is done.
    let second = press(&house, &process, &ben(), Button::Diff, &id).await;
    let [answer] = second.as_slice() else { panic!("{second:?}") };
    assert!(said(answer).contains("on its way") && said(answer).contains(&format!("alpha job diff {id}")));
    settle(&house, &process, answer, Tried::Delivered).await;
    // It was given up, and then shared so that nobody knows where: each time it is looked for and tried again.
    let mut last = first[0].clone();
    for tried in [Tried::Refused("no".to_owned()), Tried::Delivered, Tried::Delivered] {
        settle(&house, &process, &last, tried).await;
        let mut again = press(&house, &process, &ana(), Button::Diff, &id).await;
        again.sort_by_key(|row| row.job.is_none());
        let [row, answer] = again.as_slice() else { panic!("{again:?}") };
        assert_eq!((&row.act, &row.status), (&diff, &Status::Unknown));
        assert!(said(answer).contains(&format!("alpha job diff {id}")), "{}", said(answer));
        settle(&house, &process, answer, Tried::Delivered).await;
        last = row.clone();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_wants_to_deny_too_late_hears_who_decided_and_gets_no_form() {
    let house = House::new().await;
    let process = house.start("process");
    let id = asked(&house, &process).await;
    let rows = press(&house, &process, &ben(), Button::Deny, &id).await;
    assert!(matches!(rows.as_slice(), [Row { act: Act::Open { .. }, .. }]), "{rows:?}");
    process.wants(&ana(), Wish::Approve, &id, house.now()).await;
    let of = |rows: Vec<Row>| rows.into_iter().filter(|row| row.job.is_none()).collect::<Vec<_>>();
    let rows = of(press(&house, &process, &ben(), Button::Deny, &id).await);
    let [answer] = rows.as_slice() else { panic!("{rows:?}") };
    assert!(said(answer).contains("Too late") && said(answer).contains("ana"), "{}", said(answer));
    let rows = of(press(&house, &process, &noor(), Button::Deny, &id).await);
    let [answer] = rows.as_slice() else { panic!("{rows:?}") };
    assert!(!said(answer).contains("ana"), "an outsider learns nothing: {}", said(answer));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_linked_to_where_the_asker_can_open_it_and_else_the_commands_are_named() {
    for (channel, link) in [("C1", true), ("D1", false)] {
        let house = House::new().await;
        let process = house.start("process");
        let id = process.analyze("ci-deployer").await;
        assert!(matches!(process.drive(&house, &id).await, State::AwaitingDecision { .. }));
        let root = process.store.claim_rows(&courier(), house.now(), 1).await.unwrap().remove(0);
        let posted = Posted {
            slot: Slot::Root,
            channel: ChannelId::new(channel),
            ts: MessageTs::new("1.1"),
            link: Some("https://x.slack.com/1".to_owned()),
        };
        let sent = root.after(Tried::Delivered, house.now(), 0.0);
        process.store.settle_row(sent, Some(posted), &courier()).await.unwrap();
        let hears = async |who: Person, line: &str| {
            let key = ReceiptKey::new(format!("{line} {}", who.user));
            process.engine.command(sender(who), line, key).await.unwrap().text
        };
        house.people.was_seen(ana(), Standing::Member);
        let pending = hears(ana(), "pending").await;
        assert_eq!(pending.contains("https://x.slack.com/1"), link, "{pending}");
        assert_eq!(pending.contains(&format!("/alpha approve {id}")), !link, "{pending}");
        let busy = hears(ana(), "analyze ci-deployer").await;
        assert_eq!(busy.contains("https://x.slack.com/1"), link, "{busy}");
        let own = hears(riley(), "analyze ci-deployer").await;
        assert!(own.contains("https://x.slack.com/1"), "{own}");
    }
}
