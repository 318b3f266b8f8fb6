//! What is told to a person whose command wasn't understood: how far it was, what is wrong, and what would be right.
//!
//! All that is quoted from the command was made legible and short before it got in here.

use std::fmt;

use super::verb::{Flag, Verb};
use crate::iam::legible::{is_unseen, legible};

/// How many characters of anything that was typed are repeated at most.
const SHOWN: usize = 60;

/// What was typed, as it may be repeated: on one line, with nothing invisible in it, and not too long.
pub(super) fn shown(text: &str) -> String {
    let mut seen = text.chars().filter(|c| !is_unseen(*c));
    let mut out: String = legible(&seen.by_ref().take(SHOWN).collect::<String>()).into_owned();
    if seen.next().is_some() {
        out.push('…');
    }
    out
}

/// Why a line is no command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandError {
    /// The verb, as far as one was understood.
    pub verb: Option<Verb>,
    /// What was understood of the rest, in order.
    pub understood: Vec<String>,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It is too long to be read.
    #[error("That is {0} characters long, and no command needs more than {max}.", max = super::LONGEST)]
    Long(usize),
    /// A quote is open.
    #[error("The quote {quote} before “{rest}” is never closed.")]
    Unclosed {
        /// Which.
        quote: char,
        /// What follows it.
        rest: String,
    },
    /// There is no such verb.
    #[error("“{said}” is nothing that I can do{}", did_you_mean_verb(*like))]
    Verb {
        /// What was said.
        said: String,
        /// What was probably meant.
        like: Option<&'static str>,
    },
    /// There is no such flag.
    #[error("“{said}” is no option of {verb}{}{}", did_you_mean(*like), options(*verb))]
    Flag {
        /// What was said.
        said: String,
        /// To which verb.
        verb: Verb,
        /// What was probably meant.
        like: Option<&'static str>,
    },
    /// A flag was given more than once.
    #[error("{0} is there twice.")]
    Twice(Flag),
    /// A flag lacks its value.
    #[error("{0} has to be followed by {wants}.", wants = .0.wants().unwrap_or("nothing"))]
    NoValue(Flag),
    /// A flag has a value that it doesn't take.
    #[error("{0} takes no value.")]
    Value(Flag),
    /// A flag's value isn't one that it takes.
    #[error("{flag} has to be {}, not “{said}”{}", .flag.wants().unwrap_or("alone"), did_you_mean(*like))]
    BadValue {
        /// Of which flag.
        flag: Flag,
        /// What was said.
        said: String,
        /// What was probably meant.
        like: Option<&'static str>,
    },
    /// Nothing says which role.
    #[error("Which role? Give its name or its ARN.")]
    NoRole,
    /// Nothing says which job.
    #[error("Which job? Give its id, or say it in the job's thread.")]
    NoJob,
    /// Nothing says why.
    #[error("Say why, so that whoever asked knows what to change.")]
    NoReason,
    /// There is more than the verb takes.
    #[error("“{said}” is too much: {}.", takes(*verb))]
    TooMany {
        /// What.
        said: String,
        /// For which verb.
        verb: Verb,
    },
    /// It is no role that ALPHA could narrow.
    #[error("“{said}” {why}")]
    Role {
        /// What was said.
        said: String,
        /// Why it isn't.
        why: RoleProblem,
    },
    /// It is no job.
    #[error(
        "“{said}” is no job's id: that is j- and sixteen letters and digits, as in the messages about the job."
    )]
    Job {
        /// What was said.
        said: String,
    },
}

