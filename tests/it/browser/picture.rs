//! The README's picture. `ALPHA_SCREENSHOTS=docs cargo test --test it browser::picture` draws it anew.

use super::conversation::THREAD;
use super::story::story;

#[tokio::test]
async fn the_readme_shows_a_proposal_that_was_approved_and_rolled_out() {
    story("picture", (1280, 800), async |_, page| {
        page.dismiss_guide().await;
        let root = page.analyze("ci-deployer").await;
        page.open_thread(&root).await;
        page.become_user("U0ANA").await;
        page.press_and_confirm("approve").await;
        page.until_reaction(&root, "white_check_mark").await;
        page.until_says(THREAD, "All stages passed").await;
        page.until_says(THREAD, "Approved by @Ana Oliveira").await;
        page.until(
            "all is at rest",
            "
            document.activeElement.blur();
            document.getElementById('thread-scroll').scrollTop = 1e6;
            return !document.querySelector('[aria-busy]');",
        )
        .await;
        let bytes = page.keep_picture("playground").await;
        assert!((20_000..300_000).contains(&bytes), "{bytes} bytes");
    })
    .await;
}
