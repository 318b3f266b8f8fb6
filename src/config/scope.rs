//! Which roles ALPHA may change: the tag that they bear, where they lie, and which are protected.

use crate::domain::scope::Tag;

/// The longest key and value that a tag has.
const LONGEST: (usize, usize) = (128, 256);

/// Reads which tag a role has to bear.
pub fn tag(text: &str) -> Result<Tag, String> {
    if text == "none" {
        return Ok(Tag::None);
    }
    let fits = |part: &str, longest| {
        let plain = |c: char| c.is_ascii_alphanumeric() || " _.:/=+@-".contains(c);
        (1..=longest).contains(&part.len()) && part.chars().all(plain)
    };
    match text.split_once('=') {
        Some((key, value)) if fits(key, LONGEST.0) && fits(value, LONGEST.1) => {
            Ok(Tag::Is { key: key.to_owned(), value: value.to_owned() })
        }
        _ => Err("expected a tag and its value, such as alpha-scope=narrow, or none".to_owned()),
    }
}

/// Reads ARN patterns of roles, one or several with commas between.
pub fn patterns(text: &str) -> Result<Vec<String>, String> {
    let all: Vec<String> = text.split(',').map(|one| one.trim().to_owned()).collect();
    if all.iter().all(|one| is_pattern(one)) {
        return Ok(all);
    }
    Err("expected ARN patterns of roles with commas between, such as arn:aws:iam::111122223333:role/app/*"
        .to_owned())
}

/// A variable would mean what only AWS knows.
fn is_pattern(text: &str) -> bool {
    let named = text.starts_with("arn:") && text.contains(":iam:") && text.contains(":role/");
    (named || text == "*") && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'$')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_a_key_and_a_value_or_none() {
        let is = |key: &str, value: &str| Ok(Tag::Is { key: key.to_owned(), value: value.to_owned() });
        assert_eq!(tag("alpha-scope=narrow"), is("alpha-scope", "narrow"));
        assert_eq!(tag("scope=a = b"), is("scope", "a = b"));
        assert_eq!(tag("none"), Ok(Tag::None));
        for text in ["", "narrow", "=narrow", "alpha-scope=", "alpha-scope=a'b", "alpha-scope=a,b"] {
            assert!(tag(text).is_err(), "{text}");
        }
        assert!(tag(&format!("k={}", "x".repeat(257))).is_err());
    }

    #[test]
    fn patterns_are_of_roles() {
        let two = patterns("arn:aws:iam::*:role/app/*, arn:aws-cn:iam::111122223333:role/x").unwrap();
        assert_eq!(two, ["arn:aws:iam::*:role/app/*", "arn:aws-cn:iam::111122223333:role/x"]);
        assert_eq!(patterns("*").unwrap(), ["*"]);
        for text in
            ["", "web", "arn:aws:iam::*:role/a,", "arn:aws:s3:::b", "arn:aws:iam::*:role/${aws:username}"]
        {
            assert!(patterns(text).is_err(), "{text}");
        }
    }
}
