//! What somebody wants of a job: asked, decided by the domain, and stored, for every way in which it comes.

use super::Engine;
use super::drive::{change, log};
use crate::domain::approval::{Actor, Eligible, Granted, Refusal, Wish, decide};
use crate::domain::delivery::Row;
use crate::domain::ids::{JobId, Person, PrincipalId, ReceiptKey};
use crate::domain::job::{Event, Job, State, next};
use crate::domain::receipt::Subject;
use crate::domain::rollout::Stage;
use crate::domain::rollout::foreign::{differences, differs};
use crate::ports::{AccountError, Change, JobQuery, Saved, Standing, StoreError};
use jiff::Timestamp;

/// Who wants something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Speaker {
    /// A Slack user.
    Slack(Person),
    /// Somebody at the command line, under the name that the directory has for them.
    Operator(PrincipalId),
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It is so; the job as it now is.
    Done(Box<Job>),
    /// It isn't.
    Refused(Refusal),
}

/// What is stored together with what was granted.
#[derive(Default)]
pub(super) struct Alongside<'a> {
    /// The receipt that is acted on.
    pub settles: Option<ReceiptKey>,
    /// What the speaker is told of the job as it then is.
    pub told: Option<&'a (dyn Fn(&Job) -> Row + Sync)>,
}

/// How often a change is worked out anew because somebody else was faster. Each time something happened to the job, so
/// there is an end to it.
const ROUNDS: usize = 20;

impl Engine {
    /// Does what somebody wants of a job, if they may and it can be done. `at` is when they said it: a click that was
    /// in time stays in time.
    pub async fn grant(
        &self,
        speaker: &Speaker,
        wish: Wish<'_>,
        subject: &Subject,
        at: Timestamp,
    ) -> Result<Outcome, StoreError> {
        self.grant_with(speaker, wish, subject, at, &Alongside::default()).await
    }

    pub(super) async fn grant_with(
        &self,
        speaker: &Speaker,
        wish: Wish<'_>,
        subject: &Subject,
        at: Timestamp,
        alongside: &Alongside<'_>,
    ) -> Result<Outcome, StoreError> {
        let eligible = self.eligible(speaker, at).await;
        let actor = match speaker {
            Speaker::Slack(person) => Actor::Slack(person, eligible),
            Speaker::Operator(id) => Actor::Operator(id),
        };
        let mut job = self.world.store.job(&subject.job).await?;
        for _ in 0..ROUNDS {
            let directory = self.world.directory.current();
            let known = job.as_ref().filter(|job| is_of_their_team(job, speaker));
            let granted = decide(directory.as_deref(), actor, wish, subject, known, at);
            let (granted, present) = match (granted, &job) {
                (Ok(granted), Some(present)) => (granted, present),
                (Err(refusal), _) => return Ok(Outcome::Refused(refusal)),
                (Ok(_), None) => return Ok(Outcome::Refused(Refusal::Nothing)),
            };
            if wish == Wish::RollBack
                && let Some(refusal) = self.unfit(speaker, present).await?
            {
                return Ok(Outcome::Refused(refusal));
            }
            let (event, refusal) = match self.event_of(wish, granted, present).await? {
                Ok(event) => event,
                Err(refusal) => return Ok(Outcome::Refused(refusal)),
            };
            let change = match self.change_of(present, &event, alongside, refusal.is_none()) {
                Ok(change) => change,
                Err(refusal) => return Ok(Outcome::Refused(refusal)),
            };
            let later = change.job.clone();
            match self.world.store.save(change).await? {
                Saved::Saved => {
                    self.ring();
                    return Ok(refusal.map_or_else(|| Outcome::Done(Box::new(later)), Outcome::Refused));
                }
                Saved::Conflict(faster) => job = Some(*faster),
                Saved::Busy(other) => {
                    return Ok(Outcome::Refused(Refusal::Late {
                        what: format!("the role has another open job, {}", other.id),
                    }));
                }
            }
        }
        Err(StoreError::Unavailable("the job changes faster than it can be decided on".to_owned()))
    }

    /// Whether a Slack user is one who may do anything, by an answer that was asked for no earlier than they spoke; none
    /// where that can't be looked up.
    async fn eligible(&self, speaker: &Speaker, at: Timestamp) -> Option<Eligible> {
        let Speaker::Slack(person) = speaker else { return Some(Eligible::Yes) };
        match self.world.people.standing_since(person, at).await {
            Ok(Standing::Member) => Some(Eligible::Yes),
            Ok(Standing::Guest | Standing::Stranger | Standing::Bot | Standing::Gone)
            | Err(crate::ports::PeopleError::Unknown) => Some(Eligible::No),
            Err(error @ crate::ports::PeopleError::Unavailable(_)) => {
                tracing::warn!(%person, %error, "somebody could not be looked up, so what they wanted is refused");
                None
            }
        }
    }

