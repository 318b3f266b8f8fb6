//! The approvers file: who is who, and who may do what; read at the start, and again whenever it changes.
//!
//! A file that turns bad never takes anybody's rights away, nor gives any: the last good one holds, and the log says so.

mod check;
mod read;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::domain::directory::Directory;
use crate::handwritten::{Fault, MAX_BYTES, Place};

/// How long the file isn't looked at again.
const GLANCE: Duration = Duration::from_secs(1);

/// What a file came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Who may do what; none where anything is wrong.
    pub directory: Option<Directory>,
    /// What is wrong, in the order of the file.
    pub problems: Vec<Fault>,
    /// What is odd, in the order of the file, and stops nothing.
    pub warnings: Vec<Fault>,
}

/// Checks the text of an approvers file.
pub fn check(text: &str) -> Checked {
    let (directory, problems, warnings) = read::read(text);
    Checked { directory: problems.is_empty().then_some(directory), problems, warnings }
}

/// Reads and checks a file.
pub fn check_file(path: &Path) -> Result<Checked, BadApprovers> {
    Ok(check(&text_of(path)?))
}

/// Why there is no directory to be had from a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadApprovers {
    /// It can't be read.
    #[error("the approvers file {path} can't be read: {why}")]
    Unreadable {
        /// Which.
        path: String,
        /// Why not.
        why: String,
    },
    /// What is in it makes no sense.
    #[error("{}", listed(path, problems))]
    Wrong {
        /// Which.
        path: String,
        /// What is wrong, in the order of the file.
        problems: Vec<Fault>,
    },
}

fn listed(path: &str, problems: &[Fault]) -> String {
    let lines: Vec<String> =
        problems.iter().map(|fault| format!("{path}:{}: {}", fault.place, fault.text)).collect();
    format!("the approvers file can't be used:\n  {}", lines.join("\n  "))
}

/// The directory of an approvers file, as it is now.
#[derive(Debug)]
pub struct Approvers {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The last good one.
    directory: Arc<Directory>,
    /// What was seen last: the text, or why there was none.
    seen: Result<String, BadApprovers>,
    /// When.
    at: Instant,
}

impl Approvers {
    /// Reads the file for the first time: it has to be good.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, BadApprovers> {
        let path = path.into();
        let text = text_of(&path)?;
        let directory = directory_of(&path, &text)?;
        let state = State { directory: Arc::new(directory), seen: Ok(text), at: Instant::now() };
        Ok(Self { path, state: Mutex::new(state) })
    }

    /// Who may do what, now. The file is looked at once a second at most; it is small, so that reading it takes less
    /// time than a clock's tick, and reading it whole is the only way to be sure that it is the same.
    pub fn current(&self) -> Arc<Directory> {
        self.current_at(Instant::now())
    }

    fn current_at(&self, now: Instant) -> Arc<Directory> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_duration_since(state.at) >= GLANCE {
            state.at = now;
            let seen = text_of(&self.path);
            if seen != state.seen {
                self.take_in(&mut state, seen);
            }
        }
        Arc::clone(&state.directory)
    }

    /// Something else than before: taken in where it is good, told to the operator once where it isn't.
    fn take_in(&self, state: &mut State, seen: Result<String, BadApprovers>) {
        let path = self.path.display();
        match seen.as_ref().map_err(Clone::clone).and_then(|text| directory_of(&self.path, text)) {
            Ok(directory) => {
                let (principals, grants) = (directory.principals.len(), directory.grants.len());
                tracing::info!(%path, principals, grants, "the approvers file was read anew");
                state.directory = Arc::new(directory);
            }
            Err(problem) => tracing::error!(
                %path,
                %problem,
                "the approvers file has changed and can't be used; what it said before still holds"
            ),
        }
        state.seen = seen;
    }
}

/// The directory of a text, with what is odd about it in the log.
fn directory_of(path: &Path, text: &str) -> Result<Directory, BadApprovers> {
    let checked = check(text);
    let path = path.display().to_string();
    for odd in &checked.warnings {
        tracing::warn!(%path, place = %odd.place, "{}", odd.text);
    }
    checked.directory.ok_or(BadApprovers::Wrong { path, problems: checked.problems })
}

fn text_of(path: &Path) -> Result<String, BadApprovers> {
    let unreadable = |why: String| BadApprovers::Unreadable { path: path.display().to_string(), why };
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| unreadable(error.to_string()))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(unreadable(format!("it is larger than {MAX_BYTES} bytes")));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let place = Place::of(&String::from_utf8_lossy(error.as_bytes().get(..at).unwrap_or_default()), at);
        unreadable(format!("it is no UTF-8 text at {place}"))
    })
}
