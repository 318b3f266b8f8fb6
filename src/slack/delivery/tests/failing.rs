//! What becomes of messages when Slack fails, lies, or says no.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;

use crate::domain::delivery::{Act, Reaction, Row, Slot, Status};
use crate::domain::ids::{ChannelId, DeliveryId};
use crate::ports::Clock as _;
use crate::slack::delivery::Noted;
use crate::slack::loopback::{Ending, TOKEN};

use super::scene::{Scene, reply};

#[tokio::test]
async fn what_slack_puts_off_is_said_later_and_not_lost() {
    let scene = Scene::start().await;
    let job = scene.job("j1", "C1");
    scene.slack.next(
        "chat.postMessage",
        Ending::Raw(429, "retry-after: 30\r\ncontent-type: text/html\r\n", "later"),
    );
    scene.slack.next("chat.postMessage", Ending::Refuse("ratelimited"));
    scene.put("d1", Some(&job), Act::Post(Slot::Root));
    let row = scene.tried("d1", 1).await;
    assert_eq!((row.status, row.due.as_second()), (Status::Pending, 1_790_000_030));
    scene.pass(29);
    scene.pass(1);
    scene.tried("d1", 2).await;
    scene.pass(2);
    scene.sent("d1").await;
    assert_eq!(scene.texts("C1"), [(false, scene.words(&job, &Slot::Root))]);
    assert_eq!((scene.noted(Noted::Retried), scene.noted(Noted::Sent)), (2, 1));
}

#[tokio::test]
async fn while_slack_asks_to_wait_in_a_channel_nothing_is_posted_there() {
    let scene = Scene::start().await;
    let (one, other) = (scene.job("j1", "C1"), scene.job("j2", "C1"));
    let wait = "retry-after: 20\r\ncontent-type: text/html\r\n";
    scene.slack.next("chat.postMessage", Ending::Raw(429, wait, "later"));
    scene.put("a1", Some(&one), Act::Post(Slot::Root));
    scene.tried("a1", 1).await;
    scene.put("b1", Some(&other), Act::Post(Slot::Root));
    // It is put back without a call, and without counting as a try.
    let row = scene.row("b1", |row| row.due.as_second() >= 1_790_000_020).await;
    assert_eq!((row.attempts, scene.slack.calls("chat.postMessage")), (0, 1));
    scene.pass(25);
    scene.sent("a1").await;
    scene.sent("b1").await;
}

#[tokio::test]
async fn what_was_posted_though_slack_answered_with_an_error_is_found_and_not_posted_twice() {
    for ending in [Ending::DoneBut(500), Ending::DoneButClose] {
        for slot in [Slot::Root, Slot::Card(1)] {
            let scene = Scene::start().await;
            let job = scene.job("j1", "C1");
            if slot != Slot::Root {
                scene.put("d0", Some(&job), Act::Post(Slot::Root));
                scene.sent("d0").await;
            }
            scene.slack.next("chat.postMessage", ending.clone());
            scene.put("d1", Some(&job), Act::Post(slot.clone()));
            assert_eq!(scene.tried("d1", 1).await.status, Status::Unknown, "{ending:?}");
            scene.pass(5);
            scene.sent("d1").await;
            let said = scene.slack.said("C1");
            assert_eq!(said.last().unwrap().ts, scene.posted(&job, &slot).unwrap().ts.as_str());
            assert_eq!(said.len(), usize::from(slot != Slot::Root) + 1, "{ending:?} {slot:?}");
        }
    }
}

#[tokio::test]
async fn what_was_not_posted_though_nobody_knew_is_posted_then() {
    for ending in [Ending::Raw(502, "content-type: text/html\r\n", "oops"), Ending::Close, Ending::Hang] {
        let scene = Scene::start().await;
        let job = scene.job("j1", "C1");
        scene.slack.next("chat.postMessage", ending.clone());
        scene.put("d1", Some(&job), Act::Post(Slot::Root));
        assert_eq!(scene.tried("d1", 1).await.status, Status::Unknown, "{ending:?}");
        scene.pass(5);
        scene.sent("d1").await;
        assert_eq!(scene.texts("C1"), [(false, scene.words(&job, &Slot::Root))], "{ending:?}");
    }
}

