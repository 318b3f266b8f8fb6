//! The few traits between the engine and the world, with their errors.
//!
//! Each has one contract, written at its methods, and one suite of tests that every implementation passes.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::domain::approval::Approved;
use crate::domain::audit::Entry;
use crate::domain::delivery::{Posted, Row};
use crate::domain::errand::Errand;
use crate::domain::ids::{ChannelId, JobId, MessageTs, Person, ReceiptKey, TeamId};
use crate::domain::job::Job;
use crate::domain::opinion::{Answer, Questions};
use crate::domain::proposal::{Case, Prose};
use crate::domain::receipt::Receipt;
use crate::domain::role::{RoleRef, Snapshot, Write};
use crate::domain::secret::{BotToken, SecretKind, SigningSecrets};
use crate::iam::cloudtrail::Call;
use crate::iam::evidence::Evidence as Used;

/// Where everything is kept that must outlive the process.
///
/// Every method is one transaction: all of it is there afterwards, or none. An answer of `Ok` means that it is durable.
#[async_trait]
pub trait Store: Send + Sync + Debug {
    /// Stores a job that was just asked for, with its first entry and messages, unless the same request made one
    /// already or its role has an open one.
    async fn create(&self, new: Change) -> Result<Created, StoreError>;
    /// Stores a change to a job, if it is still at the version that the change was worked out from, with its entries,
    /// messages, case and the receipt that it answers. A job that is open again (a rollback after success) is refused
    /// while its role has another open one.
    async fn save(&self, change: Change) -> Result<Saved, StoreError>;
    /// One job.
    async fn job(&self, id: &JobId) -> Result<Option<Job>, StoreError>;
    /// Jobs, the newest first. One that can't be read keeps none of the others back.
    async fn jobs(&self, query: &JobQuery) -> Result<Found, StoreError>;
    /// The case of a revision.
    async fn case(&self, job: &JobId, revision: u32) -> Result<Option<Case>, StoreError>;
    /// A job's history, in order.
    async fn history(&self, job: &JobId) -> Result<Vec<Entry>, StoreError>;

    /// Claims up to `limit` jobs that are due and that nobody holds, the longest due first. A claim holds until it is
    /// released, saved with `release`, or not renewed in time; it keeps other workers away, not people: a save needs
    /// the version alone.
    async fn claim_jobs(&self, claim: &Claim, now: Timestamp, limit: usize) -> Result<Vec<Job>, StoreError>;
    /// Claims one job, if it is due and nobody holds it.
    async fn claim_job(&self, job: &JobId, claim: &Claim, now: Timestamp) -> Result<Option<Job>, StoreError>;
    /// Holds on to a claim for another lease; false where it was lost.
    async fn renew_job(&self, job: &JobId, claim: &Claim, now: Timestamp) -> Result<bool, StoreError>;
    /// Lets everything go that an owner holds: jobs, receipts, rows (which are unknown from then on).
    async fn release(&self, owner: &str) -> Result<(), StoreError>;

