//! Where everything is kept, and which account the roles are in. A simulated account never goes with a production store.

use std::path::PathBuf;

/// Where everything is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Store {
    /// In one file.
    Sqlite(PathBuf),
}

/// Which account the roles are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Account {
    /// One within ALPHA; every card says so.
    Simulated,
}

impl Account {
    /// As it is spelt.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Simulated => "simulated",
        }
    }
}

/// Reads where everything is kept.
pub fn store(text: &str) -> Result<Store, String> {
    const EXPECTED: &str = "expected sqlite:PATH, such as sqlite:alpha.db";
    match text.split_once(':') {
        Some(("sqlite", path)) if path.starts_with(':') || path.starts_with("file:") => {
            Err("what is kept has to outlive the process; expected sqlite: and the path of a file".to_owned())
        }
        Some(("sqlite", path)) if !path.trim().is_empty() && !path.contains('\0') => {
            Ok(Store::Sqlite(PathBuf::from(path)))
        }
        Some(("dynamodb", _)) => Err(format!("this version of alpha has no DynamoDB store; {EXPECTED}")),
        _ => Err(EXPECTED.to_owned()),
    }
}

/// Whether a text asks for a store of many machines.
pub fn is_production(store: &str) -> bool {
    store.starts_with("dynamodb:")
}

/// Reads which account the roles are in.
pub fn account(text: &str) -> Result<Account, String> {
    match text {
        "simulated" => Ok(Account::Simulated),
        "aws" => Err("this version of alpha can't reach AWS accounts; expected simulated".to_owned()),
        _ => Err("expected simulated".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_a_file() {
        assert_eq!(store("sqlite:alpha.db"), Ok(Store::Sqlite("alpha.db".into())));
        assert_eq!(store("sqlite:/var/lib/alpha/a b.db"), Ok(Store::Sqlite("/var/lib/alpha/a b.db".into())));
        for text in ["", "alpha.db", "sqlite:", "sqlite: ", "sqlite", "SQLITE:x", "postgres:x"] {
            assert_eq!(
                store(text),
                Err("expected sqlite:PATH, such as sqlite:alpha.db".to_owned()),
                "{text}"
            );
        }
        for text in ["sqlite::memory:", "sqlite:file:x?mode=memory"] {
            assert!(store(text).unwrap_err().contains("outlive"), "{text}");
        }
    }

    #[test]
    fn what_this_version_lacks_is_told_plainly() {
        assert!(store("dynamodb:alpha").unwrap_err().contains("no DynamoDB store"));
        assert!(account("aws").unwrap_err().contains("can't reach AWS accounts"));
        assert!(account("Simulated").unwrap_err().contains("expected simulated"));
    }
}
