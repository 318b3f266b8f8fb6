//! What people read of a proposal, from a real analysis to the card.

use alpha::domain::delivery::Slot;
use alpha::domain::job::State;
use alpha::slack::blocks::{Context, message};

use super::house::House;

/// All that the card of a role's proposal says.
async fn card(role: &str) -> (alpha::domain::proposal::Case, String) {
    let house = House::new().await;
    let process = house.start("process");
    let id = process.analyze(role).await;
    let state = process.drive(&house, &id).await;
    assert!(matches!(state, State::AwaitingDecision { .. }), "{state:?}");
    let case = process.case(&id).await;
    let card = message(&Slot::Card(1), &process.job(&id).await, Some(&case), &Context::default());
    (case, serde_json::to_string(&card.blocks).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_names_what_decides_over_access_before_it_is_folded() {
    let (_, card) = card("admin-everything").await;
    let place = |part: &str| card.find(part).unwrap_or_else(|| panic!("no {part} in {card}"));
    for service in ["iam: ", "kms: ", "sts: "] {
        assert!(place(service) < place(" more actions"), "{service}");
    }
    let question = card.rsplit("are lost").next().unwrap();
    assert!(question.contains(": iam: "), "the question whether one is sure: {question}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_does_not_exist_is_told_with_what_to_do_and_in_the_thread_alone() {
    let house = House::new().await;
    let process = house.start("process");
    for (role, expected) in [
        (
            "ci-deplyer",
            "There is no role called ci-deplyer in this account; did you mean ci-deployer? Then say: /alpha analyze \
             ci-deployer",
        ),
        (
            "no-such-thing",
            "There is no role called no-such-thing in this account. Look its name up in IAM, and ask again with that.",
        ),
    ] {
        let id = process.analyze(role).await;
        let State::Failed { why } = process.drive(&house, &id).await else { panic!("{role} is found") };
        assert_eq!(why, expected);
        process.is_told_and_written_down(&id).await;
        let posts = process.posts(&id).await;
        assert!(!posts.iter().any(|slot| matches!(slot, Slot::Announcement(_))), "{posts:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_no_more_days_of_use_than_were_asked_for() {
    let (case, card) = card("ci-deployer").await;
    assert_eq!((case.coverage.days, case.coverage.asked_days), (90, 90));
    assert!(card.contains("on 90 days, of 90 asked for"), "{card}");
}
