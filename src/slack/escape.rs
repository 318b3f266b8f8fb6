//! Text of anybody's making, as it may stand within a message: it mentions nobody, links nowhere, and reads as it is.

use crate::iam::legible::is_unseen;

/// For `text` and mrkdwn: what Slack's markup begins and ends with is escaped, and what can't be seen is left out.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    let mut rest = text;
    loop {
        // Nearly all of it is, and is taken over as it is.
        let (as_it_is, other) = rest.split_at(rest.bytes().take_while(|byte| is_as_it_is(*byte)).count());
        out.push_str(as_it_is);
        let mut characters = other.chars();
        let Some(c) = characters.next() else { return out };
        if is_seen(c) {
            push_escaped(c, &mut out);
        }
        rest = characters.as_str();
    }
}

/// Whether a byte is a character that shows, and means nothing to markup.
fn is_as_it_is(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b'&' | b'<' | b'>')
}

/// For `plain_text`, which Slack shows as it is: what can't be seen is left out.
pub fn plain(text: &str) -> String {
    text.chars().filter(|c| is_seen(*c)).collect()
}

/// Adds one character as markup needs it.
pub fn push_escaped(c: char, out: &mut String) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        c => out.push(c),
    }
}

/// Whether a character shows, or separates what shows.
pub fn is_seen(c: char) -> bool {
    !is_unseen(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_text_and_what_is_unseen_goes() {
        for (text, escaped, shown) in [
            ("ci-deployer", "ci-deployer", "ci-deployer"),
            ("<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@U1&gt;", "<!channel> & <@U1>"),
            ("&amp;", "&amp;amp;", "&amp;"),
            ("ünï 🎉", "ünï 🎉", "ünï 🎉"),
            ("a\u{202e}b\u{200b}c\u{1b}d\r", "abcd", "abcd"),
            ("one\n\ttwo", "one\n\ttwo", "one\n\ttwo"),
            ("", "", ""),
            (">", "&gt;", ">"),
            ("a\u{200b}&\u{202e}", "a&amp;", "a&"),
        ] {
            assert_eq!((escape(text).as_str(), plain(text).as_str()), (escaped, shown));
        }
    }

    #[test]
    fn what_is_taken_over_as_it_is_would_be_taken_over_character_by_character_too() {
        for byte in (0..=u8::MAX).filter(|byte| is_as_it_is(*byte)) {
            let c = char::from(byte);
            let mut out = String::new();
            push_escaped(c, &mut out);
            assert!(is_seen(c) && out == c.to_string(), "{c:?}");
        }
    }
}
