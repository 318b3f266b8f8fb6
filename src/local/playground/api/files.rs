//! `files.*`: announce, upload, share.

use serde_json::{Value, json};

use super::answer::{Answer, Refusal};
use super::args::{Args, boundary, parts};
use crate::local::playground::world::{BOT_USER, Draft, File, Workspace};

/// How long a snippet may be.
const MOST_BYTES: usize = 1_000_000;

/// `files.getUploadURLExternal`.
pub(super) fn announce(workspace: &mut Workspace, args: &Args, address: &str) -> Answer {
    let name = args.text("filename").ok_or_else(|| Refusal::missing("filename"))?;
    let announced =
        args.count("length").filter(|length| *length > 0).ok_or_else(|| Refusal::missing("length"))?;
    if announced > MOST_BYTES {
        return Err("snippet_too_large".into());
    }
    let id = workspace.file_id();
    let alt = args.text("alt_txt").or_else(|| args.text("alt_text"));
    let file =
        File { id: id.clone(), title: name.clone(), name, announced, content: None, complete: false, alt };
    workspace.keep_file(file);
    Ok(json!({"upload_url": format!("{address}/upload/v1/{id}"), "file_id": id}))
}

/// The upload itself. An error is an HTTP status and a word.
pub(in super::super) fn upload(
    workspace: &mut Workspace,
    id: &str,
    kind: &str,
    body: &[u8],
) -> Result<String, (u16, &'static str)> {
    let content = match boundary(kind) {
        Some(boundary) => {
            let mut parts = parts(body, boundary);
            let at = parts.iter().position(|part| matches!(part.name.as_str(), "file" | "body" | "filename"));
            if parts.is_empty() {
                return Err((400, "no file"));
            }
            parts.swap_remove(at.unwrap_or_default()).content
        }
        None => body,
    };
    let mut file = workspace.file(id).cloned().ok_or((404, "no such upload"))?;
    if file.content.is_some() {
        return Err((409, "uploaded already"));
    }
    if content.len() != file.announced {
        return Err((400, "the length is not the one that was announced"));
    }
    file.content = Some(String::from_utf8_lossy(content).into_owned());
    workspace.keep_file(file);
    Ok(format!("OK - {}", content.len()))
}

/// `files.completeUploadExternal`.
pub(super) fn complete(workspace: &mut Workspace, args: &Args, address: &str) -> Answer {
    let Ok(Some(Value::Array(named))) = args.data("files") else { return Err(Refusal::missing("files")) };
    let named_channel = args.text("channel_id").or_else(|| args.text("channels"));
    let channel = match &named_channel {
        Some(named) => Some(workspace.reach(named, BOT_USER)?.id.clone()),
        None => None,
    };
    let thread_ts = match (&channel, args.text("thread_ts")) {
        (Some(channel), Some(ts)) => Some(workspace.thread_root(channel, &ts)?.ts.clone()),
        _ => None,
    };
    let mut files = Vec::new();
    for one in &named {
        let id = one.get("id").and_then(Value::as_str).ok_or("invalid_arguments")?;
        let mut file = workspace.file(id).cloned().ok_or("file_not_found")?;
        if file.content.is_none() || file.complete {
            return Err("file_update_failed".into());
        }
        if let Some(title) = one.get("title").and_then(Value::as_str) {
            title.clone_into(&mut file.title);
        }
        file.complete = true;
        files.push(file);
    }
    let shown: Vec<_> = files.iter().map(|file| file.as_slack(address)).collect();
    let ids = files.iter().map(|file| file.id.clone()).collect();
    files.into_iter().for_each(|file| workspace.keep_file(file));
    if let Some(channel) = channel {
        let text = args.text("initial_comment").unwrap_or_default();
        workspace.post(&channel, BOT_USER, Draft { text, thread_ts, files: ids, ..Draft::default() });
    }
    Ok(json!({"files": shown}))
}
