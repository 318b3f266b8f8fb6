//! Where everything is kept: in a file, or in a table of DynamoDB.

use std::path::Path;
use std::sync::Arc;

use aws_types::SdkConfig;

use super::house::NoHouse;
use crate::aws::store::DynamoStore;
use crate::config::Store as Choice;
use crate::local::store::{OpenError, SqliteStore};
use crate::ports::Store;

/// A store that is open.
pub struct Kept {
    /// It.
    pub store: Arc<dyn Store>,
    /// The same, where it is a file that has to be tidied from time to time; a table tidies itself.
    pub file: Option<Arc<SqliteStore>>,
}

/// Opens what was chosen; a file is made where it is missing, if it may be.
pub fn open(choice: &Choice, makes: bool, own: Option<&SdkConfig>) -> Result<Kept, NoHouse> {
    match (choice, own) {
        (Choice::Sqlite(path), _) => {
            let store =
                if makes { SqliteStore::open(path).map_err(anyhow::Error::from)? } else { existing(path)? };
            let store = Arc::new(store);
            Ok(Kept { store: Arc::clone(&store) as _, file: Some(store) })
        }
        (Choice::DynamoDb(table), Some(own)) => {
            Ok(Kept { store: Arc::new(DynamoStore::open(own, table)), file: None })
        }
        (Choice::DynamoDb(_), None) => {
            Err(anyhow::anyhow!("there is no way into AWS, where the table is").into())
        }
    }
}

/// The store of a service, which has to be there.
fn existing(path: &Path) -> Result<SqliteStore, NoHouse> {
    SqliteStore::open_existing(path).map_err(|error| match error {
        OpenError::Missing(_) => {
            anyhow::anyhow!("{error}; name the store of a service with --store or ALPHA_STORE").into()
        }
        error => NoHouse::from(anyhow::Error::from(error)),
    })
}
