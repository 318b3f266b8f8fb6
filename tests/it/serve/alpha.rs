//! The service as a process, on files that outlive it.

use std::io::{self, Read};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;

use super::slack::{OUTCOMES, REQUESTS, SECRET, Slack, TOKEN};
use super::until;
use super::wire::{Answer, send, send_signed};

const APPROVERS: &str = r#"
[[principal]]
id = "riley"
slack = ["T0DEMO/U0RILEY"]
groups = ["developers"]

[[principal]]
id = "ana"
slack = ["T0DEMO/U0ANA"]
groups = ["security"]

[[grant]]
group = "developers"
verbs = ["request"]

[[grant]]
group = "security"
verbs = ["request", "approve", "operate"]
"#;

/// A Slack, a folder, a port: what the service needs to be started in again and again.
pub struct Place {
    pub slack: Slack,
    pub folder: tempfile::TempDir,
    pub address: SocketAddr,
}

impl Place {
    pub fn new() -> Self {
        // The port is free again at once, and what connects from it never listens.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("approvers.toml"), APPROVERS).unwrap();
        Self { slack: Slack::start(port), folder, address: SocketAddr::from(([127, 0, 0, 1], port)) }
    }

    pub fn store(&self) -> PathBuf {
        self.folder.path().join("alpha.db")
    }

    /// The command that starts the service, with all it needs and nothing of the test's own environment.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_alpha"));
        command
            .arg("serve")
            .current_dir(self.folder.path())
            .env_clear()
            .env("SLACK_SIGNING_SECRET", SECRET)
            .env("SLACK_BOT_TOKEN", TOKEN)
            .env("ALPHA_SLACK_API_URL", format!("http://{}/api", self.slack.address))
            .env("ALPHA_CHANNEL", OUTCOMES)
            .env("ALPHA_LISTEN", self.address.to_string())
            .env("ALPHA_STORE", format!("sqlite:{}", self.store().display()))
            .env("ALPHA_APPROVERS", self.folder.path().join("approvers.toml"))
            .env("ALPHA_SOAK", "canary=5s,target=5s")
            .env("ALPHA_MIN_CALLS", "3")
            .env("ALPHA_LEASE", "1s");
        command
    }

    /// Starts the service, which need not listen yet.
    pub fn spawn(&self) -> Alpha {
        Alpha::of(self.command())
    }

    /// Starts the service and waits until it listens.
    pub fn start(&self) -> Alpha {
        self.start_as(self.command())
    }

    /// The same, by a command of its own.
    pub fn start_as(&self, command: Command) -> Alpha {
        let alpha = Alpha::of(command);
        until("the service listens", Duration::from_secs(30), || {
            send(self.address, "GET", "/healthz", &[], "").ok()
        });
        alpha
    }

    pub fn get(&self, path: &str) -> io::Result<Answer> {
        send(self.address, "GET", path, &[], "")
    }

    /// A slash command, known by its trigger.
    pub fn slash(&self, user: &str, text: &str, trigger: &str) -> io::Result<Answer> {
        let hook = format!("http://{}/hooks/commands/T0DEMO/{trigger}", self.slack.address);
        let fields = [
            ("team_id", "T0DEMO"),
            ("user_id", user),
            ("channel_id", REQUESTS),
            ("command", "/alpha"),
            ("text", text),
            ("trigger_id", trigger),
            ("response_url", &hook),
        ];
        send_signed(self.address, SECRET, "/slack/commands", &fields)
    }

    /// A press of a button of a job, if the button is there; known by its trigger.
    pub fn click(&self, user: &str, job: &str, action: &str, trigger: &str) -> Option<io::Result<Answer>> {
        let (message, button) = self.slack.button(job, action)?;
        let payload = json!({
            "type": "block_actions",
            "user": {"id": user, "team_id": "T0DEMO"},
            "team": {"id": "T0DEMO"},
            "trigger_id": trigger,
            "channel": {"id": REQUESTS},
            "container": {"type": "message", "message_ts": message["ts"], "channel_id": REQUESTS,
                "thread_ts": message["thread_ts"]},
            "message": message,
            "actions": [{"action_id": action, "value": button["value"], "action_ts": "1.2"}],
        });
        let fields = [("payload", payload.to_string())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Some(send_signed(self.address, SECRET, "/slack/interactions", &fields))
    }
}

