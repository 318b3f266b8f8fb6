//! The page and its parts, compiled in.

use axum::extract::{Path, RawQuery};
use axum::http::{HeaderValue, header};
use axum::response::Response;

use super::shared::respond;
use super::world::stamp;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

macro_rules! parts {
    ($($name:literal: $kind:expr),* $(,)?) => {
        &[$(($name, $kind, include_str!(concat!("page/", $name)))),*]
    };
}

/// Name, content type and content of each part.
const PARTS: &[(&str, &str, &str)] = parts! {
    "style.css": CSS,
    "blocks.css": CSS,
    "app.js": JS,
    "act.js": JS,
    "blocks.js": JS,
    "composer.js": JS,
    "dom.js": JS,
    "drawers.js": JS,
    "elements.js": JS,
    "emoji.js": JS,
    "guide.js": JS,
    "messages.js": JS,
    "modal.js": JS,
    "mrkdwn.js": JS,
    "rich.js": JS,
    "sidebar.js": JS,
    "state.js": JS,
    "theme.js": JS,
};

/// `GET /`.
pub(super) async fn page() -> Response {
    respond(200, HTML, include_str!("page/index.html"))
}

/// `GET /playground/page/{name}`.
pub(super) async fn part(Path(name): Path<String>) -> Response {
    match PARTS.iter().find(|(known, ..)| *known == name) {
        Some((_, kind, content)) => respond(200, kind, *content),
        None => respond(404, "text/plain; charset=utf-8", "There is no such part of the page."),
    }
}

/// `GET /archives/{channel}/{p...}`: a permalink leads to its message in the page.
pub(super) async fn permalink(
    Path((channel, p)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    let digits = p.strip_prefix('p').unwrap_or_default();
    let ts = digits.split_at_checked(10).map(|(seconds, rest)| format!("{seconds}.{rest}"));
    let known = ts
        .filter(|ts| stamp::micros(ts).is_some())
        .filter(|_| channel.chars().all(|c| c.is_ascii_alphanumeric()));
    let Some(ts) = known else {
        return respond(404, "text/plain; charset=utf-8", "There is no such message.");
    };
    let thread = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .find(|(name, value)| name == "thread_ts" && stamp::micros(value).is_some())
        .map(|(_, value)| format!("&thread={value}"));
    let to = format!("/?channel={channel}&ts={ts}{}", thread.unwrap_or_default());
    let mut response = respond(303, "text/plain; charset=utf-8", "");
    if let Ok(to) = HeaderValue::from_str(&to) {
        response.headers_mut().insert(header::LOCATION, to);
    }
    response
}
