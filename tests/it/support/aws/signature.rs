//! Signature Version 4, checked as "Create a signed AWS API request" of the IAM User Guide has it: the canonical request
//! is made anew from what came in, and signed with the secret of the key that it names.

use axum::http::HeaderMap;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest as _, Sha256};

/// How far a request's time may be from now.
const SKEW: i64 = 300;
/// What is escaped in a name or a value of a query; in a path the slash is not.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
const ESCAPED_PATH: &AsciiSet = &ESCAPED.remove(b'/');

/// What the header `Authorization` says.
#[derive(Debug, Clone)]
pub struct Signed {
    /// The access key's id.
    pub key: String,
    /// The Region of the credential's scope.
    pub region: String,
    /// The service of the credential's scope.
    pub service: String,
    date: String,
    headers: Vec<String>,
    signature: String,
}

/// A request as it came in.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    pub method: &'a str,
    /// Still escaped.
    pub path: &'a str,
    /// Still escaped.
    pub query: &'a str,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

impl Signed {
    /// Reads it, where there is one.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get("authorization")?.to_str().ok()?.strip_prefix("AWS4-HMAC-SHA256 ")?;
        let part = |name: &str| {
            text.split(',')
                .find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
                .map(str::to_owned)
        };
        let credential = part("Credential")?;
        let [key, date, region, service, "aws4_request"] = credential.split('/').collect::<Vec<_>>()[..]
        else {
            return None;
        };
        Some(Self {
            key: key.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            date: date.to_owned(),
            headers: part("SignedHeaders")?.split(';').map(str::to_owned).collect(),
            signature: part("Signature")?,
        })
    }

    /// Whether the holder of the secret signed this very request, and just now.
    pub fn is_good(&self, secret: &str, sent: Sent<'_>) -> bool {
        let header = |name: &str| sent.headers.get(name).and_then(|value| value.to_str().ok());
        let Some(time) = header("x-amz-date") else { return false };
        let hashed = hex::encode(Sha256::digest(sent.body));
        let payload = match header("x-amz-content-sha256") {
            // The body is spoken for by a checksum of its own, or by nothing.
            Some(word) if word == "UNSIGNED-PAYLOAD" || word.starts_with("STREAMING-UNSIGNED-") => word,
            Some(said) if said != hashed => return false,
            _ => &hashed,
        };
        // Whatever speaks of who calls has to be signed.
        let covered = ["host", "x-amz-date", "x-amz-security-token"];
        let all_signed =
            covered.iter().all(|name| header(name).is_none() || self.headers.iter().any(|own| own == name));
        all_signed
            && is_recent(time)
            && time.starts_with(&self.date)
            && self.sign(secret, time, &self.canonical(sent, payload)) == self.signature
    }

    fn canonical(&self, sent: Sent<'_>, payload: &str) -> String {
        let path = if self.service == "s3" {
            sent.path.to_owned()
        } else {
            utf8_percent_encode(sent.path, ESCAPED_PATH).to_string()
        };
        let header = |name: &String| {
            format!(
                "{name}:{}
",
                values(sent.headers, name)
            )
        };
        let headers = self.headers.iter().map(header).collect::<Vec<_>>().concat();
        [sent.method, &path, &query(sent.query), &headers, &self.headers.join(";"), payload].join("\n")
    }

    fn sign(&self, secret: &str, time: &str, canonical: &str) -> String {
        let Self { date, region, service, .. } = self;
        let hashed = hex::encode(Sha256::digest(canonical));
        let text = format!("AWS4-HMAC-SHA256\n{time}\n{date}/{region}/{service}/aws4_request\n{hashed}");
        let key = [date, region, service, "aws4_request"]
            .iter()
            .fold(format!("AWS4{secret}").into_bytes(), |key, part| mac(&key, part));
        hex::encode(mac(&key, &text))
    }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn values(headers: &HeaderMap, name: &str) -> String {
    let value =
        |bytes: &[u8]| String::from_utf8_lossy(bytes).split_whitespace().collect::<Vec<_>>().join(" ");
    headers.get_all(name).iter().map(|own| value(own.as_bytes())).collect::<Vec<_>>().join(",")
}

fn query(text: &str) -> String {
    let escape =
        |part: &str| utf8_percent_encode(&percent_decode_str(part).decode_utf8_lossy(), ESCAPED).to_string();
    let mut pairs: Vec<_> = text
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (escape(name), escape(value)))
        .collect();
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn is_recent(time: &str) -> bool {
    let then = DateTime::strptime("%Y%m%dT%H%M%SZ", time).and_then(|time| time.to_zoned(TimeZone::UTC));
    then.is_ok_and(|then| (then.timestamp().as_second() - Timestamp::now().as_second()).abs() <= SKEW)
}
