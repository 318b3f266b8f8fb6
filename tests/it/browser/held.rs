//! A role that falls silent can't be judged: a person is asked, and what they say is done.

use super::conversation::{THREAD, button, with_button};
use super::story::story;

#[tokio::test]
async fn a_silent_role_is_held_until_somebody_lets_it_go_on_or_takes_it_back() {
    story("held", (1280, 860), async |demo, page| {
        demo.silence("web-app");
        let root = page.analyze("web-app").await;
        page.open_thread(&root).await;
        page.become_user("U0ANA").await;
        page.press_and_confirm("approve").await;
        page.root_that_says("web-app", "Held in the canary stage").await;
        page.until_says(&with_button("continue"), "too few calls to judge by").await;
        let job = demo.job_of("web-app");
        assert_eq!((&job["state"], &job["stage"]), (&"Held".into(), &"canary".into()));
        page.keep_picture("held").await;

        page.press(&button("continue")).await;
        page.until_says("[data-testid=confirm]", "although its health wasn't shown").await;
        page.press("[data-testid=confirm-accept]").await;
        page.until_says(THREAD, "The question whether to go on is answered.").await;
        page.root_that_says("web-app", "Held in the target stage").await;
        page.until_says(&with_button("rollback"), "Held in the target stage").await;
        assert_eq!(page.count(&button("continue")).await, 1, "the first question is still open");

        page.press(&button("rollback")).await;
        page.root_that_says("web-app", "Taken back").await;
        page.until_reaction(&root, "rewind").await;
        page.until_says(THREAD, "The change was taken back.").await;
        assert_eq!(page.count(&button("rollback")).await, 0);
        assert_eq!(demo.job_of("web-app")["state"], "RolledBack");
    })
    .await;
}
