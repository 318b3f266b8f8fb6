//! A reader's shell: runs what a document shows, in order and to its end, and stops at the first command that fails.

use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::serve::until;

/// What a reader would see on the screen is all there: every line of the script before it runs, what commands say, and
/// which one failed. The shell itself outlives the signal by which a command in the foreground is stopped.
const READER: &str = r#"
failed() { echo "this command failed with $?: $BASH_COMMAND" >&2; }
trap failed ERR
trap : TERM
set -Eeuo pipefail -v
. "$1"
"#;

/// A shell at work; what it started ends with it.
pub struct Shell {
    child: Child,
    screen: PathBuf,
}

impl Shell {
    /// Runs a script in a folder, with this environment and no other.
    pub fn start(script: &str, folder: &Path, environment: &[(&str, String)]) -> Self {
        let (commands, screen) = (folder.join(".commands"), folder.join(".screen"));
        std::fs::write(&commands, script).unwrap();
        let out = File::create(&screen).unwrap();
        let child = Command::new("bash")
            .args(["-c", READER, "reader"])
            .arg(commands)
            .current_dir(folder)
            .env_clear()
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .process_group(0)
            .stdin(Stdio::null())
            .stderr(out.try_clone().unwrap())
            .stdout(out)
            .spawn()
            .unwrap();
        Self { child, screen }
    }

    /// What stands on the screen.
    pub fn said(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.screen).unwrap()).into_owned()
    }

    /// Waits until something is there, while the commands run.
    pub fn until<T>(&mut self, what: &str, within: Duration, mut look: impl FnMut() -> Option<T>) -> T {
        until(what, within, || {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "the commands ended before this: {what}");
            look()
        })
    }

    /// Stops the command in the foreground as a reader does, and lets the rest run.
    pub fn stop(&self) {
        self.signal("-TERM");
    }

    /// Waits until all has run.
    pub fn wait(&mut self, within: Duration) -> ExitStatus {
        until("the commands end", within, || self.child.try_wait().unwrap())
    }

    fn signal(&self, signal: &str) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args([signal, "--", &group]).stderr(Stdio::null()).status();
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.said());
        }
        self.signal("-KILL");
        let _ = self.child.wait();
    }
}
