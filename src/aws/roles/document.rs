//! Policies as IAM's API returns them: JSON of which every reserved character is percent-encoded.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::trouble::Trouble;
use crate::iam::document::Document;

/// Reads a document; `what` says of which policy, for whoever has to mend it.
pub(super) fn parse(text: &str, what: impl FnOnce() -> String) -> Result<Document, Trouble> {
    Document::parse(&decoded(text)).map_err(|error| {
        Trouble::rejected(format!("{} can't be read, so nothing can be said of the role: {error}", what()))
    })
}

/// The text as it was stored. A `+` is a plus: spaces are encoded like everything else. JSON begins with a brace or with
/// white space, and neither is left as it is by whoever encodes.
fn decoded(text: &str) -> Cow<'_, [u8]> {
    let is_plain = text.starts_with(|c: char| c == '{' || c.is_ascii_whitespace());
    if is_plain { Cow::Borrowed(text.as_bytes()) } else { percent_decode_str(text).into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_decoded_once_and_a_plus_stays_a_plus() {
        let plain = r#"{"Version":"2012-10-17","Statement":{"Sid":"A","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/ü 100%25+漢/*"}}"#;
        let encode = |text: &str| {
            percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
        };
        let expected = Document::parse(plain.as_bytes()).unwrap();
        let spaced = format!("\n {plain}\n");
        for text in [plain.to_owned(), encode(plain), spaced.clone(), encode(&spaced)] {
            assert_eq!(parse(&text, String::new).unwrap(), expected, "{text}");
        }
        let resources = expected.statements[0].resources.as_ref().unwrap();
        assert!(format!("{resources:?}").contains("100%25+漢"), "{resources:?}");
    }

    #[test]
    fn what_is_no_policy_is_named() {
        for text in ["", "%7B%7D", "{}", "%7B%22Statement%22%3A1%7D", "%FF%FE", "null"] {
            match parse(text, || "inline policy x of web".to_owned()) {
                Err(Trouble::Known(error)) => {
                    assert!(error.to_string().starts_with("inline policy x of web can't be read"), "{error}");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
    }
}
