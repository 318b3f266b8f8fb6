//! A Slack on loopback, in the test's own process, which outlives every death of the service.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use alpha::local::playground::{Playground, Settings};
use serde_json::Value;

use super::wire;

/// What requests are signed with, and what the bot shows; neither may turn up anywhere.
pub const SECRET: &str = "hush-signing-5d41402abc4b2a76";
pub const TOKEN: &str = "xoxb-hush-token-7d793037a0760186";

/// Where people ask, and where outcomes are announced.
pub const REQUESTS: &str = "C0REQUESTS";
pub const OUTCOMES: &str = "C0OUTCOMES";

pub struct Slack {
    pub address: SocketAddr,
    _runtime: tokio::runtime::Runtime,
}

impl Slack {
    /// Starts one, which reaches the service at a port that nobody listens on yet.
    pub fn start(alpha: u16) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let mut settings = Settings::new(SECRET, TOKEN, format!("http://{address}"));
        settings.alpha = format!("http://127.0.0.1:{alpha}");
        settings.event_retries = vec![Duration::from_millis(100); 3];
        let router = Playground::open(settings).unwrap().router();
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { address, _runtime: runtime }
    }

    /// Calls a method of the Web API as the bot.
    fn call(&self, method: &str, arguments: &[(&str, &str)]) -> Value {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(arguments).finish();
        let bearer = format!("Bearer {TOKEN}");
        let headers =
            [("Content-Type", "application/x-www-form-urlencoded"), ("Authorization", bearer.as_str())];
        let answer =
            wire::send(self.address, "POST", &format!("/api/{method}"), &headers, &body).unwrap().json();
        assert_eq!(answer["ok"], true, "{method}: {answer}");
        answer
    }

    /// All messages of a channel, those in threads included.
    pub fn messages(&self, channel: &str) -> Vec<Value> {
        let about = [("channel", channel), ("limit", "200"), ("include_all_metadata", "true")];
        let roots = self.call("conversations.history", &about)["messages"].as_array().unwrap().clone();
        let mut all = Vec::new();
        for root in roots {
            if root.get("reply_count").is_none() {
                all.push(root);
                continue;
            }
            let ts = root["ts"].as_str().unwrap();
            let thread = [&about[..], &[("ts", ts)]].concat();
            all.extend(self.call("conversations.replies", &thread)["messages"].as_array().unwrap().clone());
        }
        all
    }

    /// How often each delivery turned up in a channel.
    pub fn deliveries(&self, channel: &str) -> BTreeMap<String, usize> {
        let mut times = BTreeMap::new();
        for message in self.messages(channel) {
            if let Some(id) = message["metadata"]["event_payload"]["delivery_id"].as_str() {
                *times.entry(id.to_owned()).or_default() += 1;
            }
        }
        times
    }

    /// The value of a button of a message of a job, wherever that stands.
    pub fn button(&self, job: &str, action: &str) -> Option<(Value, Value)> {
        self.messages(REQUESTS).into_iter().rev().find_map(|message| {
            let elements =
                message["blocks"].as_array()?.iter().filter_map(|block| block["elements"].as_array());
            let button = elements
                .flatten()
                .find(|element| {
                    element["action_id"] == action
                        && element["value"].as_str().is_some_and(|it| it.contains(job))
                })?
                .clone();
            Some((message, button))
        })
    }
}
