//! Chromedriver: what a browser is driven through. It never outlives the value that stands for it, nor do its browsers.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::{Client, ClientBuilder};
use serde_json::json;

/// How browsers are started: without a screen, and without a word to anybody but this machine.
const ARGUMENTS: [&str; 11] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--lang=en-GB",
];

/// A machine without a screen says that it has no mouse either, as a phone does.
const MOUSE: &str =
    "--blink-settings=primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4";
/// How wide a phone is at most.
const PHONE: u32 = 500;

/// A running chromedriver.
pub struct Chromedriver {
    process: Child,
    port: u16,
    /// What the browser keeps; it goes with the driver.
    profile: tempfile::TempDir,
}

impl Chromedriver {
    /// Starts one on a free port.
    pub fn start() -> Self {
        let started =
            Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut process = match started {
            Ok(process) => process,
            Err(error) => panic!(
                "chromedriver can't be started ({error}). The tests in a browser need it: on Debian, \
                 `apt-get install chromium chromium-driver`, which tests/run does for you."
            ),
        };
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok());
        let Some(port) = port else {
            let _ = process.kill();
            let _ = process.wait();
            panic!("chromedriver ended before it said on which port it listens");
        };
        // What it says later has to go somewhere, or it would stop on a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, port, profile: tempfile::tempdir().unwrap() }
    }

    /// Opens a browser with nothing in its memory.
    pub async fn browser(&self, width: u32, height: u32) -> Client {
        let mut arguments: Vec<String> = ARGUMENTS.iter().map(|&one| one.to_owned()).collect();
        arguments.push(format!("--user-data-dir={}", self.profile.path().display()));
        arguments.push(format!("--window-size={width},{height}"));
        if width > PHONE {
            arguments.push(MOUSE.to_owned());
        }
        let options = json!({ "args": arguments });
        let capabilities = serde_json::Map::from_iter([("goog:chromeOptions".to_owned(), options)]);
        let address = format!("http://127.0.0.1:{}", self.port);
        ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
            .capabilities(capabilities)
            .connect(&address)
            .await
            .unwrap_or_else(|error| panic!("no browser starts: {error}"))
    }

    /// Asks it to end its browsers and itself.
    fn ask_to_end(&self) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(
            stream,
            "GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n",
            self.port
        )?;
        stream.read_to_end(&mut Vec::new())?;
        Ok(())
    }
}

impl Drop for Chromedriver {
    /// Killed outright it would leave its browsers behind, so it is asked first.
    fn drop(&mut self) {
        if self.ask_to_end().is_ok() {
            let deadline = Instant::now() + Duration::from_secs(5);
            while Instant::now() < deadline {
                if matches!(self.process.try_wait(), Ok(Some(_))) {
                    return;
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
