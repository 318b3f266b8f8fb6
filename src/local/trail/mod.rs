//! CloudTrail logs on disk or from standard input: found, inflated, cut into records, and counted in parallel.
//!
//! A file that can't be read to its end is named, with the reason and how many of its records were read. Those records
//! are true observations and count; the report says that the file is broken, and whoever shows a result says so too.
//! Memory depends on the number of threads, never on the size of the logs.
//!
//! CloudTrail may deliver a record more than once. What a file holds twice counts once, where fewer than 100,000 calls
//! stand in between; what stands in two files counts twice. So a count is one of records; whether something was used,
//! and what becomes of a call, doesn't depend on it.

mod find;
mod read;
mod repeats;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::NamedTempFile;

use crate::iam::cloudtrail::{Apart, Filter, Reader, Seen};
use crate::iam::evidence::Evidence;

/// Why logs can't be opened at all.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A path that isn't there, or may not be read.
    #[error("{path}: {reason}")]
    Unreadable {
        /// As it was given.
        path: String,
        /// What the system says.
        reason: std::io::Error,
    },
    /// A folder in which nothing is called like a log.
    #[error(
        "{0}: no CloudTrail logs in this folder (expected files named .json, .jsonl or .ndjson, plain or .gz)"
    )]
    NoLogs(String),
    /// Folders within folders beyond any reason.
    #[error(
        "{path}: lies more than {deepest} folders deep, which no CloudTrail log does; name the folder itself"
    )]
    TooDeep {
        /// The first folder that is too deep.
        path: String,
        /// How deep folders are followed.
        deepest: usize,
    },
    /// Standard input twice.
    #[error("standard input (-) can be given once only")]
    StdinTwice,
    /// Standard input could not be kept.
    #[error("standard input: {0}")]
    Stdin(std::io::Error),
}

/// Log files, to be read as often as needed.
#[derive(Debug)]
pub struct Trail {
    sources: Vec<Source>,
    ignored: usize,
    threads: Option<NonZeroUsize>,
}

/// One file.
#[derive(Debug)]
struct Source {
    /// As it is called in a report.
    name: String,
    path: PathBuf,
    bytes: u64,
    /// Keeps what was read from standard input or a pipe until the trail is dropped.
    _spool: Option<NamedTempFile>,
}

/// What became of the files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// How many files were read to their end.
    pub files: usize,
    /// Files in the given folders that aren't called like logs.
    pub ignored: usize,
    /// Files that were not read to their end, in the order of their names.
    pub skipped: Vec<Skipped>,
}

impl Report {
    /// Whether every file was read to its end.
    pub fn is_complete(&self) -> bool {
        self.skipped.is_empty()
    }
}

/// A file that was not read to its end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// Which.
    pub file: String,
    /// Why.
    pub reason: String,
    /// How many of its records were read, and count.
    pub records: u64,
}

/// Whether calls are told with their condition keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Without, as evidence needs them.
    Needs,
    /// With, as a replay needs them.
    Circumstances,
}

impl Trail {
    /// Finds the files behind the paths: a file, a folder (with all folders in it), or `-` for standard input, which is
    /// kept in a temporary file, as is what a named pipe gives. A file that is reached twice is one file.
    pub fn open(paths: &[String]) -> Result<Self, OpenError> {
        find::open(paths)
    }

    /// Reads with so many threads at most; with as many as there are processors where it isn't said.
    #[must_use]
    pub fn with_threads(self, threads: Option<NonZeroUsize>) -> Self {
        Self { threads, ..self }
    }

    /// No more threads than files.
    fn threads(&self) -> usize {
        let processors = || std::thread::available_parallelism().ok();
        self.threads.or_else(processors).map_or(1, NonZeroUsize::get).clamp(1, self.sources.len().max(1))
    }

    /// How many bytes there are to read.
    pub fn bytes(&self) -> u64 {
        self.sources.iter().map(|source| source.bytes).sum()
    }

    /// How many files there are.
    pub fn files(&self) -> usize {
        self.sources.len()
    }

    /// Reads all records, in as many threads as the machine has processors. Each thread has a state of its own; in
    /// which order records come, and which thread sees which file, is not determined, so `merge` must not depend on it.
    /// `progress` is told of bytes as they are read.
    pub fn fold<T: Send>(
        &self,
        filter: &Filter,
        detail: Detail,
        progress: &(dyn Fn(u64) + Sync),
        init: impl Fn() -> T + Sync,
        each: impl Fn(&mut T, &Seen) + Sync,
        merge: impl Fn(T, T) -> T,
    ) -> (T, Report) {
        let next = AtomicUsize::new(0);
        let skipped = Mutex::new(Vec::new());
        let work = || {
            let mut state = init();
            let mut reader =
                if detail == Detail::Circumstances { Reader::with_circumstances() } else { Reader::new() };
            let mut file = read::File::new();
            let mut repeats = repeats::Repeats::default();
            while let Some(source) = self.sources.get(next.fetch_add(1, Ordering::Relaxed)) {
                let mut records = 0;
                repeats.restart();
                let outcome = file.read(&source.path, progress, |record, at| {
                    let seen = match reader.read(record, at, filter)? {
                        Seen::Call(call) if repeats.is_repeated(&call.id, record) => {
                            Seen::Apart(Apart::Repeated)
                        }
                        seen => seen,
                    };
                    records += 1;
                    each(&mut state, &seen);
                    Ok(())
                });
                if let Err(reason) = outcome {
                    let broken = Skipped { file: source.name.clone(), reason, records };
                    skipped.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(broken);
                }
            }
            state
        };
        let threads = self.threads();
        let states: Vec<T> = std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let own = work();
            let join = |other: std::thread::ScopedJoinHandle<'_, T>| match other.join() {
                Ok(state) => state,
                Err(panic) => std::panic::resume_unwind(panic),
            };
            std::iter::once(own).chain(others.into_iter().map(join)).collect()
        });
        let mut skipped = skipped.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        skipped.sort();
        let report = Report { files: self.sources.len() - skipped.len(), ignored: self.ignored, skipped };
        (states.into_iter().reduce(merge).unwrap_or_else(init), report)
    }

    /// The evidence in all records that the filter admits.
    pub fn collect(&self, filter: &Filter, progress: &(dyn Fn(u64) + Sync)) -> (Evidence, Report) {
        self.fold(filter, Detail::Needs, progress, Evidence::new, Evidence::count, Evidence::merge)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
