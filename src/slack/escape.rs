//! Text of anybody's making, as it may stand within a message: it mentions nobody, links nowhere, and reads as it is.

use crate::iam::legible::is_unseen;

/// For `text` and mrkdwn: what Slack's markup begins and ends with is escaped, and what can't be seen is left out.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    text.chars().filter(|c| is_seen(*c)).for_each(|c| push_escaped(c, &mut out));
    out
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
        ] {
            assert_eq!((escape(text).as_str(), plain(text).as_str()), (escaped, shown));
        }
    }
}