/// A running service; it is killed when this is dropped.
pub struct Alpha {
    child: Child,
    said: Arc<Mutex<String>>,
    readers: Vec<std::thread::JoinHandle<()>>,
}

impl Alpha {
    pub fn of(mut command: Command) -> Self {
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let readers = vec![listen(out, &said), listen(err, &said)];
        Self { child, said, readers }
    }

    /// SIGKILL: nothing is finished, nothing is said.
    pub fn kill(mut self) -> String {
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        assert_eq!(status.signal(), Some(9), "it was running until it was killed: {status}\n{}", self.said());
        self.rest()
    }

    /// SIGTERM.
    pub fn terminate(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    /// A path, in the world as the process sees it.
    pub fn as_it_sees(&self, path: &Path) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.child.id()));
        root.join(path.strip_prefix("/").unwrap())
    }

    /// Waits until it has ended by itself; its status and all that it said.
    pub fn wait(mut self, within: Duration) -> (ExitStatus, String) {
        let status = until("the service ends", within, || self.child.try_wait().unwrap());
        (status, self.rest())
    }

    /// What it has said so far.
    pub fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    fn rest(&mut self) -> String {
        self.readers.drain(..).for_each(|reader| reader.join().unwrap());
        self.said()
    }
}

impl Drop for Alpha {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn listen(mut from: impl Read + Send + 'static, into: &Arc<Mutex<String>>) -> std::thread::JoinHandle<()> {
    let into = Arc::clone(into);
    std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(read) = from.read(&mut bytes) {
            if read == 0 {
                return;
            }
            into.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..read]));
        }
    })
}

/// Everything that a service said is JSON, line by line, and holds no secret.
pub fn assert_discreet(said: &str) {
    for secret in [SECRET, TOKEN, "hush"] {
        assert!(!said.contains(secret), "a secret is told: {said}");
    }
    for line in said.lines() {
        let parsed: Result<serde_json::Value, _> = serde_json::from_str(line);
        assert!(parsed.is_ok_and(|line| line["level"].is_string()), "{line}");
    }
}

/// Whether the line of some level says this, among all that a service said.
pub fn is_logged(said: &str, level: &str, text: &str) -> bool {
    said.lines().any(|line| line.contains(&format!("\"level\":\"{level}\"")) && line.contains(text))
}

/// Sets or removes the tag `alpha-scope` of a role in the account beside a store, as somebody else does.
pub fn tag(store: &Path, role: &str, value: Option<&str>) {
    let account = rusqlite::Connection::open(format!("{}.account", store.display())).unwrap();
    set_tag(&account, role, value);
}

/// The same in a file that is open.
pub fn set_tag(account: &rusqlite::Connection, role: &str, value: Option<&str>) {
    account.busy_timeout(Duration::from_secs(10)).unwrap();
    let id: i64 =
        account.query_row("SELECT id FROM roles WHERE name = ?1", [role], |row| row.get(0)).unwrap();
    account.execute("DELETE FROM tags WHERE role = ?1 AND key = 'alpha-scope'", [id]).unwrap();
    if let Some(value) = value {
        let made = rusqlite::params![id, value];
        account.execute("INSERT INTO tags VALUES (?1, 'alpha-scope', ?2)", made).unwrap();
    }
}

/// The managed policies that jobs made and that are still in the account beside a store.
pub fn left_over(store: &Path) -> Vec<String> {
    let account = rusqlite::Connection::open(format!("{}.account", store.display())).unwrap();
    let mut query = account.prepare("SELECT arn FROM policies WHERE arn LIKE '%alpha-canary-%'").unwrap();
    query.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}
