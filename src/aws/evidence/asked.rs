//! What a source is asked, where it says how far it is, and what it tells in the end.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::timeout;

use super::found::Found;
use super::words::span;
use crate::aws::accounts::Accounts;
use crate::aws::fault::Fault;
use crate::domain::accounts::Account;
use crate::domain::errand::Errand;
use crate::domain::ids::AccountId;
use crate::domain::role::Snapshot;
use crate::iam::cloudtrail::Filter;
use crate::ports::{AccountError, Progress, Window};

/// One collection, as each source sees it.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub accounts: &'a Accounts,
    pub id: &'a AccountId,
    pub account: &'a Account,
    pub errand: &'a Errand,
    pub role: &'a Snapshot,
    pub window: Window,
    /// Which calls are those of the role.
    pub filter: &'a Arc<Filter>,
    pub found: &'a Shared,
    pub progress: &'a dyn Progress,
}

/// What is found, by whichever source.
#[derive(Debug, Clone)]
pub(super) struct Shared(Arc<Mutex<Found>>);

impl Shared {
    pub fn new(found: Found) -> Self {
        Self(Arc::new(Mutex::new(found)))
    }

    pub fn lock(&self) -> MutexGuard<'_, Found> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was found; whoever may still be adding to it comes too late.
    pub fn take(&self) -> Found {
        std::mem::take(&mut self.lock())
    }
}

/// Where one source says how far it is.
pub(super) struct Voice<'a> {
    pub source: &'static str,
    progress: &'a dyn Progress,
    last: Mutex<String>,
}

impl<'a> Voice<'a> {
    pub fn of(source: &'static str, asked: &Asked<'a>) -> Self {
        Self { source, progress: asked.progress, last: Mutex::default() }
    }

    /// Says how far it is.
    pub fn say(&self, how: impl Into<String>) {
        let how = how.into();
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&how);
        self.progress.tell(self.source, how);
    }

    fn last(&self) -> String {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What a source tells, unless it isn't done in time: then it has told what it found until then.
    pub async fn within(&self, limit: Duration, told: impl Future<Output = Told>) -> Told {
        let told = timeout(limit, told).await.unwrap_or_else(|_| {
            let last = self.last();
            let last = if last.is_empty() { "no answer".to_owned() } else { last };
            Told::part(vec![format!("{} was stopped after {}: {last}", self.source, span(limit))])
        });
        self.say(match &told.came {
            Came::Whole => "done",
            Came::Part => "done, in part",
            Came::Nothing(_) => "failed",
            Came::Unasked => "not configured",
        });
        told
    }

    /// Nothing came of a source.
    pub fn failed(&self, error: AccountError) -> Told {
        let gap = format!("{}: {error}", self.source);
        Told { came: Came::Nothing(error), gaps: vec![gap] }
    }

    /// The same, for a fault of a call.
    pub fn fault(&self, fault: Fault) -> Told {
        self.failed(fault.into_account())
    }
}

/// What a source told.
#[derive(Debug)]
pub(super) struct Told {
    pub came: Came,
    /// What it left out, in a person's words.
    pub gaps: Vec<String>,
}

/// How much came of a source.
#[derive(Debug)]
pub(super) enum Came {
    /// All that there is.
    Whole,
    /// Some of it.
    Part,
    /// Nothing, and why.
    Nothing(AccountError),
    /// It isn't configured.
    Unasked,
}

impl Told {
    pub fn whole() -> Self {
        Self { came: Came::Whole, gaps: Vec::new() }
    }

    pub fn part(gaps: Vec<String>) -> Self {
        Self { came: Came::Part, gaps }
    }

    /// All, unless something was left out.
    pub fn but_for(gaps: Vec<String>) -> Self {
        if gaps.is_empty() { Self::whole() } else { Self::part(gaps) }
    }

    pub fn unasked(gap: impl Into<String>) -> Self {
        Self { came: Came::Unasked, gaps: vec![gap.into()] }
    }

    pub fn is_whole(&self) -> bool {
        matches!(self.came, Came::Whole)
    }
}
