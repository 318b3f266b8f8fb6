//! What the methods do, as far as the client side depends on it.

use serde_json::{Value, json};

use super::{Ending, Message, Request, State, TOKEN};

impl State {
    /// How a call is to end, if otherwise than well.
    pub(super) fn ending(&mut self, request: &Request) -> Option<Ending> {
        let channel = request.params.get("channel").and_then(Value::as_str);
        let fits =
            |method: &str, of: Option<&str>| method == request.method && (of.is_none() || of == channel);
        if let Some(place) = self.next.iter().position(|(method, of, _)| fits(method, of.as_deref())) {
            return self.next.remove(place).map(|(_, _, ending)| ending);
        }
        let always = self.always.iter().find(|(method, of, _)| fits(method, of.as_deref()));
        always.map(|(_, _, ending)| ending.clone())
    }

    pub(super) fn perform(&mut self, request: &Request, body: &[u8]) -> Value {
        let params = &request.params;
        let text = |name: &str| params.get(name).and_then(Value::as_str).map(str::to_owned);
        let outside = request.method.starts_with('/');
        if outside {
            assert_eq!(request.authorization, None, "the token left the Web API");
        } else if request.authorization.as_deref() != Some(&format!("Bearer {TOKEN}")) {
            return refused("invalid_auth");
        }
        let channel = text("channel").or_else(|| text("channel_id")).unwrap_or_default();
        if self.foreign.contains(&channel) {
            return refused("not_in_channel");
        }
        match request.method.as_str() {
            "auth.test" => json!({ "ok": true, "team_id": "T1", "user_id": "UALPHA", "team": "Ours" }),
            "chat.postMessage" => {
                let ts = self.say(&channel, params, None, Vec::new());
                json!({ "ok": true, "channel": channel, "ts": ts, "message": {} })
            }
            "chat.postEphemeral" => {
                let ts = self.say(&channel, params, text("user"), Vec::new());
                json!({ "ok": true, "message_ts": ts })
            }
            "chat.update" => match self.message(&channel, &text("ts").unwrap()) {
                Some(message) => {
                    message.text = text("text").unwrap();
                    message.blocks = params["blocks"].clone();
                    json!({ "ok": true, "channel": channel, "ts": params["ts"] })
                }
                None => refused("message_not_found"),
            },
            "chat.delete" => {
                let ts = text("ts");
                self.messages.retain(|said| said.channel != channel || Some(&said.ts) != ts.as_ref());
                json!({ "ok": true })
            }
            "chat.getPermalink" => {
                json!({ "ok": true, "permalink": format!("https://x.slack.com/{channel}") })
            }
            "conversations.replies" => self.history(&channel, text("ts").as_deref(), params),
            "conversations.history" => self.history(&channel, None, params),
            "conversations.open" => {
                json!({ "ok": true, "channel": { "id": format!("D-{}", text("users").unwrap()) } })
            }
            "users.info" => match self.users.get(&text("user").unwrap()) {
                Some(user) => json!({ "ok": true, "user": user }),
                None => refused("user_not_found"),
            },
            "reactions.add" | "reactions.remove" => self.react(request, &channel),
            "views.open" => json!({ "ok": true, "view": { "id": "V1" } }),
            "files.getUploadURLExternal" => {
                let id = format!("F{}", self.files.len());
                self.files.insert(id.clone(), text("filename").unwrap());
                json!({ "ok": true, "file_id": id, "upload_url": format!("{}/upload/{id}", self.base) })
            }
            "files.completeUploadExternal" => {
                let id = params["files"][0]["id"].as_str().unwrap().to_owned();
                let name = self.files[&id].clone();
                self.say(&channel, params, None, vec![name]);
                json!({ "ok": true, "files": [{ "id": id, "title": params["files"][0]["title"] }] })
            }
            path if path.starts_with("/upload/") => {
                self.uploads.insert(path.trim_start_matches("/upload/").to_owned(), body.to_vec());
                json!({ "ok": true })
            }
            path if path.starts_with("/answer/") => {
                let channel = path.trim_start_matches("/answer/").to_owned();
                let only = (params["response_type"] == "ephemeral").then(|| "asker".to_owned());
                self.say(&channel, params, only, Vec::new());
                json!({ "ok": true })
            }
            _ => refused("unknown_method"),
        }
    }

    pub(crate) fn say(
        &mut self,
        channel: &str,
        params: &Value,
        only: Option<String>,
        files: Vec<String>,
    ) -> String {
        self.count += 1;
        let ts = format!("1790000000.{:06}", self.count);
        self.messages.push(Message {
            channel: channel.to_owned(),
            ts: ts.clone(),
            thread: params.get("thread_ts").and_then(Value::as_str).map(str::to_owned),
            only,
            text: params.get("text").and_then(Value::as_str).unwrap_or_default().to_owned(),
            blocks: params.get("blocks").cloned().unwrap_or_default(),
            metadata: params.get("metadata").cloned().unwrap_or_default(),
            files,
            reactions: Vec::new(),
        });
        ts
    }

    fn message(&mut self, channel: &str, ts: &str) -> Option<&mut Message> {
        self.messages.iter_mut().find(|said| said.channel == channel && said.ts == ts)
    }

    /// Two messages an answer, so that whoever doesn't turn pages misses some.
    fn history(&self, channel: &str, thread: Option<&str>, params: &Value) -> Value {
        let inside = |said: &&Message| match thread {
            Some(ts) => said.ts == ts || said.thread.as_deref() == Some(ts),
            None => said.thread.is_none(),
        };
        let all: Vec<Value> = self
            .messages
            .iter()
            .filter(|said| said.channel == channel && said.only.is_none())
            .filter(inside)
            .map(|said| {
                let files: Vec<Value> = said.files.iter().map(|name| json!({ "name": name })).collect();
                json!({ "ts": said.ts, "text": said.text, "metadata": said.metadata, "files": files })
            })
            .collect();
        assert_eq!(params["include_all_metadata"], "true", "without it Slack leaves our metadata out");
        let from: usize =
            params.get("cursor").and_then(Value::as_str).map_or(0, |cursor| cursor.parse().unwrap());
        let page: Vec<&Value> = all.iter().skip(from).take(2).collect();
        let next = if from + 2 < all.len() { (from + 2).to_string() } else { String::new() };
        json!({ "ok": true, "messages": page, "response_metadata": { "next_cursor": next } })
    }

    fn react(&mut self, request: &Request, channel: &str) -> Value {
        let name = request.params["name"].as_str().unwrap().to_owned();
        let Some(message) = self.message(channel, request.params["timestamp"].as_str().unwrap()) else {
            return refused("message_not_found");
        };
        let there = message.reactions.iter().position(|reaction| *reaction == name);
        match (request.method.as_str(), there) {
            ("reactions.add", Some(_)) => refused("already_reacted"),
            ("reactions.add", None) => {
                message.reactions.push(name);
                json!({ "ok": true })
            }
            (_, Some(place)) => {
                message.reactions.remove(place);
                json!({ "ok": true })
            }
            (_, None) => refused("no_reaction"),
        }
    }
}

fn refused(code: &str) -> Value {
    json!({ "ok": false, "error": code })
}
