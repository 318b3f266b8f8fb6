//! Who may decide what: one function for every way in which a decision comes.
//!
//! Whoever lacks a right learns nothing: an unknown job, another team's job and no right to it are answered alike.
//! [`Approved`] is the proof that a change was approved; it can't be made up, and what changes a role demands it.

#[cfg(test)]
mod tests;
mod word;

use std::fmt;

use jiff::Timestamp;

use super::directory::{Directory, Principal, Subject as RightsSubject, Verb};
use super::ids::{Digest, JobId, Person, PrincipalId};
use super::job::{Job, Phase, State};
use super::reason::Reason;
use super::receipt::Subject;
use crate::iam::risk::RiskLevel;

pub use word::{Order, Word};

/// A decision, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What was decided.
    pub verdict: Verdict,
    /// By whom, as they are known to the directory; none where the requester withdrew.
    pub principal: Option<PrincipalId>,
    /// By which Slack user; none at the command line.
    pub person: Option<Person>,
    /// Which revision.
    pub revision: u32,
    /// What it was bound to.
    pub digest: Digest,
    /// When.
    pub at: Timestamp,
    /// Why, where that was said.
    pub reason: Option<Reason>,
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Do it.
    Approve,
    /// Don't.
    Deny,
    /// Never mind.
    Withdraw,
}

impl Verdict {
    /// As it is spelt in stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Deny => "deny",
            Self::Withdraw => "withdraw",
        }
    }

    /// What was done with the request, such as `denied`.
    pub fn done(self) -> &'static str {
        match self {
            Self::Approve => "approved",
            Self::Deny => "denied",
            Self::Withdraw => "withdrawn",
        }
    }
}

/// Proof that the change of a job was approved, and is the one that was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved {
    job: JobId,
    digest: Digest,
}

impl Approved {
    /// The proof, if the job bears an approval of the very case that it holds, and is past the decision.
    pub fn of(job: &Job) -> Option<Self> {
        let (case, decision) = (job.case.as_ref()?, job.decision.as_ref()?);
        let bound = decision.verdict == Verdict::Approve
            && decision.revision == case.revision
            && decision.digest == case.digest;
        let past = matches!(
            job.state,
            State::Approved | State::Staging { .. } | State::Held { .. } | State::RollingBack { .. }
        );
        (bound && past).then(|| Self { job: job.id.clone(), digest: case.digest.clone() })
    }

    /// Of which job.
    pub fn job(&self) -> &JobId {
        &self.job
    }

    /// Bound to what.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }
}

/// Who wants something.
#[derive(Debug, Clone, Copy)]
pub enum Actor<'a> {
    /// A Slack user, whose standing was looked up just now; none where that failed.
    Slack(&'a Person, Option<Eligible>),
    /// Somebody at the command line, by the name that the directory knows.
    Operator(&'a PrincipalId),
}

/// Whether a Slack user is one who may do anything: a full member, not a guest, stranger, program, or gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Eligible {
    /// A full member.
    Yes,
    /// Anybody else.
    No,
}

/// What they want.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish<'a> {
    /// Approve it.
    Approve,
    /// Deny it, and why.
    Deny(Option<&'a Reason>),
    /// Take the request back, or stop what runs before anything is written.
    Cancel,
    /// Go on although too little was seen.
    Continue,
    /// Take it back.
    RollBack,
}

/// What comes of it, where it is granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Granted {
    /// A decision on the case.
    Decision(Decision),
    /// An operator's word.
    Word(Word),
}

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such job, or no right to it. Nobody learns which.
    Nothing,
    /// Who they are could not be looked up.
    Unknown,
    /// There is no approvers file, so nobody may.
    NoDirectory,
    /// Nobody approves what they asked for themselves.
    Oneself,
    /// The job is past that: somebody decided, or it ended.
    Late {
        /// What happened, in a few words: by whom and when, where it was a decision.
        what: String,
    },
    /// What they saw is no longer what it is about.
    Stale,
    /// The time to decide is over.
    Expired,
    /// The role could not be looked at, so nobody knows whether it still stands as it was shown.
    Unreadable {
        /// Why.
        why: String,
    },
    /// The role has changed since it was shown; the job ended with that.
    Changed {
        /// What changed.
        why: String,
    },
    /// The role is none that ALPHA may change, as it stands; once it is, nothing else is in the way.
    OutOfScope {
        /// Why, and what to do about it.
        why: String,
    },
    /// The role stands neither as the job left it nor as it was before, so the way back would undo somebody else's doing.
    Unfit {
        /// How it differs from how the job left it.
        why: String,
        /// Which later job changed it, where one did.
        later: Option<JobId>,
    },
    /// The job isn't there yet.
    Early {
        /// What it is doing.
        state: &'static str,
    },
}

