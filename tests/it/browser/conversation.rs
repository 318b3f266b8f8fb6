//! What people do and see in the conversation, in their own words.

use serde_json::json;

use super::page::{ENTER, Page};

/// Where people ask.
pub const REQUESTS: &str = "C0REQUESTS";
/// Where outcomes are announced.
pub const OUTCOMES: &str = "C0OUTCOMES";
/// The messages of the thread that is open.
pub const THREAD: &str = "[data-testid=thread-list] .message";
/// What only whoever acts can see, in the thread that is open.
pub const WHISPER: &str = "[data-testid=thread-list] .message[data-ephemeral=true]";
/// The message of the thread that has a button.
pub fn with_button(action: &str) -> String {
    format!("[data-testid=thread-list] .message:has([data-action-id={action}])")
}

/// A button in the thread.
pub fn button(action: &str) -> String {
    format!("[data-testid=thread-list] [data-action-id={action}]")
}

impl Page {
    /// Somebody else takes the seat.
    pub async fn become_user(&self, user: &str) {
        self.pick("[data-testid=user-switcher]", user).await;
        let there = "return document.body.dataset.user === arguments[0] \
                     && document.querySelectorAll('[data-testid=message-list] .message').length > 0";
        self.until_with(&format!("{user} sees the channel"), there, &[json!(user)]).await;
    }

    /// Goes to a channel.
    pub async fn go(&self, channel: &str) {
        self.press(&format!("[data-testid=channel-list] [data-channel={channel}]")).await;
        self.until_with(
            "the channel is open",
            "return document.body.dataset.channel === arguments[0]",
            &[json!(channel)],
        )
        .await;
    }

    /// Says something in the channel.
    pub async fn say(&self, text: &str) {
        self.type_into("[data-testid=composer]", &format!("{text}{ENTER}")).await;
    }

    /// Asks for a role, and gives the time stamp of the root message once a decision is waited for.
    pub async fn analyze(&self, role: &str) -> String {
        self.say(&format!("/alpha analyze {role}")).await;
        let root = self.root_that_says(role, "Waiting for a decision").await;
        self.until_with(
            "the proposal is in the thread",
            "return document.querySelector(arguments[0]) !== null",
            &[json!(format!("[data-open-thread='{root}']"))],
        )
        .await;
        root
    }

    /// Waits until the root message of a role's newest job says something, and gives its time stamp.
    pub async fn root_that_says(&self, role: &str, words: &str) -> String {
        let script = "
            const all = [...document.querySelectorAll('[data-testid=message-list] .message[data-user=U0ALPHA]:not([data-ephemeral])')];
            const root = all.findLast(one => [...one.querySelectorAll('code')].some(code => code.innerText === arguments[0]));
            return root?.innerText.includes(arguments[1]) ? root.dataset.messageTs : null;";
        let what = format!("the root message of {role} says {words:?}");
        let found = self.until_with(&what, script, &[json!(role), json!(words)]).await;
        found.as_str().unwrap().to_owned()
    }

    /// Opens a thread.
    pub async fn open_thread(&self, root: &str) {
        self.press(&format!("[data-open-thread='{root}']")).await;
        let script = "return document.querySelector('[data-testid=thread-list] .message')?.dataset.messageTs === arguments[0]";
        self.until_with("the thread is open", script, &[json!(root)]).await;
    }

    /// Presses a button of the thread, and says yes to the question that follows.
    pub async fn press_and_confirm(&self, action: &str) {
        self.press(&button(action)).await;
        self.press("[data-testid=confirm-accept]").await;
    }

    /// Waits until a message of the channel bears this reaction alone.
    pub async fn until_reaction(&self, root: &str, name: &str) {
        let script =
            "const all = [...document.querySelectorAll(arguments[0])].map(one => one.dataset.reaction);
            return all.length === 1 && all[0] === arguments[1];";
        let css = format!("[data-testid=message-list] [data-message-ts='{root}'] [data-reaction]");
        self.until_with(&format!("the reaction is {name} alone"), script, &[json!(css), json!(name)]).await;
    }

    /// What was announced of a role.
    pub async fn announcements(&self, role: &str) -> Vec<String> {
        self.go(OUTCOMES).await;
        self.until_says("[data-testid=message-list] .message[data-user=U0ALPHA]", role).await;
        let mut all = self.texts("[data-testid=message-list] .message[data-user=U0ALPHA]").await;
        all.retain(|one| one.contains(role));
        self.go(REQUESTS).await;
        all
    }

    /// Puts the first steps away.
    pub async fn dismiss_guide(&self) {
        self.press("[data-testid=guide] button[aria-label^='Got it']").await;
    }
}
