//! Commands, answered: at once where reading the store suffices, and by a receipt where something has to be done.

use super::rights::{Speaker, is_of_their_team};
use super::sight::{Look, Sight, may_see};
use super::{Engine, answers, listing};
use crate::domain::approval::may_approve;
use crate::domain::command::{self, Command, CommandError, ParseContext};
use crate::domain::delivery::Slot;
use crate::domain::ids::{JobId, Person, ReceiptKey};
use crate::domain::job::Job;
use crate::domain::receipt::{Receipt, Said, Sender};
use crate::domain::role::RoleRef;
use crate::ports::{JobQuery, PeopleError, Received, Standing, StoreError};

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
        let command = match self.understand(&sender, line).await? {
            Ok(command) => command,
            Err(error) => return Ok(Answer::of(error.to_string())),
        };
        let known = self.world.people.standing_known(&sender.person);
        let look = match acknowledgement(&command) {
            Some(until_then) => Look::Later(until_then),
            None => self.look_up(&sender, &command, key.clone(), known).await?,
        };
        Ok(Answer::of(match look {
            Look::Told(text) => text,
            Look::Later(until_then) => {
                let said = Said::Command { line: line.to_owned() };
                self.receive(Receipt { key, at: self.now(), from: sender, said }).await?;
                until_then
            }
        }))
    }

    /// Stores what was received, for the workers, and wakes them.
    pub async fn receive(&self, receipt: Receipt) -> Result<Received, StoreError> {
        let _waiting = self.courtesy.hear();
        let received = self.world.store.receive(receipt.storable()).await?;
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
        let context =
            ParseContext { home: &self.settings.home, others: &self.settings.others, job: job.as_ref() };
        Ok(command::parse(line, &context))
    }

    /// What somebody is told who waits for it: where the answer depends on who they are, Slack is asked.
    pub(super) async fn answer(
        &self,
        sender: &Sender,
        command: &Command,
        key: ReceiptKey,
    ) -> Result<String, StoreError> {
        let known = self.world.people.standing_known(&sender.person);
        if let Look::Told(text) = self.look_up(sender, command, key.clone(), known).await? {
            return Ok(text);
        }
        let standing = match self.world.people.standing(&sender.person).await {
            Ok(standing) => standing,
            Err(PeopleError::Unknown) => Standing::Gone,
            Err(PeopleError::Unavailable(_)) => return Ok(answers::nobody_known().to_owned()),
        };
        match self.look_up(sender, command, key, Some(standing)).await? {
            Look::Told(text) | Look::Later(text) => Ok(text),
        }
    }

    /// The same as [`look_into`](Self::look_into). That something could not be read is an answer too, which says that
    /// nothing changed.
    async fn look_up(
        &self,
        sender: &Sender,
        command: &Command,
        key: ReceiptKey,
        standing: Option<Standing>,
    ) -> Result<Look, StoreError> {
        match self.look_into(sender, command, key, standing).await {
            Err(error) if !matches!(command, Command::Analyze { .. }) => {
                tracing::error!(%error, "what somebody asked for could not be read");
                Ok(Look::Told(answers::unread().to_owned()))
            }
            look => look,
        }
    }

    /// What reading the store answers, and the storing of a new job. Other people's jobs are for full members: to
    /// anybody else they are as if they weren't there.
    async fn look_into(
        &self,
        sender: &Sender,
        command: &Command,
        key: ReceiptKey,
        standing: Option<Standing>,
    ) -> Result<Look, StoreError> {
        let text = match command {
            Command::Help { about } => command::help(*about),
            Command::WhoAmI => {
                let directory = self.world.directory.current();
                answers::who_am_i(&sender.person, directory.as_deref())
            }
            Command::Analyze { role, options } => {
                return self.analyze(sender, role.clone(), options.clone(), key, standing).await;
            }
            Command::Status { job: Some(id) } => match self.visible(sender, id, standing).await? {
                Sight::Seen(job) => self.status_of(sender, &job).await?,
                Sight::Hidden => answers::no_such_job(id),
                Sight::Unclear => return Ok(Look::Later(answers::looking().to_owned())),
            },
            Command::Status { job: None } => self.own_jobs(sender).await?,
            Command::Pending => return self.pending(sender, standing).await,
            Command::Diff { job: id } => match self.visible(sender, id, standing).await? {
                Sight::Seen(job) => self.diff_of(&job).await?,
                Sight::Hidden => answers::no_such_job(id),
                Sight::Unclear => return Ok(Look::Later(answers::looking().to_owned())),
            },
            Command::History { role } => return self.history_of(sender, role, standing).await,
            Command::Cancel { .. }
            | Command::Rollback { .. }
            | Command::Approve { .. }
            | Command::Deny { .. }
            | Command::Continue { .. } => answers::nothing_here().to_owned(),
        };
        Ok(Look::Told(text))
    }

    /// A link to a job's thread, once it has one that this person can open: a direct message is its requester's alone.
    pub(super) async fn link_for(&self, person: &Person, job: &Job) -> Result<Option<String>, StoreError> {
        let posted = self.world.store.posted(&job.id).await?;
        let root = posted.into_iter().find(|posted| posted.slot == Slot::Root);
        let theirs = job.asked.by.is_same(person);
        Ok(root.filter(|root| theirs || !root.channel.is_direct()).and_then(|root| root.link))
    }

    /// A job, as far as the sender may know of it.
    async fn visible(
        &self,
        sender: &Sender,
        id: &JobId,
        standing: Option<Standing>,
    ) -> Result<Sight, StoreError> {
        let job = self.world.store.job(id).await?;
        Ok(Sight::of(job, &sender.person, standing))
    }

    /// The jobs that can be read; those that can't are named in the log.
    async fn jobs(&self, query: &JobQuery) -> Result<Vec<Job>, StoreError> {
        let found = self.world.store.jobs(query).await?;
        found.unreadable.iter().for_each(|error| tracing::error!(%error, "left out of a list"));
        Ok(found.jobs)
    }

    async fn status_of(&self, sender: &Sender, job: &Job) -> Result<String, StoreError> {
        let link = self.link_for(&sender.person, job).await?;
        Ok(listing::status(job, link.as_deref(), self.now()))
    }

    async fn own_jobs(&self, sender: &Sender) -> Result<String, StoreError> {
        let query =
            JobQuery { requester: Some(sender.person.clone()), limit: listing::SHOWN, ..JobQuery::default() };
        let jobs = self.jobs(&query).await?;
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
    async fn pending(&self, sender: &Sender, standing: Option<Standing>) -> Result<Look, StoreError> {
        let Some(directory) = self.world.directory.current() else {
            return Ok(Look::Told(answers::no_directory().to_owned()));
        };
        let query = JobQuery { states: vec!["AwaitingDecision"], limit: usize::MAX, ..JobQuery::default() };
        let speaker = Speaker::Slack(sender.person.clone());
        let mut jobs = self.jobs(&query).await?;
        jobs.retain(|job| is_of_their_team(job, &speaker) && may_approve(&directory, &sender.person, job));
        jobs.sort_by(|one, other| (one.state.expires(), &one.id).cmp(&(other.state.expires(), &other.id)));
        match standing {
            Some(Standing::Member) => {}
            None if jobs.is_empty() => {}
            None => return Ok(Look::Later(answers::looking().to_owned())),
            Some(Standing::Guest | Standing::Stranger | Standing::Bot | Standing::Gone) => jobs.clear(),
        }
        let mut shown = Vec::new();
        for job in jobs.iter().take(listing::SHOWN) {
            shown.push((job, self.link_for(&sender.person, job).await?));
        }
        Ok(Look::Told(listing::pending(&shown, jobs.len(), self.now())))
    }

    async fn history_of(
        &self,
        sender: &Sender,
        role: &RoleRef,
        standing: Option<Standing>,
    ) -> Result<Look, StoreError> {
        if standing.is_none() {
            return Ok(Look::Later(answers::looking().to_owned()));
        }
        let query = JobQuery { role: Some(role.key()), limit: listing::SHOWN, ..JobQuery::default() };
        let mut jobs = self.jobs(&query).await?;
        jobs.retain(|job| may_see(&sender.person, job, standing));
        Ok(Look::Told(listing::history(role, &jobs, self.now())))
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
