//! Who sees what: other people's jobs are for full members of their team. Who somebody is may have to be looked up first.

use super::rights::{Speaker, is_of_their_team};
use crate::domain::ids::Person;
use crate::domain::job::Job;
use crate::ports::Standing;

/// What reading the store comes to.
pub(super) enum Look {
    /// This.
    Told(String),
    /// It depends on who asks, which has to be looked up; what can be said until then.
    Later(String),
}

/// What somebody may know of a job that they name.
pub(super) enum Sight {
    /// All of it.
    Seen(Box<Job>),
    /// Nothing: it isn't there, or isn't for them.
    Hidden,
    /// That depends on who they are. Whether there is such a job makes no difference.
    Unclear,
}

impl Sight {
    pub fn of(job: Option<Job>, person: &Person, standing: Option<Standing>) -> Self {
        match job {
            Some(job) if may_see(person, &job, standing) => Self::Seen(Box::new(job)),
            Some(_) | None if standing.is_none() => Self::Unclear,
            Some(_) | None => Self::Hidden,
        }
    }
}

/// Whether somebody may know of a job: their own, or as a full member any of their team's.
pub(super) fn may_see(person: &Person, job: &Job, standing: Option<Standing>) -> bool {
    let is_member = standing == Some(Standing::Member);
    job.asked.by.is_same(person) || (is_member && is_of_their_team(job, &Speaker::Slack(person.clone())))
}
