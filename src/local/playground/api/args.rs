//! The arguments of a Web API call, however they came: JSON, a form, a query, or several parts.

use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

/// What was given, by name. Secrets are taken out.
#[derive(Debug, Default)]
pub(in super::super) struct Args {
    /// The token, wherever it stood.
    pub token: Option<String>,
    /// Everything else.
    given: Map<String, Value>,
    /// Whether strings may hold JSON, as they do in forms.
    packed: bool,
}

impl Args {
    /// Reads a call; an error is Slack's word for it.
    pub(in super::super) fn read(
        headers: &HeaderMap,
        query: Option<&str>,
        body: &[u8],
    ) -> Result<Self, &'static str> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let mut args = Self { packed: true, ..Self::default() };
        args.take_pairs(query.unwrap_or_default().as_bytes());
        if kind.starts_with("application/json") {
            if !body.is_empty() {
                let Ok(Value::Object(given)) = serde_json::from_slice(body) else {
                    return Err("invalid_json");
                };
                args.given.extend(given);
                args.packed = false;
            }
        } else if let Some(boundary) = boundary(kind) {
            for part in parts(body, boundary) {
                let text = String::from_utf8_lossy(part.content).into_owned();
                args.given.insert(part.name, Value::String(text));
            }
        } else {
            args.take_pairs(body);
        }
        let bearer = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .map(|token| token.trim().to_owned());
        let field = args.given.shift_remove("token").and_then(|token| Some(token.as_str()?.to_owned()));
        args.token = bearer.or(field);
        Ok(args)
    }

    /// Arguments that are an object already.
    pub(in super::super) fn of(given: &Value) -> Self {
        Self { token: None, given: given.as_object().cloned().unwrap_or_default(), packed: false }
    }

    fn take_pairs(&mut self, pairs: &[u8]) {
        for (name, value) in form_urlencoded::parse(pairs) {
            self.given.insert(name.into_owned(), Value::String(value.into_owned()));
        }
    }

    /// A string that isn't empty; numbers count as strings.
    pub(in super::super) fn text(&self, name: &str) -> Option<String> {
        match self.given.get(name)? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// Names: a list in JSON, or a string with commas.
    pub(in super::super) fn names(&self, name: &str) -> Vec<String> {
        match self.given.get(name) {
            Some(Value::Array(names)) => {
                names.iter().filter_map(|one| Some(one.as_str()?.to_owned())).collect()
            }
            Some(Value::String(names)) => {
                names.split(',').map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether something was given at all, be it empty.
    pub(in super::super) fn has(&self, name: &str) -> bool {
        self.given.get(name).is_some_and(|value| !value.is_null())
    }

    /// A flag.
    pub(in super::super) fn flag(&self, name: &str) -> bool {
        match self.given.get(name) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(flag)) => matches!(flag.as_str(), "true" | "1"),
            Some(Value::Number(flag)) => flag.as_i64() == Some(1),
            _ => false,
        }
    }

    /// A count.
    pub(in super::super) fn count(&self, name: &str) -> Option<usize> {
        self.text(name)?.parse().ok()
    }

    /// Structured data, which a form packs into a string. The error is for what can't be unpacked.
    pub(in super::super) fn data(&self, name: &str) -> Result<Option<Value>, ()> {
        match self.given.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) if self.packed || text.starts_with(['[', '{']) => {
                serde_json::from_str(text).map(Some).map_err(drop)
            }
            Some(Value::String(_)) => Err(()),
            Some(value) => Ok(Some(value.clone())),
        }
    }

    /// All that was given, for the log.
    pub(in super::super) fn shown(&self) -> String {
        serde_json::to_string(&self.given).unwrap_or_default()
    }
}

/// One part of a body of several.
pub(in super::super) struct Part<'a> {
    /// The name of the field.
    pub name: String,
    /// What it holds.
    pub content: &'a [u8],
}

/// The boundary between parts, where the content type says that there are some.
pub(in super::super) fn boundary(kind: &str) -> Option<&str> {
    let rest = kind.strip_prefix("multipart/form-data")?;
    Some(rest.split_once("boundary=")?.1.split(';').next()?.trim().trim_matches('"'))
}

/// The parts of a body.
pub(in super::super) fn parts<'a>(body: &'a [u8], boundary: &str) -> Vec<Part<'a>> {
    let fence = format!("--{boundary}");
    let starts: Vec<_> = memchr::memmem::find_iter(body, fence.as_bytes()).collect();
    let between = starts.windows(2).filter_map(|pair| body.get(pair[0] + fence.len()..pair[1]));
    between.filter_map(part).collect()
}

fn part(between: &[u8]) -> Option<Part<'_>> {
    let at = memchr::memmem::find(between, b"\r\n\r\n")?;
    let (head, content) = (between.get(..at)?, between.get(at + 4..)?);
    let head = String::from_utf8_lossy(head);
    let name = head.split_once("name=\"").and_then(|(_, rest)| rest.split('"').next()).unwrap_or_default();
    Some(Part { name: name.to_owned(), content: content.strip_suffix(b"\r\n").unwrap_or(content) })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;
    use serde_json::json;

    use super::Args;

    fn headers(kind: &str, authorization: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", kind.parse().unwrap());
        if let Some(value) = authorization {
            headers.insert("authorization", value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn json_forms_queries_and_parts_say_the_same() {
        let form = "application/x-www-form-urlencoded";
        let several = "multipart/form-data; boundary=xx";
        let parts = "--xx\r\nContent-Disposition: form-data; name=\"channel\"\r\n\r\nC1\r\n--xx\r\n\
            Content-Disposition: form-data; name=\"blocks\"\r\n\r\n[]\r\n--xx\r\n\
            Content-Disposition: form-data; name=\"token\"\r\n\r\nxoxb-1\r\n--xx--\r\n";
        let cases = [
            (
                headers("application/json; charset=utf-8", Some("Bearer xoxb-1")),
                None,
                r#"{"channel":"C1","blocks":[]}"#,
            ),
            (headers(form, None), None, "token=xoxb-1&channel=C1&blocks=%5B%5D"),
            (headers(form, Some("Bearer xoxb-1")), Some("channel=C1&blocks=[]"), ""),
            (headers(several, None), None, parts),
        ];
        for (headers, query, body) in cases {
            let args = Args::read(&headers, query, body.as_bytes()).unwrap();
            assert_eq!(args.token.as_deref(), Some("xoxb-1"), "{body}");
            assert_eq!(args.text("channel").as_deref(), Some("C1"));
            assert_eq!(args.data("blocks"), Ok(Some(json!([]))));
            assert!(!args.shown().contains("xoxb"));
        }
        let broken = Args::read(&headers("application/json", None), None, b"[1]");
        assert_eq!(broken.unwrap_err(), "invalid_json");
    }
}
