//! Group commit: one thread owns the connection that writes, and takes everything that waits into one transaction.
//!
//! Making a transaction durable costs the same for one write as for hundreds. A write that fails takes nothing of the
//! others with it; nobody gets an answer before the commit, and if that fails everybody gets its error. Nothing that
//! happens in here may leave a caller waiting: while another process holds the file, each write is waited with for as
//! long as patience goes from when it was asked for, and then isn't done at all.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use std::{io, thread};

use rusqlite::{Connection, ErrorCode};
use tokio::sync::{mpsc, oneshot};

use super::file::File;
use super::open::SCHEMA;
use crate::ports::StoreError;

/// How many writes one transaction takes at most, and how many may wait.
const BATCH: usize = 512;

/// How long to wait between two tries at a lock that another process holds.
const PAUSE: Duration = Duration::from_millis(1);

/// The thread that writes.
#[derive(Debug)]
pub struct Writer {
    tasks: Option<mpsc::Sender<Box<dyn Task>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts it. `patience` is how long a lock of another process is waited for.
    pub fn start(connection: Connection, file: File, patience: Duration) -> io::Result<Self> {
        let (sender, receiver) = mpsc::channel(BATCH);
        let work = move || write_all(&connection, receiver, &file, patience);
        let thread = thread::Builder::new().name("store-writer".to_owned()).spawn(work)?;
        Ok(Self { tasks: Some(sender), thread: Some(thread) })
    }

    /// Has something written. It is durable once this says `Ok`, and undone where it says `Err`; where nobody waits for
    /// the answer any more before it was begun, it isn't done either. The work touches nothing but the database: it may
    /// be undone and done again.
    pub async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let task = Box::new(Asked { work, since: Instant::now(), outcome: None, answer });
        let tasks = self.tasks.as_ref().ok_or_else(ended)?;
        tasks.send(task).await.map_err(|_| ended())?;
        answered.await.map_err(|_| ended())?
    }
}

impl Drop for Writer {
    /// Waits for what was asked for, so that the file is closed afterwards.
    fn drop(&mut self) {
        drop(self.tasks.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn ended() -> StoreError {
    StoreError::Unavailable("a write broke off; see the log, and start alpha again if it repeats".to_owned())
}

/// One write, with whoever waits for it.
trait Task: Send {
    /// When it was asked for.
    fn since(&self) -> Instant;
    /// Whether nobody waits for it any more.
    fn is_abandoned(&self) -> bool;
    /// Does it, within the transaction.
    fn run(&mut self, connection: &Connection) -> Result<(), StoreError>;
    /// Says what came of it, after the transaction.
    fn answer(self: Box<Self>, committed: &Result<(), StoreError>);
}

struct Asked<T, F> {
    work: F,
    since: Instant,
    outcome: Option<Result<T, StoreError>>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Task for Asked<T, F>
where
    T: Send,
    F: FnMut(&Connection) -> Result<T, StoreError> + Send,
{
    fn since(&self) -> Instant {
        self.since
    }

    fn is_abandoned(&self) -> bool {
        self.answer.is_closed()
    }

    fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        // Left empty by a task that panics.
        self.outcome = None;
        let outcome = (self.work)(connection);
        let verdict = outcome.as_ref().map(drop).map_err(Clone::clone);
        self.outcome = Some(outcome);
        verdict
    }

    fn answer(self: Box<Self>, committed: &Result<(), StoreError>) {
        let outcome = match (self.outcome, committed) {
            (Some(Err(own)), _) => Err(own),
            (_, Err(shared)) => Err(shared.clone()),
            (Some(done), Ok(())) => done,
            (None, Ok(())) => Err(ended()),
        };
        // Whoever asked may have gone; what was written stays written.
        let _ = self.answer.send(outcome);
    }
}

fn write_all(
    connection: &Connection,
    mut tasks: mpsc::Receiver<Box<dyn Task>>,
    file: &File,
    patience: Duration,
) {
    let mut batch = Vec::with_capacity(BATCH);
    while tasks.blocking_recv_many(&mut batch, BATCH) > 0 {
        batch.retain(|task| !task.is_abandoned());
        if batch.is_empty() {
            continue;
        }
        let committed = file.is_in_place().and_then(|()| commit(connection, &mut batch, patience));
        roll_back(connection);
        batch.drain(..).for_each(|task| task.answer(&committed));
    }
}

/// One transaction. After an error the caller rolls back whatever is left of it.
///
/// Nearly nothing ever fails, and savepoints cost about as much as the writes themselves: they are taken only in a
/// second try, when something did.
fn commit(
    connection: &Connection,
    batch: &mut Vec<Box<dyn Task>>,
    patience: Duration,
) -> Result<(), StoreError> {
    begin(connection, batch, patience)?;
    if let Err(error) = batch.iter_mut().try_for_each(|task| run(connection, task)) {
        roll_back(connection);
        if batch.len() == 1 {
            return Err(error);
        }
        begin(connection, batch, patience)?;
        batch.iter_mut().try_for_each(|task| run_apart(connection, task))?;
    }
    say(connection, "COMMIT")
}

/// Runs a task. One that panics is an error like any other; the panic itself is in the log.
fn run(connection: &Connection, task: &mut Box<dyn Task>) -> Result<(), StoreError> {
    catch_unwind(AssertUnwindSafe(|| task.run(connection))).unwrap_or_else(|_| Err(ended()))
}

/// Runs a task so that its failure is its own. It is an error only where the whole transaction went with it, as a full
/// disk may have it.
fn run_apart(connection: &Connection, task: &mut Box<dyn Task>) -> Result<(), StoreError> {
    say(connection, "SAVEPOINT task")?;
    if let Err(error) = run(connection, task) {
        if connection.is_autocommit() {
            return Err(error);
        }
        say(connection, "ROLLBACK TO task")?;
    }
    say(connection, "RELEASE task")
}

fn say(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

fn roll_back(connection: &Connection) {
    if !connection.is_autocommit() {
        // What remains after a failed roll-back is rolled back at the next try to begin, or at the end of the process.
        let _ = connection.execute_batch("ROLLBACK");
    }
}

/// A newer alpha may have brought the file up to date under our feet: what we would write then isn't what it reads.
fn recognise(connection: &Connection) -> Result<(), StoreError> {
    let found: i64 = connection.prepare_cached("PRAGMA user_version")?.query_row([], |row| row.get(0))?;
    if found == SCHEMA {
        return Ok(());
    }
    Err(StoreError::Corrupt(format!(
        "its schema was {SCHEMA} at the start and is {found} now: another version of alpha changed it; run that one alone"
    )))
}

/// Takes the lock for writing, for which other processes are waited for, often and briefly: their turns are short. A
/// write whose time is over leaves the batch with the error; it is everybody's error once nobody is left.
fn begin(
    connection: &Connection,
    batch: &mut Vec<Box<dyn Task>>,
    patience: Duration,
) -> Result<(), StoreError> {
    loop {
        let begun = connection.prepare_cached("BEGIN IMMEDIATE").and_then(|mut begin| begin.execute([]));
        let busy = match begun {
            Ok(_) => return recognise(connection),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Err(error.into()),
            Err(error) => return Err(error.into()),
        };
        batch.extract_if(.., |task| task.since().elapsed() >= patience).for_each(|task| task.answer(&busy));
        if batch.is_empty() {
            return busy;
        }
        thread::sleep(PAUSE);
    }
}
