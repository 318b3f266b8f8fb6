//! What is asked over the wire, and how each of AWS's protocols says yes and no.
//!
//! Shapes: the protocol pages of Smithy (`aws.protocols#awsQuery`, `awsJson1_0`, `awsJson1_1`, `restJson1`, `restXml`),
//! the "Common Errors" pages of the services, and "Error responses" of S3.

use axum::http::{HeaderMap, Method};
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::signature::{Sent, Signed};
use super::{access_analyzer, bedrock, s3};

/// A request of some client, whoever it is from.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The service, by its signing name: the prefix of its actions too.
    pub service: String,
    pub region: String,
    /// Empty where the service has none for what was sent.
    pub operation: String,
    pub protocol: Protocol,
    pub method: Method,
    /// Still escaped.
    pub path: String,
    /// Still escaped.
    pub query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// The body, where it is JSON.
    pub json: Value,
    pairs: Vec<(String, String)>,
}

/// How a service is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Query,
    Json,
    RestJson,
    S3,
}

/// What is sent back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

/// A no, in a service's own word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    pub code: String,
    pub message: String,
    /// What an exception has beside its message.
    pub more: Vec<(&'static str, String)>,
}

/// What any service may refuse a request for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Common {
    AccessDenied,
    BadSignature,
    UnknownKey,
    ExpiredToken,
    Throttled,
}

impl Asked {
    /// Reads a request whose signature names its service.
    pub fn new(
        signed: &Signed,
        method: Method,
        uri: &axum::http::Uri,
        headers: HeaderMap,
        body: Bytes,
    ) -> Self {
        let protocol = match &*signed.service {
            "cloudformation" | "iam" | "sts" => Protocol::Query,
            "s3" => Protocol::S3,
            "access-analyzer" | "bedrock" => Protocol::RestJson,
            _ => Protocol::Json,
        };
        let query = uri.query().unwrap_or_default().to_owned();
        let form = if protocol == Protocol::Query { body.as_ref() } else { query.as_bytes() };
        let mut asked = Self {
            service: signed.service.clone(),
            region: signed.region.clone(),
            operation: String::new(),
            protocol,
            pairs: form_urlencoded::parse(form).into_owned().collect(),
            json: serde_json::from_slice(&body).unwrap_or(Value::Null),
            method,
            path: uri.path().to_owned(),
            query,
            headers,
            body,
        };
        asked.operation = asked.operation().unwrap_or_default();
        asked
    }

    fn operation(&self) -> Option<String> {
        match (self.protocol, &*self.service) {
            (Protocol::Query, _) => self.get("Action").map(str::to_owned),
            (Protocol::Json, _) => Some(self.header("x-amz-target")?.rsplit('.').next()?.to_owned()),
            (Protocol::RestJson, "bedrock") => bedrock::operation(self),
            (Protocol::RestJson, _) => access_analyzer::operation(self),
            (Protocol::S3, _) => s3::operation(self),
        }
    }

    /// A parameter of a form or of the query.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(own, _)| own == name).map(|(_, value)| &**value)
    }

    /// The members of a list in a form, such as `PolicyInputList.member.1`.
    pub fn list(&self, name: &str) -> Vec<&str> {
        let member = |number: usize| self.get(&format!("{name}.member.{number}"));
        (1..).map_while(member).collect()
    }

    /// A text of the JSON body.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.json[name].as_str()
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The parts of the path, as they were meant.
    pub fn segments(&self) -> Vec<String> {
        let parts = self.path.split('/').filter(|part| !part.is_empty());
        parts.map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned()).collect()
    }

    /// As it is signed.
    pub fn sent(&self) -> Sent<'_> {
        Sent {
            method: self.method.as_str(),
            path: &self.path,
            query: &self.query,
            headers: &self.headers,
            body: &self.body,
        }
    }
}

impl Answer {
    /// A JSON body.
    pub fn json(body: &Value) -> Self {
        Self::of(200, "application/json", body.to_string())
    }

