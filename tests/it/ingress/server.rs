//! A server on loopback with a store, a clock and secrets in the test's hands, and a client that sends bytes as they are.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use alpha::http::{Http, Limits, router, serve};
use alpha::ports::{Clock, Secrets, SecretsError};
use alpha::slack::ingress::verify::sign;
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::store::Inbox;
use super::world::engine;
use alpha::domain::secret::SigningSecrets;

/// What the server believes in at the start.
pub const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
const FORM: &str = "application/x-www-form-urlencoded";

/// A server, which ends with the test.
pub struct Server {
    pub store: Arc<Inbox>,
    pub secrets: Arc<Vault>,
    pub clock: Arc<Hand>,
    address: SocketAddr,
    stop: CancellationToken,
    runtime: tokio::runtime::Runtime,
    served: Option<tokio::task::JoinHandle<()>>,
}

impl Server {
    pub fn start() -> Self {
        Self::within(Limits::default())
    }

    pub fn within(limits: Limits) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (store, secrets, clock) =
            (Arc::new(Inbox::default()), Arc::new(Vault::new()), Arc::new(Hand::new()));
        let engine = Arc::new(engine(store.clone(), clock.clone()));
        let http = Http::new(engine, secrets.clone(), clock.clone(), limits);
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        let served = runtime.spawn(serve(listener, router(Arc::new(http)), limits, stop.clone()));
        Self { store, secrets, clock, address, stop, runtime, served: Some(served) }
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    /// Sends a request and reads its answer.
    pub fn send(&self, request: &Request) -> Answer {
        let mut stream = self.connect();
        stream.write_all(&request.bytes(&self.clock)).unwrap();
        read(&mut stream)
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send(&Request {
            method: "GET",
            signature: Signature::Missing,
            media: None,
            ..Request::to(path, "")
        })
    }

    /// The value of a line of `/metrics`.
    pub fn metric(&self, line: &str) -> Option<String> {
        let text = self.get("/metrics").body;
        text.lines().find_map(|found| found.strip_prefix(line)?.strip_prefix(' ').map(str::to_owned))
    }

    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits until it came back, after it was told to stop.
    pub fn join(mut self) {
        let served = self.served.take().unwrap();
        self.runtime
            .block_on(async { tokio::time::timeout(Duration::from_secs(20), served).await })
            .unwrap()
            .unwrap();
    }
}

/// How a request is signed.
#[derive(Debug, Clone)]
pub enum Signature {
    /// As it should be, with the request's secret.
    Right,
    /// With this, whatever the body is.
    Given(&'static str),
    /// Not at all.
    Missing,
}

/// A request as it goes out.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: &'static str,
    pub path: String,
    pub body: Vec<u8>,
    pub secret: &'static str,
    pub media: Option<&'static str>,
    pub signature: Signature,
    /// The timestamp instead of now.
    pub timestamp: Option<String>,
    pub headers: Vec<(String, String)>,
    /// Whether the body is declared with its length, or sent in pieces.
    pub chunked: bool,
}

impl Request {
    pub fn to(path: &str, body: impl AsRef<[u8]>) -> Self {
        let media = if path == "/slack/events" { "application/json" } else { FORM };
        Self {
            method: "POST",
            path: path.to_owned(),
            body: body.as_ref().to_vec(),
            secret: SECRET,
            media: Some(media),
            signature: Signature::Right,
            timestamp: None,
            headers: Vec::new(),
            chunked: false,
        }
    }

    /// A slash command.
    pub fn command(text: &str) -> Self {
        let pairs = [
            ("team_id", "T0ALPHA01"),
            ("user_id", "U0REQUEST"),
            ("channel_id", "C0PLATFORM"),
            ("command", "/alpha"),
            ("text", text),
            ("trigger_id", "1.2.3"),
        ];
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        Self::to("/slack/commands", body)
    }

    /// An interaction.
    pub fn payload(payload: &str) -> Self {
        let body = form_urlencoded::Serializer::new(String::new()).append_pair("payload", payload).finish();
        Self::to("/slack/interactions", body)
    }

