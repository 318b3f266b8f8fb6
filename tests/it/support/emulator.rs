//! An emulator of AWS on loopback: one for the whole run, or one of a test's own where it would disturb others.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use alpha::aws::clients::{self, Patience};
use aws_credential_types::Credentials;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;

/// An emulator; it ends with its input, so never outlives the test.
#[derive(Debug)]
pub struct Emulator {
    /// Where it listens.
    pub url: String,
    process: Child,
}

/// The one that tests share: they use names of their own.
pub fn emulator() -> &'static Emulator {
    static SHARED: OnceLock<Emulator> = OnceLock::new();
    SHARED.get_or_init(Emulator::start)
}

impl Emulator {
    /// Starts one.
    pub fn start() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = root.join("target/infra/bin/python");
        assert!(python.exists(), "{} is missing: `tests/run test` installs it", python.display());
        let mut process = Command::new(python)
            .args(["-W", "ignore"])
            .arg(root.join("infra/emulator.py"))
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
        sdk(&self.url).await
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// What clients of an endpoint are made from: credentials that no file or environment says, few retries, and time for an
/// emulator that has a whole suite to answer, one call after the other: what it had made before a client gave up would
/// be in the way of the next try.
pub async fn sdk(url: &str) -> SdkConfig {
    let patience = Patience { attempts: 2, ..Patience::default() };
    let sdk = clients::load(Some("us-east-1".to_owned()), patience).await;
    let patient = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_secs(90)).build();
    let credentials = Credentials::new("test", "test", None, None, "test");
    sdk.into_builder()
        .endpoint_url(url)
        .timeout_config(patient)
        .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(credentials))
        .build()
}
