//! Commands, answered: at once where reading the store suffices, and by a receipt where something has to be done.

use super::rights::{Alongside, Outcome, Speaker, is_of_their_team};
use super::{Engine, answers, listing};
use crate::domain::approval::{Wish, may_approve};
use crate::domain::command::{self, Command, CommandError, ParseContext};
use crate::domain::delivery::Slot;
use crate::domain::directory::{Subject as RightsSubject, Verb};
use crate::domain::ids::{JobId, Person, ReceiptKey};
use crate::domain::job::{Asked, Job, Options, first_entry};
use crate::domain::receipt::{Receipt, Said, Sender, Subject};
use crate::domain::role::RoleRef;
use crate::iam::risk::RiskLevel;
use crate::ports::{Change, Created, JobQuery, Received, StoreError};

/// What somebody is told: plain text, to be escaped by whoever sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What it says.
    pub text: String,
    /// Whether everybody in the channel may read it.
    pub in_channel: bool,
}

impl Answer {
    fn of(text: impl Into<String>) -> Self {
        Self { text: text.into(), in_channel: false }
    }
}

impl Engine {
    /// Answers a slash command at once. What needs more than the store is stored itself, to be done right after, and
    /// answered then.
    pub async fn command(&self, sender: Sender, line: &str, key: ReceiptKey) -> Result<Answer, StoreError> {
        let _waiting = self.courtesy.hear();
        match self.understand(&sender, line).await? {
            Err(error) => Ok(Answer::of(error.to_string())),
            Ok(command) => match acknowledgement(&command) {
                Some(text) => {
                    let said = Said::Command { line: line.to_owned() };
                    self.receive(Receipt { key, at: self.now(), from: sender, said }).await?;
                    Ok(Answer::of(text))
                }
                None => self.look_up(&sender, &command, key).await.map(Answer::of),
            },
        }
    }

    /// Stores what was received, for the workers, and wakes them.
    pub async fn receive(&self, receipt: Receipt) -> Result<Received, StoreError> {
        let _waiting = self.courtesy.hear();
        let received = self.world.store.receive(receipt).await?;
        self.received.notify_one();
        Ok(received)
    }

    /// Reads a line as a command; in a job's thread, the job goes without saying.
    pub(super) async fn understand(
        &self,
        sender: &Sender,
        line: &str,
    ) -> Result<Result<Command, CommandError>, StoreError> {
        let job = match &sender.thread {
            Some(thread) => self.world.store.job_at(&sender.channel, thread).await?,
            None => None,
        };
        let context = ParseContext { account: &self.settings.account, job: job.as_ref() };
        Ok(command::parse(line, &context))
    }

    /// What a command comes to, said to whoever gave it. What changes a job has been stored when this returns.
    pub(super) async fn obey(
        &self,
        sender: &Sender,
        command: &Command,
        at: jiff::Timestamp,
        key: ReceiptKey,
    ) -> Result<String, StoreError> {
        let (job, wish) = match command {
            Command::Cancel { job } => (job, Wish::Cancel),
            Command::Rollback { job } => (job, Wish::RollBack),
            Command::Approve { job } => (job, Wish::Approve),
            Command::Deny { job, reason } => (job, Wish::Deny(reason.as_deref())),
            Command::Continue { job } => (job, Wish::Continue),
            Command::Help { .. }
            | Command::Analyze { .. }
            | Command::Status { .. }
            | Command::Pending
            | Command::Diff { .. }
            | Command::History { .. }
            | Command::WhoAmI => return self.look_up(sender, command, key).await,
        };
        let speaker = Speaker::Slack(sender.person.clone());
        let subject = Subject { job: job.clone(), revision: None, digest: None };
        let outcome = self.grant_with(&speaker, wish, &subject, at, &Alongside::default()).await?;
        Ok(match outcome {
            Outcome::Done(job) => answers::done(wish, &job),
            Outcome::Refused(refusal) => answers::refused(&refusal),
        })
    }

    /// What reading the store answers, and the storing of a new job.
    async fn look_up(
        &self,
        sender: &Sender,
        command: &Command,
        key: ReceiptKey,
    ) -> Result<String, StoreError> {
        match command {
            Command::Help { about } => Ok(command::help(*about)),
            Command::WhoAmI => {
                let directory = self.world.directory.current();
                Ok(answers::who_am_i(&sender.person, directory.as_deref()))
            }
            Command::Analyze { role, options } => {
                self.analyze(sender, role.clone(), options.clone(), key).await
            }
            Command::Status { job: Some(id) } => match self.visible(sender, id).await? {
                Some(job) => self.status_of(sender, &job).await,
                None => Ok(answers::no_such_job(id)),
            },
            Command::Status { job: None } => self.own_jobs(sender).await,
            Command::Pending => self.pending(sender).await,
            Command::Diff { job: id } => match self.visible(sender, id).await? {
                Some(job) => self.diff_of(&job).await,
                None => Ok(answers::no_such_job(id)),
            },
            Command::History { role } => self.history_of(sender, role).await,
            Command::Cancel { .. }
            | Command::Rollback { .. }
            | Command::Approve { .. }
            | Command::Deny { .. }
            | Command::Continue { .. } => Ok(answers::nothing_here().to_owned()),
        }
    }

