//! What was done in each account, as CloudTrail records it: the one past that the trail's look-up, its log group, the
//! last-accessed reports and policy generation all tell of.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// One record.
#[derive(Debug, Clone)]
pub struct Event {
    pub time: Timestamp,
    /// As it was written.
    pub text: String,
    pub json: Value,
}

/// The records of all accounts.
#[derive(Debug, Default)]
pub struct Events {
    of: Mutex<HashMap<String, Vec<Arc<Event>>>>,
    lag: Mutex<SignedDuration>,
}

impl Event {
    fn read(text: String) -> Self {
        let json: Value = serde_json::from_str(&text).unwrap();
        let time = json["eventTime"].as_str().unwrap().parse().unwrap();
        Self { time, text, json }
    }

    pub fn member(&self, name: &str) -> &str {
        self.json[name].as_str().unwrap_or_default()
    }

    /// Whether only trails that are told to record data events have it.
    pub fn is_data(&self) -> bool {
        self.json["managementEvent"] == false
    }

    /// The ARN of the role behind the session.
    pub fn role(&self) -> &str {
        self.json["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"].as_str().unwrap_or_default()
    }
}

impl Events {
    /// Records calls of an account, in any order.
    pub fn add(&self, account: &str, records: impl IntoIterator<Item = String>) {
        let mut all = self.of.lock().unwrap();
        let own = all.entry(account.to_owned()).or_default();
        own.extend(records.into_iter().map(|text| Arc::new(Event::read(text))));
        own.sort_by_key(|event| event.time);
    }

    /// How long it takes from a call until its record can be seen.
    pub fn lag(&self, lag: SignedDuration) {
        *self.lag.lock().unwrap() = lag;
    }

    /// What can be seen of an account by now, the oldest first.
    pub fn of(&self, account: &str) -> Vec<Arc<Event>> {
        let seen = Timestamp::now() - *self.lag.lock().unwrap();
        let all = self.of.lock().unwrap();
        let own = all.get(account).map(Vec::as_slice).unwrap_or_default();
        own.iter().filter(|event| event.time <= seen).map(Arc::clone).collect()
    }
}
