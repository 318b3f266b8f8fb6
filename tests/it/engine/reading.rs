//! Who may read of jobs: full members of their team. To anybody else they are as if they weren't there.

use alpha::domain::approval::Wish;
use alpha::domain::ids::{JobId, Person, ReceiptKey};
use alpha::domain::job::State;
use alpha::ports::{PeopleError, Standing, Store as _};

use super::house::{House, Process, sender};
use super::people::{ana, person, riley};
use super::racing::{AtWork, answers, until};
use crate::support::alpha;

const LOOKING: &str = "Looking that up; the answer comes here in a moment.";

/// What a command is answered at once, and what after that.
async fn say(house: &House, process: &Process, who: &Person, line: &str) -> (String, Vec<String>) {
    static COUNT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let key = ReceiptKey::new(format!("said-{number}"));
    let at_once = process.engine.command(sender(who.clone()), line, key).await.unwrap().text;
    let work = AtWork::begin([process]);
    until("it is acted on", async || process.store.census().await.unwrap().receipts == 0).await;
    work.end().await;
    (at_once, answers(house, process).await)
}

/// A job that waits for a decision, and the messages that it came with out of the way.
async fn asked(house: &House, process: &Process) -> JobId {
    let id = process.analyze("ci-deployer").await;
    assert!(matches!(process.drive(house, &id).await, State::AwaitingDecision { .. }));
    answers(house, process).await;
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn outsiders_hear_of_a_job_what_they_hear_of_one_that_does_not_exist() {
    let house = House::new().await;
    let process = house.start("process");
    let id = asked(&house, &process).await;
    let unknown = JobId::at(house.now(), 7);
    let gus = person("UGUS");
    let standings = [Standing::Guest, Standing::Stranger, Standing::Bot, Standing::Gone].map(Ok);
    for standing in standings.into_iter().chain([Err(PeopleError::Unknown)]) {
        house.people.set(gus.clone(), standing.clone());
        for verb in ["status", "diff"] {
            let (at_once, later) = say(&house, &process, &gus, &format!("{verb} {id}")).await;
            let (at_once_unknown, later_unknown) =
                say(&house, &process, &gus, &format!("{verb} {unknown}")).await;
            assert_eq!((at_once.as_str(), at_once_unknown.as_str()), (LOOKING, LOOKING));
            let nameless = |texts: Vec<String>, id: &JobId| texts.join("").replace(id.as_str(), "JOB");
            assert_eq!(nameless(later, &id), nameless(later_unknown, &unknown), "{verb} {standing:?}");
        }
        let (at_once, later) = say(&house, &process, &gus, "history ci-deployer").await;
        let never = "No job has ever been asked for ci-deployer here.".to_owned();
        assert_eq!((at_once.as_str(), later), (LOOKING, vec![never]), "{standing:?}");
        let (_, later) = say(&house, &process, &gus, "pending").await;
        assert_eq!(later, ["Nothing waits for your decision."], "{standing:?}");
        let (at_once, later) = say(&house, &process, &gus, "analyze ci-deployer").await;
        assert!(![at_once, later.concat()].concat().contains(id.as_str()), "{standing:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_seen_to_be_an_outsider_a_moment_ago_is_answered_at_once() {
    let house = House::new().await;
    let process = house.start("process");
    let id = asked(&house, &process).await;
    let gus = person("UGUS");
    house.people.was_seen(gus.clone(), Standing::Guest);
    let told = async |line: &str| say(&house, &process, &gus, line).await;
    let none = format!("There is no job {id} here. /alpha status lists yours.");
    assert_eq!(told(&format!("status {id}")).await, (none, Vec::new()));
    let (refused, later) = told("analyze web-app").await;
    assert!(refused.contains("Guests") && later.is_empty(), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn members_hear_all_of_a_job_later_and_at_once_where_they_are_known() {
    let house = House::new().await;
    let process = house.start("process");
    let id = asked(&house, &process).await;
    for line in [format!("status {id}"), format!("diff {id}"), "history ci-deployer".into(), "pending".into()]
    {
        let (at_once, later) = say(&house, &process, &ana(), &line).await;
        assert_eq!(at_once, LOOKING, "{line}");
        assert!(later.concat().contains(id.as_str()), "{line}: {later:?}");
    }
    let (at_once, later) = say(&house, &process, &ana(), "analyze ci-deployer").await;
    assert!(at_once.contains("already") && !at_once.contains(id.as_str()), "{at_once}");
    assert!(later.concat().contains(id.as_str()), "{later:?}");
    house.people.was_seen(ana(), Standing::Member);
    let (at_once, later) = say(&house, &process, &ana(), &format!("status {id}")).await;
    assert!(at_once.starts_with(id.as_str()) && later.is_empty(), "{at_once}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_jobs_are_told_at_once_whoever_one_is() {
    let house = House::new().await;
    let process = house.start("process");
    let id = asked(&house, &process).await;
    for line in [format!("status {id}"), format!("diff {id}"), "status".to_owned()] {
        let (at_once, later) = say(&house, &process, &riley(), &line).await;
        assert!(at_once.contains(id.as_str()) && later.is_empty(), "{line}: {at_once}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_be_looked_up_reads_nothing_and_is_told_to_try_again() {
    let house = House::new().await;
    let process = house.start("process");
    let id = asked(&house, &process).await;
    house.people.set(ana(), Err(PeopleError::Unavailable("Slack is down".to_owned())));
    let (_, later) = say(&house, &process, &ana(), &format!("status {id}")).await;
    assert!(later.concat().contains("could not say who you are"), "{later:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_by_command_is_kept_without_its_secrets_and_told_with_who_denied() {
    const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
    let house = House::new().await;
    let process = house.start("process");
    let id = asked(&house, &process).await;
    let (at_once, _) = say(&house, &process, &ana(), &format!("deny {id}")).await;
    assert!(at_once.contains("Say why"), "{at_once}");
    let line = format!("deny {id} the key {KEY}\u{202e} \u{1b}[31mleaked {}", "x".repeat(3_900));
    let (_, later) = say(&house, &process, &ana(), &line).await;
    assert!(later.concat().contains("denied"), "{later:?}");
    let reason = process.job(&id).await.decision.unwrap().reason.unwrap();
    assert!(reason.as_str().starts_with("the key [REDACTED-AWS-ACCESS-KEY] leaked xxx"), "{reason}");
    assert_eq!(reason.as_str().chars().count(), 2_000);
    assert!(house.is_kept("[REDACTED-AWS-ACCESS-KEY]") && !house.is_kept(KEY));
    let (status, _) = say(&house, &process, &riley(), &format!("status {id}")).await;
    assert!(status.contains("\ndenied by ana at 2026-11-21 15:3"), "{status}");
    assert!(status.contains(" UTC: the key [REDACTED-AWS-ACCESS-KEY]"), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_cannot_be_read_keeps_no_other_job_back() {
    let house = House::new().await;
    let process = house.start("process");
    let (good, bad) = (process.analyze("ci-deployer").await, process.analyze("web-app").await);
    let other = rusqlite::Connection::open(house.file()).unwrap();
    other.execute("UPDATE jobs SET record = '{}' WHERE id = ?1", [bad.as_str()]).unwrap();
    drop(other);
    let own = say(&house, &process, &riley(), "status").await.0;
    assert!(own.contains(good.as_str()) && !own.contains(bad.as_str()), "{own}");
    let (one, _) = say(&house, &process, &riley(), &format!("status {bad}")).await;
    assert!(one.starts_with("ALPHA could not read that; nothing was changed."), "{one}");
    let store = format!("sqlite:{}", house.file().display());
    let run = alpha(&["job", "list", "--output", "json", "--store", &store], b"");
    let listed: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 1, "{}", run.out);
    assert_eq!(listed[0]["id"], good.as_str());
    assert_eq!(run.status, 1);
    assert!(run.err.contains(&format!("job {bad}: ")), "{}", run.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_a_new_analysis_is_true_of_a_guest_too() {
    let house = House::new().await;
    let process = house.start("process");
    let said = async |who: &Person, key: &str| {
        let answer = process.engine.command(sender(who.clone()), "analyze ci-deployer", ReceiptKey::new(key));
        answer.await.unwrap().text
    };
    let unsure = said(&riley(), "first").await;
    assert!(unsure.starts_with("Analysing ci-deployer over 90 days, as j-"), "{unsure}");
    assert!(unsure.contains("Once it is clear that you may ask for that") && !unsure.contains("opens now"));
    house.people.was_seen(riley(), Standing::Member);
    let sure = said(&riley(), "first").await;
    assert!(sure.ends_with("The thread that opens now shows how far it is."), "{sure}");
    let id = JobId::new(sure.split(", as ").nth(1).and_then(|rest| rest.split('.').next()).unwrap());
    process.wants(&riley(), Wish::Cancel, &id, house.now()).await;
}
