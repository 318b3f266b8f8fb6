//! One story: a demo, a browser at its page, and an end that cleans up however the story ends.

use std::panic::AssertUnwindSafe;
use std::path::PathBuf;

use futures_util::FutureExt as _;
use tokio::sync::Semaphore;

use super::chromedriver::Chromedriver;
use super::demo::Demo;
use super::page::Page;

/// How many stories are told at a time: a browser is heavy, and the deadlines are for two cores.
static ROOM: Semaphore = Semaphore::const_new(2);

/// Tells a story in a window of this size. Where it fails, a picture of what was on the screen is kept, and what the
/// demo wrote to its log is shown.
pub async fn story(name: &str, (width, height): (u32, u32), tell: impl AsyncFnOnce(&Demo, &Page)) {
    let _room = ROOM.acquire().await.unwrap();
    let demo = Demo::start();
    let driver = Chromedriver::start();
    let page = Page::open(driver.browser(width, height).await, &demo.address, (width, height)).await;
    let told = AssertUnwindSafe(tell(&demo, &page)).catch_unwind().await;
    if let Err(panic) = told {
        page.keep_picture(&format!("failed-{name}")).await;
        eprintln!("{name}: the demo's log:\n{}", demo.log());
        page.close().await;
        drop(driver);
        std::panic::resume_unwind(panic);
    }
    page.close().await;
}

/// Where pictures are kept.
pub fn pictures() -> PathBuf {
    let folder = std::env::var_os("ALPHA_SCREENSHOTS").map_or_else(
        || PathBuf::from(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("screenshots"),
        PathBuf::from,
    );
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
