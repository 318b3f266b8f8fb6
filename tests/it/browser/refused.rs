//! Who may not decide hears so alone, and changes nothing.

use super::conversation::{WHISPER, button, with_button};
use super::story::story;

#[tokio::test]
async fn the_guest_the_stranger_and_the_requester_are_refused_and_nobody_else_hears_of_it() {
    story("refused", (1280, 860), async |demo, page| {
        let root = page.analyze("ci-deployer").await;
        page.open_thread(&root).await;
        let card = page.text(&with_button("approve")).await;
        let job = demo.job_of("ci-deployer");

        page.press_and_confirm("approve").await;
        page.until_says(WHISPER, "You asked for this yourself, so somebody else has to approve it.").await;
        page.keep_picture("refused-requester").await;

        for user in ["U0GUS", "U0SAM"] {
            page.become_user(user).await;
            page.until_says(&with_button("approve"), "Narrow the role ci-deployer").await;
            assert_eq!(page.count(WHISPER).await, 0, "{user} hears what was meant for others");
            page.press_and_confirm("approve").await;
            page.until_says(WHISPER, "There is nothing here that you can decide.").await;
            page.keep_picture(&format!("refused-{user}")).await;
            page.press(&button("diff")).await;
            let twice = format!("return document.querySelectorAll('{WHISPER}').length === 2");
            page.until("the whole diff is refused too", &twice).await;
        }

        page.become_user("U0ANA").await;
        page.until_says(&with_button("approve"), "Narrow the role ci-deployer").await;
        assert_eq!(page.count(WHISPER).await, 0, "Ana hears what was meant for others");
        assert_eq!(page.count("[data-file-id]").await, 0);
        assert_eq!(page.text(&with_button("approve")).await, card);
        assert_eq!(demo.job_of("ci-deployer"), job);
        page.until_reaction(&root, "eyes").await;
    })
    .await;
}

#[tokio::test]
async fn a_guest_who_asks_for_an_analysis_is_told_that_they_may_not() {
    story("guest", (1280, 860), async |demo, page| {
        page.pick("[data-testid=user-switcher]", "U0GUS").await;
        page.until("Gus acts", "return document.body.dataset.user === 'U0GUS'").await;
        page.say("/alpha analyze ci-deployer").await;
        let whisper = "[data-testid=message-list] .message[data-ephemeral=true]";
        page.until_says(whisper, "You may not ask for an analysis of ci-deployer").await;
        assert_eq!(demo.jobs(&["list"]), serde_json::json!([]));
    })
    .await;
}

#[tokio::test]
async fn names_in_an_answer_read_as_they_were_typed() {
    story("names", (1280, 860), async |_, page| {
        let whisper = "[data-testid=message-list] .message[data-ephemeral=true]";
        page.say("/alpha analyze _ci_").await;
        page.until_says(whisper, "Analysing _ci_ over").await;
        page.say("/alpha analyze *ci* :tada: `ci`").await;
        page.until_says(whisper, "*ci*").await;
        page.say("/alpha analyze :tada:").await;
        page.until_says(whisper, ":tada:").await;
        assert_eq!(page.count(&format!("{whisper} .said :is(em, strong, code, .emoji)")).await, 0);
    })
    .await;
}
