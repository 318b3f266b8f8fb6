//! How long messages take when Slack is called no faster than it allows.

use std::time::Duration;

use crate::domain::delivery::{Act, Reaction, Slot, Status};
use crate::domain::ids::{ChannelId, JobId};
use crate::slack::pacing::Limits;

use super::scene::Scene;

/// With Slack's own rates, in which nobody waits in place: time is the test's.
async fn paced() -> Scene {
    Scene::with(|settings| {
        settings.announce = Some(ChannelId::new("CALL"));
        settings.limits = Limits { patience: Duration::ZERO, ..Limits::default() };
    })
    .await
}

/// What a job asks to be told at each of its steps, by the second in which it takes it; the last one is its end.
fn story() -> Vec<(i64, Reaction, Vec<Act>)> {
    let root = || Act::Update(Slot::Root);
    let mut story = vec![
        (0, Reaction::Eyes, vec![Act::Post(Slot::Root), Act::React(Reaction::Eyes)]),
        (1, Reaction::Eyes, vec![root()]),
        (2, Reaction::Eyes, vec![Act::Post(Slot::Card(1)), root()]),
        (4, Reaction::Hourglass, vec![Act::Update(Slot::Card(1)), root(), Act::React(Reaction::Hourglass)]),
    ];
    story.extend((5..17).step_by(2).map(|second| (second, Reaction::Hourglass, vec![root()])));
    story.push((
        17,
        Reaction::Check,
        vec![
            Act::Update(Slot::Card(1)),
            root(),
            Act::Post(Slot::Outcome(0)),
            Act::Post(Slot::Announcement(0)),
            Act::React(Reaction::Check),
        ],
    ));
    story
}

impl Scene {
    /// A job takes a step.
    fn steps(&self, job: &JobId, (second, reaction, acts): &(i64, Reaction, Vec<Act>)) {
        self.comes_to(job, *reaction);
        for (number, act) in acts.iter().enumerate() {
            let id = match act {
                Act::Post(slot) => slot.row(job).to_string(),
                _ => format!("{job}:{second}/{number}"),
            };
            self.put(&id, Some(job), act.clone());
        }
    }

    /// How many of these were sent.
    fn sent_of(&self, is: impl Fn(&Act) -> bool) -> usize {
        let state = self.store.state();
        state.rows.iter().filter(|held| held.row.status == Status::Sent && is(&held.row.act)).count()
    }
}

#[tokio::test]
async fn outcomes_of_many_jobs_wait_for_posts_alone() {
    let scene = paced().await;
    let jobs: Vec<JobId> = (0..9).map(|number| scene.job(&format!("j{number}"), "C1")).collect();
    let story = story();
    let (mut outcomes, mut decided) = (None, None);
    // By then the eyes have been on all of them, and whatever was worth saying is said.
    for quarter in 0..4 * 60 {
        for step in story.iter().filter(|(second, ..)| second * 4 == quarter) {
            jobs.iter().for_each(|job| scene.steps(job, step));
        }
        scene.settles().await;
        let cards = |act: &Act| *act == Act::Update(Slot::Card(1));
        let ends = |act: &Act| matches!(act, Act::Post(Slot::Outcome(_) | Slot::Announcement(_)));
        if decided.is_none() && scene.sent_of(cards) >= jobs.len() {
            decided = Some(quarter);
        }
        if outcomes.is_none() && scene.sent_of(ends) == 2 * jobs.len() {
            outcomes = Some(quarter);
        }
        scene.pass_milliseconds(250);
    }
    // Roots and cards, of which a channel takes one a second, keep it busy until the fifteenth second or so.
    let decided = decided.unwrap() / 4;
    assert!(decided <= 16, "the last card has lost its buttons after {decided} s");
    let waited = outcomes.unwrap() / 4 - 17;
    assert!(waited <= 10, "the last of nine outcomes came after {waited} s");
    let roots = scene.slack.said("C1").into_iter().filter(|said| said.thread.is_none());
    for (said, job) in roots.zip(&jobs) {
        assert_eq!(said.text, scene.words(job, &Slot::Root));
        assert_eq!(said.reactions, [Reaction::Check.name()]);
    }
}

#[tokio::test]
async fn a_long_backlog_is_claimed_once_for_each_row_that_waits() {
    let scene = paced().await;
    for number in 0..60 {
        let job = scene.job(&format!("j{number}"), "C1");
        scene.put(Slot::Root.row(&job).as_str(), Some(&job), Act::Post(Slot::Root));
    }
    for _ in 0..4 * 60 {
        scene.settles().await;
        scene.pass_milliseconds(250);
    }
    assert_eq!(scene.sent_of(|act| *act == Act::Post(Slot::Root)), 60);
    let claims = scene.store.state().claims;
    assert!(claims <= 120, "{claims} claims");
}
