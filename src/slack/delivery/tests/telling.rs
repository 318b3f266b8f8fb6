//! What is said where, when all goes well.

use crate::domain::delivery::{Act, Reaction, Slot, Status};
use crate::domain::ids::ChannelId;
use crate::domain::job::State;
use crate::ports::Clock as _;

use super::scene::Scene;

#[tokio::test]
async fn the_root_goes_to_the_channel_and_what_follows_into_its_thread() {
    let scene = Scene::start().await;
    let job = scene.job("j1", "C1");
    scene.put("d1", Some(&job), Act::Post(Slot::Root));
    scene.put("d2", Some(&job), Act::Post(Slot::Card(1)));
    scene.put("d3", Some(&job), Act::Post(Slot::Outcome(0)));
    scene.sent("d3").await;
    let said = scene.slack.said("C1");
    let root = scene.posted(&job, &Slot::Root).unwrap();
    assert_eq!((said[0].ts.as_str(), said[0].thread.as_ref()), (root.ts.as_str(), None));
    assert!(said[1..].iter().all(|said| said.thread.as_deref() == Some(root.ts.as_str())));
    assert_eq!(said.len(), 3);
    assert_eq!(root.link.as_deref(), Some("https://x.slack.com/C1"));
    assert!(said[2].text.contains("<@U1>"), "{}", said[2].text);
    assert_eq!(said[1].metadata["event_payload"]["delivery_id"], "d2");
}

#[tokio::test]
async fn a_message_tells_how_the_job_stands_when_it_is_said() {
    let scene = Scene::start().await;
    let job = scene.job("j1", "C1");
    scene.put("d1", Some(&job), Act::Post(Slot::Root));
    scene.sent("d1").await;
    scene.store.state().jobs.get_mut(&job).unwrap().state = State::Succeeded;
    scene.put("d2", Some(&job), Act::Update(Slot::Root));
    scene.sent("d2").await;
    assert_eq!(scene.texts("C1"), [(false, scene.words(&job, &Slot::Root))]);
}

#[tokio::test]
async fn what_is_posted_is_not_posted_again_and_what_is_not_is_not_changed() {
    let scene = Scene::start().await;
    let job = scene.job("j1", "C1");
    scene.put("d1", Some(&job), Act::Update(Slot::Card(1)));
    scene.put("d2", Some(&job), Act::Post(Slot::Root));
    scene.put("d3", Some(&job), Act::Post(Slot::Root));
    scene.put("d4", Some(&job), Act::Update(Slot::Card(1)));
    scene.sent("d3").await;
    scene.sent("d4").await;
    assert_eq!(scene.texts("C1"), [(false, scene.words(&job, &Slot::Root))]);
    assert_eq!(scene.slack.calls("chat.update"), 0);
}

#[tokio::test]
async fn a_message_that_cannot_be_changed_any_more_is_said_anew_in_the_thread() {
    let scene = Scene::start().await;
    let job = scene.job("j1", "C1");
    scene.put("d1", Some(&job), Act::Post(Slot::Root));
    scene.put("d2", Some(&job), Act::Post(Slot::Card(1)));
    scene.sent("d2").await;
    let root = scene.words(&job, &Slot::Root);
    let before = scene.posted(&job, &Slot::Card(1)).unwrap();
    scene.slack.state().messages.retain(|said| said.ts != before.ts.as_str());
    scene.comes_to(&job, Reaction::Cross);
    scene.put("d3", Some(&job), Act::Update(Slot::Card(1)));
    scene.sent("d3").await;
    let after = scene.posted(&job, &Slot::Card(1)).unwrap();
    assert_ne!(before.ts, after.ts);
    assert_eq!(scene.texts("C1"), [(false, root), (true, scene.words(&job, &Slot::Card(1)))]);
}

#[tokio::test]
async fn outcomes_are_announced_where_that_is_wanted_and_nowhere_else() {
    let quiet = Scene::start().await;
    let job = quiet.job("j1", "C1");
    quiet.put("d1", Some(&job), Act::Post(Slot::Announcement(0)));
    quiet.sent("d1").await;
    assert!(quiet.slack.state().requests.is_empty());

    let loud = Scene::with(|settings| settings.announce = Some(ChannelId::new("CALL"))).await;
    let job = loud.job("j1", "C1");
    loud.put("d1", Some(&job), Act::Post(Slot::Announcement(0)));
    loud.sent("d1").await;
    assert_eq!(loud.texts("CALL"), [(false, loud.words(&job, &Slot::Announcement(0)))]);
}

