//! What was said: by flags, the environment, the file or nobody; and by whom. What it means is decided elsewhere.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use super::file;
use super::key::Key;
use super::problem::Problem;
use super::secret::Secret;
use crate::domain::accounts::Account;
use crate::domain::ids::AccountId;
use crate::handwritten::Place;

/// The file that is read where none is named and it exists.
pub const DEFAULT_FILE: &str = "alpha.toml";

/// All that was said.
#[derive(Debug, Default)]
pub struct Said {
    words: BTreeMap<Key, Word>,
    /// What is peculiar to accounts, which only the file says.
    pub accounts: Vec<(AccountId, Account)>,
    /// What is wrong before anything means anything.
    pub problems: Vec<Problem>,
    /// What should be looked at, and stops nothing.
    pub warnings: Vec<String>,
}

/// What was said of one setting. Any of them may be a secret, so that none prints by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// What.
    pub text: Secret,
    /// By whom.
    pub origin: Origin,
}

/// Who said something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag.
    Flag(&'static str),
    /// An environment variable.
    Variable(&'static str),
    /// The file.
    File {
        /// Which.
        path: PathBuf,
        /// Where in it.
        place: Place,
        /// Under which key.
        key: String,
    },
    /// Nobody: it is so by default.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) | Self::Variable(name) => f.write_str(name),
            Self::File { path, place, key } => write!(f, "{}:{place}: {key}", path.display()),
            Self::Default => f.write_str("the default"),
        }
    }
}

impl Said {
    /// Gathers what was said: flags override the environment, which overrides the file. An empty variable says
    /// nothing, as one that isn't set.
    pub fn gather(
        flags: &[(Key, &str)],
        config: Option<&Path>,
        environment: &dyn Fn(&str) -> Option<OsString>,
    ) -> Self {
        let mut said = Self::default();
        said.read_file(config);
        for key in Key::ALL {
            said.read_environment(key, environment);
        }
        for (key, text) in flags {
            let origin = Origin::Flag(key.about().flag.unwrap_or_default());
            said.words.insert(*key, Word { text: Secret::new(*text), origin });
        }
        said
    }

    /// What was said of a setting, or what it is by default.
    pub fn word(&self, key: Key) -> Option<Word> {
        self.words.get(&key).cloned().or_else(|| {
            let text = Secret::new(key.about().default?);
            Some(Word { text, origin: Origin::Default })
        })
    }

    /// Says what follows from something else, as if by default.
    pub fn assume(&mut self, key: Key, text: &str) {
        self.words.insert(key, Word { text: Secret::new(text), origin: Origin::Default });
    }

    fn read_file(&mut self, config: Option<&Path>) {
        let path = config.unwrap_or(Path::new(DEFAULT_FILE));
        let written = file::read(path, config.is_some());
        if written.public && written.words.iter().any(|(key, _)| key.is_secret()) {
            self.warnings.push(format!(
                "{0} holds secrets and everybody on this machine may read it; take that away: chmod 600 {0}",
                path.display()
            ));
        }
        self.accounts = written.accounts;
        self.problems.extend(written.faults.into_iter().map(Problem::Other));
        for (key, word) in written.words {
            let origin = Origin::File { path: path.to_owned(), place: word.place, key: key.in_file() };
            self.words.insert(key, Word { text: Secret::new(word.value), origin });
        }
    }

    fn read_environment(&mut self, key: Key, environment: &dyn Fn(&str) -> Option<OsString>) {
        let mut set = key.about().variables.iter().filter_map(|name| Some((*name, environment(name)?)));
        let Some((name, value)) = set.find(|(_, value)| !value.is_empty()) else { return };
        match value.into_string() {
            Ok(text) => {
                self.words.insert(key, Word { text: Secret::new(text), origin: Origin::Variable(name) });
            }
            Err(_) => self.problems.push(Problem::Wrong {
                whence: name.to_owned(),
                found: None,
                why: "it is no UTF-8 text".to_owned(),
            }),
        }
    }
}
