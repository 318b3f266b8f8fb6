//! What all sources of one collection found, joined. Pure: an event that two sources hold counts once, and what comes
//! out depends on none of them having been the first.

use std::collections::BTreeSet;

use crate::iam::catalogue::ActionId;
use crate::iam::cloudtrail::{Apart, Call, Seen};
use crate::iam::document::Document;
use crate::iam::evidence::{Evidence, Known, Lacks, Said};
use crate::iam::proof::Kinds;
use crate::ports::Gathered;

use super::words::things;

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Found {
    evidence: Evidence,
    kinds: Kinds,
    known: Known,
    regions: BTreeSet<String>,
}

impl Found {
    /// Nothing yet, for a role with these policies.
    pub fn of_policies<'a>(documents: impl IntoIterator<Item = &'a Document>) -> Self {
        Self { kinds: Kinds::of_policies(documents), ..Self::default() }
    }

    /// Counts a call of the role, unless it was counted already.
    pub fn call(&mut self, call: Box<Call<'_>>) {
        if self.known.is_new(&call) {
            self.kinds.count(&call);
            self.evidence.count(&Seen::Call(call));
        } else {
            self.evidence.count(&Seen::Apart(Apart::Repeated));
        }
    }

    /// Counts what stood beside calls of the role.
    pub fn rest(&mut self, rest: Evidence) {
        self.evidence = std::mem::take(&mut self.evidence).merge(rest);
    }

    /// Takes down what is said of actions.
    pub fn hear(&mut self, said: impl IntoIterator<Item = (ActionId, Said)>) {
        said.into_iter().for_each(|(action, said)| self.evidence.hear(action, said));
    }

    /// Takes down a Region in which the role was used, by whatever says so.
    pub fn used_in(&mut self, region: &str) {
        if !region.is_empty() {
            self.regions.insert(region.to_owned());
        }
    }

    /// In which Regions it was used besides these.
    pub fn used_beyond(&self, regions: &[&str]) -> Vec<String> {
        self.regions.iter().filter(|region| !regions.contains(&region.as_str())).cloned().collect()
    }

    /// Whether any data events were seen.
    pub fn has_data_events(&self) -> bool {
        !self.evidence.coverage().data_services.is_empty()
    }

    /// All of it, with what could not be looked at.
    pub fn into_gathered(mut self, lacks: Lacks, mut gaps: Vec<String>) -> Gathered {
        self.evidence.lack(lacks);
        let (calls, others) = self.kinds.into_calls();
        if others > 0 {
            gaps.push(format!(
                "{} of rare kinds are counted and not replayed: there are more kinds than are kept",
                things(others, "call")
            ));
        }
        Gathered { used: self.evidence, calls, gaps }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::catalogue::Catalogue;
    use crate::iam::cloudtrail::{Filter, Reader};
    use crate::iam::evidence::{Standing, Witness};

    fn call(number: u32, name: &str) -> Box<Call<'static>> {
        let record = format!(
            r#"{{"eventID":"0f3a9c1e-6b2d-4c55-8d6e-{number:012x}","eventTime":"2026-01-02T00:00:00Z","eventSource":"iam.amazonaws.com","eventName":"{name}","eventCategory":"Management","awsRegion":"us-east-1","requestParameters":{{"roleName":"r"}},"recipientAccountId":"111122223333"}}"#
        );
        match Reader::with_circumstances().read(&record, 0, &Filter::default()) {
            Ok(Seen::Call(call)) => Box::new(call.into_owned()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_event_that_two_sources_hold_counts_once_in_the_evidence_and_in_the_replay() {
        let mut found = Found::default();
        // As a look-up and log files see them, one beginning where the other does not.
        for number in [1, 2, 3, 2, 3, 4] {
            found.call(call(number, "GetRole"));
        }
        found.call(call(5, "ListRoles"));
        let gathered = found.into_gathered(Lacks::default(), Vec::new());
        let seen = gathered.used.coverage();
        assert_eq!((seen.calls, seen.records), (5, 7));
        let times: Vec<u64> = gathered.calls.iter().map(|(_, times)| *times).collect();
        assert_eq!(times, [4, 1]);
        assert_eq!(gathered.used.apart().collect::<Vec<_>>(), [(Apart::Repeated, 2)]);
    }

    #[test]
    fn what_is_said_and_what_is_missing_comes_with_the_calls() {
        let id = |name: &str| Catalogue::embedded().find(name).unwrap();
        let mut found = Found::default();
        found.call(call(1, "GetRole"));
        found.hear([
            (id("iam:ListUsers"), Said::Used(Witness::LastAccessed)),
            (id("iam:DeleteUser"), Said::Unused),
        ]);
        let lacks = Lacks { management: true, data: true };
        let used = found.into_gathered(lacks, Vec::new()).used;
        assert_eq!(used.standing(id("iam:GetRole")), Standing::Used);
        assert!(used.may_lack(id("iam:GetRole")));
        assert_eq!(used.standing(id("iam:ListUsers")), Standing::Attested(Witness::LastAccessed));
        assert_eq!(used.standing(id("iam:DeleteUser")), Standing::Unused);
        assert!(matches!(used.standing(id("iam:DeleteRole")), Standing::Unobservable(_)));
    }
}
