//! Secrets that are known by how they look, and what stands in their place: the list is in `docs/APPROVERS.md`.
//!
//! A text is gone through twice, and no part of it is looked at more than a few times. None of the patterns holds a
//! square bracket, so that what stands in a secret's place never becomes part of another, and redacting again changes
//! nothing.

const PRIVATE_KEY: &str = "[REDACTED-PRIVATE-KEY]";
const AWS_ACCESS_KEY: &str = "[REDACTED-AWS-ACCESS-KEY]";
const AWS_SECRET_KEY: &str = "[REDACTED-AWS-SECRET-KEY]";
const GITHUB_TOKEN: &str = "[REDACTED-GITHUB-TOKEN]";
const SLACK_TOKEN: &str = "[REDACTED-SLACK-TOKEN]";
const BEARER_TOKEN: &str = "[REDACTED-BEARER-TOKEN]";

/// How an access key of AWS begins: a user's, a session's, and two that only AWS's own services use.
const OF_AWS: [&str; 4] = ["AKIA", "ASIA", "ABIA", "ACCA"];
const OF_GITHUB: [&str; 5] = ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"];
const OF_SLACK: [&str; 11] =
    ["xoxa-", "xoxb-", "xoxc-", "xoxd-", "xoxe-", "xoxe.", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xapp-"];
/// How long a secret key of AWS is.
const SECRET_KEY: usize = 40;
/// How long the first line of a private key is at most.
const HEADER: usize = 80;

/// The text without such secrets.
pub fn redact(text: &str) -> String {
    without_secret_keys(&without_marked(text))
}

/// Without those that are known by how they begin.
fn without_marked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let found =
            marked(rest, out.ends_with(|before: char| u8::try_from(before).is_ok_and(is_of_web_tokens)));
        let (length, instead) = found.unwrap_or((c.len_utf8(), ""));
        let (taken, after) = rest.split_at(length);
        out.push_str(if found.is_some() { instead } else { taken });
        rest = after;
    }
    out
}

/// How long the secret is that a text begins with, and what stands in its place. `is_inside` tells that a word is going
/// on, so that no web token begins here.
fn marked(text: &str, is_inside: bool) -> Option<(usize, &'static str)> {
    // Nearly all characters begin nothing.
    match text.as_bytes().first()? {
        b'-' => Some((private_key(text)?, PRIVATE_KEY)),
        b'A' => Some((begun(text, &OF_AWS, 16, is_of_key_ids)?, AWS_ACCESS_KEY)),
        b'g' => {
            let classic = begun(text, &OF_GITHUB, 36, |byte| byte.is_ascii_alphanumeric());
            let length = classic.or_else(|| begun(text, &["github_pat_"], 22, is_of_names))?;
            Some((length, GITHUB_TOKEN))
        }
        b'x' => Some((begun(text, &OF_SLACK, 10, is_of_slack)?, SLACK_TOKEN)),
        b'b' | b'B' => Some((bearer(text)?, BEARER_TOKEN)),
        b'e' if !is_inside => Some((web_token(text)?, BEARER_TOKEN)),
        _ => None,
    }
}

/// A private key: from its first line to its last, or to the end of the text.
fn private_key(text: &str) -> Option<usize> {
    const DASHES: &str = "-----";
    let named = text.strip_prefix("-----BEGIN ")?;
    let close = named.as_bytes().iter().take(HEADER).position(|byte| *byte == b'-')?;
    let (name, body) = named.split_at(close);
    if !name.contains("PRIVATE KEY") || !body.starts_with(DASHES) {
        return None;
    }
    let end = body.find("-----END ").map(|at| at + "-----END ".len());
    let last = end.and_then(|end| Some(end + body.get(end..)?.find(DASHES)? + DASHES.len()));
    Some(text.len() - last.map_or(0, |last| body.len() - last))
}

/// One of these beginnings, and at least so many of some characters; all of them that follow.
fn begun(text: &str, beginnings: &[&str], least: usize, is_of: fn(u8) -> bool) -> Option<usize> {
    let beginning = beginnings.iter().find(|beginning| text.starts_with(**beginning))?;
    let length = run(text, beginning.len(), is_of);
    (length >= least).then_some(beginning.len() + length)
}

/// The word `bearer` and what follows it, if that is long enough to be a token.
fn bearer(text: &str) -> Option<usize> {
    const WORD: usize = "bearer".len();
    let word = text.get(..WORD)?;
    let between = run(text, WORD, |byte| matches!(byte, b' ' | b'\t' | b'\n' | b':' | b'=' | b'"' | b'\''));
    let start = WORD + between;
    let length = run(text, start, is_of_bearers);
    (word.eq_ignore_ascii_case("bearer") && between > 0 && length >= 20).then_some(start + length)
}

/// A JSON Web Token: two objects in base64, and a signature.
fn web_token(text: &str) -> Option<usize> {
    const OBJECT: &str = "eyJ";
    let first = text.starts_with(OBJECT).then(|| run(text, 0, is_of_web_tokens))?;
    let second = first + 1;
    if !text.get(first..)?.strip_prefix('.')?.starts_with(OBJECT) {
        return None;
    }
    let end = second + run(text, second, is_of_web_tokens);
    let signature = text.get(end..)?.strip_prefix('.').map(|_| 1 + run(text, end + 1, is_of_web_tokens));
    Some(end + signature.unwrap_or(0))
}

/// Without secret keys of AWS, which nothing but their length and their letters tells apart.
fn without_secret_keys(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = run(rest, 0, is_of_secret_keys);
        let (word, after) = rest.split_at(length.max(c.len_utf8()));
        out.push_str(if is_secret_key(word) { AWS_SECRET_KEY } else { word });
        rest = after;
    }
    out
}

fn is_secret_key(word: &str) -> bool {
    let has = |is_such: fn(&u8) -> bool| word.as_bytes().iter().any(is_such);
    word.len() == SECRET_KEY
        && word.bytes().all(is_of_secret_keys)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
}

/// How many bytes there are of some characters, from a place on.
fn run(text: &str, from: usize, is_of: fn(u8) -> bool) -> usize {
    text.as_bytes().iter().skip(from).take_while(|byte| is_of(**byte)).count()
}

fn is_of_key_ids(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

fn is_of_names(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_of_slack(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'%')
}

fn is_of_bearers(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=')
}

fn is_of_web_tokens(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

fn is_of_secret_keys(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'+')
}