#[tokio::test]
async fn while_history_cannot_be_read_nothing_is_posted_again() {
    let scene = Scene::start().await;
    let job = scene.job("j1", "C1");
    scene.slack.next("chat.postMessage", Ending::DoneBut(500));
    scene.slack.next("conversations.history", Ending::Refuse("fatal_error"));
    scene.slack.next("conversations.history", Ending::Refuse("ratelimited"));
    scene.put("d1", Some(&job), Act::Post(Slot::Root));
    for times in 1..=3 {
        assert_eq!(scene.tried("d1", times).await.status, Status::Unknown);
        scene.pass(10);
    }
    scene.sent("d1").await;
    assert_eq!(scene.slack.said("C1").len(), 1);
}

#[tokio::test]
async fn of_two_that_came_through_the_later_one_is_taken_back() {
    for (refusal, noted) in [(None, Noted::TwinDeleted), (Some("cant_delete_message"), Noted::TwinLeft)] {
        let scene = Scene::start().await;
        let job = scene.job("j1", "C1");
        let metadata = json!({
            "metadata": { "event_type": "alpha_delivery", "event_payload": { "delivery_id": "d1" } },
        });
        for _ in 0..2 {
            scene.slack.state().say("C1", &metadata, None, Vec::new());
        }
        if let Some(code) = refusal {
            scene.slack.always("chat.delete", None, Ending::Refuse(code));
        }
        scene.slack.next("chat.postMessage", Ending::Raw(500, "", ""));
        scene.put("d1", Some(&job), Act::Post(Slot::Root));
        scene.tried("d1", 1).await;
        scene.pass(5);
        scene.sent("d1").await;
        assert_eq!(scene.posted(&job, &Slot::Root).unwrap().ts.as_str(), "1790000000.000001");
        assert_eq!(scene.slack.said("C1").len(), 1 + usize::from(refusal.is_some()));
        assert_eq!(scene.noted(noted), 1);
    }
}

#[tokio::test]
async fn what_somebody_posted_who_died_before_saying_so_is_found() {
    let scene = Scene::start().await;
    let job = scene.job("j1", "C1");
    let metadata = json!({
        "metadata": { "event_type": "alpha_delivery", "event_payload": { "delivery_id": "d1" } },
    });
    scene.slack.state().say("C1", &metadata, None, Vec::new());
    let row = Row::new(DeliveryId::new("d1"), Some(job.clone()), Act::Post(Slot::Root), scene.clock.now());
    scene.store.put(Row { status: Status::Unknown, ..row });
    scene.sent("d1").await;
    assert_eq!(scene.slack.calls("chat.postMessage"), 0);
    assert_eq!(scene.posted(&job, &Slot::Root).unwrap().ts.as_str(), "1790000000.000001");
}

#[tokio::test]
async fn what_an_operator_has_to_put_right_is_given_up_at_once() {
    for code in ["invalid_auth", "missing_scope", "invalid_arguments"] {
        let scene = Scene::start().await;
        let job = scene.job("j1", "C1");
        scene.slack.always("chat.postMessage", None, Ending::Refuse(code));
        scene.put("d1", Some(&job), Act::Post(Slot::Root));
        assert_eq!(scene.dead("d1").await, format!("chat.postMessage: {code}"));
        assert_eq!((scene.slack.calls("chat.postMessage"), scene.noted(Noted::Dead)), (1, 1));
    }
}