/// Why something is no role that ALPHA could narrow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RoleProblem {
    /// There is nothing.
    #[error("is empty: give a role's name or its ARN.")]
    Empty,
    /// It is a mention.
    #[error("is {0}, and not a role of IAM.")]
    Mention(&'static str),
    /// It has a path.
    #[error("has a path, which isn't part of a role's name{}", meant(.name.as_deref()))]
    Path {
        /// The name alone, where there is one.
        name: Option<String>,
    },
    /// It has characters that can't be seen.
    #[error("holds characters that can't be seen, so it may be another name than it seems: type it by hand.")]
    Unseen,
    /// It has a character that no role's name has.
    #[error("holds “{}”: a role's name has letters from A to Z, digits and + = , . @ _ - alone.", legible(&.0.to_string()))]
    Character(char),
    /// It is too long.
    #[error("is {0} characters long, and a role's name has at most 64.")]
    Long(usize),
    /// It begins like an ARN and isn't one.
    #[error("is no ARN of a role: that is arn:aws:iam::ACCOUNT:role/NAME, ACCOUNT being twelve digits.")]
    Malformed,
    /// There is no such partition.
    #[error("is of the partition “{0}”, which isn't one of AWS's.")]
    Partition(String),
    /// It is of an account that isn't ours.
    #[error(
        "is of account {said}, and this ALPHA works for {ours}. An operator adds an account by infra/member.yaml there and ALPHA_MEMBER_ROLES here (docs/OPERATIONS.md)."
    )]
    Account {
        /// Which.
        said: String,
        /// Ours.
        ours: String,
    },
    /// It is something else than a role.
    #[error("is the ARN of {0}; a role's is arn:aws:iam::ACCOUNT:role/NAME.")]
    Other(&'static str),
    /// It is of another service.
    #[error("is the ARN of something in “{0}”; a role's is arn:aws:iam::ACCOUNT:role/NAME.")]
    Service(String),
    /// It is a session of a role.
    #[error("is the ARN of a session, not of the role that it was opened with{}", meant(.role.as_deref()))]
    Session {
        /// The role, as far as the session tells.
        role: Option<String>,
    },
    /// AWS made it for one of its services.
    #[error("is a service-linked role (its path begins with /aws-service-role/): only AWS can change it.")]
    ServiceLinked,
    /// AWS keeps it for itself.
    #[error(
        "is a role that AWS reserves (its path begins with /aws-reserved/): change it where it was made, in IAM Identity Center."
    )]
    Reserved,
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(verb) = self.verb {
            write!(f, "I understood: {verb}")?;
            self.understood.iter().try_for_each(|part| write!(f, " {part}"))?;
            f.write_str("\n")?;
        }
        write!(f, "{}\nFor example: {}", self.problem, self.verb.unwrap_or(Verb::Help).example())
    }
}

impl std::error::Error for CommandError {}

/// The end of a sentence: with what was probably meant, where that is known.
fn did_you_mean(like: Option<&'static str>) -> String {
    like.map_or_else(|| ".".to_owned(), |like| format!("; did you mean “{like}”?"))
}

/// The same, for a verb: there are few enough to name them all.
fn did_you_mean_verb(like: Option<&'static str>) -> String {
    let all = || Verb::ALL.map(Verb::as_str).join(", ");
    like.map_or_else(|| format!(". I know {}.", all()), |like| did_you_mean(Some(like)))
}

/// The same, for a name.
fn meant(name: Option<&str>) -> String {
    name.map_or_else(|| ".".to_owned(), |name| format!("; did you mean “{name}”?"))
}

fn options(verb: Verb) -> &'static str {
    match verb {
        Verb::Analyze => {
            " It has --days N, --guardrails PRESET and --no-ai; a name that begins with a dash goes in quotes."
        }
        _ => " It has none.",
    }
}

fn takes(verb: Verb) -> &'static str {
    match verb {
        Verb::Analyze | Verb::History => "one role at a time",
        Verb::Status | Verb::Diff | Verb::Cancel | Verb::Rollback | Verb::Approve | Verb::Continue => {
            "one job at a time"
        }
        Verb::Help => "one verb at a time",
        Verb::Pending | Verb::WhoAmI | Verb::Deny => "nothing follows this verb",
    }
}
