//! Taking back what had succeeded.

use super::conversation::{THREAD, button};
use super::story::story;

#[tokio::test]
async fn a_success_can_be_taken_back_from_its_outcome_after_one_more_question() {
    story("rollback", (1280, 860), async |demo, page| {
        let root = page.analyze("bounded").await;
        page.open_thread(&root).await;
        page.become_user("U0BEN").await;
        page.press_and_confirm("approve").await;
        page.until_reaction(&root, "white_check_mark").await;
        let succeeded = page.announcements("bounded").await;
        page.open_thread(&root).await;

        page.press(&button("rollback")).await;
        page.until_says("[data-testid=confirm]", "gets back the policies that it had before this change")
            .await;
        page.press("[data-testid=confirm-deny]").await;
        page.until("the question is gone", "return !document.querySelector('[data-testid=confirm]')").await;
        assert_eq!(demo.job_of("bounded")["state"], "Succeeded");

        page.press_and_confirm("rollback").await;
        page.root_that_says("bounded", "Taken back: the role stands as it did before.").await;
        page.until_reaction(&root, "rewind").await;
        page.until_says(THREAD, "It was taken back after that.").await;
        page.until_says(THREAD, "The change was taken back.").await;
        assert_eq!(page.count(&button("rollback")).await, 0);
        page.keep_picture("rolled-back-by-hand").await;
        let announced = page.announcements("bounded").await;
        assert_eq!((succeeded.len(), announced.len()), (1, 2), "{announced:?}");
        let job = demo.job_of("bounded");
        assert_eq!((&job["state"], &job["epoch"]), (&"RolledBack".into(), &1.into()));
    })
    .await;
}