    /// What an operation of a service with forms answers, namespace and all.
    pub fn query(service: &str, operation: &str, result: &str) -> Self {
        let space = namespace(service);
        let metadata = "<ResponseMetadata><RequestId>00000000-0000-4000-8000-000000000000</RequestId></ResponseMetadata>";
        let body = format!(
            "<{operation}Response xmlns=\"{space}\"><{operation}Result>{result}</{operation}Result>{metadata}</{operation}Response>"
        );
        Self::of(200, "text/xml", body)
    }

    /// Any body.
    pub fn of(status: u16, kind: &str, body: impl Into<Bytes>) -> Self {
        Self { status, headers: vec![("content-type".to_owned(), kind.to_owned())], body: body.into() }
    }
}

fn namespace(service: &str) -> &'static str {
    match service {
        "cloudformation" => "http://cloudformation.amazonaws.com/doc/2010-05-15/",
        "sts" => "https://sts.amazonaws.com/doc/2011-06-15/",
        _ => "https://iam.amazonaws.com/doc/2010-05-08/",
    }
}

/// Text within XML.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

impl Refusal {
    pub fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into(), more: Vec::new() }
    }

    /// With the resource that it is about.
    #[must_use]
    pub fn about(self, kind: &str, id: &str) -> Self {
        let more = vec![("resourceId", id.to_owned()), ("resourceType", kind.to_owned())];
        Self { more, ..self }
    }

    fn body(&self) -> Value {
        let mut body = json!({"message": self.message});
        for (name, value) in &self.more {
            body[name] = value.clone().into();
        }
        body
    }
}

impl Protocol {
    /// A refusal that every service knows, by the name that it has here.
    pub fn common(self, why: Common, message: impl Into<String>) -> Refusal {
        use Common::{AccessDenied, BadSignature, ExpiredToken, Throttled, UnknownKey};
        let (status, code) = match (self, why) {
            (Self::Query | Self::S3, AccessDenied) => (403, "AccessDenied"),
            (Self::Query | Self::S3, BadSignature) => (403, "SignatureDoesNotMatch"),
            (Self::Query, UnknownKey) => (403, "InvalidClientTokenId"),
            (Self::Query, ExpiredToken) => (403, "ExpiredToken"),
            (Self::Query, Throttled) => (400, "Throttling"),
            (Self::S3, UnknownKey) => (403, "InvalidAccessKeyId"),
            (Self::S3, ExpiredToken) => (400, "ExpiredToken"),
            (Self::S3, Throttled) => (503, "SlowDown"),
            (Self::RestJson, Throttled) => (429, "ThrottlingException"),
            (Self::Json | Self::RestJson, why) => {
                (if self == Self::Json { 400 } else { 403 }, exception(why))
            }
        };
        Refusal::new(status, code, message)
    }

    /// A refusal as it goes over the wire.
    pub fn refuse(self, service: &str, refusal: &Refusal) -> Answer {
        let Refusal { status, code, message, .. } = refusal;
        let id = "<RequestId>00000000-0000-4000-8000-000000000000</RequestId>";
        let text = escaped(message);
        match self {
            Self::Query => {
                let (space, side) = (namespace(service), if *status < 500 { "Sender" } else { "Receiver" });
                let error =
                    format!("<Error><Type>{side}</Type><Code>{code}</Code><Message>{text}</Message></Error>");
                let body = format!("<ErrorResponse xmlns=\"{space}\">{error}{id}</ErrorResponse>");
                Answer::of(*status, "text/xml", body)
            }
            Self::S3 => {
                let body = format!(
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>{text}</Message>{id}</Error>"
                );
                Answer::of(*status, "application/xml", body)
            }
            Self::Json => {
                let mut body = refusal.body();
                body["__type"] = code.clone().into();
                Answer::of(*status, "application/x-amz-json-1.1", body.to_string())
            }
            Self::RestJson => {
                let mut answer = Answer::of(*status, "application/json", refusal.body().to_string());
                answer.headers.push(("x-amzn-errortype".to_owned(), code.clone()));
                answer
            }
        }
    }
}

fn exception(why: Common) -> &'static str {
    match why {
        Common::AccessDenied => "AccessDeniedException",
        Common::BadSignature => "InvalidSignatureException",
        Common::UnknownKey => "UnrecognizedClientException",
        Common::ExpiredToken => "ExpiredTokenException",
        Common::Throttled => "ThrottlingException",
    }
}
