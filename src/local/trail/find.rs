//! From paths to log files.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::{OpenError, Source, Trail};

pub(super) fn open(paths: &[String]) -> Result<Trail, OpenError> {
    if paths.iter().filter(|path| *path == "-").count() > 1 {
        return Err(OpenError::StdinTwice);
    }
    let mut found = Found::default();
    for path in paths {
        if path == "-" {
            found.sources.push(spool().map_err(OpenError::Stdin)?);
            continue;
        }
        let unreadable = |reason| OpenError::Unreadable { path: path.clone(), reason };
        if !fs::metadata(path).map_err(unreadable)?.is_dir() {
            found.file(Path::new(path));
            continue;
        }
        let before = found.logs;
        found.folder(Path::new(path)).map_err(unreadable)?;
        if found.logs == before {
            return Err(OpenError::NoLogs(path.clone()));
        }
    }
    Ok(Trail { sources: found.sources, ignored: found.ignored, threads: None })
}

#[derive(Default)]
struct Found {
    sources: Vec<Source>,
    /// How many logs were come by, those that were known already too.
    logs: usize,
    ignored: usize,
    /// Canonical paths, so that no file counts twice and no folder is entered twice through a link.
    known: HashSet<PathBuf>,
}

impl Found {
    /// All logs of a folder and the folders in it, by name.
    fn folder(&mut self, folder: &Path) -> io::Result<()> {
        if !self.known.insert(fs::canonicalize(folder)?) {
            return Ok(());
        }
        let mut entries: Vec<PathBuf> =
            fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?;
        entries.sort();
        for path in entries {
            if path.is_dir() {
                self.folder(&path)?;
            } else if is_log(&path) {
                self.file(&path);
            } else {
                self.ignored += 1;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) {
        self.logs += 1;
        // A link that leads nowhere is found out, and named, when it is read.
        let canonical = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if self.known.insert(canonical) {
            let bytes = fs::metadata(path).map_or(0, |metadata| metadata.len());
            self.sources.push(Source {
                name: path.display().to_string(),
                path: path.to_owned(),
                bytes,
                _spool: None,
            });
        }
    }
}

/// Whether a file in a folder is called like a log.
fn is_log(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    !name.starts_with('.') && [".json", ".jsonl", ".ndjson"].iter().any(|end| name.ends_with(end))
}

/// Standard input as a file, since it may have to be read more than once.
fn spool() -> io::Result<Source> {
    let mut spool = NamedTempFile::new()?;
    let bytes = io::copy(&mut io::stdin().lock(), &mut spool)?;
    Ok(Source {
        name: "standard input".to_owned(),
        path: spool.path().to_owned(),
        bytes,
        _spool: Some(spool),
    })
}
