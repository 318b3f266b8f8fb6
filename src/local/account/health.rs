//! How a role fared since some time.

use super::book::Book;
use super::history::reference;
use super::live;
use crate::domain::role::Snapshot;
use crate::ports::{AccountError, Reading};
use jiff::Timestamp;

impl Book {
    /// The calls and denials of a role since then. The sources are complete up to the workload's last batch; while it
    /// doesn't run, nothing more turns up.
    pub(super) fn since(&mut self, role: &Snapshot, since: Timestamp) -> Result<Reading, AccountError> {
        let reference = reference(&self.account, &role.arn)?;
        let (id, _) = self.role(&reference)?;
        let now = self.now();
        let (mut calls, mut denied) = (0, std::collections::BTreeMap::<i64, (_, u64)>::new());
        for lately in live::since(&self.connection, id, since.as_millisecond(), now)? {
            calls += lately.count.count;
            if lately.denied {
                denied.entry(lately.kind).or_insert((lately.count, 0)).1 += lately.count.count;
            }
        }
        let mut found = Vec::with_capacity(denied.len());
        for (number, (first, count)) in denied {
            let kind = live::kind_of(&self.connection, number)?;
            found.extend(kind.read(&mut self.reader, &first.first).map(|call| (call, count)));
        }
        let complete_until =
            self.worked.map_or(Ok(self.clock.now()), Timestamp::from_millisecond).unwrap_or_default();
        Ok(Reading { calls, denied: found, complete_until })
    }
}
