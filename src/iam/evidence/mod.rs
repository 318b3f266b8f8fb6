//! Evidence: what the calls of a log prove, in memory that doesn't grow with the log.
//!
//! Parts of a log are collected apart and merged; the outcome is the same however the log was cut and in whatever
//! order the parts are merged. Only what succeeded is use. What was denied or failed is kept apart, and never becomes
//! a grant. Nothing in here reads a file or knows the time.

mod bounded;
mod coverage;
pub mod generalise;
mod hearsay;
mod known;
mod observable;
mod policy;
mod resources;

use std::collections::HashMap;

pub use bounded::Bounded;
use bounded::{Tally, short};
pub use coverage::Coverage;
pub use generalise::generalise;
use hearsay::Hearsay;
pub use hearsay::{Lacks, Said, Witness};
pub use known::Known;
pub use observable::{Observability, observability};
pub use policy::observed_policy;
use resources::many;
pub use resources::{Resources, Use};

use super::catalogue::{ActionId, Catalogue};
use super::cloudtrail::{Apart, Call, Ending, Needs, Seen};
use super::evaluate::Target;

/// How many names of events are kept, and of events with their error codes.
const NAMES: usize = 2000;
/// How many kinds of denial are kept, each with its resources.
const DENIALS: usize = 500;

/// How often what isn't listed was seen: beyond a number, names are counted and no longer kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unlisted {
    /// Denials, beside [`Evidence::denied`].
    pub denied: u64,
    /// Failures, beside [`Evidence::failed`].
    pub failed: u64,
    /// Calls that need no permission, beside [`Evidence::free`].
    pub free: u64,
    /// Calls that no action is known for, beside [`Evidence::unknown`].
    pub unknown: u64,
}

/// How an action stands in the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Some call used it.
    Used,
    /// No call used it that was seen, and something else says that it was used, or tried.
    Attested(Witness),
    /// No call used it, and one would have been seen.
    Unused,
    /// No call used it, and one would not have been seen; the reason.
    Unobservable(&'static str),
}

