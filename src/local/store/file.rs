//! The file behind the store: the very one that was opened, for as long as it is written to.
//!
//! A file that was moved away or replaced takes writes without complaint, and nobody finds them again. So they are
//! refused until it is back.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::ports::StoreError;

/// A file that is there.
#[derive(Debug)]
pub struct File {
    path: PathBuf,
    identity: Identity,
}

/// By which two files are told apart whatever they are called: the disk and the number on it.
type Identity = (u64, u64);

impl File {
    /// The one of that name.
    pub fn at(path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.to_owned(), identity: identity(path)? })
    }

    /// Fails where another file, or none, has its name now.
    pub fn is_in_place(&self) -> Result<(), StoreError> {
        match identity(&self.path) {
            Ok(found) if found == self.identity => Ok(()),
            Ok(_) => Err(self.lost("was replaced by another file")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(self.lost("was moved or deleted")),
            Err(error) => Err(StoreError::Unavailable(format!("{}: {error}", self.path.display()))),
        }
    }

    fn lost(&self, what: &str) -> StoreError {
        let path = self.path.display();
        StoreError::ReadOnly(format!("{path} {what} while it was open: put it back, or start alpha again"))
    }
}

#[cfg(unix)]
fn identity(path: &Path) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).map(|found| (found.dev(), found.ino()))
}

/// Elsewhere a file that is open can't be moved.
#[cfg(not(unix))]
fn identity(path: &Path) -> io::Result<Identity> {
    fs::metadata(path).map(|_| (0, 0))
}
