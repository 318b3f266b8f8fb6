//! What goes wrong, by script: of which operation, when, and for how long.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::wire::Refusal;

/// What happens to a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Trouble {
    Denied,
    Throttled,
    ExpiredToken,
    /// A word of the service's own.
    Refused(Refusal),
    /// A page that no client of a service understands, with status 500.
    Html,
    /// The connection breaks without an answer.
    Cut(When),
    /// No answer ever comes.
    Silence(When),
    /// The answer takes its time.
    Slow(Duration),
}

/// Whether what was asked for is done nevertheless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    BeforeTheEffect,
    AfterTheEffect,
}

#[derive(Debug)]
struct Rule {
    service: String,
    operation: String,
    passing: usize,
    left: Left,
    trouble: Trouble,
}

#[derive(Debug, Clone, Copy)]
enum Left {
    Calls(usize),
    Until(Instant),
}

/// The script. Operations are named by signing name and operation; `*` is all operations of a service.
#[derive(Debug, Default)]
pub struct Troubles(Mutex<Vec<Rule>>);

impl Troubles {
    /// The next call.
    pub fn next(&self, service: &str, operation: &str, trouble: Trouble) {
        self.times(service, operation, 1, trouble);
    }

    /// The next so many calls.
    pub fn times(&self, service: &str, operation: &str, calls: usize, trouble: Trouble) {
        self.add(service, operation, 0, Left::Calls(calls), trouble);
    }

    /// The n-th call from now; the next is the first.
    pub fn nth(&self, service: &str, operation: &str, n: usize, trouble: Trouble) {
        self.add(service, operation, n - 1, Left::Calls(1), trouble);
    }

    /// All calls for a time.
    pub fn during(&self, service: &str, operation: &str, time: Duration, trouble: Trouble) {
        self.add(service, operation, 0, Left::Until(Instant::now() + time), trouble);
    }

    fn add(&self, service: &str, operation: &str, passing: usize, left: Left, trouble: Trouble) {
        let (service, operation) = (service.to_owned(), operation.to_owned());
        self.0.lock().unwrap().push(Rule { service, operation, passing, left, trouble });
    }

    /// What happens to a call that just came in. Every rule counts it; the first that is due happens.
    pub(super) fn meet(&self, service: &str, operation: &str) -> Option<Trouble> {
        let mut rules = self.0.lock().unwrap();
        rules.retain(|rule| match rule.left {
            Left::Calls(left) => left > 0,
            Left::Until(end) => Instant::now() < end,
        });
        let concerned = rules
            .iter_mut()
            .filter(|rule| rule.service == service && (rule.operation == "*" || rule.operation == operation));
        let mut due = None;
        for rule in concerned {
            if rule.passing > 0 {
                rule.passing -= 1;
            } else if due.is_none() {
                due = Some(rule.trouble.clone());
                if let Left::Calls(left) = &mut rule.left {
                    *left -= 1;
                }
            }
        }
        due
    }
}
