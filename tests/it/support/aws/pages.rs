//! Lists in pages. A token is opaque to clients, as AWS says that theirs are.

/// A part of a list, and the token of the next one; none where the token is nobody's.
pub fn page<T>(mut all: Vec<T>, token: Option<&str>, most: usize) -> Option<(Vec<T>, Option<String>)> {
    let start = match token {
        None => 0,
        Some(token) => {
            String::from_utf8(hex::decode(token).ok()?).ok()?.strip_prefix("from ")?.parse().ok()?
        }
    };
    let mut rest = all.split_off(all.len().min(start));
    let end = start + most;
    let more = rest.len() > most;
    rest.truncate(most);
    Some((rest, more.then(|| hex::encode(format!("from {end}")))))
}
