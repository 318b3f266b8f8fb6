//! The page as somebody sees and uses it: looking, pressing, typing, and waiting until something is so.

use std::time::{Duration, Instant};

use axum::http::Method;
use fantoccini::error::CmdError;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};
use url::{ParseError, Url};

use super::story::pictures;

/// How long anything may take to become so. Generous, because other tests share the machine; what has to be quick is
/// measured by itself.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often it is looked.
const GLANCE: Duration = Duration::from_millis(60);

/// The key that sends.
pub const ENTER: &str = "\u{e007}";
/// The key that goes to what can be used next.
pub const TAB: &str = "\u{e004}";

/// An open page.
pub struct Page {
    browser: Client,
}

impl Page {
    /// Opens the page in a window whose inside has this size.
    pub async fn open(browser: Client, address: &str, (width, height): (u32, u32)) -> Self {
        let page = Self { browser };
        page.resize(width, height, 1.0).await;
        page.browser.goto(address).await.unwrap();
        page.until("the page knows who is acting", "return document.body.dataset.user === 'U0RILEY'").await;
        page
    }

    /// Gives the window's inside a size, and pictures of it a scale; windows have a least width of their own, phones
    /// don't.
    pub async fn resize(&self, width: u32, height: u32, scale: f64) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": scale, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Has the system prefer dark or light colours.
    pub async fn prefer(&self, scheme: &str) {
        let wish = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.devtools("Emulation.setEmulatedMedia", wish).await;
    }

    async fn devtools(&self, command: &'static str, parameters: Value) {
        self.browser.issue_cmd(DevTools(command, parameters)).await.unwrap();
    }

    /// Ends the browser.
    pub async fn close(self) {
        let _ = self.browser.close().await;
    }

    /// What a script answers. It finds its arguments in `arguments`.
    pub async fn ask(&self, script: &str, arguments: &[Value]) -> Value {
        self.browser
            .execute(script, arguments.to_vec())
            .await
            .unwrap_or_else(|error| panic!("{error}: {script}"))
    }

    /// Waits until a script answers something else than nothing, false or an empty text, and gives that.
    pub async fn until(&self, what: &str, script: &str) -> Value {
        self.until_with(what, script, &[]).await
    }

    /// The same, with arguments.
    pub async fn until_with(&self, what: &str, script: &str, arguments: &[Value]) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.ask(script, arguments).await;
            if !matches!(answer, Value::Null | Value::Bool(false)) && answer != json!("") {
                return answer;
            }
            if Instant::now() > deadline {
                let seen = self.ask("return document.body.innerText", &[]).await;
                panic!("in vain waited until {what}; the page says:\n{}", seen.as_str().unwrap_or_default());
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Waits until there is such an element and it says this.
    pub async fn until_says(&self, css: &str, words: &str) {
        let script = "return [...document.querySelectorAll(arguments[0])].some(one => one.innerText.includes(arguments[1]))";
        self.until_with(&format!("{css} says {words:?}"), script, &[json!(css), json!(words)]).await;
    }

    /// What all such elements say.
    pub async fn texts(&self, css: &str) -> Vec<String> {
        let script = "return [...document.querySelectorAll(arguments[0])].map(one => one.innerText)";
        serde_json::from_value(self.ask(script, &[json!(css)]).await).unwrap()
    }

    /// What the one such element says.
    pub async fn text(&self, css: &str) -> String {
        let mut texts = self.texts(css).await;
        assert_eq!(texts.len(), 1, "{css}: {texts:?}");
        texts.remove(0)
    }

    /// How many such elements there are.
    pub async fn count(&self, css: &str) -> usize {
        self.texts(css).await.len()
    }

    /// Presses the first such element with the mouse, once it is there and nothing covers it.
    pub async fn press(&self, css: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let pressed = async { self.browser.find(Locator::Css(css)).await?.click().await }.await;
            match pressed {
                Ok(()) => return,
                // It is drawn anew, comes yet, or something passes over it.
                Err(CmdError::Standard(_)) if Instant::now() < deadline => tokio::time::sleep(GLANCE).await,
                Err(error) => panic!("{css} can't be pressed: {error}"),
            }
        }
    }

    /// Types into an element.
    pub async fn type_into(&self, css: &str, text: &str) {
        let field = self.browser.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Presses keys, wherever the focus is.
    pub async fn keys(&self, keys: &str) {
        self.browser.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// Picks a value of a list.
    pub async fn pick(&self, css: &str, value: &str) {
        let list = self.browser.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await.unwrap();
        list.select_by_value(value).await.unwrap();
    }

    /// Keeps a picture of what is on the screen.
    pub async fn keep_picture(&self, name: &str) -> usize {
        let Ok(picture) = self.browser.screenshot().await else { return 0 };
        std::fs::write(pictures().join(format!("{name}.png")), &picture).unwrap();
        picture.len()
    }
}

/// A command of the browser's own tools.
#[derive(Debug)]
struct DevTools(&'static str, Value);

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({"cmd": self.0, "params": self.1}).to_string()))
    }
}
