//! `alpha init`.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::outcome::{Failure, Outcome, Result};
use super::output;
use crate::config;

/// Write a configuration file that names every setting.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Overwrite a file that exists
    #[arg(long)]
    force: bool,
    /// Where to write it
    #[arg(value_name = "FILE", default_value = config::DEFAULT_FILE)]
    file: PathBuf,
}

/// Writes the file whole or not at all. Only its owner may read it, since it is made to hold secrets.
pub fn run(arguments: &Arguments) -> Result {
    let path = &arguments.file;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let name = path.display();
    if !folder.is_dir() {
        return Err(
            anyhow::anyhow!("{name} can't be written: there is no folder {}", folder.display()).into()
        );
    }
    let written = tempfile::NamedTempFile::new_in(folder).and_then(|mut file| {
        file.write_all(config::template().as_bytes())?;
        if arguments.force { file.persist(path) } else { file.persist_noclobber(path) }
            .map_err(|error| error.error)
    });
    match written {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return Err(anyhow::anyhow!("{name} exists; to overwrite it, say --force").into());
        }
        Err(error) => {
            return Err(error).with_context(|| format!("{name} can't be written")).map_err(Failure::from);
        }
    }
    let flag =
        if path == Path::new(config::DEFAULT_FILE) { String::new() } else { format!(" --config {name}") };
    output::text(&format!(
        "wrote {name}; set the two secrets in it, or in the environment, then: alpha serve{flag}"
    ))?;
    Ok(Outcome::Fine)
}
