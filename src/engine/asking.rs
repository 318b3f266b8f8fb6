//! Asking for an analysis.

use super::sight::{Look, Sight};
use super::{Engine, answers};
use crate::domain::directory::{Subject as RightsSubject, Verb};
use crate::domain::ids::{JobId, ReceiptKey};
use crate::domain::job::{Asked, Job, Options, first_entry};
use crate::domain::receipt::Sender;
use crate::domain::role::RoleRef;
use crate::iam::risk::RiskLevel;
use crate::ports::{Change, Created, Standing, StoreError};

impl Engine {
    /// Stores a job for a role, unless it has an open one. Whoever is known to be no full member is refused at once; who
    /// isn't known yet is looked up when the job is admitted.
    pub(super) async fn analyze(
        &self,
        sender: &Sender,
        role: RoleRef,
        options: Options,
        key: ReceiptKey,
        standing: Option<Standing>,
    ) -> Result<Look, StoreError> {
        if let Some(standing) = standing.filter(|standing| *standing != Standing::Member) {
            return Ok(Look::Told(answers::not_a_member(standing).to_owned()));
        }
        if let Some(directory) = self.world.directory.current() {
            let subject = RightsSubject { account: &role.account, details: None, severity: RiskLevel::Low };
            let may = directory
                .principal_of(&sender.person)
                .is_some_and(|principal| directory.allows(principal, Verb::Request, &subject));
            if !may {
                return Ok(Look::Told(answers::may_not_request(&role.name)));
            }
        }
        let now = self.now();
        let random = getrandom::u64()
            .map_err(|error| StoreError::Unavailable(format!("the system has no random numbers: {error}")))?;
        let asked = Asked {
            by: sender.person.clone(),
            channel: sender.channel.clone(),
            response_url: sender.response_url.clone(),
            receipt: key,
            options,
        };
        let mut job = Job::new(JobId::at(now, random), role, asked, now);
        let entries = vec![first_entry(&mut job)];
        let change =
            Change { job: job.clone(), entries, rows: Vec::new(), case: None, settles: None, release: false };
        let is_member = standing == Some(Standing::Member);
        Ok(match self.world.store.create(change).await? {
            Created::Created => {
                self.due.notify_one();
                Look::Told(answers::analysing(&job, is_member))
            }
            Created::Duplicate(job) => Look::Told(answers::analysing(&job, is_member)),
            Created::Busy(other) => match Sight::of(Some(*other), &sender.person, standing) {
                Sight::Seen(job) => {
                    let link = self.link_for(&sender.person, &job).await?;
                    Look::Told(answers::busy(&job, link.as_deref()))
                }
                Sight::Hidden => Look::Told(answers::busy_elsewhere(&job.role.name)),
                Sight::Unclear => Look::Later(answers::busy_somewhere(&job.role.name)),
            },
        })
    }

    /// The same for a full member who pressed a button.
    pub(super) async fn analyze_again(
        &self,
        sender: &Sender,
        job: &Job,
        key: ReceiptKey,
    ) -> Result<String, StoreError> {
        let options = job.asked.options.clone();
        let standing = Some(Standing::Member);
        match self.analyze(sender, job.role.clone(), options, key, standing).await? {
            Look::Told(text) | Look::Later(text) => Ok(text),
        }
    }
}
