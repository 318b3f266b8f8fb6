//! Gathering: from kinds of calls, and how often each was seen, to evidence.
//!
//! Each kind is read once by the policy engine's reader, as a record; repetitions are counted.

use std::collections::BTreeMap;

use super::record::{Kind, Moment};
use crate::iam::cloudtrail::{Call, Reader, Seen};
use crate::iam::evidence::Evidence;

/// What was gathered so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Gathering {
    /// The calls, counted.
    pub(super) evidence: Evidence,
    /// By the kind's mark: its earliest call, and how many there were.
    calls: BTreeMap<u64, (Call<'static>, u64)>,
}

/// How often a kind was seen within a day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    pub(super) count: u64,
    pub(super) first: Moment,
    pub(super) last: Moment,
}

impl Gathering {
    /// Nothing gathered, of a trail that records the data events of some services: other callers' records show that.
    pub(super) fn of_trail(data_services: &[&str]) -> Self {
        let mut gathering = Self::default();
        for service in data_services {
            gathering.evidence.count(&Seen::Filtered { data_event_of: Some((*service).to_owned()) });
        }
        gathering
    }

    /// Whether no trail was looked at yet.
    pub(super) fn is_empty(&self) -> bool {
        self.evidence.coverage().records == 0
    }

    /// Whether a kind was seen already: then its text isn't needed again.
    pub(super) fn knows(&self, mark: u64) -> bool {
        self.calls.contains_key(&mark)
    }

    /// Counts calls of a kind, all of one day.
    pub(super) fn add(&mut self, reader: &mut Reader, kind: &Kind, count: Times) {
        if self.knows(kind.mark) {
            return self.again(kind.mark, count);
        }
        if let Some(call) = kind.read(reader, &count.first) {
            self.calls.insert(kind.mark, (call, 0));
            self.again(kind.mark, count);
        }
    }

    /// Counts more calls of a kind that was seen.
    pub(super) fn again(&mut self, mark: u64, Times { count, first, last }: Times) {
        let Some((call, seen)) = self.calls.get_mut(&mark) else { return };
        *seen += count;
        let (time, id) = (call.time, call.id.clone());
        let mut tell = |moment: Moment, times: u64| {
            (call.time, call.id) = (moment.time(), moment.event_id().into());
            self.evidence.count_times(call, times);
        };
        if count > 1 {
            tell(first, count - 1);
        }
        if count > 0 {
            tell(last, 1);
        }
        (call.time, call.id) = (time, id);
    }

    /// One call of each kind, with how many there were.
    pub(super) fn into_calls(self) -> (Evidence, Vec<(Call<'static>, u64)>) {
        (self.evidence, self.calls.into_values().collect())
    }
}
