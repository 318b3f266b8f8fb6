//! Denying: it takes a reason, and what somebody writes has no power over the page or over people.

use super::conversation::{THREAD, button};
use super::page::Page;
use super::story::story;

/// A reason that would shout, embolden and call people if it could.
const REASON: &str = "<!channel> *not* before the freeze, ask <@U0GUS> & <https://example.com|here>";

#[tokio::test]
async fn a_denial_takes_a_reason_that_everybody_reads_exactly_as_it_was_written() {
    story("denied", (1280, 860), async |demo, page| {
        let root = page.analyze("web-app").await;
        page.open_thread(&root).await;
        page.become_user("U0ANA").await;
        page.press(&button("deny")).await;
        page.until_says("[data-testid=modal][data-callback-id=deny]", "web-app").await;
        refuses(page, "").await;
        refuses(page, " \n ").await;
        page.keep_picture("deny-without-reason").await;
        assert_eq!(demo.job_of("web-app")["state"], "AwaitingDecision");

        page.ask("document.querySelector('[data-testid=modal] textarea').value = ''", &[]).await;
        page.type_into("[data-testid=modal] textarea", REASON).await;
        page.press("[data-testid=modal-submit]").await;
        page.until("the modal is gone", "return !document.querySelector('[data-testid=modal]')").await;
        page.root_that_says("web-app", "Ended: the change was denied.").await;
        page.until_reaction(&root, "x").await;
        page.until_says(THREAD, "Denied by @Ana Oliveira").await;
        page.until_says(THREAD, "The change was denied.").await;
        assert_eq!(page.count(&button("approve")).await, 0);

        let told = page.texts(THREAD).await;
        assert_eq!(told.iter().filter(|one| one.contains(REASON)).count(), 2, "card and outcome: {told:?}");
        inert(page).await;
        page.keep_picture("denied").await;
        let announced = page.announcements("web-app").await;
        assert_eq!(announced.len(), 1, "{announced:?}");
        assert!(announced[0].contains("A change of a role was denied."), "{announced:?}");
        assert!(announced[0].contains(REASON), "{announced:?}");
        inert(page).await;
        let job = demo.job_of("web-app");
        assert_eq!((&job["state"], &job["decision"]["reason"]), (&"Denied".into(), &REASON.into()));
    })
    .await;
}

async fn refuses(page: &Page, reason: &str) {
    page.type_into("[data-testid=modal] textarea", reason).await;
    page.press("[data-testid=modal-submit]").await;
    page.until(
        "the reason is asked for",
        "
        const problem = document.querySelector('[data-testid=modal] [data-error-for=reason]');
        return problem && !problem.hidden && problem.innerText;",
    )
    .await;
}

/// Nothing that was written has become a mention, a link or bold type.
async fn inert(page: &Page) {
    assert_eq!(page.count("[data-broadcast]").await, 0);
    assert_eq!(page.count("[data-mention=U0GUS]").await, 0);
    assert_eq!(page.count("a[href*='example.com']").await, 0);
    let bold = page.texts(".said strong").await;
    assert!(!bold.iter().any(|one| one == "not"), "{bold:?}");
}
