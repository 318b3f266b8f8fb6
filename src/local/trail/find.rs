//! From paths to log files.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::{OpenError, Source, Trail};

/// How deep folders are followed; CloudTrail's own lie some ten deep.
const DEEPEST: usize = 100;

pub(super) fn open(paths: &[String]) -> Result<Trail, OpenError> {
    if paths.iter().filter(|path| *path == "-").count() > 1 {
        return Err(OpenError::StdinTwice);
    }
    let mut found = Found::default();
    for path in paths {
        if path == "-" {
            found.sources.push(spool("standard input", io::stdin().lock()).map_err(OpenError::Stdin)?);
            continue;
        }
        let unreadable = |reason| OpenError::Unreadable { path: path.clone(), reason };
        let kind = fs::metadata(path).map_err(unreadable)?.file_type();
        if kind.is_file() {
            found.file(Path::new(path));
            continue;
        }
        if !kind.is_dir() {
            let pipe = fs::File::open(path).and_then(|pipe| spool(path, pipe)).map_err(unreadable)?;
            found.sources.push(pipe);
            continue;
        }
        let before = found.logs;
        found.folder(Path::new(path), 0)?;
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
    fn folder(&mut self, folder: &Path, depth: usize) -> Result<(), OpenError> {
        if depth > DEEPEST {
            return Err(OpenError::TooDeep { path: folder.display().to_string(), deepest: DEEPEST });
        }
        let unreadable = |reason| OpenError::Unreadable { path: folder.display().to_string(), reason };
        if !self.known.insert(fs::canonicalize(folder).map_err(unreadable)?) {
            return Ok(());
        }
        let entries: io::Result<Vec<(PathBuf, bool)>> = fs::read_dir(folder).and_then(|entries| {
            entries.map(|entry| entry.map(|entry| (entry.path(), is_folder(&entry)))).collect()
        });
        let mut entries = entries.map_err(unreadable)?;
        entries.sort();
        for (path, is_folder) in entries {
            if is_folder {
                self.folder(&path, depth + 1)?;
            } else if is_log(&path) && !is_pipe(&path) {
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

/// Whether it is a folder or leads to one. The folder that it lies in knows the first, even where the path is too long
/// to be asked.
fn is_folder(entry: &fs::DirEntry) -> bool {
    match entry.file_type() {
        Ok(kind) if !kind.is_symlink() => kind.is_dir(),
        _ => entry.path().is_dir(),
    }
}

/// Whether a file in a folder is called like a log.
fn is_log(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    !name.starts_with('.') && [".json", ".jsonl", ".ndjson"].iter().any(|end| name.ends_with(end))
}

/// Whether it is there and neither a file nor a folder: nobody may ever write to a pipe that lies in a folder.
fn is_pipe(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

/// Standard input or a pipe as a file, since it may have to be read more than once.
fn spool(name: &str, mut input: impl io::Read) -> io::Result<Source> {
    let mut spool = NamedTempFile::new()?;
    let bytes = io::copy(&mut input, &mut spool)?;
    Ok(Source { name: name.to_owned(), path: spool.path().to_owned(), bytes, _spool: Some(spool) })
}