/// What was observed. Events that no action stands for are named `source:Name`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evidence {
    /// By action of the catalogue, of which there is an end: the resources it was used on.
    used: HashMap<String, Resources>,
    /// By action (or event) and error code: the resources it was refused on.
    denied: Bounded<(String, String), Resources, DENIALS>,
    /// By event and error code.
    failed: Bounded<(String, String), Use, NAMES>,
    /// Successful calls that need no permission, by event.
    free: Bounded<String, Use, NAMES>,
    /// Successful calls that no action is known for, by event.
    unknown: Bounded<String, Use, NAMES>,
    /// Records that are no calls.
    apart: HashMap<Apart, u64>,
    /// What is said of actions by sources that show no calls, and which calls are missing.
    hearsay: Hearsay,
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
            Seen::Call(call) => self.add_times(call, 1),
            Seen::Filtered { data_event_of } => {
                if let Some(service) = data_event_of {
                    self.coverage.data_event(service);
                }
            }
            Seen::Apart(apart) => *self.apart.entry(*apart).or_default() += 1,
        }
    }

    /// Counts so many records of one call, all of the same time: a source that keeps counts instead of records.
    pub fn count_times(&mut self, call: &Call<'_>, times: u64) {
        self.coverage.records += times;
        if times > 0 {
            self.add_times(call, times);
        }
    }

    /// Counts a call.
    pub fn add(&mut self, call: &Call<'_>) {
        self.add_times(call, 1);
    }

    fn add_times(&mut self, call: &Call<'_>, times: u64) {
        self.coverage.add(call, times);
        match (&call.ending, &call.needs) {
            (Ending::Succeeded, Needs::All(needs)) => {
                for need in needs {
                    self.use_of(&need.action, &need.resource, call, times);
                }
            }
            (Ending::Succeeded, Needs::Nothing) => self.free.add(&event_of(call), Use::of(call, times)),
            (Ending::Succeeded, Needs::Unknown) => self.unknown.add(&event_of(call), Use::of(call, times)),
            (Ending::Denied(code), Needs::All(needs)) => {
                for need in needs {
                    self.deny(&need.action, code, &need.resource, call, times);
                }
            }
            (Ending::Denied(code), Needs::Nothing | Needs::Unknown) => {
                self.deny(&event_of(call), code, &Target::Unknown, call, times);
            }
            (Ending::Failed(code), _) => {
                self.failed.add(&(event_of(call), short(code).to_owned()), Use::of(call, times));
            }
        }
    }

    fn deny(&mut self, what: &str, code: &str, resource: &Target, call: &Call, times: u64) {
        self.denied
            .add(&(what.to_owned(), short(code).to_owned()), Resources::of_denial(resource, call, times));
    }

    fn use_of(&mut self, action: &str, resource: &Target, call: &Call, times: u64) {
        if let Some(resources) = self.used.get_mut(action) {
            return resources.add(resource, call, times);
        }
        let mut resources = Resources::default();
        resources.add(resource, call, times);
        self.used.insert(action.to_owned(), resources);
        self.restrict();
    }

    /// The more actions there are, the fewer resources of each are told apart.
    fn restrict(&mut self) {
        let many = many(self.used.len());
        self.used.values_mut().for_each(|resources| resources.restrict(many));
    }

    /// Adds what was observed elsewhere.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        for (action, resources) in other.used {
            self.used.entry(action).or_default().join(resources);
        }
        self.restrict();
        self.denied.merge(other.denied);
        self.failed.merge(other.failed);
        self.free.merge(other.free);
        self.unknown.merge(other.unknown);
        for (apart, count) in other.apart {
            *self.apart.entry(apart).or_default() += count;
        }
        self.hearsay.merge(other.hearsay);
        self.coverage.merge(other.coverage);
        self
    }

    /// Takes down what a source that shows no calls says of an action.
    pub fn hear(&mut self, action: ActionId, said: Said) {
        self.hearsay.hear(action, said);
    }

    /// Takes down that calls are missing which a source would have shown.
    pub fn lack(&mut self, lacks: Lacks) {
        self.hearsay.lack(lacks);
    }

    /// What says that an action was used, or tried, without showing a call.
    pub fn witness_of(&self, action: ActionId) -> Option<Witness> {
        self.hearsay.witness_of(action)
    }

    /// All actions that something says were used, or tried, without showing a call.
    pub fn attested(&self) -> usize {
        self.hearsay.attested()
    }

    /// Which calls are missing.
    pub fn lacks(&self) -> Lacks {
        self.hearsay.missing()
    }

    /// Whether calls of an action may be missing that a complete log would have shown: those that were seen are then
    /// not all, nor are their resources.
    pub fn may_lack(&self, action: ActionId) -> bool {
        self.hearsay.lacks(observability(action))
    }

    /// How often an action was used.
    pub fn uses_of(&self, action: ActionId) -> u64 {
        self.of_action(action).map_or(0, Tally::times)
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
        if let Some(witness) = self.witness_of(action) {
            return Standing::Attested(witness);
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
            Observability::Never(reason) => Some(reason),
            Observability::Management | Observability::Data if self.hearsay.denies(action) => None,
            shows if self.hearsay.lacks(shows) => Some(hearsay::LACKING),
            Observability::Management => None,
            Observability::Data if self.coverage.data_services.contains(service) => None,
            Observability::Data => Some("only data events show it, and the logs hold none of that service"),
        }
    }

    /// All actions that were used, in order, each with its resources.
    pub fn used(&self) -> impl Iterator<Item = (&str, &Resources)> {
        by_name(&self.used)
    }

    /// What was refused: action (or event), error code, resources.
    pub fn denied(&self) -> impl Iterator<Item = (&str, &str, &Resources)> {
        self.denied.iter().map(|((action, code), resources)| (action.as_str(), code.as_str(), resources))
    }

    /// What failed for another reason: event, error code, how often.
    pub fn failed(&self) -> impl Iterator<Item = (&str, &str, &Use)> {
        self.failed.iter().map(|((event, code), uses)| (event.as_str(), code.as_str(), uses))
    }

    /// Events that need no permission.
    pub fn free(&self) -> impl Iterator<Item = (&str, &Use)> {
        self.free.iter().map(|(event, uses)| (event.as_str(), uses))
    }

    /// Events that no action is known for.
    pub fn unknown(&self) -> impl Iterator<Item = (&str, &Use)> {
        self.unknown.iter().map(|(event, uses)| (event.as_str(), uses))
    }

    /// How often was seen what these don't list.
    pub fn unlisted(&self) -> Unlisted {
        Unlisted {
            denied: self.denied.others(),
            failed: self.failed.others(),
            free: self.free.others(),
            unknown: self.unknown.others(),
        }
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

fn event_of(call: &Call) -> String {
    format!("{}:{}", short(&call.source), short(&call.name))
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