    /// Stores a job for a role, unless it has an open one.
    pub(super) async fn analyze(
        &self,
        sender: &Sender,
        role: RoleRef,
        options: Options,
        key: ReceiptKey,
    ) -> Result<String, StoreError> {
        if let Some(directory) = self.world.directory.current() {
            let subject = RightsSubject { account: &role.account, details: None, severity: RiskLevel::Low };
            let may = directory
                .principal_of(&sender.person)
                .is_some_and(|principal| directory.allows(principal, Verb::Request, &subject));
            if !may {
                return Ok(answers::may_not_request(&role.name));
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
        match self.world.store.create(change).await? {
            Created::Created => {
                self.due.notify_one();
                Ok(answers::analysing(&job))
            }
            Created::Duplicate(job) => Ok(answers::analysing(&job)),
            Created::Busy(job) if is_of_their_team(&job, &Speaker::Slack(sender.person.clone())) => {
                let link = self.link_for(&sender.person, &job).await?;
                Ok(answers::busy(&job, link.as_deref()))
            }
            Created::Busy(_) => Ok(answers::busy_elsewhere(&job.role.name)),
        }
    }

    /// A link to a job's thread, once it has one that this person can open: a direct message is its requester's alone.
    async fn link_for(&self, person: &Person, job: &Job) -> Result<Option<String>, StoreError> {
        let posted = self.world.store.posted(&job.id).await?;
        let root = posted.into_iter().find(|posted| posted.slot == Slot::Root);
        let theirs = job.asked.by.is_same(person);
        Ok(root.filter(|root| theirs || !root.channel.is_direct()).and_then(|root| root.link))
    }

    /// A job that the sender may know of.
    async fn visible(&self, sender: &Sender, id: &JobId) -> Result<Option<Job>, StoreError> {
        let speaker = Speaker::Slack(sender.person.clone());
        Ok(self.world.store.job(id).await?.filter(|job| is_of_their_team(job, &speaker)))
    }

    async fn status_of(&self, sender: &Sender, job: &Job) -> Result<String, StoreError> {
        let link = self.link_for(&sender.person, job).await?;
        Ok(listing::status(job, link.as_deref(), self.now()))
    }

    async fn own_jobs(&self, sender: &Sender) -> Result<String, StoreError> {
        let query =
            JobQuery { requester: Some(sender.person.clone()), limit: listing::SHOWN, ..JobQuery::default() };
        let jobs = self.world.store.jobs(&query).await?;
        Ok(listing::own(&jobs, self.now()))
    }

    async fn diff_of(&self, job: &Job) -> Result<String, StoreError> {
        match self.case(job).await? {
            Some(case) => Ok(listing::diff(job, &case)),
            None => Ok(answers::no_case_yet(job)),
        }
    }

    /// What the asker may decide, what ends first at the top. All that waits is looked at, because rights depend on each
    /// job; a role has one open job, so that is as many as there are roles at most.
    async fn pending(&self, sender: &Sender) -> Result<String, StoreError> {
        let Some(directory) = self.world.directory.current() else {
            return Ok(answers::no_directory().to_owned());
        };
        let query = JobQuery { states: vec!["AwaitingDecision"], limit: usize::MAX, ..JobQuery::default() };
        let speaker = Speaker::Slack(sender.person.clone());
        let mut jobs = self.world.store.jobs(&query).await?;
        jobs.retain(|job| is_of_their_team(job, &speaker) && may_approve(&directory, &sender.person, job));
        jobs.sort_by(|one, other| (one.state.expires(), &one.id).cmp(&(other.state.expires(), &other.id)));
        let mut shown = Vec::new();
        for job in jobs.iter().take(listing::SHOWN) {
            shown.push((job, self.link_for(&sender.person, job).await?));
        }
        Ok(listing::pending(&shown, jobs.len(), self.now()))
    }

    async fn history_of(&self, sender: &Sender, role: &RoleRef) -> Result<String, StoreError> {
        let query = JobQuery { role: Some(role.key()), limit: listing::SHOWN, ..JobQuery::default() };
        let speaker = Speaker::Slack(sender.person.clone());
        let mut jobs = self.world.store.jobs(&query).await?;
        jobs.retain(|job| is_of_their_team(job, &speaker));
        Ok(listing::history(role, &jobs, self.now()))
    }
}

/// What is said at once of a command that is done right after; none where it is answered at once.
fn acknowledgement(command: &Command) -> Option<String> {
    match command {
        Command::Cancel { job } => Some(answers::on_it("Cancelling", job)),
        Command::Rollback { job } => Some(answers::on_it("Rolling back", job)),
        Command::Approve { job } => Some(answers::on_it("Approving", job)),
        Command::Deny { job, .. } => Some(answers::on_it("Denying", job)),
        Command::Continue { job } => Some(answers::on_it("Continuing", job)),
        Command::Help { .. }
        | Command::Analyze { .. }
        | Command::Status { .. }
        | Command::Pending
        | Command::Diff { .. }
        | Command::History { .. }
        | Command::WhoAmI => None,
    }
}
