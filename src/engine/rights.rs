//! What somebody wants of a job: asked, decided by the domain, and stored, for every way in which it comes.

use super::Engine;
use super::drive::{change, log};
use crate::domain::approval::{Actor, Eligible, Granted, Refusal, Wish, decide};
use crate::domain::delivery::Row;
use crate::domain::ids::{Person, PrincipalId, ReceiptKey};
use crate::domain::job::{Event, Job, next};
use crate::domain::receipt::Subject;
use crate::domain::rollout::foreign::differs;
use crate::ports::{Change, Saved, Standing, StoreError};
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

/// What is stored together with the answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Alongside {
    /// The receipt that is acted on.
    pub settles: Option<ReceiptKey>,
    /// What is told where it is granted.
    pub rows: Vec<Row>,
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
        alongside: &Alongside,
    ) -> Result<Outcome, StoreError> {
        let eligible = self.eligible(speaker).await;
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

    /// Whether a Slack user is one who may do anything; none where that can't be looked up.
    async fn eligible(&self, speaker: &Speaker) -> Option<Eligible> {
        let Speaker::Slack(person) = speaker else { return Some(Eligible::Yes) };
        match self.world.people.standing(person).await {
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
                let why = match self.read_role(&job.role).await {
                    Ok(live) if live.stands_like(&case.snapshot) => None,
                    Ok(live) => Some(differs(&case.snapshot, &live)),
                    Err(crate::ports::AccountError::NoSuchRole(name)) => {
                        Some(format!("the role {name} is gone"))
                    }
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
            (Wish::Continue, Granted::Word(by)) => Event::Continued { by },
            (_, Granted::Word(by)) => Event::RolledBack { by },
        };
        Ok(Ok((event, None)))
    }

    fn change_of(
        &self,
        job: &Job,
        event: &Event,
        alongside: &Alongside,
        granted: bool,
    ) -> Result<Change, Refusal> {
        let transition = next(job, event, self.now()).map_err(|illegal| {
            tracing::error!(job = %job.id, %illegal, "what was granted has no place in the job's state");
            Refusal::Late { what: format!("the job is {}", job.state.word()) }
        })?;
        log(&transition, event);
        let mut change = change(transition, None, false);
        if granted {
            change.rows.extend(alongside.rows.iter().cloned());
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
