//! Which commands decide something, and what they come to.

use super::Command;
use crate::domain::approval::Wish;
use crate::domain::ids::JobId;

impl Command {
    /// What is wanted of which job, where a command wants anything but to know.
    pub fn wish(&self) -> Option<(&JobId, Wish<'_>)> {
        match self {
            Self::Cancel { job } => Some((job, Wish::Cancel)),
            Self::Rollback { job } => Some((job, Wish::RollBack)),
            Self::Approve { job } => Some((job, Wish::Approve)),
            Self::Deny { job, reason } => Some((job, Wish::Deny(Some(reason)))),
            Self::Continue { job } => Some((job, Wish::Continue)),
            Self::Help { .. }
            | Self::Analyze { .. }
            | Self::Status { .. }
            | Self::Pending
            | Self::Diff { .. }
            | Self::History { .. }
            | Self::WhoAmI => None,
        }
    }
}
