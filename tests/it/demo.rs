//! `alpha demo` as a process: what it does with its folder.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

fn demo(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_alpha"));
    command.args(["demo", "--listen", "127.0.0.1:0", "--data"]).arg(folder).stdin(Stdio::null());
    command
}

/// A demo that is under way; it ends with the test.
struct Running(Child);

impl Running {
    fn start(folder: &Path) -> Self {
        let mut child = demo(folder).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
        assert!(address.starts_with("http://127.0.0.1:"), "{address:?}");
        Self(child)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_folder_is_one_demos_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let first = Running::start(folder.path());
    let second = demo(folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&second.stderr);
    assert_eq!((second.status.code(), second.stdout.as_slice()), (Some(1), &b""[..]), "{said}");
    let name = folder.path().display().to_string();
    assert!(said.contains("another demo") && said.contains(&name) && said.contains("--data"), "{said}");
    // However it ended.
    drop(first);
    Running::start(folder.path());
}

#[test]
fn whatever_a_demo_keeps_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let _running = Running::start(folder.path());
    for name in ["alpha.db", "alpha.db.account", "playground.db"] {
        let mode = std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}: {mode:o}");
    }
}
