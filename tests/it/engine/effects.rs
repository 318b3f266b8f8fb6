//! Effects, and what can befall each of them.

use std::sync::Arc;

use alpha::domain::job::{Job, Work};
use alpha::domain::proposal::Case;
use alpha::local::account::{Door, Fault};
use alpha::ports::{AccountError, PeopleError, Standing, StoreError};
use tokio::sync::Notify;

use super::house::{House, Process};
use super::store::Trouble;

/// What befalls an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mishap {
    /// The world is out of reach, once.
    FailsOnce,
    /// The world is out of reach for long.
    FailsLong,
    /// The world refuses, and always will.
    FailsForGood,
    /// It is done, and the answer is lost.
    AnswerLost,
    /// What came of it can't be stored, once.
    StoreFails,
    /// The process dies after the world changed and before that is stored.
    DiesBefore,
    /// The process dies right after that is stored.
    DiesAfter,
    /// The process is frozen before that is stored, and thaws when another one has brought the job to its end.
    Thaws,
}

impl Mishap {
    pub const ALL: [Self; 8] = [
        Self::FailsOnce,
        Self::FailsLong,
        Self::FailsForGood,
        Self::AnswerLost,
        Self::StoreFails,
        Self::DiesBefore,
        Self::DiesAfter,
        Self::Thaws,
    ];

    /// Whether it happens on the way to the world, rather than to the store.
    pub fn is_of_the_world(self) -> bool {
        matches!(self, Self::FailsOnce | Self::FailsLong | Self::FailsForGood | Self::AnswerLost)
    }

    /// What happens to the save, where it is one of those.
    pub fn trouble(self, thaw: &Arc<Notify>) -> Option<Trouble> {
        match self {
            Self::FailsOnce | Self::FailsLong | Self::FailsForGood | Self::AnswerLost => None,
            Self::StoreFails => Some(Trouble::Fails(StoreError::Unavailable("locked".to_owned()))),
            Self::DiesBefore => Some(Trouble::DiesBefore),
            Self::DiesAfter => Some(Trouble::DiesAfter),
            Self::Thaws => Some(Trouble::Freezes(Arc::clone(thaw))),
        }
    }
}

/// The name of what is due of a job, such as `write/canary/1`; an undo is named by the write that is next.
pub fn effect_of(job: &Job) -> Option<String> {
    let id = job.work_id()?;
    Some(id.splitn(4, '/').nth(3).unwrap().to_owned())
}

/// The way to the world that an effect takes: none where it takes none, or none that could be barred.
fn door(job: &Job, case: Option<&Case>) -> Option<Door> {
    match job.work()? {
        Work::Collect => Some(Door::Collect),
        Work::Verify | Work::Look { .. } => Some(Door::Read),
        Work::Write { .. } | Work::Undo => Some(Door::Write),
        Work::Judge { stage } => case.filter(|case| !case.writes_of(stage).is_empty()).map(|_| Door::Health),
        Work::Admit | Work::Propose => None,
    }
}

/// More than the engine ever tries forward.
const LONG: usize = 10;

/// Orders a mishap of the world for what is due of a job; whether there is one.
pub async fn order(house: &House, process: &Process, job: &Job, mishap: Mishap) -> bool {
    let case = match job.case {
        Some(_) => Some(process.case(&job.id).await),
        None => None,
    };
    let out_of_reach = || AccountError::Unavailable("out of reach".to_owned());
    if let Some(door) = door(job, case.as_ref()) {
        match mishap {
            Mishap::FailsOnce => house.faults.order(door, Fault::Fails(out_of_reach())),
            Mishap::FailsLong => {
                (0..LONG).for_each(|_| house.faults.order(door, Fault::Fails(out_of_reach())));
            }
            Mishap::FailsForGood => {
                house.faults.order(door, Fault::Fails(AccountError::Denied("no".to_owned())));
            }
            Mishap::AnswerLost => house.faults.order(door, Fault::AnswerLost),
            Mishap::StoreFails | Mishap::DiesBefore | Mishap::DiesAfter | Mishap::Thaws => return false,
        }
        return true;
    }
    if job.work() != Some(Work::Admit) {
        return false;
    }
    let unknown = || Err(PeopleError::Unavailable("Slack is down".to_owned()));
    match mishap {
        Mishap::FailsOnce => house.people.next(unknown()),
        Mishap::FailsLong => (0..LONG).for_each(|_| house.people.next(unknown())),
        Mishap::FailsForGood => house.people.next(Ok(Standing::Guest)),
        Mishap::AnswerLost | Mishap::StoreFails | Mishap::DiesBefore | Mishap::DiesAfter | Mishap::Thaws => {
            return false;
        }
    }
    true
}
