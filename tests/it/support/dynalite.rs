//! A second emulator of DynamoDB: no transactions, but faithful conditions and many writers at once.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use aws_types::SdkConfig;

use super::emulator;

/// One of a test's own; it ends with its input, so never outlives the test.
pub struct Dynalite {
    url: String,
    process: Child,
}

impl Dynalite {
    pub fn start() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let installed = root.join(".tools/dynalite");
        assert!(installed.join("node_modules").exists(), "dynalite is missing: `tests/run test` installs it");
        let mut process = Command::new("node")
            .arg(root.join("tests/dynalite/serve.mjs"))
            .arg(installed)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut port = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut port).unwrap();
        Self { url: format!("http://127.0.0.1:{}", port.trim()), process }
    }

    /// What clients of it are made from.
    pub async fn sdk(&self) -> SdkConfig {
        emulator::sdk(&self.url).await
    }
}

impl Drop for Dynalite {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