#[tokio::test]
async fn a_code_that_nobody_knows_is_tried_a_few_times() {
    let scene = Scene::start().await;
    let job = scene.job("j1", "C1");
    scene.slack.always("chat.postMessage", None, Ending::Refuse("mercury_in_retrograde"));
    scene.put("d1", Some(&job), Act::Post(Slot::Root));
    for times in 1..5 {
        scene.tried("d1", times).await;
        scene.pass(10);
    }
    assert_eq!(scene.dead("d1").await, "chat.postMessage: mercury_in_retrograde");
}

#[tokio::test]
async fn what_slack_refuses_the_form_of_is_said_as_text_alone() {
    let scene = Scene::start().await;
    let job = scene.job("j1", "C1");
    scene.slack.next("chat.postMessage", Ending::Refuse("invalid_blocks"));
    scene.put("d1", Some(&job), Act::Post(Slot::Root));
    scene.sent("d1").await;
    scene.comes_to(&job, Reaction::Hourglass);
    scene.slack.next("chat.update", Ending::Refuse("msg_blocks_too_long"));
    scene.put("d2", Some(&job), Act::Update(Slot::Root));
    scene.sent("d2").await;
    let said = scene.slack.said("C1");
    assert_eq!((said.len(), said[0].text.as_str()), (1, scene.words(&job, &Slot::Root).as_str()));
    assert_eq!(said[0].blocks, json!([]));

    scene.slack.always("chat.postMessage", None, Ending::Refuse("invalid_blocks"));
    scene.put("d3", Some(&job), Act::Post(Slot::Card(1)));
    assert_eq!(scene.dead("d3").await, "chat.postMessage: invalid_blocks");
}

#[tokio::test]
async fn a_card_without_its_buttons_says_how_else_to_decide_and_the_root_never_does() {
    let scene = Scene::start().await;
    let job = scene.job("j1", "C1");
    scene.asks(&job);
    scene.slack.always("chat.postMessage", None, Ending::Refuse("invalid_blocks"));
    scene.put("dead", Some(&job), Act::Post(Slot::Card(1)));
    scene.dead("dead").await;
    let tried =
        |request: &crate::slack::loopback::Request| request.params["text"].as_str().unwrap().to_owned();
    let texts: Vec<String> = scene.slack.state().requests.iter().map(tried).collect();
    assert!(!texts[0].contains("/alpha") && texts[1].starts_with(&texts[0]), "{texts:?}");
    assert!(
        texts[1].contains("`/alpha approve j1`") && texts[1].contains("`/alpha deny j1 REASON`"),
        "{texts:?}"
    );
    scene.put("j1:root", Some(&job), Act::Post(Slot::Root));
    scene.dead("j1:root").await;
    let text = scene.slack.state().requests.last().map(tried).unwrap();
    assert!(!text.to_lowercase().contains("approv"), "{text}");
}

#[tokio::test]
async fn a_card_that_the_requester_alone_sees_says_how_others_decide() {
    for (foreign, says) in [(true, true), (false, false)] {
        let scene = Scene::start().await;
        let job = scene.job("j1", "C1");
        scene.asks(&job);
        if foreign {
            scene.slack.state().foreign.insert("C1".to_owned());
        }
        scene.put("j1:root", Some(&job), Act::Post(Slot::Root));
        scene.put("j1:card/1", Some(&job), Act::Post(Slot::Card(1)));
        scene.sent("j1:card/1").await;
        let card = scene.slack.said(if foreign { "D-U1" } else { "C1" }).pop().unwrap();
        assert_eq!(card.blocks.to_string().contains("`/alpha approve j1`"), says);
        // Brought up to date, it says so still.
        let approvable = |scene: &Scene, is| {
            scene.store.state().jobs.get_mut(&job).unwrap().case.as_mut().unwrap().approvable = is;
        };
        approvable(&scene, false);
        scene.put("1", Some(&job), Act::Update(Slot::Card(1)));
        scene.sent("1").await;
        let card = scene.slack.said(if foreign { "D-U1" } else { "C1" }).pop().unwrap();
        assert!(card.blocks.to_string().contains("Nobody may decide"));
        assert_eq!(card.blocks.to_string().contains("`/alpha approve j1`"), says);
    }
}

