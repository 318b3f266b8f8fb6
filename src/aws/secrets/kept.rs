//! A secret that was looked up and is kept for a while: one look at a time, whoever asks, and never many in a row.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Mutex;

use crate::ports::{Clock, SecretsError};

/// How long a secret is kept before it is looked up again; up to a fifth less, so that processes that started together
/// don't go on to ask together.
const KEPT: Duration = Duration::from_mins(5);
/// How long after a look that failed, or that somebody's refusal asked for, the next one is made.
const PAUSE: Duration = Duration::from_secs(10);

/// What is known of one secret.
#[derive(Debug)]
pub struct Kept<T> {
    known: RwLock<Option<Known<T>>>,
    /// Held while somebody looks; what came of the last look.
    looking: Mutex<Option<Looked>>,
    clock: Arc<dyn Clock>,
}

#[derive(Debug)]
struct Known<T> {
    value: Arc<T>,
    until: Timestamp,
}

#[derive(Debug)]
struct Looked {
    at: Timestamp,
    error: Option<SecretsError>,
}

/// What is known without looking.
#[derive(Debug, PartialEq, Eq)]
pub enum Knows<T> {
    /// It counts.
    Fresh(Arc<T>),
    /// It goes on counting, and it is time to look again.
    Old(Arc<T>),
    /// Nothing.
    Nothing,
}

impl<T> Kept<T> {
    /// Nothing is known.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { known: RwLock::new(None), looking: Mutex::new(None), clock }
    }

    /// What is known.
    pub fn knows(&self) -> Knows<T> {
        match &*self.known.read().unwrap_or_else(PoisonError::into_inner) {
            None => Knows::Nothing,
            Some(known) if self.clock.now() < known.until => Knows::Fresh(Arc::clone(&known.value)),
            Some(known) => Knows::Old(Arc::clone(&known.value)),
        }
    }

    /// Whether somebody is looking.
    pub fn is_being_looked_up(&self) -> bool {
        self.looking.try_lock().is_err()
    }

    /// What is known; where nothing is, what one look brings for all who ask meanwhile.
    pub async fn get(
        &self,
        look: impl Future<Output = Result<T, SecretsError>>,
    ) -> Result<Arc<T>, SecretsError> {
        let mut looked = self.looking.lock().await;
        if let Knows::Fresh(value) | Knows::Old(value) = self.knows() {
            return Ok(value);
        }
        match &*looked {
            Some(Looked { at, error: Some(error) }) if self.is_recent(*at) => Err(error.clone()),
            _ => self.take(look.await, &mut looked),
        }
    }

    /// What a look brings, unless there was one a moment ago: then what is known since. Where a look fails, what is
    /// known goes on counting.
    pub async fn anew(
        &self,
        look: impl Future<Output = Result<T, SecretsError>>,
    ) -> Result<Arc<T>, SecretsError> {
        let mut looked = self.looking.lock().await;
        match (&*looked, self.knows()) {
            (Some(last), Knows::Fresh(value) | Knows::Old(value)) if self.is_recent(last.at) => Ok(value),
            (Some(Looked { at, error: Some(error) }), Knows::Nothing) if self.is_recent(*at) => {
                Err(error.clone())
            }
            _ => self.take(look.await, &mut looked),
        }
    }

    fn is_recent(&self, at: Timestamp) -> bool {
        self.clock.now().duration_since(at).unsigned_abs() < PAUSE
    }

    fn take(
        &self,
        found: Result<T, SecretsError>,
        looked: &mut Option<Looked>,
    ) -> Result<Arc<T>, SecretsError> {
        let now = self.clock.now();
        let later = |time: Duration| now.saturating_add(time).unwrap_or(now);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        *looked = Some(Looked { at: now, error: found.as_ref().err().cloned() });
        match found {
            Ok(value) => {
                let value = Arc::new(value);
                *known = Some(Known { value: Arc::clone(&value), until: later(a_little_less_than(KEPT)) });
                Ok(value)
            }
            Err(error) => {
                if let Some(known) = &mut *known {
                    known.until = later(PAUSE);
                }
                Err(error)
            }
        }
    }
}

fn a_little_less_than(time: Duration) -> Duration {
    let random = getrandom::u32().unwrap_or_default();
    time.mul_f64(1.0 - 0.2 * f64::from(random) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes_that_start_together_ask_again_at_times_of_their_own() {
        let times: Vec<Duration> = (0..50).map(|_| a_little_less_than(KEPT)).collect();
        assert!(times.iter().all(|time| (KEPT.mul_f64(0.79)..=KEPT).contains(time)), "{times:?}");
        assert!(times.iter().any(|time| *time != times[0]));
    }
}
