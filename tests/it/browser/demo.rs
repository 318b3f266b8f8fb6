//! `alpha demo`, as a newcomer starts it, and `alpha job` on its store.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

/// A running demo with a folder of its own.
pub struct Demo {
    process: Child,
    /// Kept open: a program whose output nobody takes any more may end.
    _output: BufReader<ChildStdout>,
    folder: tempfile::TempDir,
    /// Where its page is.
    pub address: String,
}

impl Demo {
    /// Starts one on a free port.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_alpha"))
            .args(["demo", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.path().join("data"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut address = String::new();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        output.read_line(&mut address).unwrap();
        let demo = Self { process, _output: output, folder, address: address.trim().to_owned() };
        assert!(
            demo.address.starts_with("http://127.0.0.1:"),
            "the first line isn't an address: {address:?}\n{}",
            demo.log()
        );
        demo
    }

    /// A file in its folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("data").join(name)
    }

    /// What it wrote to its log.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// What `alpha job ... --output json` says, on the store of the running demo.
    pub fn jobs(&self, arguments: &[&str]) -> Value {
        let output = Command::new(env!("CARGO_BIN_EXE_alpha"))
            .arg("job")
            .args(arguments)
            .args(["--output", "json", "--store"])
            .arg(format!("sqlite:{}", self.file("alpha.db").display()))
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The newest job of a role, as `alpha job show` shows it.
    pub fn job_of(&self, role: &str) -> Value {
        let listed = self.jobs(&["list", "--role", role]);
        self.jobs(&["show", listed[0]["id"].as_str().unwrap()])
    }

    /// The whole difference of the newest job of a role, as `alpha job diff` prints it.
    pub fn whole_diff_of(&self, role: &str) -> String {
        let listed = self.jobs(&["list", "--role", role]);
        let printed = Command::new(env!("CARGO_BIN_EXE_alpha"))
            .args(["job", "diff", listed[0]["id"].as_str().unwrap(), "--store"])
            .arg(format!("sqlite:{}", self.file("alpha.db").display()))
            .output()
            .unwrap();
        String::from_utf8(printed.stdout).unwrap()
    }

    /// The policies of the newest job of a role, before and after.
    pub fn diff_of(&self, role: &str) -> Value {
        let listed = self.jobs(&["list", "--role", role]);
        self.jobs(&["diff", listed[0]["id"].as_str().unwrap()])
    }

    /// From now on a role makes no more calls: what its workload says it did is dropped on the way to the account's
    /// book.
    pub fn silence(&self, role: &str) {
        let book = rusqlite::Connection::open(self.file("alpha.db.account")).unwrap();
        book.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
        let number: i64 =
            book.query_row("SELECT id FROM roles WHERE name = ?1", [role], |row| row.get(0)).unwrap();
        book.execute_batch(&format!(
            "CREATE TRIGGER silent BEFORE INSERT ON events WHEN NEW.role = {number} BEGIN SELECT RAISE(IGNORE); END"
        ))
        .unwrap();
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
