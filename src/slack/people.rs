//! Who people are at this moment, by Slack's word.
//!
//! What only reads is served by a look-up of a few seconds ago. What decides isn't: whoever was removed a moment ago
//! approves nothing. Still a burst of clicks asks once, for those that wait for a look-up which began after they came
//! share its answer. Whoever can't be looked up may do nothing.

mod standing;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::api::{Api, ApiError, Class};
use super::pacing::later;
use crate::domain::ids::Person;
use crate::ports::{Clock, People, PeopleError, Standing};
use standing::standing;

/// How long an answer is good for, where it only reads.
const KEPT: Duration = Duration::from_secs(5);
/// How long a failure is: those who waited for it hear of it, and the next asks again.
const KEPT_FAILURE: Duration = Duration::from_millis(500);
/// How many people are remembered.
const PEOPLE: usize = 512;

/// Slack's word on people, remembered for a few seconds.
#[derive(Debug)]
pub struct SlackPeople {
    api: Arc<Api>,
    clock: Arc<dyn Clock>,
    known: std::sync::Mutex<HashMap<Person, Arc<Entry>>>,
}

/// What is known of somebody. Who looks them up holds the lock, so that the others wait for one answer.
type Entry = tokio::sync::Mutex<Option<Known>>;

#[derive(Debug, Clone)]
struct Known {
    answer: Result<Standing, PeopleError>,
    /// When it was asked for.
    asked: Timestamp,
    /// When it came.
    came: Timestamp,
}

impl Known {
    /// Whether it may still be given to somebody who only reads.
    fn is_kept(&self, now: Timestamp) -> bool {
        let kept = if self.answer.is_ok() { KEPT } else { KEPT_FAILURE };
        now < later(self.came, kept)
    }

    /// Whether somebody who has waited since then may share it, for what was said at another time.
    fn is_shared(&self, said: Timestamp, waited_since: Timestamp) -> bool {
        said <= self.asked && waited_since <= self.came
    }
}

impl SlackPeople {
    /// Slack's word on people.
    pub fn new(api: Arc<Api>, clock: Arc<dyn Clock>) -> Self {
        Self { api, clock, known: std::sync::Mutex::new(HashMap::new()) }
    }

    async fn look_up(&self, person: &Person) -> Result<Standing, PeopleError> {
        let me = self.api.me().await.map_err(unavailable)?;
        let user = self.api.user(&person.user).await.map_err(unavailable)?;
        Ok(standing(person, &user, &me))
    }

    fn entry(&self, person: &Person) -> Arc<Entry> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= PEOPLE && !known.contains_key(person) {
            let now = self.clock.now();
            // Those that are being looked up stay: others wait for them.
            known.retain(|_, entry| {
                entry.try_lock().map_or(true, |known| known.as_ref().is_some_and(|known| known.is_kept(now)))
            });
            if known.len() >= PEOPLE {
                known.clear();
            }
        }
        Arc::clone(known.entry(person.clone()).or_default())
    }

    /// What is known of somebody, where that will do; else what Slack says now.
    async fn known_or_asked(
        &self,
        person: &Person,
        will_do: impl Fn(&Known) -> bool + Send,
    ) -> Result<Standing, PeopleError> {
        let entry = self.entry(person);
        let mut known = entry.lock().await;
        if let Some(known) = known.as_ref().filter(|known| will_do(known)) {
            return known.answer.clone();
        }
        let asked = self.clock.now();
        let answer = self.look_up(person).await;
        *known = Some(Known { answer: answer.clone(), asked, came: self.clock.now() });
        answer
    }
}

#[async_trait]
impl People for SlackPeople {
    async fn standing(&self, person: &Person) -> Result<Standing, PeopleError> {
        self.known_or_asked(person, |known| known.is_kept(self.clock.now())).await
    }

    async fn standing_since(&self, person: &Person, since: Timestamp) -> Result<Standing, PeopleError> {
        let waiting_since = self.clock.now();
        self.known_or_asked(person, |known| known.is_shared(since, waiting_since)).await
    }

    fn standing_known(&self, person: &Person) -> Option<Standing> {
        let entry = self.entry(person);
        let known = entry.try_lock().ok()?;
        known.as_ref().filter(|known| known.is_kept(self.clock.now()))?.answer.clone().ok()
    }
}

fn unavailable(error: ApiError) -> PeopleError {
    match error.class() {
        Class::Identity => PeopleError::Unknown,
        Class::Config => {
            tracing::error!(%error, "Slack lets ALPHA look nobody up: check the bot token and its scopes");
            PeopleError::Unavailable(error.to_string())
        }
        Class::Refresh
        | Class::Destination
        | Class::Payload
        | Class::Bug
        | Class::RetryNotSent { .. }
        | Class::Ambiguous
        | Class::RepostUpdate
        | Class::Benign
        | Class::ViewsOpen
        | Class::Files
        | Class::Unknown => PeopleError::Unavailable(error.to_string()),
    }
}
