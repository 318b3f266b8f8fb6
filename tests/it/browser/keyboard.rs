//! Without a mouse: the whole way from asking to approving.

use serde_json::json;

use super::conversation::THREAD;
use super::page::{ENTER, Page, TAB};
use super::story::story;

/// Tab, backwards: shift held, tab, shift let go.
const BACK_TAB: &str = "\u{e008}\u{e004}\u{e000}";
/// How many stops a way may have.
const STOPS: usize = 60;

#[tokio::test]
async fn a_role_is_asked_for_and_approved_with_the_keyboard_alone() {
    story("keyboard", (1280, 860), async |demo, page| {
        page.keys(TAB).await;
        focus_is(page, ".skip").await;
        page.keys(ENTER).await;
        focus_is(page, "[data-testid=composer]").await;
        page.keys("/alpha an").await;
        page.until_says(".hints", "/alpha analyze").await;
        page.keys(TAB).await;
        page.keys(&format!("ci-deployer{ENTER}")).await;
        let root = page.root_that_says("ci-deployer", "Waiting for a decision").await;
        focus_is(page, "[data-testid=composer]").await;

        walk(page, BACK_TAB, &format!("[data-open-thread='{root}']")).await;
        page.keys(ENTER).await;
        page.until_says(THREAD, "Narrow the role ci-deployer").await;

        walk(page, BACK_TAB, "[data-testid=user-switcher]").await;
        page.keys("Ana").await;
        page.until("Ana acts", "return document.body.dataset.user === 'U0ANA'").await;
        page.until_says(THREAD, "Narrow the role ci-deployer").await;
        focus_is(page, "[data-testid=user-switcher]").await;
        walk(page, TAB, "[data-testid=thread-list] [data-action-id=approve]").await;
        page.keep_picture("keyboard-focus").await;
        page.keys(ENTER).await;
        page.until("a question is asked", "return document.querySelector('[data-testid=confirm]') !== null")
            .await;
        walk(page, TAB, "[data-testid=confirm-accept]").await;
        page.keys(ENTER).await;
        page.until_says(THREAD, "Approved by @Ana Oliveira").await;
        page.until(
            "the focus stays in the thread",
            "return document.activeElement.closest('[data-testid=thread-panel]') !== null",
        )
        .await;
        page.keys("\u{e00c}").await;
        page.until(
            "escape closes the thread",
            "return document.querySelector('[data-testid=thread-panel]').hidden",
        )
        .await;
        focus_is(page, "[data-testid=composer]").await;
        assert_eq!(demo.job_of("ci-deployer")["decision"]["by"], "ana");
    })
    .await;
}

async fn focus_is(page: &Page, css: &str) {
    let script = "return document.activeElement.matches(arguments[0])";
    page.until_with(&format!("the focus is on {css}"), script, &[json!(css)]).await;
}

/// Goes from stop to stop until it is there; each stop has to be visible.
async fn walk(page: &Page, step: &str, css: &str) {
    let script = "const one = document.activeElement, box = one.getBoundingClientRect();
        return { there: one.matches(arguments[0]), where: one.outerHTML.slice(0, 160),
                 seen: one === document.body || (box.width > 0 && box.bottom > 0 && box.top < innerHeight
                       && getComputedStyle(one).outlineStyle !== 'none') || one.matches('.composer-text') };";
    let mut stops = Vec::new();
    for _ in 0..STOPS {
        page.keys(step).await;
        let stop = page.ask(script, &[json!(css)]).await;
        assert_eq!(stop["seen"], true, "the focus can't be seen: {}", stop["where"]);
        if stop["there"] == true {
            return;
        }
        stops.push(stop["where"].as_str().unwrap_or_default().to_owned());
    }
    panic!("{css} isn't reached by {STOPS} stops: {stops:#?}");
}
