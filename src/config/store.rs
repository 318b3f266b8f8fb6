//! Where everything is kept, and which account the roles are in. A simulated account never goes with a production store.

use std::path::PathBuf;

use super::aws::Aws;
use crate::domain::scope::Scope;

/// How the accounts are spelt.
pub const SIMULATED: &str = "simulated";
pub const AWS: &str = "aws";

/// Where everything is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Store {
    /// In one file.
    Sqlite(PathBuf),
    /// In a table of DynamoDB.
    DynamoDb(String),
}

/// Which account the roles are in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Account {
    /// One within ALPHA; every card says so. Which of its roles may be changed is said, or all may.
    Simulated(Scope),
    /// AWS's.
    Aws(Box<Aws>),
}

impl Account {
    /// As it is spelt.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Simulated(_) => SIMULATED,
            Self::Aws(_) => AWS,
        }
    }
}

/// Reads where everything is kept.
pub fn store(text: &str) -> Result<Store, String> {
    const EXPECTED: &str =
        "expected sqlite:PATH, such as sqlite:alpha.db, or dynamodb:TABLE, such as dynamodb:alpha";
    match text.split_once(':') {
        Some(("sqlite", path)) if path.starts_with(':') || path.starts_with("file:") => {
            Err("what is kept has to outlive the process; expected sqlite: and the path of a file".to_owned())
        }
        Some(("sqlite", path)) if !path.trim().is_empty() && !path.contains('\0') => {
            Ok(Store::Sqlite(PathBuf::from(path)))
        }
        Some(("dynamodb", table)) if is_table(table) => Ok(Store::DynamoDb(table.to_owned())),
        Some(("dynamodb", _)) => {
            Err(format!("a table's name has from 3 to 255 letters, digits and any of _ - . ; {EXPECTED}"))
        }
        _ => Err(EXPECTED.to_owned()),
    }
}

/// Whether a text asks for a store of many machines.
pub fn is_production(store: &str) -> bool {
    store.starts_with("dynamodb:")
}

fn is_table(name: &str) -> bool {
    (3..=255).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

/// Reads whether the roles are in AWS.
pub fn is_aws(text: &str) -> Result<bool, String> {
    match text {
        SIMULATED => Ok(false),
        AWS => Ok(true),
        _ => Err(format!("expected {SIMULATED} or {AWS}")),
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
                Err("expected sqlite:PATH, such as sqlite:alpha.db, or dynamodb:TABLE, such as dynamodb:alpha"
                    .to_owned()),
                "{text}"
            );
        }
        for text in ["sqlite::memory:", "sqlite:file:x?mode=memory"] {
            assert!(store(text).unwrap_err().contains("outlive"), "{text}");
        }
    }

    #[test]
    fn a_store_of_many_machines_is_a_table() {
        assert_eq!(store("dynamodb:alpha"), Ok(Store::DynamoDb("alpha".to_owned())));
        for text in ["dynamodb:", "dynamodb:a", "dynamodb:a b", "dynamodb:arn:aws:dynamodb:x"] {
            assert!(store(text).unwrap_err().starts_with("a table's name"), "{text}");
        }
    }

    #[test]
    fn roles_are_in_aws_or_in_a_simulated_account() {
        assert_eq!((is_aws("aws"), is_aws("simulated")), (Ok(true), Ok(false)));
        assert_eq!(is_aws("AWS"), Err("expected simulated or aws".to_owned()));
    }
}