#[tokio::test]
async fn the_root_bears_one_reaction_however_often_it_is_told() {
    let scene = Scene::start().await;
    let job = scene.job("j1", "C1");
    scene.put("d0", Some(&job), Act::React(Reaction::Eyes));
    scene.put("j1:root", Some(&job), Act::Post(Slot::Root));
    for (id, reaction) in [
        ("d2", Reaction::Eyes),
        ("d3", Reaction::Eyes),
        ("d4", Reaction::Hourglass),
        ("d5", Reaction::Check),
        ("d6", Reaction::Hourglass),
        ("d7", Reaction::Rewind),
    ] {
        scene.comes_to(&job, reaction);
        scene.put(id, Some(&job), Act::React(reaction));
        scene.sent(id).await;
        assert_eq!(scene.slack.said("C1")[0].reactions, [reaction.name()]);
    }
}

#[tokio::test]
async fn a_reaction_comes_to_its_end_though_slack_lets_it_be_changed_only_seldom() {
    let scene = Scene::with(|settings| settings.limits.tiers = true).await;
    let job = scene.job("j1", "C1");
    scene.put("j1:root", Some(&job), Act::Post(Slot::Root));
    scene.comes_to(&job, Reaction::Hourglass);
    // Each takes two removals, and ten may come at once.
    for number in 0..5 {
        scene.put(&format!("h{number}"), Some(&job), Act::React(Reaction::Hourglass));
    }
    scene.sent("h4").await;
    scene.comes_to(&job, Reaction::Check);
    scene.put("check", Some(&job), Act::React(Reaction::Check));
    for _ in 0..4 {
        // After three seconds there is room for one removal, and two are needed.
        let now = scene.clock.now();
        let row = scene.row("check", |row| row.status == Status::Sent || row.due > now).await;
        if row.status == Status::Sent {
            break;
        }
        scene.pass(3);
    }
    scene.sent("check").await;
    assert_eq!(scene.slack.said("C1")[0].reactions, [Reaction::Check.name()]);
}

#[tokio::test]
async fn a_reaction_that_the_job_has_moved_past_needs_no_call() {
    let scene = Scene::start().await;
    let job = scene.job("j1", "C1");
    scene.put("j1:root", Some(&job), Act::Post(Slot::Root));
    scene.sent("j1:root").await;
    scene.comes_to(&job, Reaction::Check);
    for (id, reaction) in [("1", Reaction::Eyes), ("2", Reaction::Hourglass), ("3", Reaction::Check)] {
        scene.put(id, Some(&job), Act::React(reaction));
    }
    scene.sent("3").await;
    assert_eq!(scene.slack.said("C1")[0].reactions, [Reaction::Check.name()]);
    assert_eq!(scene.slack.calls("reactions.add"), 1);
}

#[tokio::test]
async fn a_link_that_could_not_be_had_is_had_later() {
    let scene = Scene::start().await;
    let job = scene.job("j1", "C1");
    scene.slack.next("chat.getPermalink", crate::slack::loopback::Ending::Refuse("ratelimited"));
    scene.put("j1:root", Some(&job), Act::Post(Slot::Root));
    scene.sent("j1:root").await;
    assert_eq!(scene.posted(&job, &Slot::Root).unwrap().link, None);
    for id in ["1", "2"] {
        scene.pass(5);
        scene.put(id, Some(&job), Act::Update(Slot::Root));
        scene.sent(id).await;
        let root = scene.posted(&job, &Slot::Root).unwrap();
        assert_eq!(root.link.as_deref(), Some("https://x.slack.com/C1"));
    }
    assert_eq!(scene.slack.calls("chat.getPermalink"), 2);
}

#[tokio::test]
async fn a_message_is_changed_once_however_many_changes_wait() {
    let scene = Scene::start().await;
    let job = scene.job("j1", "C1");
    scene.put("j1:root", Some(&job), Act::Post(Slot::Root));
    scene.sent("j1:root").await;
    // It says so already.
    scene.put("1", Some(&job), Act::Update(Slot::Root));
    scene.sent("1").await;
    assert_eq!(scene.slack.calls("chat.update"), 0);
    scene.slack.next("chat.update", crate::slack::loopback::Ending::Refuse("ratelimited"));
    scene.comes_to(&job, Reaction::Check);
    for id in ["2", "3", "4"] {
        scene.put(id, Some(&job), Act::Update(Slot::Root));
    }
    scene.tried("2", 1).await;
    scene.pass(2);
    scene.sent("4").await;
    assert_eq!(scene.slack.calls("chat.update"), 2);
    assert_eq!(scene.texts("C1"), [(false, scene.words(&job, &Slot::Root))]);
}

