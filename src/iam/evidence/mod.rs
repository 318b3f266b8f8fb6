//! Evidence: what the calls of a log prove, in memory that doesn't grow with the log.
//!
//! Parts of a log are collected apart and merged; the outcome is the same however the log was cut and in whatever
//! order the parts are merged. Only what succeeded is use. What was denied or failed is kept apart, and never becomes
//! a grant. Nothing in here reads a file or knows the time.

mod coverage;
pub mod generalise;
mod observable;
mod policy;
mod resources;

use std::collections::HashMap;

pub use coverage::Coverage;
pub use generalise::generalise;
pub use observable::{Observability, observability};
pub use policy::observed_policy;
pub use resources::{Resources, Use};

use super::catalogue::{ActionId, Catalogue};
use super::cloudtrail::{Apart, Call, Ending, Needs, Seen};
use super::evaluate::Target;

/// How an action stands in the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Some call used it.
    Used,
    /// No call used it, and one would have been seen.
    Unused,
    /// No call used it, and one would not have been seen; the reason.
    Unobservable(&'static str),
}

/// What was observed. Events that no action stands for are named `source:Name`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evidence {
    /// By action: the resources it was used on.
    used: HashMap<String, Resources>,
    /// By action (or event) and error code: the resources it was refused on.
    denied: HashMap<String, HashMap<String, Resources>>,
    /// By event and error code.
    failed: HashMap<String, HashMap<String, Use>>,
    /// Successful calls that need no permission, by event.
    free: HashMap<String, Use>,
    /// Successful calls that no action is known for, by event.
    unknown: HashMap<String, Use>,
    /// Records that are no calls.
    apart: HashMap<Apart, u64>,
    /// What was looked at.
    coverage: Coverage,
}

impl Evidence {
    /// Nothing observed.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts a record, whatever it is.
    pub fn count(&mut self, seen: &Seen<'_>) {
        self.coverage.records += 1;
        match seen {
            Seen::Call(call) => self.add(call),
            Seen::Filtered { data_event_of } => {
                if let Some(service) = data_event_of {
                    self.coverage.data_event(service);
                }
            }
            Seen::Apart(apart) => *self.apart.entry(*apart).or_default() += 1,
        }
    }

    /// Counts a call.
    pub fn add(&mut self, call: &Call<'_>) {
        self.coverage.add(call);
        match (&call.ending, &call.needs) {
            (Ending::Succeeded, Needs::All(needs)) => {
                for need in needs {
                    with(&mut self.used, &need.action, |resources| resources.add(&need.resource, call));
                }
            }
            (Ending::Succeeded, Needs::Nothing) => tally(&mut self.free, &event_of(call), call),
            (Ending::Succeeded, Needs::Unknown) => tally(&mut self.unknown, &event_of(call), call),
            (Ending::Denied(code), Needs::All(needs)) => {
                for need in needs {
                    self.deny(&need.action, code, &need.resource, call);
                }
            }
            (Ending::Denied(code), Needs::Nothing | Needs::Unknown) => {
                self.deny(&event_of(call), code, &Target::Unknown, call);
            }
            (Ending::Failed(code), _) => {
                with(&mut self.failed, &event_of(call), |codes| tally(codes, code, call));
            }
        }
    }

    fn deny(&mut self, what: &str, code: &str, resource: &Target, call: &Call<'_>) {
        with(&mut self.denied, what, |codes| with(codes, code, |resources| resources.add(resource, call)));
    }

