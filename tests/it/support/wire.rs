//! A server on loopback that answers whatever a test says, and remembers what it was asked: for what no emulator has,
//! and for a service that is slow, down or out of its mind.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use alpha::aws::clients::{self, Patience};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::SdkConfig;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;
use tokio::net::TcpListener;

/// What was asked.
#[derive(Debug, Clone)]
pub struct Asked {
    /// `X-Amz-Target`, or the path where there is none.
    pub target: String,
    /// The body.
    pub body: String,
}

impl Asked {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// A member of a body that is a form.
    pub fn form(&self, name: &str) -> Option<String> {
        let mut members = url::form_urlencoded::parse(self.body.as_bytes());
        members.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

/// What is answered.
#[derive(Debug, Clone)]
pub enum Told {
    /// JSON.
    Json(Value),
    /// An error as the JSON protocols tell it: status, code, message.
    Error(u16, &'static str, &'static str),
    /// XML.
    Xml(String),
    /// A status and a body of some kind.
    Raw(u16, &'static str, String),
    /// The same, later.
    Late(Duration, Box<Told>),
}

/// A server.
#[derive(Debug, Clone)]
pub struct Wire {
    /// Where it listens.
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Wire {
    /// One that answers so; the second argument counts the requests, from nought.
    pub async fn start(answer: impl Fn(&Asked, usize) -> Told + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (heard, answer) = (Arc::clone(&asked), Arc::new(answer));
        let router = Router::new().fallback(move |request: Request| {
            let (heard, answer) = (Arc::clone(&heard), Arc::clone(&answer));
            async move {
                let (parts, body) = request.into_parts();
                let target =
                    parts.headers.get("x-amz-target").map(|value| value.to_str().unwrap().to_owned());
                let target = target.unwrap_or_else(|| parts.uri.path().to_owned());
                let body = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
                let asked = Asked { target, body };
                let told = {
                    let mut heard = heard.lock().unwrap();
                    heard.push(asked.clone());
                    answer(&asked, heard.len() - 1)
                };
                respond(told).await
            }
        });
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, asked }
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// What clients of it are made from, of which each call is tried so often.
    pub async fn sdk(&self, attempts: u32) -> SdkConfig {
        let patience = Patience { attempts, pause: Duration::from_millis(20) };
        let sdk = clients::load(Some("us-east-1".to_owned()), patience).await;
        let credentials =
            SharedCredentialsProvider::new(Credentials::new("test", "test", None, None, "test"));
        sdk.into_builder().endpoint_url(&self.url).credentials_provider(credentials).build()
    }
}

async fn respond(mut told: Told) -> Response {
    while let Told::Late(time, after) = told {
        tokio::time::sleep(time).await;
        told = *after;
    }
    let (status, kind, code, body) = match told {
        Told::Json(value) => (200, "application/json", "", value.to_string()),
        Told::Error(status, code, message) => {
            let body = serde_json::json!({ "__type": code, "message": message });
            (status, "application/json", code, body.to_string())
        }
        Told::Xml(text) => (200, "text/xml", "", text),
        Told::Raw(status, kind, body) => (status, kind, "", body),
        Told::Late(..) => unreachable!(),
    };
    let mut response = (StatusCode::from_u16(status).unwrap(), Body::from(body)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, kind.parse().unwrap());
    if !code.is_empty() {
        response.headers_mut().insert("x-amzn-errortype", code.parse().unwrap());
    }
    response
}
