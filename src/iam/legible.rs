//! Names from logs and policies within a report in words. They are anybody's text: whoever may name an object could else
//! forge a line of a report, or send a terminal commands. JSON needs none of this: it escapes by itself.

use std::borrow::Cow;

/// The text on one line: characters that control a terminal, or turn the direction of writing, are spelled out.
pub fn legible(text: &str) -> Cow<'_, str> {
    let turns =
        |c: char| matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    let spelled = |c: char| c.is_control() || turns(c);
    if !text.contains(spelled) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if spelled(c) { out.extend(c.escape_default()) } else { out.push(c) }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::legible;

    #[test]
    fn what_controls_a_terminal_is_spelled_out_and_the_rest_stays() {
        for (text, expected) in [
            ("arn:aws:s3:::b/sp ace/ünï", "arn:aws:s3:::b/sp ace/ünï"),
            ("k\n0 broken", "k\\n0 broken"),
            ("\u{1b}[2J", "\\u{1b}[2J"),
            ("a\u{202e}b\u{9b}", "a\\u{202e}b\\u{9b}"),
        ] {
            assert_eq!(legible(text), expected);
        }
    }
}
