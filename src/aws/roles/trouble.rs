//! What keeps a role from being read or changed, between IAM's answer and what the port says of it.

use crate::aws::fault::{Fault, Kind};
use crate::domain::rules::Refusal;
use crate::ports::AccountError;

/// What went wrong.
#[derive(Debug)]
pub(super) enum Trouble {
    /// AWS refused, or didn't answer.
    Fault(Fault),
    /// What the port says of it is known.
    Known(AccountError),
}

impl Trouble {
    pub(super) fn rejected(why: impl Into<String>) -> Self {
        Self::Known(AccountError::Rejected(why.into()))
    }

    /// Whether what was asked for isn't there.
    pub(super) fn is_missing(&self) -> bool {
        self.is(Kind::Missing)
    }

    /// Whether AWS doesn't take the credentials.
    pub(super) fn is_of_credentials(&self) -> bool {
        self.is(Kind::Credentials)
    }

    /// Whether nobody knows what was done.
    pub(super) fn is_unknown(&self) -> bool {
        self.is(Kind::Unknown)
    }

    fn is(&self, kind: Kind) -> bool {
        matches!(self, Self::Fault(fault) if fault.kind == kind)
    }

    /// What the port says of it: refusals begin with the code that IAM gives.
    pub(super) fn into_account(self) -> AccountError {
        match self {
            Self::Known(error) => error,
            Self::Fault(fault) => match fault.kind {
                Kind::Quota | Kind::Missing | Kind::Exists | Kind::Rejected if !fault.code.is_empty() => {
                    AccountError::Rejected(format!(
                        "{}: {} ({})",
                        code(&fault),
                        fault.message,
                        fault.operation
                    ))
                }
                _ => fault.into_account(),
            },
        }
    }
}

/// IAM's code, as its documentation and the simulated account spell it.
fn code(fault: &Fault) -> &str {
    let bare = fault.code.strip_suffix("Exception").unwrap_or(&fault.code);
    if fault.code == "ValidationException" { "ValidationError" } else { bare }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<AccountError> for Trouble {
    fn from(error: AccountError) -> Self {
        Self::Known(error)
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        Self::rejected(refusal.to_string())
    }
}
