//! Answers to one person, and modals.

use serde_json::json;

use crate::domain::delivery::{Act, Modal, Status};
use crate::domain::ids::{ChannelId, Digest, JobId, MessageTs, Person, TriggerId};
use crate::slack::loopback::{Ending, Loopback};

use super::scene::{Scene, reply};

fn address(slack: &Loopback, path: &str) -> String {
    format!("{}{path}", slack.url.trim_end_matches("/api"))
}

fn deny(job: &JobId) -> Act {
    Act::Open {
        to: Person::new("T1", "U7"),
        trigger: TriggerId::new("1.2.x"),
        modal: Modal::Deny {
            job: job.clone(),
            revision: 1,
            digest: Digest::new("ab"),
            channel: ChannelId::new("C1"),
            thread: Some(MessageTs::new("1.1")),
        },
    }
}

#[tokio::test]
async fn an_answer_is_seen_by_one_person_and_pings_nobody() {
    let scene = Scene::start().await;
    let mut answer = reply("There is no role called <!channel> & co.");
    answer.thread = Some(MessageTs::new("1.1"));
    scene.put("d1", None, Act::Reply(answer));
    scene.sent("d1").await;
    let told = scene.slack.told("U1");
    assert_eq!(told[0].text, "There is no role called &lt;!channel&gt; &amp; co.");
    assert_eq!((told[0].channel.as_str(), told[0].thread.as_deref()), ("C1", Some("1.1")));
}

#[tokio::test]
async fn an_address_for_answers_comes_first_while_it_is_good() {
    let scene = Scene::start().await;
    let mut answer = reply("No.");
    answer.response_url = Some(address(&scene.slack, "/answer/C1"));
    scene.put("d1", None, Act::Reply(answer.clone()));
    scene.sent("d1").await;
    assert_eq!((scene.slack.calls("/answer/C1"), scene.slack.calls("chat.postEphemeral")), (1, 0));
    // It is used up.
    scene.slack.next("/answer/C1", Ending::Raw(404, "content-type: text/html\r\n", "used_url"));
    scene.put("d2", None, Act::Reply(answer.clone()));
    scene.sent("d2").await;
    assert_eq!(scene.slack.calls("chat.postEphemeral"), 1);
    // It leads elsewhere.
    answer.response_url = Some("http://169.254.169.254/latest".to_owned());
    scene.put("d3", None, Act::Reply(answer));
    scene.sent("d3").await;
    assert_eq!(scene.slack.calls("chat.postEphemeral"), 2);
}

#[tokio::test]
async fn an_address_that_is_half_an_hour_old_is_not_tried() {
    let scene = Scene::start().await;
    let mut answer = reply("No.");
    answer.response_url = Some(address(&scene.slack, "/answer/C1"));
    let mut row = crate::domain::delivery::Row::new(
        crate::domain::ids::DeliveryId::new("d1"),
        None,
        Act::Reply(answer),
        jiff::Timestamp::from_second(1_790_000_000 - 1_700).unwrap(),
    );
    row.due = jiff::Timestamp::from_second(1_790_000_000).unwrap();
    scene.store.put(row);
    scene.sent("d1").await;
    assert_eq!((scene.slack.calls("/answer/C1"), scene.slack.calls("chat.postEphemeral")), (0, 1));
}

#[tokio::test]
async fn who_cannot_be_told_where_they_are_is_told_in_a_direct_message() {
    for visible in [false, true] {
        let scene = Scene::start().await;
        scene.slack.state().foreign.insert("C1".to_owned());
        let mut answer = reply("No.");
        answer.visible = visible;
        scene.put("d1", None, Act::Reply(answer));
        scene.sent("d1").await;
        assert_eq!(scene.texts("D-U1"), [(false, "No.".to_owned())]);
    }
}

#[tokio::test]
async fn a_visible_answer_that_may_have_come_is_looked_for() {
    let scene = Scene::start().await;
    let mut answer = reply("No.");
    answer.visible = true;
    scene.slack.next("chat.postMessage", Ending::DoneBut(503));
    scene.put("d1", None, Act::Reply(answer));
    scene.tried("d1", 1).await;
    scene.pass(5);
    scene.sent("d1").await;
    assert_eq!(scene.texts("C1"), [(false, "No.".to_owned())]);
}

#[tokio::test]
async fn a_modal_is_opened_once() {
    let scene = Scene::start().await;
    let job = scene.job("j1", "C1");
    scene.put("d1", Some(&job), deny(&job));
    scene.sent("d1").await;
    let request = scene.slack.state().requests[0].clone();
    assert_eq!((request.method.as_str(), &request.params["trigger_id"]), ("views.open", &json!("1.2.x")));
    assert_eq!(request.params["view"]["type"], "modal");
    assert_eq!(scene.slack.calls("chat.postEphemeral"), 0);
}

#[tokio::test]
async fn a_modal_that_comes_too_late_is_never_tried_again_and_the_person_is_told() {
    for ending in [Ending::Refuse("expired_trigger_id"), Ending::Refuse("ratelimited"), Ending::Hang] {
        let scene = Scene::start().await;
        let job = scene.job("j1", "C1");
        scene.slack.always("views.open", None, ending.clone());
        scene.slack.next("chat.postEphemeral", Ending::Refuse("ratelimited"));
        scene.put("d1", Some(&job), deny(&job));
        assert_eq!(scene.tried("d1", 1).await.status, Status::Pending);
        scene.pass(5);
        scene.sent("d1").await;
        let told = scene.slack.told("U7");
        assert_eq!((scene.slack.calls("views.open"), told.len()), (1, 1), "{ending:?}");
        assert!(told[0].text.contains("Press the button again"), "{}", told[0].text);
        assert_eq!((told[0].channel.as_str(), told[0].thread.as_deref()), ("C1", Some("1.1")));
    }
}
