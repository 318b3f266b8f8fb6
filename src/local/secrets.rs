//! Secrets as they were given at the start, or from a file that may change while we run.
//!
//! No error and nothing printed holds any of them.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;

use crate::domain::ids::TeamId;
use crate::domain::secret::{BotToken, SecretKind, SigningSecrets};
use crate::ports::{Secrets, SecretsError, Tokens};

/// No file of secrets is longer.
const LONGEST: u64 = 64 * 1024;

/// The secrets of this machine.
#[derive(Debug)]
pub struct LocalSecrets {
    known: RwLock<Arc<SigningSecrets>>,
    file: Option<PathBuf>,
}

impl LocalSecrets {
    /// Those that the configuration gave; they stay as they are until the next start.
    pub fn given(secrets: SigningSecrets) -> Result<Self, SecretsError> {
        if secrets.is_empty() {
            return Err(missing("SLACK_SIGNING_SECRET"));
        }
        Ok(Self { known: RwLock::new(Arc::new(secrets)), file: None })
    }

    /// Those of a file, one a line: the current one first, and while it is being rotated, the one before.
    pub fn file(path: impl Into<PathBuf>) -> Result<Self, SecretsError> {
        let path = path.into();
        let known = RwLock::new(Arc::new(read(&path)?));
        Ok(Self { known, file: Some(path) })
    }

    fn known(&self) -> Arc<SigningSecrets> {
        // What is kept is replaced as a whole, so that it is good whatever happened to whoever replaced it.
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Secrets for LocalSecrets {
    async fn signing(&self) -> Result<Arc<SigningSecrets>, SecretsError> {
        Ok(self.known())
    }

    async fn refresh(&self) -> Result<Arc<SigningSecrets>, SecretsError> {
        let Some(path) = self.file.clone() else { return Ok(self.known()) };
        let read = tokio::task::spawn_blocking(move || read(&path)).await;
        let fresh = Arc::new(read.map_err(|error| SecretsError::Unavailable(error.to_string()))??);
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&fresh);
        Ok(fresh)
    }
}

fn read(path: &Path) -> Result<SigningSecrets, SecretsError> {
    let mut text = String::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(LONGEST).read_to_string(&mut text))
        .map_err(|error| SecretsError::Unavailable(format!("{}: {error}", path.display())))?;
    let secrets = SigningSecrets::new(text.lines().map(str::trim));
    if secrets.is_empty() { Err(missing(&path.display().to_string())) } else { Ok(secrets) }
}

fn missing(place: &str) -> SecretsError {
    SecretsError::Missing { secret: SecretKind::Signing, place: place.to_owned() }
}

/// A token that was given is its own source, for whichever workspace it is of; there is no newer one until the next
/// start.
#[async_trait]
impl Tokens for BotToken {
    async fn token(&self, _: Option<&TeamId>) -> Result<BotToken, SecretsError> {
        Ok(self.clone())
    }

    async fn token_after(&self, _: &BotToken, _: Option<&TeamId>) -> Result<BotToken, SecretsError> {
        Ok(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(texts: &[&str]) -> SigningSecrets {
        SigningSecrets::new(texts.iter().copied())
    }

    #[tokio::test]
    async fn a_file_that_changed_counts_once_it_is_looked_up_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "one\n").unwrap();
        let kept = LocalSecrets::file(&path).unwrap();
        std::fs::write(&path, "two\n\n  one  \n").unwrap();
        assert_eq!(*kept.signing().await.unwrap(), secrets(&["one"]));
        assert_eq!(*kept.refresh().await.unwrap(), secrets(&["two", "one"]));
        assert_eq!(*kept.signing().await.unwrap(), secrets(&["two", "one"]));
    }

    #[tokio::test]
    async fn a_file_that_is_gone_or_empty_leaves_what_was_known() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "one").unwrap();
        let kept = LocalSecrets::file(&path).unwrap();
        std::fs::write(&path, " \n").unwrap();
        assert!(matches!(kept.refresh().await, Err(SecretsError::Missing { .. })));
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(kept.refresh().await, Err(SecretsError::Unavailable(_))));
        assert_eq!(*kept.signing().await.unwrap(), secrets(&["one"]));
    }

    #[tokio::test]
    async fn given_secrets_stay_and_none_is_an_error_that_says_what_to_set() {
        let kept = LocalSecrets::given(secrets(&["one"])).unwrap();
        assert_eq!(*kept.refresh().await.unwrap(), secrets(&["one"]));
        let error = LocalSecrets::given(secrets(&[" "])).unwrap_err().to_string();
        assert!(error.contains("SLACK_SIGNING_SECRET"), "{error}");
    }
}