#[tokio::test]
async fn where_the_bot_is_not_the_requester_hears_it_in_a_direct_message() {
    let scene = Scene::start().await;
    let job = scene.job("j1", "C1");
    scene.slack.state().foreign.insert("C1".to_owned());
    scene.put("d1", Some(&job), Act::Post(Slot::Root));
    scene.put("d2", Some(&job), Act::Post(Slot::Card(1)));
    scene.sent("d2").await;
    assert_eq!(
        scene.texts("D-U1"),
        [(false, scene.words(&job, &Slot::Root)), (true, scene.words(&job, &Slot::Card(1)))]
    );
    assert_eq!(scene.posted(&job, &Slot::Root).unwrap().channel, ChannelId::new("D-U1"));
    // Whoever can't be reached at all hears nothing, and that is the end of it.
    scene.slack.state().foreign.insert("D-U1".to_owned());
    scene.put("d3", Some(&job), Act::Post(Slot::Outcome(0)));
    assert_eq!(scene.dead("d3").await, "chat.postMessage: not_in_channel");
}

#[tokio::test]
async fn what_follows_a_root_that_was_given_up_is_said_by_itself() {
    let scene = Scene::start().await;
    let job = scene.job("j1", "C1");
    scene.slack.next("chat.postMessage", Ending::Refuse("invalid_arguments"));
    scene.put("d1", Some(&job), Act::Post(Slot::Root));
    scene.dead("d1").await;
    scene.put("d2", Some(&job), Act::Post(Slot::Card(1)));
    scene.sent("d2").await;
    assert_eq!(scene.texts("C1"), [(false, scene.words(&job, &Slot::Card(1)))]);
}

#[tokio::test]
async fn a_channel_that_hangs_holds_up_no_other() {
    // Nothing that hangs comes to an end within this test.
    let scene = Scene::waiting(Duration::from_secs(10), |_| {}).await;
    scene.slack.always("chat.postMessage", Some("C1"), Ending::Hang);
    for number in 0..100 {
        let id = format!("a{number}");
        let job = scene.job(&id, "C1");
        scene.put(&id, Some(&job), Act::Post(Slot::Root));
    }
    for number in 0..20 {
        let id = format!("b{number}");
        let job = scene.job(&id, &format!("X{number}"));
        scene.put(&id, Some(&job), Act::Post(Slot::Root));
    }
    for number in 0..20 {
        scene.sent(&format!("b{number}")).await;
    }
    assert!(scene.slack.calls("chat.postMessage") <= 22);
    assert!(scene.slack.said("C1").is_empty());
}

#[tokio::test]
async fn where_files_are_off_a_message_says_where_the_whole_diff_is() {
    for (method, code) in [
        ("files.getUploadURLExternal", "file_uploads_disabled"),
        ("files.getUploadURLExternal", "missing_scope"),
        ("files.completeUploadExternal", "slack_connect_file_upload_sharing_blocked"),
    ] {
        let scene = Scene::with(|settings| settings.context.simulated = true).await;
        let job = scene.job("j1", "C1");
        scene.case(&job, 1);
        scene.put("j1:root", Some(&job), Act::Post(Slot::Root));
        scene.slack.always(method, None, Ending::Refuse(code));
        scene.put("d2", Some(&job), Act::Post(Slot::Diff(1)));
        scene.sent("d2").await;
        let said = scene.slack.said("C1").pop().unwrap();
        let blocks = said.blocks.to_string();
        assert!(said.thread.is_some() && said.text.contains("can't be uploaded here"), "{}", said.text);
        assert!(blocks.contains("alpha job diff j1") && blocks.contains("SIMULATED"), "{blocks}");
        assert_eq!(scene.posted(&job, &Slot::Pointer(1)).unwrap().ts.as_str(), said.ts);
        assert_eq!(scene.posted(&job, &Slot::Diff(1)), None, "it isn't there");

        // Asked for again, it is tried again, and nothing is said twice.
        scene.put("d3", Some(&job), Act::Post(Slot::Diff(1)));
        scene.sent("d3").await;
        assert_eq!(scene.slack.said("C1").len(), 2);
        scene.slack.mend(method);
        scene.put("d4", Some(&job), Act::Post(Slot::Diff(1)));
        scene.sent("d4").await;
        let said = scene.slack.said("C1").pop().unwrap();
        assert_eq!(scene.posted(&job, &Slot::Diff(1)).unwrap().ts.as_str(), said.ts);
    }
}

