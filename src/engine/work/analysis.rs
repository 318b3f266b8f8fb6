//! From the request to the case: admitting the requester, gathering, proposing.

use std::sync::Arc;
use std::time::Duration;

use super::{Done, Lost, gave_up, of_account};
use crate::domain::analysis::{Analysis, Observed, analyse};
use crate::domain::directory::{Subject, Verb};
use crate::domain::errand::Errand;
use crate::domain::job::{Brief, Event, Job};
use crate::domain::opinion::{Answer, Opinion, Questions, compare, questions};
use crate::domain::proposal::{Case, Prose};
use crate::domain::role::Snapshot;
use crate::domain::telling::tell;
use crate::engine::{Engine, answers};
use crate::iam::risk::RiskLevel;
use crate::ports::{AccountError, Gathered, PeopleError, ReasonerError, Standing, Window};

/// How many jobs' evidence is held until their proposal is worked out.
const HELD: usize = 256;
/// How long others may take to answer what they think.
const OPINIONS: Duration = Duration::from_secs(20);
/// How long a model may take.
const PROSE: Duration = Duration::from_secs(20);

impl Engine {
    /// Sees whether the requester may ask: a full member, with the right to it where there is a directory.
    pub(super) async fn admit(&self, job: &Job) -> Done {
        let person = &job.asked.by;
        match self.world.people.standing(person).await {
            Ok(Standing::Member) => {}
            Ok(standing) => {
                return Done::of(Event::Refused { why: answers::not_a_member(standing).to_owned() });
            }
            Err(PeopleError::Unknown) => {
                return Done::of(Event::Refused { why: answers::not_a_member(Standing::Gone).to_owned() });
            }
            Err(error @ PeopleError::Unavailable(_)) => {
                return Done::of(Event::Faltered { why: error.to_string() });
            }
        }
        if self.may_request(job) {
            Done::of(Event::Admitted)
        } else {
            Done::of(Event::Refused { why: answers::may_not_request(&job.role.name) })
        }
    }

    fn may_request(&self, job: &Job) -> bool {
        let Some(directory) = self.world.directory.current() else { return true };
        let subject = Subject { account: &job.role.account, details: None, severity: RiskLevel::Low };
        directory
            .principal_of(&job.asked.by)
            .is_some_and(|principal| directory.allows(principal, Verb::Request, &subject))
    }

    /// Reads the role and gathers what it used.
    pub(super) async fn collect(&self, job: &mut Job) -> Result<Done, Lost> {
        Ok(match self.gather(job).await? {
            Ok(gathered) => {
                let seen = gathered.1.used.coverage();
                let days = seen.days_of(job.asked.options.days);
                let what = format!("{} calls on {days} days", seen.calls);
                let mut held = self.gathered.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                if held.len() >= HELD {
                    held.clear();
                }
                held.insert(job.id.clone(), gathered);
                Done::of(Event::Collected { what })
            }
            Err(done) => done,
        })
    }

    async fn gather(&self, job: &mut Job) -> Result<Result<Arc<(Snapshot, Gathered)>, Done>, Lost> {
        let snapshot = match self.read_role(job).await {
            Ok(snapshot) => snapshot,
            Err(AccountError::NoSuchRole { name, like }) => {
                return Ok(Err(gave_up(answers::no_such_role(&name, like.as_deref()))));
            }
            Err(error) => return Ok(Err(of_account(&error))),
        };
        let days = i64::from(job.asked.options.days);
        let until = self.now();
        let since = until.saturating_sub(jiff::SignedDuration::from_hours(24 * days)).unwrap_or(until);
        let gathered = self.attend(job, &snapshot, Window { since, until }).await?;
        Ok(gathered.map(|gathered| Arc::new((snapshot, gathered))).map_err(|error| of_account(&error)))
    }

    /// Works the proposal out, and has it put into words.
    pub(super) async fn propose(&self, job: &mut Job) -> Result<Done, Lost> {
        let held = self.gathered.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(&job.id);
        let gathered = match held {
            Some(gathered) => gathered,
            None => match self.gather(job).await? {
                Ok(gathered) => gathered,
                Err(done) => return Ok(done),
            },
        };
        let (asked, watch, now) = (job.clone(), self.settings.watch.clone(), self.now());
        let preset = job.asked.options.guardrails.as_deref().unwrap_or(&self.settings.guardrails);
        let guardrails = answers::guardrails(preset);
        let worked = tokio::task::spawn_blocking(move || {
            let (snapshot, gathered) = &*gathered;
            let observed =
                Observed { snapshot, used: &gathered.used, calls: &gathered.calls, gaps: &gathered.gaps };
            let analysis = analyse(&asked, &observed, &watch, &guardrails, now);
            let questions = match &analysis {
                Analysis::Case(case) => Some(questions(case, &gathered.calls)),
                Analysis::NothingToDo(_) | Analysis::Impossible(_) => None,
            };
            (analysis, questions)
        });
        Ok(match self.holding(job, worked).await? {
            Ok((Analysis::Case(mut case), questions)) => {
                self.holding(job, self.consult(job, &mut case, questions)).await?;
                let approvable =
                    self.world.directory.current().is_some_and(|directory| directory.has_approvers());
                let brief = Brief {
                    out_of_scope: self.out_of_scope(job, &case.snapshot),
                    ..Brief::of(&case, approvable)
                };
                Done { event: Event::Proposed(Box::new(brief)), case: Some(*case) }
            }
            Ok((Analysis::NothingToDo(why), _)) => Done::of(Event::NothingToDo { why }),
            Ok((Analysis::Impossible(why), _)) => gave_up(why),
            Err(error) => {
                tracing::error!(job = %job.id, %error, "the analysis of a role broke off");
                gave_up("the analysis broke off; the log says where")
            }
        })
    }

    /// Hears what others think of a case, and has it put into words.
    async fn consult(&self, job: &Job, case: &mut Case, questions: Option<Questions>) {
        if let Some(questions) = questions {
            case.hear(self.opinions(job, &questions).await);
        }
        if job.asked.options.reasoner {
            case.prose = Some(self.prose(case).await);
        }
    }

    /// What others think of the proposal; the case goes out without, too.
    async fn opinions(&self, job: &Job, questions: &Questions) -> Vec<Opinion> {
        let errand = Errand::of(job);
        let asked = self.world.checks.ask(&errand, &job.role, questions);
        let answers = match tokio::time::timeout(OPINIONS, asked).await {
            Ok(answers) => answers,
            Err(_) => Answer::none("there was no answer in time"),
        };
        compare(questions, &answers)
    }

    /// Advice; where there is none in time, the facts in words, and why there is no more.
    async fn prose(&self, case: &Case) -> Prose {
        let why = match tokio::time::timeout(PROSE, self.world.reasoner.explain(case)).await {
            Ok(Ok(prose)) => return prose,
            Ok(Err(error)) => error.to_string(),
            Err(_) => ReasonerError("there was none in time".to_owned()).to_string(),
        };
        tracing::warn!(job = %case.job, why, "the card goes out with the facts alone");
        Prose { instead: Some(why), ..tell(case) }
    }
}