#[tokio::test]
async fn what_waits_for_a_message_that_is_not_there_yet_holds_up_nothing() {
    let scene = Scene::with(|settings| settings.announce = Some(ChannelId::new("CALL"))).await;
    let job = scene.job("j1", "C1");
    scene.slack.next("chat.postMessage", crate::slack::loopback::Ending::Refuse("ratelimited"));
    scene.put("j1:root", Some(&job), Act::Post(Slot::Root));
    scene.tried("j1:root", 1).await;
    scene.put("1", Some(&job), Act::React(Reaction::Eyes));
    scene.put("2", Some(&job), Act::Update(Slot::Root));
    scene.put("j1:announcement/0", Some(&job), Act::Post(Slot::Announcement(0)));
    scene.sent("j1:announcement/0").await;
    assert_eq!((scene.slack.calls("reactions.add"), scene.slack.calls("chat.update")), (0, 0));
    scene.pass(2);
    scene.sent("1").await;
    scene.sent("2").await;
    assert_eq!(scene.slack.said("C1")[0].reactions, [Reaction::Eyes.name()]);
}

#[tokio::test]
async fn an_outcome_is_announced_while_its_thread_is_out_of_reach() {
    let scene = Scene::with(|settings| settings.announce = Some(ChannelId::new("CALL"))).await;
    let job = scene.job("j1", "C1");
    scene.put("j1:root", Some(&job), Act::Post(Slot::Root));
    scene.sent("j1:root").await;
    let wait = "retry-after: 60\r\ncontent-type: text/html\r\n";
    scene.slack.next("chat.postMessage", crate::slack::loopback::Ending::Raw(429, wait, "later"));
    scene.comes_to(&job, Reaction::Check);
    scene.put("j1:outcome/0", Some(&job), Act::Post(Slot::Outcome(0)));
    scene.tried("j1:outcome/0", 1).await;
    scene.put("j1:announcement/0", Some(&job), Act::Post(Slot::Announcement(0)));
    scene.sent("j1:announcement/0").await;
    assert_eq!((scene.texts("CALL").len(), scene.texts("C1").len()), (1, 1));
    scene.pass(60);
    scene.sent("j1:outcome/0").await;
}

#[tokio::test]
async fn the_whole_diff_goes_into_the_thread_as_a_file() {
    let scene = Scene::start().await;
    let job = scene.job("j1", "C1");
    scene.case(&job, 1);
    scene.put("j1:root", Some(&job), Act::Post(Slot::Root));
    scene.put("d2", Some(&job), Act::Post(Slot::Diff(1)));
    scene.sent("d2").await;
    let said = scene.slack.said("C1");
    let root = scene.posted(&job, &Slot::Root).unwrap();
    assert_eq!((said[1].files.len(), said[1].thread.as_deref()), (1, Some(root.ts.as_str())));
    assert_eq!(scene.posted(&job, &Slot::Diff(1)).unwrap().ts.as_str(), said[1].ts);
    assert_eq!(scene.slack.state().uploads["F0"], b"- s3:*\n+ s3:GetObject\n");
}

#[tokio::test]
async fn the_order_within_a_job_is_kept_though_a_message_has_to_wait() {
    let scene = Scene::start().await;
    let (one, other) = (scene.job("j1", "C1"), scene.job("j2", "C2"));
    scene.slack.next("chat.postMessage", crate::slack::loopback::Ending::Refuse("ratelimited"));
    scene.put("a1", Some(&one), Act::Post(Slot::Root));
    scene.put("a2", Some(&one), Act::Post(Slot::Card(1)));
    scene.tried("a1", 1).await;
    scene.put("b1", Some(&other), Act::Post(Slot::Root));
    scene.sent("b1").await;
    assert!(scene.slack.said("C1").is_empty());
    scene.pass(2);
    scene.sent("a2").await;
    assert_eq!(
        scene.texts("C1"),
        [(false, scene.words(&one, &Slot::Root)), (true, scene.words(&one, &Slot::Card(1)))]
    );
}