    /// Stores what was received, unless it was already.
    async fn receive(&self, receipt: Receipt) -> Result<Received, StoreError>;
    /// Claims receipts that weren't acted on, the oldest first.
    async fn claim_receipts(
        &self,
        claim: &Claim,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Receipt>, StoreError>;
    /// When the oldest receipt came that wasn't acted on, held ones included. It is asked for each job whose time is
    /// over, so it reads no record and counts nothing.
    async fn oldest_receipt(&self) -> Result<Option<Timestamp>, StoreError>;
    /// Says that a receipt was acted on, and what is to be told, in one transaction.
    async fn settle_receipt(&self, key: &ReceiptKey, rows: Vec<Row>) -> Result<(), StoreError>;

    /// Claims rows that are due, in order: of one lane of a job, at most one at a time, and none before an earlier one of
    /// its lane, or the one that it needs, was sent or given up. One that was held before and let go without having been
    /// settled comes back as unknown: whoever held it may have sent it.
    async fn claim_rows(&self, claim: &Claim, now: Timestamp, limit: usize) -> Result<Vec<Row>, StoreError>;
    /// Stores what came of a try and where the message now is, and lets the row go, if the claim still holds.
    async fn settle_row(&self, row: Row, posted: Option<Posted>, claim: &Claim) -> Result<(), StoreError>;
    /// Where the messages of a job are.
    async fn posted(&self, job: &JobId) -> Result<Vec<Posted>, StoreError>;
    /// Which job's root message that is: whose thread something was said in.
    async fn job_at(&self, channel: &ChannelId, root: &MessageTs) -> Result<Option<JobId>, StoreError>;
    /// The rows of a job, in the order in which they were written, sent ones included.
    async fn rows(&self, job: &JobId) -> Result<Vec<Row>, StoreError>;

    /// Counts one more use of a key in the window that `now` falls into, and says how many there were with it.
    async fn count(&self, key: &str, window: Duration, now: Timestamp) -> Result<u32, StoreError>;

    /// A note, as it stands; asked for on the way to a decision, so never one that lags.
    async fn note(&self, key: &str) -> Result<Option<Note>, StoreError>;
    /// Writes a note that is at version `from`, or isn't there yet where that is none; false where it isn't so, and
    /// then nothing is written. A version is one more than that of what was written over, and the first is one.
    async fn write_note(&self, key: &str, from: Option<u64>, text: String) -> Result<bool, StoreError>;

    /// When the earliest job, receipt or row is due that nobody holds, or a claim ends.
    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError>;
    /// How many jobs are in each state, and rows in each status.
    async fn census(&self) -> Result<Census, StoreError>;
    /// Whether it can be reached and written to.
    async fn ready(&self) -> Result<(), StoreError>;
}

/// A change to a job, all or nothing.
#[derive(Debug, Clone)]
pub struct Change {
    /// The job as it is to be; its version is one more than that of the job it was worked out from.
    pub job: Job,
    /// What is added to its history.
    pub entries: Vec<Entry>,
    /// What is to be told.
    pub rows: Vec<Row>,
    /// A case that is new.
    pub case: Option<Case>,
    /// The receipt that this acts on.
    pub settles: Option<ReceiptKey>,
    /// Whether the claim ends with it.
    pub release: bool,
}

/// What came of creating a job.
#[derive(Debug, Clone, PartialEq)]
pub enum Created {
    /// It is there.
    Created,
    /// The same request made this one before.
    Duplicate(Box<Job>),
    /// The role has this open job.
    Busy(Box<Job>),
}

/// What came of saving a job.
#[derive(Debug, Clone, PartialEq)]
pub enum Saved {
    /// It is stored.
    Saved,
    /// Somebody was faster; the job as they left it.
    Conflict(Box<Job>),
    /// The role has this other open job.
    Busy(Box<Job>),
}

/// What came of receiving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// It is new, and stored.
    Stored,
    /// It came before.
    Duplicate,
}

/// Who holds something, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Who: unique for each start of a process.
    pub owner: String,
    /// How long a claim holds without renewal.
    pub lease: Duration,
}

/// What several processes keep between them under one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Counts the times that it was written.
    pub version: u64,
    /// What it says.
    pub text: String,
}

/// Which jobs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobQuery {
    /// Those of one role, by [`RoleRef::key`].
    pub role: Option<String>,
    /// Those in one of these states, by word; all where empty.
    pub states: Vec<&'static str>,
    /// Those that are not terminal.
    pub open: bool,
    /// Those asked for by one user.
    pub requester: Option<Person>,
    /// Those made before this one.
    pub before: Option<JobId>,
    /// At most so many.
    pub limit: usize,
}

/// Which jobs there are.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// Those that could be read.
    pub jobs: Vec<Job>,
    /// Those that couldn't: which, and why not.
    pub unreadable: Vec<StoreError>,
}