#[tokio::test]
async fn a_file_that_may_be_up_is_looked_for() {
    let scene = Scene::start().await;
    let job = scene.job("j1", "C1");
    scene.case(&job, 1);
    scene.put("j1:root", Some(&job), Act::Post(Slot::Root));
    scene.slack.next("files.completeUploadExternal", Ending::DoneButClose);
    scene.put("d2", Some(&job), Act::Post(Slot::Diff(1)));
    scene.row("d2", |row| row.status == Status::Unknown).await;
    scene.pass(5);
    scene.sent("d2").await;
    assert_eq!(scene.slack.said("C1").iter().filter(|said| !said.files.is_empty()).count(), 1);
}

#[tokio::test]
async fn what_is_under_way_when_it_is_time_to_stop_is_put_down_as_possibly_sent() {
    let scene = Scene::with(|settings| settings.grace = Duration::from_millis(50)).await;
    let job = scene.job("j1", "C1");
    scene.slack.always("chat.postMessage", None, Ending::Hang);
    scene.put("d1", Some(&job), Act::Post(Slot::Root));
    while scene.slack.calls("chat.postMessage") == 0 {
        tokio::task::yield_now().await;
    }
    scene.stop.cancel();
    scene.row("d1", |row| row.status == Status::Unknown).await;
    scene.worker.await.unwrap();
}

#[tokio::test]
async fn a_store_that_is_locked_for_a_moment_loses_nothing() {
    let scene = Scene::start().await;
    let job = scene.job("j1", "C1");
    scene.store.state().fails = 3;
    scene.put("d1", Some(&job), Act::Post(Slot::Root));
    scene.sent("d1").await;
    assert_eq!(scene.slack.calls("chat.postMessage"), 1);
}

/// Where a log goes that is looked through.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn neither_the_token_nor_an_address_for_answers_is_ever_logged() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let scene = Scene::start().await;
    let job = scene.job("j1", "C1");
    let echo = r#"{"ok":false,"error":"invalid_auth","got":"xoxb-hush-hush"}"#;
    scene.slack.next("chat.postMessage", Ending::Raw(200, "content-type: application/json\r\n", echo));
    scene.put("d1", Some(&job), Act::Post(Slot::Root));
    scene.dead("d1").await;
    scene.slack.next("chat.postMessage", Ending::Raw(500, "content-type: text/html\r\n", "xoxb-hush-hush"));
    scene.put("d2", Some(&job), Act::Post(Slot::Root));
    scene.row("d2", |row| row.status == Status::Unknown).await;
    let base = scene.slack.url.trim_end_matches("/api").to_owned();
    for (id, path) in [("d3", "/answer/C9"), ("d4", "/nowhere/s3cr3t")] {
        let mut answer = reply("No.");
        answer.response_url = Some(format!("{base}{path}"));
        scene.put(id, None, Act::Reply(answer));
        scene.sent(id).await;
    }
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("a message to Slack was given up") && text.contains("invalid_auth"), "{text}");
    for secret in [TOKEN, "hush", "/answer/C9", "s3cr3t"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}
