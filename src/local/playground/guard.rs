//! Keeps pages from elsewhere out: a name that isn't this machine's, or a form on another site, gets no further.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use serde_json::json;

use super::shared;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Lets through what comes from this machine, and says to the browser what the page may do.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    if let Err(sentence) = admit(request.method(), request.uri().path(), request.headers()) {
        return shared::json(403, &json!({"ok": false, "error": sentence}));
    }
    let mut response = next.run(request).await;
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn admit(method: &Method, path: &str, headers: &HeaderMap) -> Result<(), &'static str> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let host = text(header::HOST).unwrap_or_default();
    if !is_loopback(host) {
        return Err("The playground answers to names of this machine alone.");
    }
    if !path.starts_with("/playground/") || method == Method::GET || method == Method::HEAD {
        return Ok(());
    }
    // `Origin` is absent where no browser is at work; a browser can't leave it out of a POST to elsewhere.
    if text(header::ORIGIN).is_some_and(|origin| origin.strip_prefix("http://") != Some(host)) {
        return Err("Only the playground's own page may do that.");
    }
    let json = text(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/json"));
    if method == Method::POST && !json {
        return Err("Acts are JSON.");
    }
    Ok(())
}

fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName, Method};

    use super::admit;

    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], bool);

    #[test]
    fn pages_from_elsewhere_are_kept_out() {
        let json = ("content-type", "application/json");
        let cases: &[Case<'_>] = &[
            ("POST", &[("host", "127.0.0.1:8080"), json], true),
            ("POST", &[("host", "localhost:8080"), ("origin", "http://localhost:8080"), json], true),
            ("POST", &[("host", "[::1]:8080"), ("origin", "http://[::1]:8080"), json], true),
            ("GET", &[("host", "127.0.0.1")], true),
            ("GET", &[], false),
            ("GET", &[("host", "evil.example:8080")], false),
            ("GET", &[("host", "127.0.0.1.evil.example")], false),
            ("GET", &[("host", "localhost.evil.example:80")], false),
            ("POST", &[("host", "127.0.0.1:8080"), ("origin", "https://evil.example"), json], false),
            ("POST", &[("host", "127.0.0.1:8080"), ("origin", "null"), json], false),
            ("POST", &[("host", "127.0.0.1:8080"), ("origin", "http://127.0.0.1:9090"), json], false),
            ("POST", &[("host", "127.0.0.1:8080"), ("content-type", "text/plain")], false),
            ("DELETE", &[("host", "127.0.0.1:8080"), ("origin", "https://evil.example")], false),
        ];
        for (method, given, admitted) in cases {
            let mut headers = HeaderMap::new();
            for (name, value) in *given {
                headers.insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
            }
            let method: Method = method.parse().unwrap();
            assert_eq!(admit(&method, "/playground/say", &headers).is_ok(), *admitted, "{method} {given:?}");
        }
    }
}
