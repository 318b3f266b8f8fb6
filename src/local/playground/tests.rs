//! The playground over real HTTP, as a bot and a page reach it.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{Playground, Settings};

struct Server {
    address: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// What came back: status, headers, body; nothing where the connection broke.
type Reply = Option<(u16, HeaderMap, String)>;

impl Server {
    /// Serves a playground, and no app behind it.
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let playground =
            Playground::open(Settings::new("signing-secret", "xoxb-secret", address.clone())).unwrap();
        tokio::spawn(async move { axum::serve(listener, playground.router()).await });
        Self { address, client: Client::builder(TokioExecutor::new()).build_http() }
    }

    async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::from(body.to_owned())).unwrap();
        let (head, body) = self.client.request(request).await.ok()?.into_parts();
        let body = axum::body::to_bytes(Body::new(body), 1 << 22).await.ok()?;
        Some((head.status.as_u16(), head.headers, String::from_utf8(body.to_vec()).unwrap()))
    }

    async fn api(&self, method: &str, args: Value) -> Reply {
        let headers = [("authorization", "Bearer xoxb-secret"), ("content-type", "application/json")];
        self.send("POST", &format!("/api/{method}"), &headers, &args.to_string()).await
    }

    async fn act(&self, path: &str, act: Value) -> (u16, Value) {
        let headers = [("content-type", "application/json")];
        let (status, _, body) =
            self.send("POST", &format!("/playground/{path}"), &headers, &act.to_string()).await.unwrap();
        (status, serde_json::from_str(&body).unwrap())
    }
}

fn hello() -> Value {
    json!({"channel": "C0REQUESTS", "text": "hello"})
}

#[tokio::test]
async fn tokens_are_asked_for_and_checked() {
    let server = Server::start().await;
    let form = ("content-type", "application/x-www-form-urlencoded");
    let json_ = ("content-type", "application/json");
    for (headers, body, expected) in [
        (vec![form], "channel=C0REQUESTS&text=x", "not_authed"),
        (vec![form], "token=xoxb-wrong&channel=C0REQUESTS&text=x", "invalid_auth"),
        (vec![json_, ("authorization", "Bearer xoxb-wrong")], "{}", "invalid_auth"),
        (vec![json_, ("authorization", "Bearer xoxb-secret")], "{", "invalid_json"),
    ] {
        let (status, _, answer) = server.send("POST", "/api/chat.postMessage", &headers, body).await.unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(
            (status, &answer["ok"], &answer["error"]),
            (200, &json!(false), &json!(expected)),
            "{body}"
        );
    }
    let (_, _, log) = server.send("GET", "/playground/log", &[], "").await.unwrap();
    assert!(!log.contains("xoxb-secret"), "{log}");
}

#[tokio::test]
async fn a_form_with_packed_blocks_says_what_json_says() {
    let server = Server::start().await;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = "token=xoxb-secret&channel=C0REQUESTS&text=x&blocks=%5B%7B%22type%22%3A%22divider%22%7D%5D";
    let (_, _, packed) = server.send("POST", "/api/chat.postMessage", &form, body).await.unwrap();
    let packed: Value = serde_json::from_str(&packed).unwrap();
    assert_eq!(packed["message"]["blocks"], json!([{"type": "divider", "block_id": "b1"}]));
    let path = format!("/api/conversations.history?token=xoxb-secret&channel={}", "C0REQUESTS");
    let (_, _, read) = server.send("GET", &path, &[], "").await.unwrap();
    assert!(read.contains("b1"));
}

#[tokio::test]
async fn provoked_trouble_happens_once_and_as_asked_for() {
    let server = Server::start().await;
    let plan = |fault: Value| {
        server.act("faults", json!({"method": "chat.postMessage", "times": 1, "fault": fault}))
    };
    plan(json!({"kind": "rate_limited", "retry_after": 7})).await;
    let (status, headers, body) = server.api("chat.postMessage", hello()).await.unwrap();
    assert_eq!((status, headers["retry-after"].to_str().unwrap()), (429, "7"));
    assert!(body.contains("ratelimited"));
    plan(json!({"kind": "http", "status": 503})).await;
    assert_eq!(server.api("chat.postMessage", hello()).await.unwrap().0, 503);
    plan(json!({"kind": "error", "code": "missing_scope"})).await;
    assert!(server.api("chat.postMessage", hello()).await.unwrap().2.contains("\"needed\""));
    let count = async || {
        let (_, _, body) =
            server.api("conversations.history", json!({"channel": "C0REQUESTS"})).await.unwrap();
        serde_json::from_str::<Value>(&body).unwrap()["messages"].as_array().unwrap().len()
    };
    assert_eq!(count().await, 0, "what was refused isn't done");
    plan(json!({"kind": "drop"})).await;
    assert!(server.api("chat.postMessage", hello()).await.is_none());
    assert_eq!(count().await, 1, "what was dropped is done");
    assert!(server.api("chat.postMessage", hello()).await.unwrap().2.contains("\"ok\":true"));
    for fault in [
        json!({"kind": "nonsense"}),
        json!({"kind": "http", "status": 200}),
        json!({"kind": "http", "status": 399}),
        json!({"kind": "http", "status": 600}),
        json!({"kind": "http", "status": 99_999}),
    ] {
        let (status, answer) = server.act("faults", json!({"method": "x", "fault": fault})).await;
        assert_eq!((status, &answer["ok"]), (400, &json!(false)), "{fault}");
    }
}

