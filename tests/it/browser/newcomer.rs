//! The newcomer's story, whole: a role is narrowed, another one is taken back by itself, within a minute.

use std::time::{Duration, Instant};

use super::conversation::{THREAD, button, with_button};
use super::page::{ENTER, Page};
use super::story::story;

#[tokio::test]
async fn within_a_minute_a_newcomer_sees_a_role_narrowed_and_another_one_taken_back_by_itself() {
    story("newcomer", (1280, 860), async |demo, page| {
        page.keep_picture("1-start").await;
        let begun = Instant::now();
        let root = narrow(page).await;
        take_back(page).await;
        let took = begun.elapsed();
        assert!(took < Duration::from_mins(1), "it took {took:?}");

        let announced = page.announcements("ci-deployer").await;
        assert_eq!(announced.len(), 1, "{announced:?}");
        assert!(announced[0].contains("Approved by @Ana Oliveira"), "{announced:?}");
        let announced = page.announcements("monthly-report").await;
        assert_eq!(announced.len(), 1, "{announced:?}");
        assert!(
            announced[0].contains("athena:StartQueryExecution") || announced[0].contains("s3:GetObject"),
            "{announced:?}"
        );

        let narrowed = demo.job_of("ci-deployer");
        assert_eq!(narrowed["state"], "Succeeded");
        assert_eq!(narrowed["decision"]["verdict"], "approve");
        assert_eq!(demo.job_of("monthly-report")["state"], "RolledBack");
        draw(page, &root).await;
        stands_as_said(demo, page).await;
    })
    .await;
}

async fn narrow(page: &Page) -> String {
    page.type_into("[data-testid=composer]", "/alpha an").await;
    page.until_says(".hints", "propose a narrower policy for a role").await;
    page.type_into("[data-testid=composer]", &format!("alyze ci-deployer{ENTER}")).await;
    let root = page.root_that_says("ci-deployer", "Waiting for a decision").await;
    page.until_reaction(&root, "eyes").await;
    page.open_thread(&root).await;
    page.until_says(THREAD, "Narrow the role ci-deployer").await;
    page.until_says("[data-testid=guide]", "Switch to Ana").await;
    let card = page.text(&with_button("approve")).await;
    for words in [
        "SIMULATED",
        "@Riley Moreau",
        "What changes",
        "Proofs",
        "How it is rolled out",
        "Silence is never a yes",
    ] {
        assert!(card.contains(words), "{words:?} isn't in {card}");
    }
    page.keep_picture("2-card").await;

    page.become_user("U0ANA").await;
    page.press(&button("approve")).await;
    page.until_says("[data-testid=confirm]", "ci-deployer").await;
    page.keep_picture("3-confirm").await;
    page.press("[data-testid=confirm-accept]").await;

    page.root_that_says("ci-deployer", "Canary: watched for 6 s").await;
    page.until_reaction(&root, "hourglass_flowing_sand").await;
    page.keep_picture("4-canary").await;
    page.root_that_says("ci-deployer", "Target: watched for 6 s").await;
    page.root_that_says("ci-deployer", "Done: the role is narrowed.").await;
    page.until_says(THREAD, "All stages passed, and its policies were read back.").await;
    page.until_reaction(&root, "white_check_mark").await;
    page.until_says(THREAD, "Approved: the role ci-deployer").await;
    page.until_says(THREAD, "Approved by @Ana Oliveira").await;
    for action in ["approve", "deny", "diff", "cancel"] {
        assert_eq!(page.count(&button(action)).await, 0, "{action} is still there");
    }
    page.until_says("[data-testid=guide]", "/alpha analyze monthly-report").await;
    page.keep_picture("5-narrowed").await;
    root
}

async fn take_back(page: &Page) {
    page.become_user("U0RILEY").await;
    let root = page.analyze("monthly-report").await;
    page.open_thread(&root).await;
    page.become_user("U0BEN").await;
    page.press_and_confirm("approve").await;
    page.root_that_says("monthly-report", "Taken back: the role stands as it did before.").await;
    page.until_reaction(&root, "rewind").await;
    page.until_says(THREAD, "The change was taken back.").await;
    page.until_says(THREAD, "Approved by @Ben Achterberg").await;
    let outcome =
        page.texts(THREAD).await.into_iter().find(|one| one.contains("The change was taken back.")).unwrap();
    assert!(outcome.contains("denied by the change"), "{outcome}");
    assert!(outcome.contains("athena:StartQueryExecution") || outcome.contains("s3:GetObject"), "{outcome}");
    page.until_says("[data-testid=guide]", "the change is taken back by itself").await;
    page.keep_picture("6-taken-back").await;
}

/// The README's picture: the proposal with its decision and outcome, beside what became of both roles.
async fn draw(page: &Page, root: &str) {
    page.dismiss_guide().await;
    page.resize(1600, 1000, 0.8).await;
    page.open_thread(root).await;
    page.until_says(THREAD, "All stages passed").await;
    // Away from the messages, which show their tools under the mouse.
    page.press("#channel-name").await;
    let card = "const card = [...document.querySelectorAll(arguments[0])].find(one => one.innerText.includes('Approved: the role'));
        const place = document.getElementById('thread-scroll');
        place.scrollTop += card.getBoundingClientRect().top - place.getBoundingClientRect().top;";
    page.ask(card, &[serde_json::json!(THREAD)]).await;
    let bytes = page.keep_picture("playground").await;
    assert!((20_000..300_000).contains(&bytes), "{bytes} bytes");
    page.resize(1280, 860, 1.0).await;
}

/// Whoever asks for the roles again is told how they stand now: nothing is left to take from the one, and the other
/// has the very policies that it had.
async fn stands_as_said(demo: &super::demo::Demo, page: &Page) {
    let before = demo.diff_of("monthly-report");
    page.become_user("U0RILEY").await;
    page.say("/alpha analyze ci-deployer").await;
    page.root_that_says("ci-deployer", "Ended: there is nothing to take from the role.").await;
    assert_eq!(demo.job_of("ci-deployer")["state"], "NothingToDo");
    page.analyze("monthly-report").await;
    let after = demo.diff_of("monthly-report");
    assert_ne!(before["job"], after["job"]);
    assert_eq!(before["present"], after["present"]);
    assert_ne!(after["present"], after["proposed"]);
}