/// How many there are of what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Census {
    /// Jobs by state.
    pub jobs: BTreeMap<String, u64>,
    /// Rows by status.
    pub rows: BTreeMap<String, u64>,
    /// Receipts that weren't acted on.
    pub receipts: u64,
}

/// Why a store did nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// It may work later: locked, throttled, out of reach.
    #[error("the store is busy or out of reach: {0}")]
    Unavailable(String),
    /// It can't be written to: read-only, full.
    #[error("the store can't be written: {0}")]
    ReadOnly(String),
    /// What is in it is no record that this version knows.
    #[error("the store holds what this version of alpha can't read: {0}")]
    Corrupt(String),
}

/// What a role used.
#[async_trait]
pub trait Evidence: Send + Sync + Debug {
    /// Gathers what is known of a role's use, and tells how far that is, where it takes its time. What could not be
    /// looked at is a gap, told in the answer; an error means that there is no answer at all. Whoever asks may stop
    /// waiting at any time, and ask again: what takes its time outside of the program is then gone on with.
    async fn collect(
        &self,
        errand: &Errand,
        role: &Snapshot,
        window: Window,
        progress: &dyn Progress,
    ) -> Result<Gathered, AccountError>;
    /// Lets go of whatever a collection has begun outside of the program and nobody waits for any more. Done twice, or
    /// where there is nothing of the kind, it does no harm.
    async fn abandon(&self, errand: &Errand, role: &Snapshot) -> Result<(), AccountError>;
}

/// Hears how far a collection is.
pub trait Progress: Send + Sync {
    /// How far one source is, in few words; what it said before is over.
    fn tell(&self, source: &str, how: String);
}

/// Nobody hears it.
impl Progress for () {
    fn tell(&self, _: &str, _: String) {}
}

/// Since when and until when use counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Since when.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

/// What was gathered.
#[derive(Debug, Clone)]
pub struct Gathered {
    /// The calls, counted.
    pub used: Used,
    /// One call of each kind that was seen, with its circumstances and how often it was seen, for the replay.
    pub calls: Vec<(Call<'static>, u64)>,
    /// What was cut off, failed, or could not be seen.
    pub gaps: Vec<String>,
}

/// Roles: read, change, read back.
#[async_trait]
pub trait Roles: Send + Sync + Debug {
    /// How a role stands now.
    async fn read(&self, errand: &Errand, role: &RoleRef) -> Result<Snapshot, AccountError>;
    /// Makes one write; made already, it changes nothing and is no error. Whoever asks shows that the change was
    /// approved.
    async fn write(
        &self,
        approved: &Approved,
        errand: &Errand,
        role: &RoleRef,
        write: &Write,
    ) -> Result<(), AccountError>;
}

/// How a role fares.
#[async_trait]
pub trait Health: Send + Sync + Debug {
    /// The calls of a role since then, and how far the sources are complete.
    async fn since(
        &self,
        errand: &Errand,
        role: &Snapshot,
        since: Timestamp,
    ) -> Result<Reading, AccountError>;
}

/// How a role fared.
#[derive(Debug, Clone)]
pub struct Reading {
    /// How many calls it made.
    pub calls: u64,
    /// Those that were denied, one of each kind, with how often.
    pub denied: Vec<(Call<'static>, u64)>,
    /// Until when nothing more is going to turn up.
    pub complete_until: Timestamp,
}

/// Why an account gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// There is no such role.
    #[error("there is no role called {name} in this account")]
    NoSuchRole {
        /// By which name.
        name: String,
        /// The one that was probably meant, where the account can tell.
        like: Option<String>,
    },
    /// The role isn't one to be changed: service-linked, reserved, ALPHA's own.
    #[error("{0}")]
    Reserved(String),
    /// ALPHA itself lacks a permission.
    #[error("alpha isn't allowed to do this: {0}")]
    Denied(String),
    /// What was asked for can't be, however often it is asked for.
    #[error("{0}")]
    Rejected(String),
    /// It may work later.
    #[error("the account can't be reached or is busy: {0}")]
    Unavailable(String),
}

/// What AWS itself says of a proposal, beside our own proofs.
#[async_trait]
pub trait Checks: Send + Sync + Debug {
    /// Answers what it can of the questions, each by itself, with why not for the others; nothing at all where there is
    /// nobody to ask.
    async fn ask(&self, errand: &Errand, role: &RoleRef, questions: &Questions) -> Vec<Answer>;
}

/// Puts a case into words. Advice: nothing depends on it.
#[async_trait]
pub trait Reasoner: Send + Sync + Debug {
    /// What a person should know of the case, in a few sentences.
    async fn explain(&self, case: &Case) -> Result<Prose, ReasonerError>;
}

/// Why nothing was put into words; the card goes out with the facts alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no text from the model: {0}")]
pub struct ReasonerError(pub String);

/// Who people are, at this moment.
#[async_trait]
pub trait People: Send + Sync + Debug {
    /// What kind of user somebody is, for what only reads: an answer may be kept for seconds.
    async fn standing(&self, person: &Person) -> Result<Standing, PeopleError>;
    /// What kind of user somebody is, for what decides: asked for no earlier than `since`, which is when they said what
    /// they want, and nothing that is kept counts.
    async fn standing_since(&self, person: &Person, since: Timestamp) -> Result<Standing, PeopleError>;
    /// What [`standing`](Self::standing) would answer without asking anybody; none where it would have to.
    fn standing_known(&self, person: &Person) -> Option<Standing>;
}

/// What kind of user somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// A full member of a workspace that we know.
    Member,
    /// A guest.
    Guest,
    /// Somebody of another organisation.
    Stranger,
    /// A program.
    Bot,
    /// Not any more.
    Gone,
}

