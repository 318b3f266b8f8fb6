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

/// Whether a character takes no room, or turns the direction of writing: text that holds it may read as another.
/// Line breaks and tabs are seen; other controls aren't.
pub fn is_unseen(c: char) -> bool {
    if c < '\u{ad}' {
        return c.is_control() && c != '\n' && c != '\t';
    }
    matches!(c,
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::{is_unseen, legible};

    #[test]
    fn what_takes_no_room_or_turns_the_writing_is_unseen() {
        for c in [
            '\u{0}',
            '\u{1b}',
            '\u{7f}',
            '\u{9b}',
            '\u{200b}',
            '\u{200d}',
            '\u{202e}',
            '\u{2066}',
            '\u{feff}',
            '\u{e0041}',
        ] {
            assert!(is_unseen(c), "{c:?}");
        }
        for c in [' ', '\n', '\t', 'a', 'é', 'ع', '漢', '\u{a0}', '🙂'] {
            assert!(!is_unseen(c), "{c:?}");
        }
    }

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
