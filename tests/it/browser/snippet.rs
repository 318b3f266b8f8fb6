//! The whole diff, as a snippet in the thread.

use super::conversation::{WHISPER, button};
use super::story::story;

#[tokio::test]
async fn the_whole_diff_comes_into_the_thread_once_however_many_ask_for_it() {
    story("snippet", (1280, 860), async |demo, page| {
        let root = page.analyze("web-app").await;
        page.open_thread(&root).await;
        page.press(&button("diff")).await;
        page.until_says("[data-testid=thread-list] [data-file-id] summary", "web-app").await;
        page.press("[data-testid=thread-list] [data-file-id] summary").await;
        let shown = page.text("[data-testid=thread-list] [data-file-id] pre").await;
        let whole = demo.whole_diff_of("web-app");
        assert!(whole.lines().count() > 100, "{whole}");
        assert_eq!(shown.trim(), whole.trim());
        page.keep_picture("whole-diff").await;

        page.press(&button("diff")).await;
        page.until_says(WHISPER, "The whole diff is in this thread already.").await;
        page.become_user("U0ANA").await;
        page.press(&button("diff")).await;
        page.until_says(WHISPER, "The whole diff is in this thread already.").await;
        assert_eq!(page.count("[data-testid=thread-list] [data-file-id]").await, 1);
    })
    .await;
}
