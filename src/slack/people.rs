//! Who people are at this moment, by Slack's word.
//!
//! A look-up is kept for seconds only: long enough that a burst of clicks asks once, short enough that whoever was
//! removed a moment ago approves nothing. Whoever can't be looked up may do nothing.

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

/// How long an answer is good for.
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
    until: Timestamp,
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
                entry.try_lock().map_or(true, |known| known.as_ref().is_some_and(|known| known.until > now))
            });
            if known.len() >= PEOPLE {
                known.clear();
            }
        }
        Arc::clone(known.entry(person.clone()).or_default())
    }
}

#[async_trait]
impl People for SlackPeople {
    async fn standing(&self, person: &Person) -> Result<Standing, PeopleError> {
        let entry = self.entry(person);
        let mut known = entry.lock().await;
        if let Some(known) = known.as_ref().filter(|known| known.until > self.clock.now()) {
            return known.answer.clone();
        }
        let answer = self.look_up(person).await;
        let kept = if answer.is_ok() { KEPT } else { KEPT_FAILURE };
        *known = Some(Known { answer: answer.clone(), until: later(self.clock.now(), kept) });
        answer
    }
}

fn unavailable(error: ApiError) -> PeopleError {
    match error.class() {
        Class::Identity => PeopleError::Unknown,
        Class::Config
        | Class::Refresh
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
