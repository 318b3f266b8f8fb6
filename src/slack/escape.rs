//! Making anybody's text harmless in Slack.
//!
//! Two functions: [`escape`] for where Slack reads mark-up, [`plain`] for where it doesn't. Both drop what can't be seen
//! but changes what is: characters that turn the direction of writing, have no width, or control a terminal.

/// The text as it stands where Slack reads mark-up: nothing in it can mention, link or ping.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter(|c| is_seen(*c)) {
        push_escaped(c, &mut out);
    }
    out
}

/// The text as it stands where Slack reads no mark-up.
pub fn plain(text: &str) -> String {
    text.chars().filter(|c| is_seen(*c)).collect()
}

/// Adds one character as mark-up needs it.
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
    if matches!(c, '\n' | '\t') {
        return true;
    }
    let hidden = matches!(c,
        // Without width: soft hyphen, joiners, fillers, invisible operators, tags.
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
        // Turning the direction of writing.
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        // Ending a line or paragraph where nobody expects it.
        | '\u{2028}' | '\u{2029}');
    !hidden && !c.is_control()
}

#[cfg(test)]
mod tests {
    use super::{escape, plain};

    #[test]
    fn mark_up_is_escaped_once_and_plain_text_left_as_it_is() {
        for (text, escaped) in [
            ("<!channel>", "&lt;!channel&gt;"),
            ("a & b", "a &amp; b"),
            ("&lt;", "&amp;lt;"),
            ("ünï 🎉", "ünï 🎉"),
        ] {
            assert_eq!(escape(text), escaped);
            assert_eq!(plain(text), text);
        }
    }

    #[test]
    fn what_nobody_sees_is_dropped_and_line_ends_stay() {
        let text = "a\u{202e}b\u{200b}c\u{1b}[2J\r\nd\te\u{2069}\u{feff}\u{ad}\u{e0041}";
        assert_eq!(plain(text), "abc[2J\nd\te");
        assert_eq!(escape(text), plain(text));
    }
}