    pub fn bytes(&self, clock: &Hand) -> Vec<u8> {
        let mut bytes = self.head(clock, self.body.len()).into_bytes();
        if self.chunked {
            for piece in self.body.chunks(4_000) {
                bytes.extend(format!("{:x}\r\n", piece.len()).bytes());
                bytes.extend(piece);
                bytes.extend(b"\r\n");
            }
            bytes.extend(b"0\r\n\r\n");
        } else {
            bytes.extend(&self.body);
        }
        bytes
    }

    /// All but the body, of which it says that it has so many bytes.
    pub fn head(&self, clock: &Hand, declared: usize) -> String {
        let timestamp = self.timestamp.clone().unwrap_or_else(|| clock.now().as_second().to_string());
        let signature = match &self.signature {
            Signature::Right => sign(self.secret, &timestamp, &self.body),
            Signature::Given(signature) => Some((*signature).to_owned()),
            Signature::Missing => None,
        };
        let mut head = format!("{} {} HTTP/1.1\r\nhost: alpha\r\n", self.method, self.path);
        if let Some(signature) = signature {
            write!(head, "X-SLACK-Signature: {signature}\r\nx-slack-REQUEST-timestamp: {timestamp}\r\n")
                .unwrap();
        }
        self.media.iter().for_each(|media| write!(head, "Content-Type: {media}\r\n").unwrap());
        self.headers.iter().for_each(|(name, value)| write!(head, "{name}: {value}\r\n").unwrap());
        if self.chunked {
            head.push_str("Transfer-Encoding: chunked\r\n\r\n");
        } else {
            write!(head, "Content-Length: {declared}\r\n\r\n").unwrap();
        }
        head
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Reads one answer, of which the length is declared.
pub fn read(stream: &mut TcpStream) -> Answer {
    let (mut bytes, mut byte) = (Vec::new(), [0]);
    while !bytes.ends_with(b"\r\n\r\n") {
        assert_eq!(stream.read(&mut byte).unwrap(), 1, "an answer ends: {}", String::from_utf8_lossy(&bytes));
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let headers: BTreeMap<String, String> = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    Answer { status, headers, body: String::from_utf8(body).unwrap() }
}

/// A clock that is set by hand.
#[derive(Debug)]
pub struct Hand(Mutex<Timestamp>);

impl Hand {
    fn new() -> Self {
        Self(Mutex::new(Timestamp::from_second(1_767_225_600).unwrap()))
    }

    pub fn pass(&self, seconds: i64) {
        *self.0.lock().unwrap() += SignedDuration::from_secs(seconds);
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// Where secrets are kept: what is known, and what would be found on looking again.
#[derive(Debug)]
pub struct Vault {
    known: Mutex<Arc<SigningSecrets>>,
    kept: Mutex<Vec<&'static str>>,
    pub looks: AtomicUsize,
    pub is_closed: AtomicBool,
}

impl Vault {
    fn new() -> Self {
        let known = Arc::new(SigningSecrets::new([SECRET]));
        let (looks, is_closed) = (AtomicUsize::new(0), AtomicBool::new(false));
        Self { known: Mutex::new(known), kept: Mutex::new(vec![SECRET]), looks, is_closed }
    }

    pub fn rotate(&self, kept: &[&'static str]) {
        *self.kept.lock().unwrap() = kept.to_vec();
    }
}

#[async_trait]
impl Secrets for Vault {
    async fn signing(&self) -> Result<Arc<SigningSecrets>, SecretsError> {
        if self.is_closed.load(Ordering::SeqCst) {
            return Err(SecretsError::Unavailable("closed".to_owned()));
        }
        Ok(self.known.lock().unwrap().clone())
    }

    async fn refresh(&self) -> Result<Arc<SigningSecrets>, SecretsError> {
        self.looks.fetch_add(1, Ordering::SeqCst);
        let fresh = Arc::new(SigningSecrets::new(self.kept.lock().unwrap().iter().copied()));
        *self.known.lock().unwrap() = fresh.clone();
        Ok(fresh)
    }
}