/// Decides whether somebody may have what they want of a job, now.
pub fn decide(
    directory: Option<&Directory>,
    actor: Actor<'_>,
    wish: Wish<'_>,
    subject: &Subject,
    job: Option<&Job>,
    now: Timestamp,
) -> Result<Granted, Refusal> {
    match actor {
        Actor::Slack(_, None) => return Err(Refusal::Unknown),
        Actor::Slack(_, Some(Eligible::No)) => return Err(Refusal::Nothing),
        Actor::Slack(_, Some(Eligible::Yes)) | Actor::Operator(_) => {}
    }
    let job = job.ok_or(Refusal::Nothing)?;
    let principal = permitted(directory, actor, wish, job)?;
    fits(job, wish, subject, now)?;
    let by = principal.map(|principal| principal.id.clone());
    let person = match actor {
        Actor::Slack(person, _) => Some(person.clone()),
        Actor::Operator(_) => None,
    };
    let question = job.state.question();
    let word = |order| Word { order, principal: by.clone(), person: person.clone(), at: now, question };
    let verdict = match wish {
        Wish::Approve => Verdict::Approve,
        Wish::Deny(_) => Verdict::Deny,
        Wish::Cancel => Verdict::Withdraw,
        Wish::Continue => return Ok(Granted::Word(word(Order::Continue))),
        Wish::RollBack => return Ok(Granted::Word(word(Order::RollBack))),
    };
    let case = job.case.as_ref();
    Ok(Granted::Decision(Decision {
        verdict,
        principal: by,
        person,
        revision: case.map_or(0, |case| case.revision),
        digest: case.map_or_else(|| Digest::new(""), |case| case.digest.clone()),
        at: now,
        reason: match wish {
            Wish::Deny(reason) => reason.cloned(),
            _ => None,
        },
    }))
}

/// Whether what somebody saw is still to be decided on: whatever right they have, there is something to deny.
pub fn is_undecided(job: &Job, subject: &Subject, at: Timestamp) -> bool {
    fits(job, Wish::Deny(None), subject, at).is_ok()
}

/// Whether a Slack user may approve a job, as far as the directory goes.
pub fn may_approve(directory: &Directory, person: &Person, job: &Job) -> bool {
    permitted(Some(directory), Actor::Slack(person, Some(Eligible::Yes)), Wish::Approve, job).is_ok()
}

/// Whether they have the right to it, wherever the job is; as whom the directory knows them. The requester knows of the
/// job, so there is nothing to hide from them: they may withdraw, and never approve.
fn permitted<'a>(
    directory: Option<&'a Directory>,
    actor: Actor<'_>,
    wish: Wish<'_>,
    job: &Job,
) -> Result<Option<&'a Principal>, Refusal> {
    let principal = directory.and_then(|directory| match actor {
        Actor::Slack(person, _) => directory.principal_of(person),
        Actor::Operator(id) => directory.principal(id),
    });
    let is_requester = asked_by(job, directory, actor, principal);
    match wish {
        Wish::Cancel if is_requester => {}
        Wish::Approve if is_requester => return Err(Refusal::Oneself),
        Wish::Approve | Wish::Deny(_) | Wish::Cancel | Wish::Continue | Wish::RollBack => {
            entitled(directory, principal, wish, job)?;
        }
    }
    Ok(principal)
}

