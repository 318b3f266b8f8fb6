//! A few threads that read, each with a connection of its own, so that no reader waits for a writer, nor the runtime
//! for either.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::{io, thread};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::ports::StoreError;

/// How many there are.
pub const READERS: usize = 2;

/// How many reads may wait.
const WAITING: usize = 256;

type Task = Box<dyn FnOnce(&Connection) + Send>;

/// The threads that read.
#[derive(Debug)]
pub struct Readers {
    tasks: Option<mpsc::Sender<Task>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    /// Starts one for each connection.
    pub fn start(connections: Vec<Connection>) -> io::Result<Self> {
        let (sender, receiver) = mpsc::channel(WAITING);
        let receiver = Arc::new(Mutex::new(receiver));
        let mut threads = Vec::new();
        for connection in connections {
            let receiver = Arc::clone(&receiver);
            let work = move || read_all(&connection, &receiver);
            threads.push(thread::Builder::new().name("store-reader".to_owned()).spawn(work)?);
        }
        Ok(Self { tasks: Some(sender), threads })
    }

    /// Has something read.
    pub async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let task: Task = Box::new(move |connection| {
            // Whoever asked may have gone.
            let _ = answer.send(work(connection));
        });
        let tasks = self.tasks.as_ref().ok_or_else(ended)?;
        tasks.send(task).await.map_err(|_| ended())?;
        answered.await.map_err(|_| ended())?
    }
}

impl Drop for Readers {
    /// Waits for what was asked for, so that the file is closed afterwards.
    fn drop(&mut self) {
        drop(self.tasks.take());
        self.threads.drain(..).for_each(|thread| drop(thread.join()));
    }
}

fn ended() -> StoreError {
    StoreError::Unavailable("a read broke off; see the log, and start alpha again if it repeats".to_owned())
}

fn read_all(connection: &Connection, tasks: &Mutex<mpsc::Receiver<Task>>) {
    loop {
        // The guard goes before the task runs: one waits for tasks while the others read.
        let task = tasks.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        let Some(task) = task else { return };
        // A task that panics drops its answer, which whoever asked takes for an error.
        let _ = catch_unwind(AssertUnwindSafe(|| task(connection)));
    }
}
