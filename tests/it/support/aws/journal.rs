//! What was asked of the front, by whom, and what became of it: for assertions.

use std::sync::Mutex;

use super::grants::Need;
use super::troubles::Trouble;

/// One call.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The caller's ARN; of a request that nobody signed, its key's id.
    pub who: String,
    pub service: String,
    pub operation: String,
    pub region: String,
    /// What had to be granted for it.
    pub needs: Vec<Need>,
    pub verdict: Verdict,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It was let through; what the service itself made of it is another matter.
    Passed,
    /// A grant was missing, or a deny stood in the way.
    Refused(Need),
    /// Nobody known signed it.
    Unauthenticated,
    /// It was spoilt by script.
    Troubled(Trouble),
    /// The front doesn't know what the operation needs: a mistake of the test's, or of the front.
    Unmapped,
}

/// All calls, in order.
#[derive(Debug, Default)]
pub struct Journal(Mutex<Vec<Entry>>);

impl Journal {
    pub(super) fn add(&self, entry: Entry) {
        self.0.lock().unwrap().push(entry);
    }

    /// All of them.
    pub fn entries(&self) -> Vec<Entry> {
        self.0.lock().unwrap().clone()
    }

    /// Those of one operation.
    pub fn of(&self, service: &str, operation: &str) -> Vec<Entry> {
        let is_it = |entry: &Entry| entry.service == service && entry.operation == operation;
        self.entries().into_iter().filter(is_it).collect()
    }

    /// What the front had no mapping for.
    pub fn unmapped(&self) -> Vec<String> {
        let entries = self.entries();
        let unmapped = entries.iter().filter(|entry| entry.verdict == Verdict::Unmapped);
        let mut names: Vec<_> =
            unmapped.map(|entry| format!("{}:{}", entry.service, entry.operation)).collect();
        names.dedup();
        names
    }
}