/// Whether it is the requester who wants something: the same Slack user, or another one of the same principal.
fn asked_by(
    job: &Job,
    directory: Option<&Directory>,
    actor: Actor<'_>,
    principal: Option<&Principal>,
) -> bool {
    let same_person = match actor {
        Actor::Slack(person, _) => job.asked.by.is_same(person),
        Actor::Operator(_) => false,
    };
    let requester = directory.and_then(|directory| directory.principal_of(&job.asked.by));
    same_person || (requester.is_some() && requester.map(|one| &one.id) == principal.map(|one| &one.id))
}

/// Whether the directory gives them the right. Without one nobody has any.
fn entitled(
    directory: Option<&Directory>,
    principal: Option<&Principal>,
    wish: Wish<'_>,
    job: &Job,
) -> Result<(), Refusal> {
    let directory = directory.ok_or(Refusal::NoDirectory)?;
    let principal = principal.ok_or(Refusal::Nothing)?;
    let verb = match wish {
        Wish::Approve | Wish::Deny(_) => Verb::Approve,
        Wish::Cancel | Wish::Continue | Wish::RollBack => Verb::Operate,
    };
    let case = job.case.as_ref();
    let subject = RightsSubject {
        account: &job.role.account,
        details: case.map(|case| (case.path.as_str(), &case.tags)),
        severity: case.map_or(RiskLevel::Low, |case| case.severity),
    };
    if directory.allows(principal, verb, &subject) { Ok(()) } else { Err(Refusal::Nothing) }
}

/// Whether the job is where that can be done, and what they saw is what it is about.
fn fits(job: &Job, wish: Wish<'_>, subject: &Subject, now: Timestamp) -> Result<(), Refusal> {
    let late = || Err(Refusal::Late { what: word::past(job) });
    // Whoever wants it to go on when somebody has let it go on already isn't early.
    let early = || if job.word.is_some() { late() } else { Err(Refusal::Early { state: job.state.word() }) };
    let current = job.case.as_ref().is_none_or(|case| {
        subject.revision.is_none_or(|revision| revision == case.revision)
            && subject.digest.as_ref().is_none_or(|digest| *digest == case.digest)
    });
    match (wish, &job.state) {
        (Wish::Approve | Wish::Deny(_), State::AwaitingDecision { expires, .. }) => {
            if !current {
                Err(Refusal::Stale)
            } else if now >= *expires {
                Err(Refusal::Expired)
            } else {
                Ok(())
            }
        }
        (
            Wish::Approve | Wish::Deny(_) | Wish::RollBack | Wish::Continue,
            State::Requested | State::Collecting | State::Proposing,
        )
        | (
            Wish::Continue,
            State::AwaitingDecision { .. }
            | State::Approved
            | State::Staging { phase: Phase::Writing { .. } | Phase::Soaking { .. }, .. },
        )
        | (Wish::RollBack, State::AwaitingDecision { .. } | State::Approved) => early(),
        // That one was answered; what is asked now, they may not have seen.
        (Wish::Continue, State::Held { time, .. }) if subject.question.is_some_and(|one| one != *time) => {
            late()
        }
        (
            Wish::Cancel,
            State::Requested
            | State::Collecting
            | State::Proposing
            | State::AwaitingDecision { .. }
            | State::Approved,
        )
        | (Wish::RollBack, State::Staging { .. } | State::Held { .. } | State::Succeeded)
        | (Wish::Continue, State::Held { .. }) => Ok(()),
        (
            Wish::Approve | Wish::Deny(_) | Wish::Cancel | Wish::Continue | Wish::RollBack,
            State::Approved
            | State::Staging { .. }
            | State::Held { .. }
            | State::RollingBack { .. }
            | State::Succeeded
            | State::RolledBack { .. }
            | State::Denied
            | State::Expired
            | State::Cancelled
            | State::Superseded { .. }
            | State::Failed { .. }
            | State::NothingToDo { .. }
            | State::Stuck { .. },
        ) => late(),
    }
}

impl fmt::Display for Decision {
    /// Who decided.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&name_of(self.principal.as_ref(), self.person.as_ref()))
    }
}

/// By which name somebody goes down in the history.
pub fn name_of(principal: Option<&PrincipalId>, person: Option<&Person>) -> String {
    match (principal, person) {
        (Some(principal), _) => principal.to_string(),
        (None, Some(person)) => person.to_string(),
        (None, None) => "an operator".to_owned(),
    }
}