#[test]
fn what_is_dropped_promises_nothing_that_the_server_could_find_out_to_be_wrong() {
    use http_body_util::BodyExt as _;
    let body = super::api::dropped().into_body();
    assert_eq!(axum::body::HttpBody::size_hint(&body).exact(), None);
    assert!(futures_util::FutureExt::now_or_never(body.collect()).unwrap().is_err());
}

#[tokio::test]
async fn pages_of_elsewhere_get_no_further() {
    let server = Server::start().await;
    let body = json!({"user": "U0ANA", "channel": "C0REQUESTS", "text": "hi"}).to_string();
    let json_ = ("content-type", "application/json");
    for headers in [
        vec![json_, ("host", "evil.example")],
        vec![json_, ("origin", "https://evil.example")],
        vec![("content-type", "text/plain")],
    ] {
        let (status, ..) = server.send("POST", "/playground/say", &headers, &body).await.unwrap();
        assert_eq!(status, 403, "{headers:?}");
    }
    let (status, headers, page) = server.send("GET", "/", &[], "").await.unwrap();
    assert_eq!(status, 200);
    assert!(headers["content-security-policy"].to_str().unwrap().contains("script-src 'self'"));
    assert!(!page.contains("<script>") && !page.contains("style="), "nothing inline");
}

#[tokio::test]
async fn people_say_what_they_may_where_they_may() {
    let server = Server::start().await;
    let say = |user: &str, channel: &str, text: &str| {
        server.act("say", json!({"user": user, "channel": channel, "text": text}))
    };
    assert_eq!(say("U0ANA", "C0REQUESTS", "hello").await.0, 200);
    assert_eq!(say("U0GUS", "C0OUTCOMES", "hello").await.0, 403);
    assert_eq!(say("U0ANA", "D0BEN", "hello").await.0, 403);
    assert_eq!(say("U0ALPHA", "C0REQUESTS", "hello").await.0, 403);
    assert_eq!(say("U0ANA", "C0REQUESTS", " ").await.0, 400);
    // Nobody answers for the app here; people of another team have no commands at all.
    assert_eq!(say("U0ANA", "C0REQUESTS", "/alpha help").await.0, 502);
    assert_eq!(say("U0SAM", "C0REQUESTS", "/alpha help").await.1["sent"], false);
    let (_, _, seen) = server.send("GET", "/playground/changes?user=U0SAM", &[], "").await.unwrap();
    assert!(seen.contains("/alpha is not a valid command."));
    let (_, _, root) = server.api("chat.postMessage", hello()).await.unwrap();
    let ts = serde_json::from_str::<Value>(&root).unwrap()["ts"].clone();
    let act = json!({"user": "U0ANA", "channel": "C0REQUESTS", "thread_ts": ts, "text": "/alpha help"});
    assert_eq!(server.act("say", act).await.1["sent"], false);
    let (_, _, seen) = server.send("GET", "/playground/changes?user=U0ANA", &[], "").await.unwrap();
    assert!(seen.contains("/alpha is not supported in threads. Sorry!"));
}

#[tokio::test]
async fn permalinks_lead_to_the_page_and_parts_are_served() {
    let server = Server::start().await;
    let (_, _, root) = server.api("chat.postMessage", hello()).await.unwrap();
    let ts = serde_json::from_str::<Value>(&root).unwrap()["ts"].as_str().unwrap().to_owned();
    let args = json!({"channel": "C0REQUESTS", "message_ts": ts});
    let (_, _, link) = server.api("chat.getPermalink", args).await.unwrap();
    let link: Value = serde_json::from_str(&link).unwrap();
    let path = link["permalink"].as_str().unwrap().strip_prefix(&server.address).unwrap().to_owned();
    let (status, headers, _) = server.send("GET", &path, &[], "").await.unwrap();
    assert_eq!(
        (status, headers["location"].to_str().unwrap()),
        (303, format!("/?channel=C0REQUESTS&ts={ts}").as_str())
    );
    assert_eq!(server.send("GET", "/archives/C0REQUESTS/pnonsense", &[], "").await.unwrap().0, 404);
    let (_, _, page) = server.send("GET", "/", &[], "").await.unwrap();
    let parts: Vec<_> = page.split('"').filter(|part| part.starts_with("/playground/page/")).collect();
    assert!(parts.len() > 2);
    for part in parts {
        let (status, _, text) = server.send("GET", part, &[], "").await.unwrap();
        assert_eq!(status, 200, "{part}");
        for import in text.split('"').filter(|part| part.starts_with("./")) {
            let path = import.replacen("./", "/playground/page/", 1);
            assert_eq!(server.send("GET", &path, &[], "").await.unwrap().0, 200, "{path}");
        }
    }
}
