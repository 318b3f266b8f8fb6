//! A wire before an emulator, or before nothing: it tells what was called, and answers otherwise where a test says so.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

/// What was called, and with what: an operation, and its form or its JSON.
#[derive(Debug, Clone)]
pub struct Called {
    pub operation: String,
    pub body: String,
}

impl Called {
    /// A member of the form.
    pub fn member(&self, name: &str) -> Option<String> {
        form_urlencoded::parse(self.body.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }
}

type Answer = Arc<dyn Fn(&Called) -> (u16, String) + Send + Sync>;

/// What happens to a call.
#[derive(Clone)]
pub enum Act {
    /// It never arrives, and this is the answer.
    Answer(Answer),
    /// It is done, and the answer is lost.
    LoseAnswer,
    /// It never arrives, and nobody says so.
    LoseCall,
    /// Before it arrives, this form does.
    After(String),
    /// Before it arrives, a form does that is made of it; where the answer to that says this, so much is refused.
    Unless { asked: fn(&Called) -> String, says: &'static str, refusal: Box<Act> },
    /// It takes so long.
    Slow(Duration),
}

impl Act {
    /// A refusal as services of the Query protocol make it.
    pub fn refuse(status: u16, code: &str, message: &str) -> Self {
        let text = format!(
            "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type>\
             <Code>{code}</Code><Message>{message}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
        );
        Self::answer(move |_| (status, text.clone()))
    }

    pub fn answer(answer: impl Fn(&Called) -> (u16, String) + Send + Sync + 'static) -> Self {
        Self::Answer(Arc::new(answer))
    }
}

struct Rule {
    operation: &'static str,
    times: usize,
    act: Act,
}

#[derive(Clone)]
struct Ends {
    to: Option<String>,
    rules: Arc<Mutex<Vec<Rule>>>,
    calls: Arc<Mutex<Vec<Called>>>,
}

/// The wire; it is cut when it is dropped.
pub struct Wire {
    pub url: String,
    ends: Ends,
    task: tokio::task::AbortHandle,
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Wire {
    /// One to an emulator, or one that leads nowhere.
    pub async fn to(url: Option<&str>) -> Self {
        let ends = Ends { to: url.map(str::to_owned), rules: Arc::default(), calls: Arc::default() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(pass).with_state(ends.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() }).abort_handle();
        Self { url, ends, task }
    }

    /// Has so many calls of an operation go otherwise; the first rule that is left counts.
    pub fn rule(&self, operation: &'static str, times: usize, act: Act) {
        self.ends.rules.lock().unwrap().push(Rule { operation, times, act });
    }

    pub fn clear(&self) {
        self.ends.rules.lock().unwrap().clear();
        self.ends.calls.lock().unwrap().clear();
    }

    /// What was called, in order, but for who ALPHA is.
    pub fn calls(&self) -> Vec<Called> {
        let calls = self.ends.calls.lock().unwrap();
        calls.iter().filter(|call| call.operation != "GetCallerIdentity").cloned().collect()
    }

    /// The operations alone.
    pub fn operations(&self) -> Vec<String> {
        self.calls().into_iter().map(|call| call.operation).collect()
    }
}

async fn pass(
    State(ends): State<Ends>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let text = String::from_utf8_lossy(&body).into_owned();
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let action = || Called { operation: String::new(), body: text.clone() }.member("Action");
    let operation = match target {
        Some(target) => target.rsplit('.').next().unwrap_or_default().to_owned(),
        None => action().unwrap_or_else(|| uri.path().to_owned()),
    };
    let called = Called { operation, body: text };
    ends.calls.lock().unwrap().push(called.clone());
    let act = {
        let mut rules = ends.rules.lock().unwrap();
        let rule = rules.iter_mut().find(|rule| rule.operation == called.operation && rule.times > 0);
        rule.map(|rule| {
            rule.times -= 1;
            rule.act.clone()
        })
    };
    let lost = || (StatusCode::BAD_GATEWAY, "<html>lost</html>").into_response();
    let act = match act {
        Some(Act::Unless { asked, says, refusal }) => {
            let answer = forward(&ends, (&method, &uri), &headers, asked(&called).into()).await;
            let answer = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
            String::from_utf8_lossy(&answer).contains(says).then_some(*refusal)
        }
        act => act,
    };
    match act {
        Some(Act::Answer(answer)) => {
            let (status, text) = answer(&called);
            let kind = if target.is_some() { "application/x-amz-json-1.1" } else { "text/xml" };
            (StatusCode::from_u16(status).unwrap(), [("content-type", kind)], text).into_response()
        }
        Some(Act::LoseCall) => lost(),
        Some(Act::LoseAnswer) => {
            forward(&ends, (&method, &uri), &headers, body).await;
            lost()
        }
        Some(Act::After(form)) => {
            forward(&ends, (&method, &uri), &headers, form.into()).await;
            forward(&ends, (&method, &uri), &headers, body).await
        }
        Some(Act::Slow(time)) => {
            tokio::time::sleep(time).await;
            forward(&ends, (&method, &uri), &headers, body).await
        }
        Some(Act::Unless { .. }) | None => forward(&ends, (&method, &uri), &headers, body).await,
    }
}

async fn forward(ends: &Ends, (method, uri): (&Method, &Uri), headers: &HeaderMap, body: Bytes) -> Response {
    let Some(to) = &ends.to else {
        return (StatusCode::NOT_IMPLEMENTED, "<html>nobody is there</html>").into_response();
    };
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = axum::http::Request::builder().method(method).uri(format!("{to}{path}"));
    for (name, value) in headers.iter().filter(|(name, _)| *name != "host" && *name != "content-length") {
        request = request.header(name, value);
    }
    let client: Client<_, Body> = Client::builder(TokioExecutor::new()).build_http();
    client.request(request.body(Body::from(body)).unwrap()).await.unwrap().map(Body::new)
}
