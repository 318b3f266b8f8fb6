//! Modals: for each person a stack of up to three.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::people::{APP, BOT, TEAM};
use super::stamp::{self, Micros};

/// How many modals can lie on one another.
pub(in super::super) const DEEPEST: usize = 3;

/// An open modal.
#[derive(Debug, Clone)]
pub(in super::super) struct View {
    /// `V0...`
    pub id: String,
    /// Whose screen it is on.
    pub user: String,
    /// Changes with every update.
    pub hash: String,
    /// What the app gave, checked and complete.
    pub body: Value,
    root: String,
    previous: Option<String>,
}

impl View {
    /// A text member of what the app gave.
    pub(in super::super) fn text(&self, member: &str) -> &str {
        self.body.get(member).and_then(Value::as_str).unwrap_or_default()
    }

    /// A flag of what the app gave.
    pub(in super::super) fn flag(&self, member: &str) -> bool {
        self.body.get(member).and_then(Value::as_bool).unwrap_or_default()
    }

    /// The blocks of what the app gave.
    pub(in super::super) fn blocks(&self) -> &[Value] {
        self.body.get("blocks").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    /// As Slack gives it.
    pub(in super::super) fn as_slack(&self, values: &Value) -> Value {
        let member = |name: &str| self.body.get(name).cloned().unwrap_or(Value::Null);
        json!({
            "id": self.id, "team_id": TEAM, "type": "modal", "blocks": self.blocks(),
            "private_metadata": self.text("private_metadata"), "callback_id": self.text("callback_id"),
            "external_id": self.text("external_id"), "state": {"values": values}, "hash": self.hash,
            "title": member("title"), "close": member("close"), "submit": member("submit"),
            "clear_on_close": self.flag("clear_on_close"), "notify_on_close": self.flag("notify_on_close"),
            "root_view_id": self.root, "previous_view_id": self.previous, "app_id": APP, "bot_id": BOT,
            "app_installed_team_id": TEAM
        })
    }
}

/// All open modals.
#[derive(Debug, Default)]
pub(in super::super) struct Views {
    stacks: BTreeMap<String, Vec<View>>,
    drawn: u64,
}

impl Views {
    /// The modals of one person, the lowest first.
    pub(in super::super) fn of(&self, user: &str) -> &[View] {
        self.stacks.get(user).map(Vec::as_slice).unwrap_or_default()
    }

    /// A modal by its id.
    pub(in super::super) fn get(&self, id: &str) -> Option<&View> {
        self.stacks.values().flatten().find(|view| view.id == id)
    }

    /// A modal by the id that the app gave it.
    pub(in super::super) fn by_external_id(&self, id: &str) -> Option<&View> {
        self.stacks.values().flatten().find(|view| view.text("external_id") == id)
    }

    fn fresh(&mut self, user: &str, body: Value, now: Micros) -> View {
        self.drawn += 1;
        let id = format!("V0{:08}", self.drawn);
        let hash = format!("{}.{:06}", stamp::ts(now), self.drawn);
        View { root: id.clone(), id, user: user.to_owned(), hash, body, previous: None }
    }

    /// Opens a modal in the place of whatever is open.
    pub(in super::super) fn open(&mut self, user: &str, body: Value, now: Micros) -> View {
        let view = self.fresh(user, body, now);
        self.stacks.insert(user.to_owned(), vec![view.clone()]);
        view
    }

    /// Lays a modal upon the one that is open, or says with Slack's word why not.
    pub(in super::super) fn push(
        &mut self,
        user: &str,
        body: Value,
        now: Micros,
    ) -> Result<View, &'static str> {
        let mut view = self.fresh(user, body, now);
        let stack = self.stacks.entry(user.to_owned()).or_default();
        if stack.len() >= DEEPEST {
            return Err("push_limit_reached");
        }
        let below = stack.last().ok_or("not_found")?;
        view.root.clone_from(&below.root);
        view.previous = Some(below.id.clone());
        stack.push(view.clone());
        Ok(view)
    }

    /// Changes a modal, if it is still the one that the app has seen.
    pub(in super::super) fn update(
        &mut self,
        id: &str,
        seen: Option<&str>,
        body: Value,
        now: Micros,
    ) -> Result<View, &'static str> {
        self.drawn += 1;
        let hash = format!("{}.{:06}", stamp::ts(now), self.drawn);
        let view = self.stacks.values_mut().flatten().find(|view| view.id == id).ok_or("not_found")?;
        if seen.is_some_and(|seen| seen != view.hash) {
            return Err("hash_conflict");
        }
        view.hash = hash;
        view.body = body;
        Ok(view.clone())
    }

    /// Takes a modal away, or all of that person. Gives back those that went.
    pub(in super::super) fn close(&mut self, user: &str, id: &str, all: bool) -> Vec<View> {
        let Some(stack) = self.stacks.get_mut(user) else { return Vec::new() };
        let Some(at) = stack.iter().position(|view| view.id == id) else { return Vec::new() };
        stack.split_off(if all { 0 } else { at })
    }
}

#[cfg(test)]
mod tests {
    use super::Views;
    use serde_json::json;

    #[test]
    fn modals_stack_to_three_and_close_from_the_top() {
        let mut views = Views::default();
        assert_eq!(views.push("U1", json!({}), 0).unwrap_err(), "not_found");
        let first = views.open("U1", json!({}), 0);
        let second = views.push("U1", json!({}), 0).unwrap();
        views.push("U1", json!({}), 0).unwrap();
        assert_eq!(views.push("U1", json!({}), 0).unwrap_err(), "push_limit_reached");
        assert_eq!(second.as_slack(&json!({}))["previous_view_id"], json!(first.id));
        assert_eq!(views.close("U1", &second.id, false).len(), 2);
        assert_eq!(views.of("U1").len(), 1);
        assert!(views.close("U2", &first.id, false).is_empty());
    }

    #[test]
    fn an_update_of_a_modal_that_has_changed_since_is_a_conflict() {
        let mut views = Views::default();
        let seen = views.open("U1", json!({}), 0);
        let now = views.update(&seen.id, Some(&seen.hash), json!({"external_id": "x"}), 0).unwrap();
        assert_ne!(seen.hash, now.hash);
        assert_eq!(views.update(&seen.id, Some(&seen.hash), json!({}), 0).unwrap_err(), "hash_conflict");
        assert_eq!(views.update("V1", None, json!({}), 0).unwrap_err(), "not_found");
        assert_eq!(views.by_external_id("x").unwrap().id, seen.id);
    }
}
