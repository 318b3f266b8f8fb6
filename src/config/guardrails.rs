//! Which guardrails hold: a preset, or a directory of an operator's own.

use std::path::PathBuf;

use crate::handwritten::did_you_mean;

/// Which guardrails hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guardrails {
    /// One of those that ship.
    Preset(Preset),
    /// Policies of an operator's own.
    Directory(PathBuf),
}

/// Guardrails that ship.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Preset {
    /// None at all.
    None,
    /// For accounts where little can break.
    Sandbox,
    /// For accounts that people depend on.
    Prod,
}

impl Preset {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::None, Self::Sandbox, Self::Prod];

    /// As it is spelt.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Sandbox => "sandbox",
            Self::Prod => "prod",
        }
    }
}

impl Guardrails {
    /// As somebody would say it.
    pub fn name(&self) -> String {
        match self {
            Self::Preset(preset) => preset.as_str().to_owned(),
            Self::Directory(path) => path.display().to_string(),
        }
    }
}

/// Reads which guardrails hold. A directory has to be there.
pub fn parse(text: &str) -> Result<Guardrails, String> {
    if let Some(preset) = Preset::ALL.into_iter().find(|preset| preset.as_str() == text) {
        return Ok(Guardrails::Preset(preset));
    }
    let path = PathBuf::from(text);
    if path.is_dir() {
        return Ok(Guardrails::Directory(path));
    }
    let kind = if path.exists() { "it is no directory" } else { "there is no such directory" };
    let names = Preset::ALL.map(Preset::as_str);
    Err(format!(
        "{kind}{}; expected {}, or a directory of policies",
        did_you_mean(text, names),
        names.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guardrails_are_a_preset_or_a_directory_that_exists() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        assert_eq!(parse("prod"), Ok(Guardrails::Preset(Preset::Prod)));
        assert_eq!(parse(path), Ok(Guardrails::Directory(path.into())));
        assert!(parse("sandbx").unwrap_err().contains("did you mean sandbox?"));
        assert!(parse(&format!("{path}/none")).unwrap_err().starts_with("there is no such directory"));
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(parse(file.path().to_str().unwrap()).unwrap_err().starts_with("it is no directory"));
    }
}