    /// What happens to the job, and what the speaker is told where that isn't what they wanted. Before an approval
    /// counts, the role is looked at: a diff that is no longer true can't be approved.
    async fn event_of(
        &self,
        wish: Wish<'_>,
        granted: Granted,
        job: &Job,
    ) -> Result<Result<(Event, Option<Refusal>), Refusal>, StoreError> {
        let event = match (wish, granted) {
            (Wish::Approve, Granted::Decision(decision)) => {
                let Some(case) = self.case(job).await? else { return Ok(Err(Refusal::Stale)) };
                let why = match self.read_role(job).await {
                    Ok(live) if live.stands_like(&case.snapshot) => match self.out_of_scope(job, &live) {
                        None => None,
                        Some(why) => return Ok(Err(Refusal::OutOfScope { why })),
                    },
                    Ok(live) => Some(differs(&case.snapshot, &live)),
                    Err(AccountError::NoSuchRole { name, .. }) => Some(format!("the role {name} is gone")),
                    Err(error) => return Ok(Err(Refusal::Unreadable { why: error.to_string() })),
                };
                match why {
                    None => Event::Decided(decision),
                    Some(why) => {
                        let told = Refusal::Changed { why: why.clone() };
                        return Ok(Ok((Event::Changed { why }, Some(told))));
                    }
                }
            }
            (_, Granted::Decision(decision)) => Event::Decided(decision),
            (_, Granted::Word(word)) => Event::Ordered(word),
        };
        Ok(Ok((event, None)))
    }

    /// Why a success can't be taken back: the role has to stand as the job left it, or as it was before, and to be one
    /// that may be changed. Otherwise the job stays as it is, and its way back open.
    async fn unfit(&self, speaker: &Speaker, job: &Job) -> Result<Option<Refusal>, StoreError> {
        if job.state != State::Succeeded {
            return Ok(None);
        }
        let unreadable = |why: &str| Ok(Some(Refusal::Unreadable { why: why.to_owned() }));
        let Some(case) = self.case(job).await? else {
            return unreadable("what was decided on is missing from the store, or isn't what it was");
        };
        let left = case.expected(Stage::Target, usize::MAX);
        let why = match self.read_role(job).await {
            Ok(live) if live.stands_like(&left) || live.stands_like(&case.snapshot) => {
                return Ok(self.out_of_scope(job, &live).map(|why| Refusal::OutOfScope { why }));
            }
            Ok(live) => differences(&left, &live).join("; "),
            Err(AccountError::NoSuchRole { name, .. }) => format!("the role {name} is gone"),
            Err(error) => return unreadable(&error.to_string()),
        };
        Ok(Some(Refusal::Unfit { why, later: self.later_change(speaker, job).await? }))
    }

    /// The newest job that has changed a role after another one, as far as the speaker may know of it.
    async fn later_change(&self, speaker: &Speaker, job: &Job) -> Result<Option<JobId>, StoreError> {
        let query = JobQuery {
            role: Some(job.role.key()),
            states: vec!["Succeeded", "Staging", "Held", "RollingBack", "Stuck"],
            limit: 1,
            ..JobQuery::default()
        };
        let newest = self.world.store.jobs(&query).await?.jobs.into_iter().next();
        Ok(newest
            .filter(|newest| newest.id > job.id && is_of_their_team(newest, speaker))
            .map(|newest| newest.id))
    }

    fn change_of(
        &self,
        job: &Job,
        event: &Event,
        alongside: &Alongside<'_>,
        granted: bool,
    ) -> Result<Change, Refusal> {
        let transition = next(job, event, self.now()).map_err(|illegal| {
            tracing::error!(job = %job.id, %illegal, "what was granted has no place in the job's state");
            Refusal::Late { what: format!("the job is {}", job.state.word()) }
        })?;
        log(&transition, event);
        let mut change = change(transition, None, false);
        if granted {
            change.rows.extend(alongside.told.map(|told| told(&change.job)));
            change.settles.clone_from(&alongside.settles);
        }
        Ok(change)
    }
}

/// Whether a job was asked for in the speaker's own workspace or organisation. Whoever is at the command line has the
/// store in hand.
pub(super) fn is_of_their_team(job: &Job, speaker: &Speaker) -> bool {
    let Speaker::Slack(person) = speaker else { return true };
    let asked = &job.asked.by;
    asked.team == person.team || (asked.enterprise.is_some() && asked.enterprise == person.enterprise)
}
