//! Files for their owner's eyes only: they hold policies, what people said, and addresses for answers.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;

/// Makes an empty file where there is none. An existing one isn't opened, because closing it again would drop SQLite's
/// locks of this whole process; nor is what its owner lets others do with it changed.
pub(super) fn make(path: &Path) -> io::Result<()> {
    let mut new = OpenOptions::new();
    new.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut new, 0o600);
    match new.open(path) {
        // There is one, or another process was faster.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
