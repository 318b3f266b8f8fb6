//! What was looked at: without it, "unused" means nothing.

use jiff::Timestamp;
use jiff::civil::Date;

use super::bounded::{Bounded, short};
use crate::iam::cloudtrail::Call;

/// How many names of a kind are kept; there are fewer regions and services than that.
const NAMES: usize = 1000;
/// How many days are kept: more years than CloudTrail has existed.
const DAYS: usize = 10_000;

/// The extent of the evidence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Records of any kind, those that the filter left out too.
    pub records: u64,
    /// Calls that were asked for.
    pub calls: u64,
    /// The first call.
    pub first: Option<Timestamp>,
    /// The last call.
    pub last: Option<Timestamp>,
    /// Days (UTC) with at least one call, with the number of calls, as in the rest.
    pub days: Bounded<Date, u64, DAYS>,
    /// Regions.
    pub regions: Bounded<String, u64, NAMES>,
    /// Accounts of the callers.
    pub accounts: Bounded<String, u64, NAMES>,
    /// Roles that called.
    pub roles: Bounded<String, u64, NAMES>,
    /// Calls of callers that are no session of a role: users, services, the root user.
    pub without_role: u64,
    /// Prefixes of services of which the logs hold data events, of whatever caller.
    pub data_services: Bounded<String, u64, NAMES>,
}

impl Coverage {
    pub(super) fn add(&mut self, call: &Call<'_>, times: u64) {
        self.calls += times;
        self.first = Some(self.first.map_or(call.time, |first| first.min(call.time)));
        self.last = Some(self.last.map_or(call.time, |last| last.max(call.time)));
        self.days.add(&jiff::tz::Offset::UTC.to_datetime(call.time).date(), times);
        self.regions.add(short(&call.region), times);
        if let Some(account) = &call.account {
            self.accounts.add(short(account), times);
        }
        match &call.role {
            Some(role) => self.roles.add(short(role), times),
            None => self.without_role += times,
        }
        if call.data_event {
            let service = crate::iam::cloudtrail::service_of_source(&call.source);
            self.data_services.add(short(service), times);
        }
    }

    /// On how many of the days that were asked for there were calls. So many times 24 hours touch one date more, the
    /// first and the last in part.
    pub fn days_of(&self, asked: u32) -> u32 {
        u32::try_from(self.days.len()).unwrap_or(u32::MAX).min(asked)
    }

    pub(super) fn data_event(&mut self, service: &str) {
        self.data_services.add(short(service), 1);
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.records += other.records;
        self.calls += other.calls;
        self.first = [self.first, other.first].into_iter().flatten().min();
        self.last = [self.last, other.last].into_iter().flatten().max();
        self.days.merge(other.days);
        self.regions.merge(other.regions);
        self.accounts.merge(other.accounts);
        self.roles.merge(other.roles);
        self.without_role += other.without_role;
        self.data_services.merge(other.data_services);
    }
}
