//! What a secret says: its text as it stands, or, where that is a JSON object, the member that is expected in it.
//!
//! No error cites any of it.

use serde_json::Value;

/// Why a secret says nothing that is of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoValue {
    /// There is nothing in it.
    #[error("is empty")]
    Empty,
    /// It looks like JSON.
    #[error("begins like a JSON object, and isn't one")]
    NotJson,
    /// The member isn't there.
    #[error("is a JSON object without the key {0}")]
    NoKey(&'static str),
    /// The member is something else than text.
    #[error("has nothing that is text under its key {0}")]
    NotText(&'static str),
}

/// Reads a secret.
pub fn read(text: &str, key: &'static str) -> Result<String, NoValue> {
    let text = text.trim();
    let value = if text.starts_with('{') {
        let json: Value = serde_json::from_str(text).map_err(|_| NoValue::NotJson)?;
        let member = json.get(key).ok_or(NoValue::NoKey(key))?;
        member.as_str().map(str::trim).ok_or(NoValue::NotText(key))?.to_owned()
    } else {
        text.to_owned()
    };
    if value.is_empty() { Err(NoValue::Empty) } else { Ok(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_its_text_or_the_member_of_that_name() {
        for (text, expected) in [
            ("8f74\n", Ok("8f74")),
            (r#"{"signing_secret": " 8f74 ", "other": 1}"#, Ok("8f74")),
            ("", Err(NoValue::Empty)),
            (r#"{"signing_secret": ""}"#, Err(NoValue::Empty)),
            (r#"{"signing_secret": 8}"#, Err(NoValue::NotText("signing_secret"))),
            (r#"{"secret": "8f74"}"#, Err(NoValue::NoKey("signing_secret"))),
            (r#"{"signing_secret": "8f74""#, Err(NoValue::NotJson)),
        ] {
            let read = read(text, "signing_secret");
            assert_eq!(read.as_deref(), expected.as_ref().map(|text| *text), "{text}");
            assert!(!read.err().is_some_and(|error| error.to_string().contains("8f74")), "{text}");
        }
    }
}
