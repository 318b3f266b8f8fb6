use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::json;

use super::*;
use crate::slack::loopback::{Ending, Loopback};

#[derive(Debug, Default)]
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(1_790_000_000_000 + self.0.load(Ordering::Relaxed)).unwrap()
    }
}

struct Scene {
    slack: Loopback,
    clock: Arc<Hands>,
    people: Arc<SlackPeople>,
}

async fn scene() -> Scene {
    let slack = Loopback::start().await;
    slack.user("U1", json!({}));
    let clock = Arc::new(Hands::default());
    let people = Arc::new(SlackPeople::new(slack.api(), Arc::clone(&clock) as Arc<dyn Clock>));
    Scene { slack, clock, people }
}

fn u1() -> Person {
    Person::new("T1", "U1")
}

#[tokio::test]
async fn an_answer_is_good_for_five_seconds_and_no_longer() {
    let Scene { slack, clock, people } = scene().await;
    assert_eq!(people.standing(&u1()).await, Ok(Standing::Member));
    slack.user("U1", json!({ "deleted": true }));
    clock.0.store(4_999, Ordering::Relaxed);
    assert_eq!(people.standing(&u1()).await, Ok(Standing::Member));
    clock.0.store(5_000, Ordering::Relaxed);
    assert_eq!(people.standing(&u1()).await, Ok(Standing::Gone));
    assert_eq!(slack.calls("users.info"), 2);
}

#[tokio::test]
async fn a_decision_is_served_by_nothing_that_was_asked_before_it_was_made() {
    let Scene { slack, clock, people } = scene().await;
    assert_eq!(people.standing(&u1()).await, Ok(Standing::Member));
    slack.user("U1", json!({ "is_restricted": true }));
    clock.0.store(1_000, Ordering::Relaxed);
    assert_eq!(people.standing_known(&u1()), Some(Standing::Member), "reading is served for seconds");
    assert_eq!(people.standing_since(&u1(), clock.now()).await, Ok(Standing::Guest));
    clock.0.store(1_001, Ordering::Relaxed);
    slack.user("U1", json!({}));
    assert_eq!(people.standing_since(&u1(), clock.now()).await, Ok(Standing::Member));
    // Said before the last answer was asked for, and acted on after it came: nothing is kept for it either.
    let said = clock.now();
    clock.0.store(1_002, Ordering::Relaxed);
    assert_eq!(people.standing_since(&u1(), said).await, Ok(Standing::Member));
    assert_eq!(slack.calls("users.info"), 4);
}

#[tokio::test]
async fn what_is_known_without_asking_is_what_was_answered_lately_and_no_failure() {
    let Scene { slack, clock, people } = scene().await;
    assert_eq!(people.standing_known(&u1()), None);
    assert_eq!(people.standing(&Person::new("T1", "U9")).await, Err(PeopleError::Unknown));
    assert_eq!(people.standing_known(&Person::new("T1", "U9")), None);
    people.standing(&u1()).await.unwrap();
    assert_eq!(people.standing_known(&u1()), Some(Standing::Member));
    clock.0.store(5_000, Ordering::Relaxed);
    assert_eq!(people.standing_known(&u1()), None);
    assert_eq!(slack.calls("users.info"), 2);
}

#[tokio::test]
async fn many_clicks_at_once_ask_once() {
    let Scene { slack, clock, people } = scene().await;
    let said = clock.now();
    let clicks: Vec<_> = (0..50)
        .map(|_| {
            let people = Arc::clone(&people);
            tokio::spawn(async move { people.standing_since(&u1(), said).await })
        })
        .collect();
    for click in clicks {
        assert_eq!(click.await.unwrap(), Ok(Standing::Member));
    }
    assert_eq!(slack.calls("users.info"), 1);
}

#[tokio::test]
async fn who_cannot_be_looked_up_is_nobody_and_is_soon_asked_about_again() {
    let Scene { slack, clock, people } = scene().await;
    assert_eq!(people.standing(&Person::new("T1", "U9")).await, Err(PeopleError::Unknown));
    slack.next("users.info", Ending::Refuse("missing_scope"));
    let missing = people.standing(&u1()).await.unwrap_err();
    assert_eq!(missing, PeopleError::Unavailable("users.info: missing_scope".to_owned()));
    clock.0.store(500, Ordering::Relaxed);
    slack.next("users.info", Ending::Hang);
    assert!(matches!(people.standing(&u1()).await, Err(PeopleError::Unavailable(_))));
    clock.0.store(1_000, Ordering::Relaxed);
    assert_eq!(people.standing(&u1()).await, Ok(Standing::Member));
}

#[tokio::test]
async fn without_knowing_who_we_are_nobody_is_a_member() {
    let Scene { slack, people, .. } = scene().await;
    slack.always("auth.test", None, Ending::Refuse("invalid_auth"));
    assert!(matches!(people.standing(&u1()).await, Err(PeopleError::Unavailable(_))));
}

#[tokio::test]
async fn no_more_than_so_many_people_are_remembered() {
    let Scene { people, .. } = scene().await;
    for number in 0..3 * PEOPLE {
        people.entry(&Person::new("T1", &format!("U{number}")));
    }
    assert!(people.known.lock().unwrap().len() <= PEOPLE);
}
