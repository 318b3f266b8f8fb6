//! A server on loopback that answers the real clients, call by call, as a test says; what it wasn't told about it
//! refuses, as AWS refuses what isn't granted. What it was asked it keeps.

use std::collections::{BTreeMap, HashMap};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What was asked.
#[derive(Debug, Clone)]
pub struct Call {
    pub operation: String,
    pub path: String,
    /// Of the query and, where it is one, the form.
    pub fields: BTreeMap<String, String>,
    /// Of a JSON body.
    pub json: Value,
    /// Path and query, and the signature, as they came.
    raw: (String, String),
}

impl Call {
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

type Script = Box<dyn FnMut(&Call) -> Response + Send>;

#[derive(Default)]
struct Played {
    scripts: HashMap<String, Script>,
    calls: Vec<Call>,
}

/// The server.
#[derive(Clone)]
pub struct Wire {
    pub url: String,
    played: Arc<Mutex<Played>>,
}

impl Wire {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let played = Arc::<Mutex<Played>>::default();
        let router = Router::new().fallback(answer).with_state(Arc::clone(&played));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, played }
    }

    /// How an operation is answered from now on.
    pub fn on(&self, operation: &str, script: impl FnMut(&Call) -> Response + Send + 'static) {
        self.played.lock().unwrap().scripts.insert(operation.to_owned(), Box::new(script));
    }

    /// The calls of an operation.
    pub fn calls(&self, operation: &str) -> Vec<Call> {
        let played = self.played.lock().unwrap();
        played.calls.iter().filter(|call| call.operation == operation).cloned().collect()
    }
}

async fn answer(State(played): State<Arc<Mutex<Played>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let signed = parts
        .headers
        .get("authorization")
        .is_some_and(|value| value.to_str().unwrap().starts_with("AWS4-HMAC-SHA256"));
    assert!(signed, "an unsigned request: {} {}", parts.method, parts.uri);
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let text = String::from_utf8_lossy(&body).into_owned();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let mut fields: BTreeMap<String, String> =
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    if text.starts_with("Action=") {
        fields.extend(url::form_urlencoded::parse(text.as_bytes()).into_owned());
    }
    let target = parts.headers.get("x-amz-target").map(|target| target.to_str().unwrap().to_owned());
    let path = parts.uri.path().to_owned();
    let operation = match (target, fields.get("Action"), parts.method.as_str(), path.split('/').nth(1)) {
        (Some(target), ..) => target.rsplit('.').next().unwrap().to_owned(),
        (_, Some(action), ..) => action.clone(),
        (_, _, "PUT", Some("policy")) if path == "/policy/generation" => "StartPolicyGeneration".to_owned(),
        (_, _, "PUT", Some("policy")) => "CancelPolicyGeneration".to_owned(),
        (_, _, "GET", Some("policy")) => "GetGeneratedPolicy".to_owned(),
        (_, _, "GET", Some("analyzer")) => "ListAnalyzers".to_owned(),
        (_, _, "POST", Some("findingv2")) => "ListFindingsV2".to_owned(),
        (_, _, "GET", Some("findingv2")) => "GetFindingV2".to_owned(),
        _ if fields.contains_key("list-type") => "ListObjectsV2".to_owned(),
        _ => "GetObject".to_owned(),
    };
    let json = serde_json::from_str(&text).unwrap_or(Value::Null);
    let signature = parts.headers["authorization"].to_str().unwrap().to_owned();
    let call = Call { operation, path, fields, json, raw: (parts.uri.to_string(), signature) };
    let mut played = played.lock().unwrap();
    played.calls.push(call.clone());
    match played.scripts.get_mut(&call.operation) {
        Some(script) => script(&call),
        None => denied(&call.operation),
    }
}

/// An answer with this body.
pub fn ok(body: impl Into<Body>) -> Response {
    Response::new(body.into())
}

pub fn ok_json(body: &Value) -> Response {
    ok(body.to_string())
}

/// An error as each service's protocol writes it.
pub fn error(operation: &str, status: u16, code: &str, message: &str) -> Response {
    let body = match operation {
        "GenerateServiceLastAccessedDetails" | "GetServiceLastAccessedDetails" => format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        ),
        "ListObjectsV2" | "GetObject" => {
            format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>")
        }
        "LookupEvents" => json!({ "__type": code, "message": message }).to_string(),
        _ => json!({ "message": message }).to_string(),
    };
    let answer = Response::builder().status(status).header("x-amzn-errortype", code);
    answer.body(Body::from(body)).unwrap()
}

pub fn denied(operation: &str) -> Response {
    let code = if operation.ends_with("LookupEvents") { "AccessDeniedException" } else { "AccessDenied" };
    error(operation, 403, code, "no identity-based policy allows it")
}

/// What another server answers to a question without a body.
pub fn asked_of(url: &str, call: &Call) -> Response {
    let (host, (uri, signature)) = (url.strip_prefix("http://").unwrap(), &call.raw);
    let mut other = TcpStream::connect(host).unwrap();
    write!(other, "GET {uri} HTTP/1.0\r\nHost: {host}\r\nAuthorization: {signature}\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    other.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = std::str::from_utf8(&answer[..end]).unwrap();
    let status: u16 = head.split(' ').nth(1).unwrap().parse().unwrap();
    Response::builder().status(status).body(Body::from(answer.split_off(end + 4))).unwrap()
}

/// No answer, for longer than anybody waits.
pub fn silence() -> Response {
    let never = futures_util::stream::pending::<Result<bytes::Bytes, std::io::Error>>();
    ok(Body::from_stream(never))
}
