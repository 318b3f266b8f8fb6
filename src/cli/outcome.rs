//! How a command ends: its exit status, and the one line that says why it failed.

use std::process::ExitCode;

/// What a command came to. The numbers are a contract with scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// 0: done, and nothing speaks against it.
    Fine,
    /// 1: done, and the answer is a failure (findings that are errors, lines that could not be read).
    Failed,
    /// 3: a guardrail refused.
    Refused,
    /// 4: the policy would break observed use.
    Breaks,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Fine => 0,
            Outcome::Failed => 1,
            Outcome::Refused => 3,
            Outcome::Breaks => 4,
        })
    }
}

/// Why a command could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// 2: what was asked for makes no sense; the message says what would.
    #[error("{0}")]
    Usage(String),
    /// 1: it was tried and failed.
    #[error("{0:#}")]
    Failed(#[from] anyhow::Error),
    /// 1, and silently: whoever reads our output has had enough (`| head`).
    #[error("the reader of the output is gone")]
    ReaderGone,
}

impl Failure {
    /// A failure of reading or writing; a broken pipe ends the program without a word.
    pub fn of_output(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            Self::ReaderGone
        } else {
            Self::Failed(error.into())
        }
    }

    /// The exit status.
    pub fn status(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Usage(_) => 2,
            Self::Failed(_) | Self::ReaderGone => 1,
        })
    }
}

/// What every command returns.
pub type Result<T = Outcome> = std::result::Result<T, Failure>;
