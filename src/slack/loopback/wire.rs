//! One connection, one request, one answer, or none.

use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Ending, Request, State};

pub(super) async fn serve(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    let Some((target, head, body)) = read(&mut stream).await else { return };
    let request = request(&target, &head, &body);
    let ending = state.lock().unwrap().ending(&request);
    let perform = || state.lock().unwrap().perform(&request, &body);
    state.lock().unwrap().requests.push(request.clone());
    let answer = match ending {
        None => plain(200, &perform()),
        Some(Ending::Refuse(code)) => plain(200, &json!({ "ok": false, "error": code })),
        Some(Ending::Raw(status, headers, body)) => raw(status, headers, body),
        Some(Ending::DoneBut(status)) => {
            perform();
            raw(status, "content-type: text/html\r\n", "<h1>oops</h1>")
        }
        Some(Ending::Close) => return,
        Some(Ending::DoneButClose) => {
            perform();
            return;
        }
        Some(Ending::Hang) => return std::future::pending().await,
    };
    let _ = stream.write_all(answer.as_bytes()).await;
}

async fn read(stream: &mut TcpStream) -> Option<(String, String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        let mut more = [0; 4096];
        let count = stream.read(&mut more).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&more[..count]);
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut body = bytes.split_off(end + 4);
    let length = header(&head, "content-length").map_or(0, |length| length.parse().unwrap());
    while body.len() < length {
        let mut more = [0; 4096];
        let count = stream.read(&mut more).await.ok().filter(|count| *count > 0)?;
        body.extend_from_slice(&more[..count]);
    }
    let target = head.split(' ').nth(1).unwrap().to_owned();
    Some((target, head, body))
}

fn header(head: &str, name: &str) -> Option<String> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find_map(|(key, value)| key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned()))
}

fn request(target: &str, head: &str, body: &[u8]) -> Request {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let method = path.trim_start_matches("/api/").to_owned();
    let params = serde_json::from_slice::<Value>(body).ok().filter(Value::is_object).unwrap_or_else(|| {
        let pairs = form_urlencoded::parse(query.as_bytes());
        Value::Object(pairs.map(|(key, value)| (key.into_owned(), json!(value))).collect::<Map<_, _>>())
    });
    Request { method, params, authorization: header(head, "authorization") }
}

fn plain(status: u16, body: &Value) -> String {
    raw(status, "content-type: application/json; charset=utf-8\r\n", &body.to_string())
}

fn raw(status: u16, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} Said\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}
