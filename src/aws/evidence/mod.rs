//! What a role used, from all that AWS knows of it: CloudTrail's look-up and log files, a policy that Access Analyzer
//! generates, last-accessed data, findings on unused access.
//!
//! The sources are asked side by side, each until a deadline of its own, and none knows of another. Calls come from
//! CloudTrail alone; the others say of actions that they were used or weren't, which keeps or doesn't keep what is
//! granted, and grants nothing. What a source left out is a gap that the card tells, and where neither CloudTrail source
//! was complete, an action that wasn't seen is not taken for unused.

mod accessed;
mod asked;
mod body;
mod files;
mod found;
mod generation;
mod lookup;
mod queue;
mod unused;
mod words;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Semaphore;

use self::asked::{Asked, Came, Shared, Told, Voice};
use self::found::Found;
use self::lookup::Pace;
use super::accounts::Accounts;
use super::calls::Call;
use crate::domain::errand::Errand;
use crate::domain::ids::AccountId;
use crate::domain::role::Snapshot;
use crate::iam::arn::Arn;
use crate::iam::cloudtrail::{Filter, RoleFilter};
use crate::iam::evidence::Lacks;
use crate::ports::{AccountError, Clock, Evidence, Gathered, Progress, Store, Window};

/// What this calls, source by source.
pub const CALLS: &[&[Call]] = &[lookup::CALLS, accessed::CALLS, generation::CALLS, unused::CALLS];

/// How long each source may take, and how much it may look at.
#[derive(Debug, Clone)]
pub struct Limits {
    /// CloudTrail's look-up.
    pub lookup: Duration,
    /// CloudTrail's log files.
    pub files: Duration,
    /// Last-accessed data.
    pub accessed: Duration,
    /// The generation of a policy, waiting for one's turn included.
    pub generation: Duration,
    /// Findings on unused access.
    pub unused: Duration,
    /// How many events a look-up goes through in a Region.
    pub events: u64,
    /// The pause between two look-ups in one account and Region.
    pub pace: Duration,
    /// The pause between two looks at something that takes its time.
    pub pause: Duration,
}

impl Limits {
    /// The usual ones, where a whole collection may take so long.
    pub fn within(longest: Duration) -> Self {
        let usual = Self::default();
        Self {
            lookup: usual.lookup.min(longest),
            files: longest,
            accessed: usual.accessed.min(longest),
            generation: longest,
            unused: usual.unused.min(longest),
            ..usual
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            lookup: Duration::from_mins(5),
            files: Duration::from_mins(15),
            accessed: Duration::from_mins(5),
            generation: Duration::from_mins(20),
            unused: Duration::from_mins(1),
            events: 2_000,
            pace: Duration::from_millis(510),
            pause: Duration::from_secs(10),
        }
    }
}

/// Evidence as AWS has it.
#[derive(Debug)]
pub struct AwsEvidence {
    accounts: Arc<Accounts>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    limits: Limits,
    pace: Pace,
    /// How many log files are read at a time, whoever wants them: each takes memory.
    readers: Arc<Semaphore>,
}

impl AwsEvidence {
    /// Evidence from the accounts that are configured; the store keeps whose turn it is where AWS has a quota.
    pub fn new(
        accounts: Arc<Accounts>,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        limits: Limits,
    ) -> Self {
        let processors = std::thread::available_parallelism().map_or(2, NonZeroUsize::get);
        let pace = Pace::new(limits.pace);
        let readers = Arc::new(Semaphore::new(processors.clamp(2, 8)));
        Self { accounts, store, clock, limits, pace, readers }
    }

    /// Asks all sources side by side.
    async fn ask(&self, asked: Asked<'_>) -> [Told; 5] {
        let Limits { lookup, files, accessed, generation, unused, .. } = self.limits;
        let voices = [lookup::NAME, files::NAME, accessed::NAME, generation::NAME, unused::NAME]
            .map(|source| Voice::of(source, &asked));
        let [by_lookup, by_files, by_accessed, by_generation, by_unused] = &voices;
        let told = tokio::join!(
            by_lookup.within(lookup, Box::pin(self.look_up(&asked, by_lookup))),
            by_files.within(files, Box::pin(self.read_files(&asked, by_files))),
            by_accessed.within(accessed, Box::pin(self.ask_accessed(&asked, by_accessed))),
            // It has an own deadline within this one, after which it leaves its place to others.
            by_generation
                .within(generation + generation::LEAVING, Box::pin(self.generate(&asked, by_generation))),
            by_unused.within(unused, Box::pin(self.ask_unused(&asked, by_unused))),
        );
        told.into()
    }
}

