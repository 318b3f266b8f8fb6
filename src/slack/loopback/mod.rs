//! A Slack on loopback for tests: keeps messages as Slack does, logs each request, and misbehaves as it is told.
//!
//! It reads HTTP by hand, since what is tested is what happens when a connection breaks at the worst moment.

mod methods;
mod wire;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::domain::secret::BotToken;
use crate::slack::api::{Api, ApiUrl};

pub(crate) const TOKEN: &str = "xoxb-hush-hush";

/// How a call is to end.
#[derive(Debug, Clone)]
pub(crate) enum Ending {
    /// With Slack's code, nothing having been done.
    Refuse(&'static str),
    /// With a status, headers and a body, nothing having been done.
    Raw(u16, &'static str, &'static str),
    /// With a status, though it was done.
    DoneBut(u16),
    /// With the connection closed, nothing having been done.
    Close,
    /// With the connection closed, though it was done.
    DoneButClose,
    /// Not at all.
    Hang,
}

/// A message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Message {
    pub channel: String,
    pub ts: String,
    pub thread: Option<String>,
    /// The only one who sees it.
    pub only: Option<String>,
    pub text: String,
    pub blocks: Value,
    pub metadata: Value,
    pub files: Vec<String>,
    pub reactions: Vec<String>,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub method: String,
    pub params: Value,
    pub authorization: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    base: String,
    pub messages: Vec<Message>,
    pub requests: Vec<Request>,
    pub users: HashMap<String, Value>,
    files: BTreeMap<String, String>,
    pub uploads: BTreeMap<String, Vec<u8>>,
    /// Where the bot isn't.
    pub foreign: HashSet<String>,
    next: VecDeque<(String, Option<String>, Ending)>,
    always: Vec<(String, Option<String>, Ending)>,
    count: u32,
}

/// A Slack on loopback.
#[derive(Debug, Clone)]
pub(crate) struct Loopback {
    state: Arc<Mutex<State>>,
    pub url: String,
}

impl Loopback {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State { base: base.clone(), ..State::default() }));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(wire::serve(stream, Arc::clone(&shared)));
            }
        });
        Self { state, url: format!("{base}/api") }
    }

    /// A client of it that waits for nothing longer than half a second.
    pub fn api(&self) -> Arc<Api> {
        self.api_that_waits(Duration::from_millis(500))
    }

    /// A client of it that waits for nothing longer than that.
    pub fn api_that_waits(&self, longest: Duration) -> Arc<Api> {
        let url = ApiUrl::parse(&self.url).unwrap();
        let api = Api::new(url, Arc::new(BotToken::new(TOKEN).unwrap())).unwrap();
        Arc::new(api.with_longest_call(longest))
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Lets the next call of a method end so.
    pub fn next(&self, method: &str, ending: Ending) {
        self.state().next.push_back((method.to_owned(), None, ending));
    }

    /// Lets every call of a method in a channel end so.
    pub fn always(&self, method: &str, channel: Option<&str>, ending: Ending) {
        self.state().always.push((method.to_owned(), channel.map(str::to_owned), ending));
    }

    /// Lets calls of a method end well again.
    pub fn mend(&self, method: &str) {
        self.state().always.retain(|(broken, ..)| broken != method);
    }

    /// How often a method was called.
    pub fn calls(&self, method: &str) -> usize {
        self.state().requests.iter().filter(|request| request.method == method).count()
    }

    /// What is said in a channel, for everybody.
    pub fn said(&self, channel: &str) -> Vec<Message> {
        let state = self.state();
        state.messages.iter().filter(|said| said.channel == channel && said.only.is_none()).cloned().collect()
    }

    /// What somebody alone was told.
    pub fn told(&self, user: &str) -> Vec<Message> {
        let state = self.state();
        state.messages.iter().filter(|said| said.only.as_deref() == Some(user)).cloned().collect()
    }

    pub fn user(&self, id: &str, more: Value) {
        let mut user = json!({ "id": id, "team_id": "T1" });
        for (key, value) in more.as_object().unwrap() {
            user[key] = value.clone();
        }
        self.state().users.insert(id.to_owned(), user);
    }
}
