//! What the workspace keeps, and what it refuses.

use serde_json::json;

use super::{BOT_USER, Change, Draft, Workspace};
use crate::local::playground::settings::Settings;

fn settings() -> Settings {
    Settings::new("secret", "xoxb-1", "http://127.0.0.1:1")
}

fn said(text: &str) -> Draft {
    Draft { text: text.to_owned(), ..Draft::default() }
}

fn text(text: &str) -> Change {
    Change { text: Some(text.to_owned()), ..Change::default() }
}

#[test]
fn a_file_brings_messages_back_but_nothing_ephemeral() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { file: Some(folder.path().join("slack.db")), ..settings() };
    let mut before = Workspace::open(&settings).unwrap();
    let root = before.post("C0REQUESTS", BOT_USER, said("root"));
    let gone = before.post("C0REQUESTS", BOT_USER, said("gone"));
    let reply = Draft {
        thread_ts: Some(root.ts.clone()),
        metadata: Some(json!({"event_type": "x"})),
        ..said("reply")
    };
    before.post("C0REQUESTS", BOT_USER, reply);
    before.post("C0REQUESTS", BOT_USER, Draft { only_for: Some("U0RILEY".to_owned()), ..said("whisper") });
    before.react("C0REQUESTS", &root.ts, BOT_USER, "eyes").unwrap();
    before.delete("C0REQUESTS", &gone.ts).unwrap();
    // As after a kill: nothing is closed in order.
    std::mem::forget(before);
    let mut after = Workspace::open(&settings).unwrap();
    let shown: Vec<_> =
        after.thread("C0REQUESTS", &root.ts).iter().map(|one| after.show(one, true)).collect();
    assert_eq!(shown.len(), 2);
    assert_eq!(shown[0]["reply_count"], 1);
    assert_eq!(shown[0]["reactions"], json!([{"name": "eyes", "users": [BOT_USER], "count": 1}]));
    assert_eq!(shown[1]["metadata"]["event_type"], "x");
    assert_eq!(after.changes("U0RILEY", "", 0)["messages"].as_array().unwrap().len(), 2);
    assert!(after.post("C0REQUESTS", BOT_USER, said("next")).ts > root.ts);
}

#[test]
fn a_file_of_another_form_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("slack.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 7").unwrap();
    let error = Workspace::open(&Settings { file: Some(path), ..settings() }).unwrap_err().to_string();
    assert!(error.contains("slack.db") && error.contains("form 7"), "{error}");
    let nowhere = Settings { file: Some("/nowhere/slack.db".into()), ..settings() };
    assert!(Workspace::open(&nowhere).unwrap_err().to_string().contains("/nowhere/slack.db"));
}

#[test]
fn only_the_bots_own_messages_can_be_changed() {
    let mut workspace = Workspace::open(&settings()).unwrap();
    let own = workspace.post("C0REQUESTS", BOT_USER, said("own"));
    let foreign = workspace.post("C0REQUESTS", "U0ANA", said("foreign"));
    assert_eq!(workspace.update("C0REQUESTS", &own.ts, text("new")).unwrap().said.text, "new");
    assert!(workspace.message("C0REQUESTS", &own.ts).unwrap().edited.is_some());
    assert_eq!(workspace.update("C0REQUESTS", &foreign.ts, text("new")).unwrap_err(), "cant_update_message");
    assert_eq!(workspace.update("C0REQUESTS", "1.2", text("new")).unwrap_err(), "message_not_found");
    assert_eq!(workspace.delete("C0REQUESTS", &foreign.ts).unwrap_err(), "cant_delete_message");
    assert_eq!(workspace.delete("C0OUTCOMES", &own.ts).unwrap_err(), "message_not_found");
}

#[test]
fn conversations_are_found_by_id_name_or_person() {
    let workspace = Workspace::open(&settings()).unwrap();
    let id = |named: &str| workspace.reach(named, BOT_USER).map(|channel| channel.id.clone());
    assert_eq!(id("#iam-requests").unwrap(), "C0REQUESTS");
    assert_eq!(id("iam-requests").unwrap(), "C0REQUESTS");
    assert_eq!(id("U0ANA").unwrap(), "D0ANA");
    assert_eq!(id("C0SECURITY").unwrap_err(), "not_in_channel");
    for nowhere in ["", "C1", "U0SAM", BOT_USER] {
        assert_eq!(id(nowhere).unwrap_err(), "channel_not_found", "{nowhere}");
    }
    assert_eq!(workspace.reach("D0ANA", "U0BEN").unwrap_err(), "channel_not_found");
}

#[test]
fn a_page_gets_what_it_may_see_and_doesnt_know() {
    let mut workspace = Workspace::open(&settings()).unwrap();
    let first = workspace.post("C0OUTCOMES", BOT_USER, said("first"));
    workspace.post("C0OUTCOMES", BOT_USER, Draft { only_for: Some("U0ANA".to_owned()), ..said("for Ana") });
    let count = |user: &str, epoch: &str, since: u64| {
        workspace.changes(user, epoch, since)["messages"].as_array().unwrap().len()
    };
    assert_eq!((count("U0ANA", "", 0), count("U0BEN", "", 0), count("U0GUS", "", 0)), (2, 1, 0));
    let seen = workspace.changes("U0ANA", "", 0);
    let (epoch, seq) = (seen["epoch"].as_str().unwrap(), seen["seq"].as_u64().unwrap());
    assert_eq!(count("U0ANA", epoch, seq), 0);
    workspace.delete("C0OUTCOMES", &first.ts).unwrap();
    let later = workspace.changes("U0ANA", epoch, seq);
    assert_eq!(later["gone"][0]["ts"], json!(first.ts));
    assert_eq!(later["fresh"], false);
}

#[test]
fn old_messages_make_room() {
    let mut workspace = Workspace::open(&settings()).unwrap();
    let first = workspace.post("C0OUTCOMES", BOT_USER, said("first"));
    for _ in 0..super::MOST_MESSAGES {
        workspace.post("C0OUTCOMES", BOT_USER, said("more"));
    }
    assert!(workspace.message("C0OUTCOMES", &first.ts).is_none());
    assert_eq!(workspace.history("C0OUTCOMES").len(), super::MOST_MESSAGES);
}
