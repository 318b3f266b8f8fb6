//! The verbs of the command language, and what a person is told of each.

use std::fmt;

/// What a command begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// Say what can be said.
    Help,
    /// Ask for a role to be narrowed.
    Analyze,
    /// How a job is, or one's jobs are.
    Status,
    /// What waits for a decision.
    Pending,
    /// Everything that a proposal changes.
    Diff,
    /// Withdraw a request.
    Cancel,
    /// What was ever done to a role.
    History,
    /// Take a change back.
    Rollback,
    /// Who one is to ALPHA, and what one may do.
    WhoAmI,
    /// Approve a change.
    Approve,
    /// Deny a change.
    Deny,
    /// Let a job that was held go on.
    Continue,
}

impl Verb {
    /// All of them, in the order in which help lists them.
    pub const ALL: [Self; 12] = [
        Self::Analyze,
        Self::Status,
        Self::Pending,
        Self::Diff,
        Self::Approve,
        Self::Deny,
        Self::Cancel,
        Self::Continue,
        Self::Rollback,
        Self::History,
        Self::WhoAmI,
        Self::Help,
    ];

    /// As it is spelt.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Help => "help",
            Self::Analyze => "analyze",
            Self::Status => "status",
            Self::Pending => "pending",
            Self::Diff => "diff",
            Self::Cancel => "cancel",
            Self::History => "history",
            Self::Rollback => "rollback",
            Self::WhoAmI => "whoami",
            Self::Approve => "approve",
            Self::Deny => "deny",
            Self::Continue => "continue",
        }
    }

    /// The verb that is spelt so, in whichever case: phones begin a message with a capital.
    pub fn parse(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("analyse") {
            return Some(Self::Analyze);
        }
        Self::ALL.into_iter().find(|verb| verb.as_str().eq_ignore_ascii_case(text))
    }

    /// The verb and all that may follow it.
    pub fn usage(self) -> &'static str {
        match self {
            Self::Help => "help [verb]",
            Self::Analyze => {
                "analyze <role name or ARN> [--days N] [--guardrails none|sandbox|prod] [--no-ai]"
            }
            Self::Status => "status [job]",
            Self::Pending => "pending",
            Self::Diff => "diff <job>",
            Self::Cancel => "cancel <job>",
            Self::History => "history <role name or ARN>",
            Self::Rollback => "rollback <job>",
            Self::WhoAmI => "whoami",
            Self::Approve => "approve <job>",
            Self::Deny => "deny <job> <reason>",
            Self::Continue => "continue <job>",
        }
    }

    /// What it does, in a few words.
    pub fn about(self) -> &'static str {
        match self {
            Self::Help => "what can be said, or how one verb is used",
            Self::Analyze => "propose the least that a role needs, from what it used",
            Self::Status => "how a job is, or all of yours",
            Self::Pending => "what waits for a decision",
            Self::Diff => "everything that a proposal takes away and keeps",
            Self::Cancel => "withdraw a request, before its rollout begins",
            Self::History => "what ALPHA did to a role",
            Self::Rollback => "put a role back as it was before a job",
            Self::WhoAmI => "who you are to ALPHA, and what you may do",
            Self::Approve => "let a proposed change be rolled out",
            Self::Deny => "refuse a proposed change, and say why",
            Self::Continue => "let a rollout that was held go on",
        }
    }

    /// One that would have been right.
    pub fn example(self) -> &'static str {
        match self {
            Self::Help => "help analyze",
            Self::Analyze => "analyze ci-deployer --days 30",
            Self::Status => "status j-0123456789abcdef",
            Self::Pending => "pending",
            Self::Diff => "diff j-0123456789abcdef",
            Self::Cancel => "cancel j-0123456789abcdef",
            Self::History => "history ci-deployer",
            Self::Rollback => "rollback j-0123456789abcdef",
            Self::WhoAmI => "whoami",
            Self::Approve => "approve j-0123456789abcdef",
            Self::Deny => "deny j-0123456789abcdef it is still needed for the yearly close",
            Self::Continue => "continue j-0123456789abcdef",
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an analysis may be told besides the role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flag {
    /// How many days of use count.
    Days,
    /// Which guardrails apply.
    Guardrails,
    /// Whether a model puts it into words: not.
    NoAi,
}

impl Flag {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Days, Self::Guardrails, Self::NoAi];

    /// As it is spelt, without its dashes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Days => "days",
            Self::Guardrails => "guardrails",
            Self::NoAi => "no-ai",
        }
    }

    /// The flag that is spelt so.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flag| flag.as_str().eq_ignore_ascii_case(text))
    }

    /// What its value has to be; none where it takes none.
    pub fn wants(self) -> Option<&'static str> {
        match self {
            Self::Days => Some("a whole number from 1 to 365"),
            Self::Guardrails => Some("one of none, sandbox, prod"),
            Self::NoAi => None,
        }
    }
}

impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "--{}", self.as_str())
    }
}

/// The name among these that a misspelt one was probably meant to be.
pub(super) fn nearest(said: &str, names: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    /// How alike two names have to be; 1 is equal.
    const ALIKE: f64 = 0.6;
    /// No name is nearly so long, and comparing takes time by the product of both lengths.
    const LONGEST: usize = 32;
    if said.len() > LONGEST {
        return None;
    }
    let said = said.to_lowercase();
    names
        .map(|name| (strsim::normalized_damerau_levenshtein(&said, name), name))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, name)| name)
}