    /// Adds what was observed elsewhere.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        for (action, resources) in other.used {
            self.used.entry(action).or_default().merge(resources);
        }
        for (action, codes) in other.denied {
            let own = self.denied.entry(action).or_default();
            for (code, resources) in codes {
                own.entry(code).or_default().merge(resources);
            }
        }
        for (event, codes) in other.failed {
            let own = self.failed.entry(event).or_default();
            for (code, uses) in codes {
                merge_use(own, code, uses);
            }
        }
        for (event, uses) in other.free {
            merge_use(&mut self.free, event, uses);
        }
        for (event, uses) in other.unknown {
            merge_use(&mut self.unknown, event, uses);
        }
        for (apart, count) in other.apart {
            *self.apart.entry(apart).or_default() += count;
        }
        self.coverage.merge(other.coverage);
        self
    }

    /// How often an action was used.
    pub fn uses_of(&self, action: ActionId) -> u64 {
        self.of_action(action).map_or(0, |resources| resources.iter().map(|(_, uses)| uses.count).sum())
    }

    /// On what an action was used, in order: ARNs, patterns where there were too many, or unknown.
    pub fn resources_of(&self, action: ActionId) -> impl Iterator<Item = &Target> {
        sorted(self.of_action(action)).map(|(target, _)| target)
    }

    /// How an action stands.
    pub fn standing(&self, action: ActionId) -> Standing {
        if self.of_action(action).is_some() {
            return Standing::Used;
        }
        self.unobservable(action).map_or(Standing::Unused, Standing::Unobservable)
    }

    /// Why use of an action would not have been seen; `None` where it would have been.
    pub fn unobservable(&self, action: ActionId) -> Option<&'static str> {
        if self.coverage.records == 0 {
            return Some("no record was read, so nothing could be seen");
        }
        let service = Catalogue::embedded().service_of(action);
        match observability(action) {
            Observability::Management => None,
            Observability::Data if self.coverage.data_services.contains(service) => None,
            Observability::Data => Some("only data events show it, and the logs hold none of that service"),
            Observability::Never(reason) => Some(reason),
        }
    }

    /// All actions that were used, in order, each with its resources.
    pub fn used(&self) -> impl Iterator<Item = (&str, &Resources)> {
        by_name(&self.used)
    }

    /// All that was refused: action (or event), error code, resources.
    pub fn denied(&self) -> impl Iterator<Item = (&str, &str, &Resources)> {
        by_name(&self.denied).flat_map(|(action, codes)| {
            by_name(codes).map(move |(code, resources)| (action, code, resources))
        })
    }

    /// All that failed for another reason: event, error code, how often.
    pub fn failed(&self) -> impl Iterator<Item = (&str, &str, &Use)> {
        by_name(&self.failed)
            .flat_map(|(event, codes)| by_name(codes).map(move |(code, uses)| (event, code, uses)))
    }

    /// Events that need no permission.
    pub fn free(&self) -> impl Iterator<Item = (&str, &Use)> {
        by_name(&self.free)
    }

    /// Events that no action is known for.
    pub fn unknown(&self) -> impl Iterator<Item = (&str, &Use)> {
        by_name(&self.unknown)
    }

    /// Records that are no calls, and how many.
    pub fn apart(&self) -> impl Iterator<Item = (Apart, u64)> {
        let mut all: Vec<_> = self.apart.iter().map(|(apart, count)| (*apart, *count)).collect();
        all.sort_unstable();
        all.into_iter()
    }

    /// What was looked at.
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    fn of_action(&self, action: ActionId) -> Option<&Resources> {
        self.used.get(&Catalogue::embedded().full_name(action))
    }
}

fn event_of(call: &Call<'_>) -> String {
    format!("{}:{}", call.source, call.name)
}

/// Changes the entry of a name, made where there is none; the name is copied only then.
fn with<T: Default>(map: &mut HashMap<String, T>, name: &str, change: impl FnOnce(&mut T)) {
    match map.get_mut(name) {
        Some(value) => change(value),
        None => change(map.entry(name.to_owned()).or_default()),
    }
}

fn tally(map: &mut HashMap<String, Use>, name: &str, call: &Call<'_>) {
    match map.get_mut(name) {
        Some(uses) => uses.add(call),
        None => {
            map.insert(name.to_owned(), Use::of(call));
        }
    }
}

fn merge_use(map: &mut HashMap<String, Use>, name: String, uses: Use) {
    match map.get_mut(&name) {
        Some(own) => own.merge(uses),
        None => {
            map.insert(name, uses);
        }
    }
}

fn by_name<T>(map: &HashMap<String, T>) -> impl Iterator<Item = (&str, &T)> {
    let mut all: Vec<(&str, &T)> = map.iter().map(|(name, value)| (name.as_str(), value)).collect();
    all.sort_unstable_by_key(|(name, _)| *name);
    all.into_iter()
}

fn sorted(resources: Option<&Resources>) -> impl Iterator<Item = (&Target, &Use)> {
    let mut all: Vec<_> = resources.into_iter().flat_map(Resources::iter).collect();
    all.sort_unstable_by_key(|(target, _)| *target);
    all.into_iter()
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