#[async_trait]
impl Evidence for AwsEvidence {
    async fn collect(
        &self,
        errand: &Errand,
        role: &Snapshot,
        window: Window,
        progress: &dyn Progress,
    ) -> Result<Gathered, AccountError> {
        let (id, filter) = (account_of(role)?, Arc::new(filter(role, window)?));
        let account = self.accounts.account(&id)?;
        let (policies, boundaries) = (role.policies(), role.boundaries());
        let found = Shared::new(Found::of_policies(policies.iter().chain(&boundaries)));
        let asked = Asked {
            accounts: &self.accounts,
            id: &id,
            account,
            errand,
            role,
            window,
            filter: &filter,
            found: &found,
            progress,
        };
        let told = self.ask(asked).await;
        let [lookup, files, accessed, ..] = &told;
        let looked_up = account.looked_up(&role.arn);
        if let Some(last) = role.last_used.as_ref().filter(|last| last.at >= window.since) {
            found.lock().used_in(&last.region);
        }
        // Log files are of all Regions. A look-up is complete for those that are configured, and for no others.
        let beyond = found.lock().used_beyond(&looked_up);
        // Without the report nobody says where else the role was used.
        let by_lookup = lookup.is_whole() && accessed.is_whole() && beyond.is_empty();
        let lacks = Lacks { management: !by_lookup && !files.is_whole(), data: !files.is_whole() };
        if let Some(error) = failure(&told) {
            return Err(error);
        }
        let missing = lacks.management.then(|| {
            "the record of calls isn't complete, so what it doesn't show stays unless something else says that it is \
             unused, and resources stay as they are"
                .to_owned()
        });
        let elsewhere = (lookup.is_whole() && !files.is_whole()).then(|| {
            let there = if beyond.is_empty() {
                String::new()
            } else {
                format!("; AWS says that the role was used in {}", beyond.join(", "))
            };
            format!(
                "calls were looked up in {} only: those in other Regions, and of sessions that began there, aren't \
                 seen{there}",
                looked_up.join(", ")
            )
        });
        let gaps = told.into_iter().flat_map(|told| told.gaps);
        let first = missing.into_iter().chain(elsewhere);
        Ok(found.take().into_gathered(lacks, first.chain(gaps).collect()))
    }

    async fn abandon(&self, errand: &Errand, role: &Snapshot) -> Result<(), AccountError> {
        let id = account_of(role)?;
        self.leave(&id, self.accounts.account(&id)?, errand).await
    }
}

/// Why there is no evidence at all, where nothing came of any source: what may work later is worth another try.
fn failure(told: &[Told]) -> Option<AccountError> {
    let mut errors = Vec::new();
    for told in told {
        match &told.came {
            Came::Whole | Came::Part => return None,
            Came::Nothing(error) => errors.push(error),
            Came::Unasked => {}
        }
    }
    let all = told.iter().flat_map(|told| &told.gaps).map(String::as_str).collect::<Vec<_>>().join("; ");
    let all = format!("no source of evidence could be asked: {all}");
    Some(match errors.iter().find(|error| matches!(error, AccountError::Unavailable(_))).or(errors.first()) {
        Some(AccountError::Unavailable(_)) => AccountError::Unavailable(all),
        Some(AccountError::Denied(_)) => AccountError::Denied(all),
        _ => AccountError::Rejected(all),
    })
}

fn account_of(role: &Snapshot) -> Result<AccountId, AccountError> {
    let arn = Arn::parse(&role.arn).ok_or_else(|| no_role(&role.arn))?;
    Ok(AccountId::new(arn.account))
}

fn filter(role: &Snapshot, window: Window) -> Result<Filter, AccountError> {
    let wanted = RoleFilter::parse(&role.arn).map_err(|_| no_role(&role.arn))?;
    Ok(Filter {
        role: Some(wanted),
        since: Some(window.since),
        until: Some(window.until),
        ..Filter::default()
    })
}

fn no_role(arn: &str) -> AccountError {
    AccountError::Rejected(format!("{arn:?} is the ARN of no role"))
}

/// An instant as AWS's clients take it, to the second.
fn date(moment: jiff::Timestamp) -> aws_smithy_types::DateTime {
    aws_smithy_types::DateTime::from_secs(moment.as_second())
}

/// Whether an instant, as AWS's clients give it, isn't before another.
fn is_since(moment: Option<&aws_smithy_types::DateTime>, since: jiff::Timestamp) -> bool {
    moment.is_some_and(|moment| moment.secs() >= since.as_second())
}
