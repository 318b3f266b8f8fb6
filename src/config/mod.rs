//! The configuration, in two phases: what was said ([`Said`]: flags, environment, file), and what it means
//! ([`ServeConfig`], [`JobConfig`]).
//!
//! All problems are told together, each with who said what and what was expected, before anything else is done. No
//! secret is ever shown, and nothing in here talks to anybody.

mod accounts;
mod aws;
mod duration;
mod file;
mod flags;
mod guardrails;
mod key;
mod meaning;
mod problem;
mod said;
mod scope;
mod secret;
mod slack;
mod soak;
mod store;
mod template;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::domain::rollout::Watch;

pub use aws::{Aws, ModelGuardrail};
pub use flags::{ServeFlags, StoreFlags};
pub use guardrails::{Guardrails, Preset};
pub use key::{About, Key};
pub use problem::{Problem, Problems};
pub use said::{DEFAULT_FILE, Origin, Said, Word};
pub use secret::Secret;
pub use slack::{Credentials, Slack};
pub use store::{Account, Store};
pub use template::template;

/// Finds out what is wrong with an approvers file, if anything is; reading one is no concern of the configuration.
pub type CheckApprovers<'a> = &'a dyn Fn(&Path) -> Result<(), String>;

/// What `serve` needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServeConfig {
    /// How Slack is reached, and how it is known.
    pub slack: Slack,
    /// Where requests are taken.
    pub listen: SocketAddr,
    /// Where everything is kept.
    pub store: Store,
    /// Which account the roles are in.
    pub account: Account,
    /// The file that says who may do what; without one nobody may decide.
    pub approvers: Option<PathBuf>,
    /// What no change may do.
    pub guardrails: Guardrails,
    /// How each stage is watched.
    pub watch: Watch,
    /// How long a claim holds without renewal.
    pub lease: Duration,
    /// What is logged.
    pub log: String,
    /// What should be looked at, and stops nothing.
    pub warnings: Vec<String>,
}

/// What the commands on jobs need to know. Settings of no concern to them may be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobConfig {
    /// Where everything is kept.
    pub store: Store,
    /// Which account the roles are in.
    pub account: Account,
    /// The file that says who may do what; without one nobody may decide.
    pub approvers: Option<PathBuf>,
    /// What is logged.
    pub log: String,
    /// What should be looked at, and stops nothing.
    pub warnings: Vec<String>,
}

impl ServeFlags {
    /// The configuration of this process, with these flags.
    pub fn load(&self, check: CheckApprovers<'_>) -> Result<ServeConfig, Problems> {
        let environment = |name: &str| std::env::var_os(name);
        ServeConfig::of(Said::gather(&self.said(), self.store.config.as_deref(), &environment), check)
    }
}

impl StoreFlags {
    /// The configuration of this process, with these flags, for whoever decides something.
    pub fn load(&self, check: CheckApprovers<'_>) -> Result<JobConfig, Problems> {
        let environment = |name: &str| std::env::var_os(name);
        JobConfig::of(Said::gather(&self.said(), self.config.as_deref(), &environment), check)
    }

    /// The same for whoever only looks: who may do what is no concern of theirs.
    pub fn load_to_look(&self) -> Result<JobConfig, Problems> {
        self.load(&|_| Ok(()))
    }
}
