//! On a narrow window, in the dark and in the light, everything can be seen, read and used.

use serde_json::Value;

use super::conversation::{THREAD, button};
use super::page::Page;
use super::story::story;

/// What sticks out of the window, but for what scrolls within a frame of its own.
const OUTSIDE: &str = "
    const scrolls = (one) => { for (let up = one.parentElement; up && up !== document.body; up = up.parentElement)
        if (/auto|scroll/.test(getComputedStyle(up).overflowX) && !up.classList.contains('scroll')) return true; return false; };
    return [...document.querySelectorAll('body *')].filter((one) => {
        const box = one.getBoundingClientRect();
        const seen = one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && box.width > 1 && box.height > 1;
        return seen && (box.right > innerWidth + 0.5 || box.left < -0.5) && !scrolls(one);
    }).map((one) => one.outerHTML.slice(0, 120))
      .concat([...document.querySelectorAll('.scroll, .modal-body, .drawer-body, .sidebar')].filter((one) => one.scrollWidth > one.clientWidth).map((one) => `${one.id || one.className} scrolls sideways`));";

/// Text whose contrast with what is behind it is too little to be read, by WCAG 2's measure.
const FAINT: &str = "
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    const rgba = (css) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = css; canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255]; };
    const over = (top, below) => top.slice(0, 3).map((c, i) => c * top[3] + below[i] * (1 - top[3]));
    const ground = (one) => { const layers = []; for (let up = one; up; up = up.parentElement) layers.push(rgba(getComputedStyle(up).backgroundColor));
        return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]); };
    const light = (rgb) => { const [r, g, b] = rgb.map((c) => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    return [...document.querySelectorAll('body *')].filter((one) => {
        const says = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        if (!says || one.matches('option, noscript, .emoji') || !one.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return false;
        const below = ground(one), front = light(over(rgba(getComputedStyle(one).color), below)), back = light(below);
        return (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05) < 4.5;
    }).map((one) => `${one.className}: ${one.innerText.slice(0, 60)}`);";

#[tokio::test]
async fn on_a_phone_everything_is_within_reach_in_the_dark_and_in_the_light() {
    story("narrow", (360, 740), async |demo, page| {
        for scheme in ["light", "dark"] {
            page.prefer(scheme).await;
            page.keep_picture(&format!("narrow-{scheme}-start")).await;
            fine(page, &format!("the start, {scheme}")).await;
        }
        let root = page.analyze("ci-deployer").await;
        both(page, "narrow", "channel").await;
        page.open_thread(&root).await;
        page.until_says(THREAD, "Narrow the role ci-deployer").await;
        both(page, "narrow", "card").await;
        page.press("[data-testid=thread-close]").await;

        page.press("[data-testid=open-menu]").await;
        page.until(
            "the menu is open",
            "return document.getElementById('sidebar').getBoundingClientRect().left === 0",
        )
        .await;
        both(page, "narrow", "menu").await;
        page.become_user("U0ANA").await;
        page.press("[data-testid=channel-list] [data-channel=C0REQUESTS]").await;
        page.until(
            "the menu is closed",
            "return !document.getElementById('sidebar').checkVisibility({ visibilityProperty: true })",
        )
        .await;
        page.open_thread(&root).await;
        page.press(&button("deny")).await;
        page.until_says("[data-testid=modal]", "Reason").await;
        both(page, "narrow", "modal").await;
        page.press("[data-testid=modal-close]").await;
        page.press(&button("diff")).await;
        page.press("[data-testid=thread-list] [data-file-id] summary").await;
        both(page, "narrow", "diff").await;
        page.press(&button("approve")).await;
        page.until_says("[data-testid=confirm]", "ci-deployer").await;
        both(page, "narrow", "confirm").await;
        page.press("[data-testid=confirm-accept]").await;
        page.until_says(THREAD, "All stages passed").await;
        both(page, "narrow", "narrowed").await;
        assert_eq!(demo.job_of("ci-deployer")["state"], "Succeeded");
    })
    .await;
}

#[tokio::test]
async fn on_a_wide_screen_everything_can_be_read_in_the_dark_and_in_the_light() {
    story("wide", (1440, 900), async |_, page| {
        both(page, "wide", "start").await;
        let root = page.analyze("admin-everything").await;
        page.open_thread(&root).await;
        page.until_says(THREAD, "Narrow the role admin-everything").await;
        both(page, "wide", "card").await;
        page.press("[data-testid=open-log]").await;
        page.until_says("[data-testid=log]", "chat.postMessage").await;
        both(page, "wide", "log").await;
        page.press("[data-testid=open-faults]").await;
        page.until_says("[data-testid=faults]", "Nothing is planned.").await;
        both(page, "wide", "faults").await;
        page.resize(800, 700, 1.0).await;
        fine(page, "a tablet").await;
        page.press("[data-testid=faults] .drawer-close").await;
        page.prefer("light").await;
        page.keep_picture("tablet-light-card").await;
        fine(page, "a tablet without the drawer").await;
    })
    .await;
}

/// Looks at what is on the screen in the light and in the dark, and keeps a picture of each.
async fn both(page: &Page, size: &str, what: &str) {
    for scheme in ["light", "dark"] {
        page.prefer(scheme).await;
        page.keep_picture(&format!("{size}-{scheme}-{what}")).await;
        fine(page, &format!("{what}, {scheme}")).await;
    }
}

async fn fine(page: &Page, what: &str) {
    for (problem, script) in [("sticks out of the window", OUTSIDE), ("can't be read", FAINT)] {
        let found = page.ask(script, &[]).await;
        assert_eq!(found, Value::Array(Vec::new()), "{what}: this {problem}");
    }
}