/// Why it isn't known who somebody is: then they may do nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeopleError {
    /// No such user.
    #[error("there is no such user")]
    Unknown,
    /// It may be known later.
    #[error("who they are can't be looked up now: {0}")]
    Unavailable(String),
}

/// What has to be known to believe a request, and must never be shown.
#[async_trait]
pub trait Secrets: Send + Sync + Debug {
    /// The signing secrets that count, as they were last looked up: asked for with every request, so it takes no time.
    async fn signing(&self) -> Result<Arc<SigningSecrets>, SecretsError>;
    /// Looks them up anew and keeps them, because something was signed with none of those known. Where that fails, those
    /// known go on counting.
    async fn refresh(&self) -> Result<Arc<SigningSecrets>, SecretsError>;
}

/// By what Slack knows us, in each workspace.
#[async_trait]
pub trait Tokens: Send + Sync + Debug {
    /// The bot token of a workspace, or of the only one where none is named, as it was last looked up: asked for with
    /// every call of Slack.
    async fn token(&self, team: Option<&TeamId>) -> Result<BotToken, SecretsError>;
    /// The token that counts after Slack refused one: looked up anew, unless that was done a moment ago. The refused one
    /// where there is no other.
    async fn token_after(&self, refused: &BotToken, team: Option<&TeamId>) -> Result<BotToken, SecretsError>;
}

/// Why no secret is known; then nobody is believed, and nothing is said. The text holds none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// There is none where it should be.
    #[error(
        "there is no {} in {place}: copy it from the app's {} page in Slack", secret.name(), secret.page()
    )]
    Missing {
        /// Which.
        secret: SecretKind,
        /// Where it should be.
        place: String,
    },
    /// It may be there later.
    #[error("a secret can't be read: {0}")]
    Unavailable(String),
}

/// What time it is.
pub trait Clock: Send + Sync + Debug {
    /// Now.
    fn now(&self) -> Timestamp;
}
