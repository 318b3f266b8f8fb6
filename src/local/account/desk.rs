//! The one thread that owns the account: whoever wants something of it hands an errand in, and waits without blocking.

use std::sync::mpsc;
use std::thread;

use tokio::sync::oneshot;

use super::book::Book;
use super::schema::OpenError;
use crate::ports::AccountError;

/// What is to be done with the account.
type Errand = Box<dyn FnOnce(&mut Book) + Send>;

/// Where errands are handed in. When it goes, the thread ends, and the file is closed.
#[derive(Debug)]
pub(super) struct Desk {
    errands: Option<mpsc::Sender<Errand>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Desk {
    /// Starts the thread, which opens the account.
    pub(super) fn open(
        open: impl FnOnce() -> Result<Book, OpenError> + Send + 'static,
        no_thread: impl FnOnce(String) -> OpenError,
    ) -> Result<Self, OpenError> {
        let (errands, queue) = mpsc::channel::<Errand>();
        let (opened, answer) = mpsc::channel();
        let work = move || {
            let mut book = match open() {
                Ok(book) => book,
                Err(error) => return drop(opened.send(Err(error))),
            };
            if opened.send(Ok(())).is_ok() {
                queue.iter().for_each(|errand| errand(&mut book));
            }
        };
        match thread::Builder::new().name("simulated-account".to_owned()).spawn(work) {
            Ok(thread) => answer
                .recv()
                .unwrap_or_else(|error| Err(no_thread(error.to_string())))
                .map(|()| Self { errands: Some(errands), thread: Some(thread) }),
            Err(error) => Err(no_thread(error.to_string())),
        }
    }

    /// Has an errand done.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        errand: impl FnOnce(&mut Book) -> Result<T, AccountError> + Send + 'static,
    ) -> Result<T, AccountError> {
        let gone = || AccountError::Unavailable("the simulated account has stopped".to_owned());
        let (done, answer) = oneshot::channel();
        let errand: Errand = Box::new(move |book| drop(done.send(errand(book))));
        let errands = self.errands.as_ref().ok_or_else(gone)?;
        errands.send(errand).map_err(|_| gone())?;
        answer.await.unwrap_or_else(|_| Err(gone()))
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.errands.take();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the simulated account broke off");
        }
    }
}
