//! Secrets by which a request is known to come from Slack. They are compared with, and never shown.

use std::fmt;

/// A signing secret. Not even its length can be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret(String);

impl SigningSecret {
    /// From its text; none where that is blank, so that an unset secret lets nobody in.
    pub fn new(text: &str) -> Option<Self> {
        if text.trim().is_empty() { None } else { Some(Self(text.to_owned())) }
    }

    /// Its bytes, for the one place that computes with them.
    pub fn expose(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret")
    }
}

/// The secrets that count now: the current one, and while it is being rotated, the one before. None of them lets
/// anybody in where there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SigningSecrets(Vec<SigningSecret>);

impl SigningSecrets {
    /// From the texts of secrets, the current one first; blank ones are left out.
    pub fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self(texts.into_iter().filter_map(SigningSecret::new).collect())
    }

    /// All of them, the current one first.
    pub fn iter(&self) -> impl Iterator<Item = &SigningSecret> {
        self.0.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_nothing_of_itself() {
        let secrets = SigningSecrets::new(["8f742231b10e"]);
        assert_eq!(format!("{secrets:?} {secrets:#?}").matches("8f").count(), 0);
    }

    #[test]
    fn a_blank_secret_is_none() {
        assert!(SigningSecrets::new(["", " \n"]).is_empty());
        assert_eq!(SigningSecrets::new(["", " a\n", "b"]).iter().count(), 2);
    }
}
