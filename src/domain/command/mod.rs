//! The command language: what a person types after `/alpha`, after a mention, in a direct message or in a form.
//!
//! A line becomes a [`Command`] or an error that says how far it was understood. Whether the person may, and whether
//! the role or the job exists, is asked elsewhere; a line alone decides nothing.

mod error;
mod help;
mod lex;
mod reading;
mod target;
#[cfg(test)]
mod tests;
mod verb;
mod wish;

pub use error::{CommandError, Problem, RoleProblem};
pub use help::help;
pub use verb::{Flag, Verb};

use super::ids::{AccountId, JobId};
use super::job::Options;
use super::reason::{Reason, without_secrets};
use super::role::RoleRef;
use error::shown;
use lex::{Unclosed, Words, as_typed};
use reading::Reading;
use verb::nearest;

/// How many characters a line may have.
pub const LONGEST: usize = 4_000;

/// What a line is read against.
#[derive(Debug, Clone, Copy)]
pub struct ParseContext<'a> {
    /// The account that bare names are of.
    pub home: &'a AccountId,
    /// The other accounts that there are.
    pub others: &'a [AccountId],
    /// The job whose thread it was said in.
    pub job: Option<&'a JobId>,
}

/// What a person wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// To know what can be said.
    Help {
        /// Of which verb; all where none.
        about: Option<Verb>,
    },
    /// A role narrowed.
    Analyze {
        /// Which.
        role: RoleRef,
        /// How.
        options: Options,
    },
    /// To know how a job is.
    Status {
        /// Which; one's own where none.
        job: Option<JobId>,
    },
    /// To know what waits for a decision.
    Pending,
    /// To see all that a proposal changes.
    Diff {
        /// Of which job.
        job: JobId,
    },
    /// A request withdrawn.
    Cancel {
        /// Which job.
        job: JobId,
    },
    /// To know what was done to a role.
    History {
        /// Which.
        role: RoleRef,
    },
    /// A change taken back.
    Rollback {
        /// Of which job.
        job: JobId,
    },
    /// To know who they are to ALPHA.
    WhoAmI,
    /// A change approved.
    Approve {
        /// Of which job.
        job: JobId,
    },
    /// A change denied.
    Deny {
        /// Of which job.
        job: JobId,
        /// Why.
        reason: Reason,
    },
    /// A job that was held to go on.
    Continue {
        /// Which.
        job: JobId,
    },
}

/// Reads a line.
pub fn parse(line: &str, context: &ParseContext<'_>) -> Result<Command, CommandError> {
    let alone = |problem| CommandError { verb: None, understood: Vec::new(), problem };
    let length = line.chars().count();
    if length > LONGEST {
        return Err(alone(Problem::Long(length)));
    }
    let line = as_typed(line);
    let mut words = Words::new(&line);
    let Some(verb) = verb(&mut words).map_err(alone)? else {
        return Ok(Command::Help { about: None });
    };
    let mut understood = Vec::new();
    let mut reading = Reading { verb, words, understood: &mut understood, context };
    reading.command().map_err(|problem| CommandError { verb: Some(verb), understood, problem })
}

/// A line as it may be stored before it is acted on: without secrets in a reason, or in what might be meant for one.
pub fn storable(line: &str) -> String {
    match verb(&mut Words::new(&as_typed(line))) {
        Ok(Some(verb)) if verb != Verb::Deny => line.to_owned(),
        Ok(_) | Err(_) => without_secrets(line),
    }
}

/// The verb at the beginning; none where the line is empty.
fn verb(words: &mut Words<'_>) -> Result<Option<Verb>, Problem> {
    let Some(mut word) = words.next().map_err(unclosed)? else { return Ok(None) };
    if ["/alpha", "alpha", "@alpha"].iter().any(|name| word.text.eq_ignore_ascii_case(name)) {
        // Where no slash command is possible, people type it all the same.
        let Some(next) = words.next().map_err(unclosed)? else { return Ok(None) };
        word = next;
    }
    if asks_for_help(&word) || word.text == "?" {
        return Ok(Some(Verb::Help));
    }
    Verb::parse(&word.text).map(Some).ok_or_else(|| no_verb(&word.text, words))
}

/// What was said isn't a verb; it may be one that is misspelt, or written apart, such as `roll back`.
fn no_verb(said: &str, rest: &Words<'_>) -> Problem {
    let like = |said: &str| nearest(said, Verb::ALL.into_iter().map(Verb::as_str));
    let together = || like(&format!("{said}{}", rest.clone().next().ok()??.text));
    Problem::Verb { said: shown(said), like: like(said).or_else(together) }
}

fn unclosed(unclosed: Unclosed<'_>) -> Problem {
    Problem::Unclosed { quote: unclosed.quote, rest: shown(unclosed.rest) }
}

fn asks_for_help(word: &lex::Word) -> bool {
    matches!(word.as_flag(), Some(("help" | "h", None)))
}
