//! What was looked at: without it, "unused" means nothing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::iam::cloudtrail::Call;

/// How many roles are named.
const ROLES: usize = 1000;

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
    /// Days (UTC) with at least one call.
    pub days: BTreeSet<Date>,
    /// Regions, with the number of calls.
    pub regions: BTreeMap<String, u64>,
    /// Accounts of the callers, with the number of calls.
    pub accounts: BTreeMap<String, u64>,
    /// Roles that called; of a great many the first by name.
    pub roles: BTreeSet<String>,
    /// Whether there were more roles than are named.
    pub more_roles: bool,
    /// Calls of callers that are no session of a role: users, services, the root user.
    pub without_role: u64,
    /// Prefixes of services of which the logs hold data events, of whatever caller.
    pub data_services: BTreeSet<String>,
}

impl Coverage {
    pub(super) fn add(&mut self, call: &Call<'_>) {
        self.calls += 1;
        self.first = Some(self.first.map_or(call.time, |first| first.min(call.time)));
        self.last = Some(self.last.map_or(call.time, |last| last.max(call.time)));
        self.days.insert(jiff::tz::Offset::UTC.to_datetime(call.time).date());
        count(&mut self.regions, &call.region, 1);
        if let Some(account) = &call.account {
            count(&mut self.accounts, account, 1);
        }
        match &call.role {
            Some(role) => self.role(role),
            None => self.without_role += 1,
        }
        if call.data_event {
            self.data_event(crate::iam::cloudtrail::service_of_source(&call.source));
        }
    }

    pub(super) fn data_event(&mut self, service: &str) {
        if !self.data_services.contains(service) {
            self.data_services.insert(service.to_owned());
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.records += other.records;
        self.calls += other.calls;
        self.first = [self.first, other.first].into_iter().flatten().min();
        self.last = [self.last, other.last].into_iter().flatten().max();
        self.days.extend(other.days);
        other.regions.iter().for_each(|(region, calls)| count(&mut self.regions, region, *calls));
        other.accounts.iter().for_each(|(account, calls)| count(&mut self.accounts, account, *calls));
        other.roles.iter().for_each(|role| self.role(role));
        self.more_roles |= other.more_roles;
        self.without_role += other.without_role;
        self.data_services.extend(other.data_services);
    }

    fn role(&mut self, role: &str) {
        if !self.roles.contains(role) {
            self.roles.insert(role.to_owned());
        }
        if self.roles.len() > ROLES {
            self.roles.pop_last();
            self.more_roles = true;
        }
    }
}

fn count(map: &mut BTreeMap<String, u64>, name: &str, calls: u64) {
    match map.get_mut(name) {
        Some(own) => *own += calls,
        None => {
            map.insert(name.to_owned(), calls);
        }
    }
}
