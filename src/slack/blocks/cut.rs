//! Cutting text and lists to what fits, counted as Slack counts: in UTF-16 units, entities included.
//!
//! No more of a text is read than is shown, however long it is.

use super::words::count;
use crate::slack::escape::{is_seen, push_escaped};

/// How long a text is for Slack, at the most pessimistic reading.
pub(super) fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// How a character is written.
pub(super) type Writing = fn(char, &mut String);

/// Where no mark-up is read.
pub(super) fn as_plain(c: char, out: &mut String) {
    out.push(c);
}

/// Where mark-up is read, outside of a code span.
pub(super) fn as_markup(c: char, out: &mut String) {
    push_escaped(c, out);
}

/// Within a code span, which nothing but a backtick ends.
pub(super) fn as_code(c: char, out: &mut String) {
    push_escaped(if c == '`' { '\'' } else { c }, out);
}

/// Text of several lines in some writing, in at most so many units; an ellipsis stands for what was cut. Never empty,
/// for Slack refuses empty texts.
pub(super) fn within(text: &str, most: usize, write: Writing) -> String {
    fit(text, most, write, |space| space)
}

/// Text on one line, in the same way.
pub(super) fn line_within(text: &str, most: usize, write: Writing) -> String {
    fit(text, most, write, |_| " ")
}

/// White space counts where something follows it; `space` says what stands for a run of it.
fn fit(text: &str, most: usize, write: Writing, space: fn(&str) -> &str) -> String {
    let (mut out, mut used, mut safe) = (String::new(), 0, 0);
    let (mut gap, mut piece) = (String::new(), String::new());
    for c in text.chars().filter(|c| is_seen(*c) || c.is_whitespace()) {
        if c.is_whitespace() {
            // Nothing but spaces for longer than there is room: whatever follows doesn't fit anyway.
            if gap.len() <= most {
                gap.extend(is_seen(c).then_some(c).or(Some(' ')));
            }
            continue;
        }
        piece.clear();
        if !gap.is_empty() && !out.is_empty() {
            piece.push_str(space(&gap));
        }
        gap.clear();
        write(c, &mut piece);
        let length = units(&piece);
        if used + length > most {
            out.truncate(safe);
            out.push('…');
            return out;
        }
        out.push_str(&piece);
        used += length;
        if used < most {
            safe = out.len();
        }
    }
    if out.is_empty() { "(empty)".to_owned() } else { out }
}

/// How long one line of a list may be.
pub(super) const LINE: usize = 200;
/// Room for the line that says how much is left out.
const TAIL: usize = 48;

/// A list with as many lines from the front as fit into so many units, and a last one that says what the others stand
/// for: their weights, added up.
pub(super) fn folded<T>(
    things: &[T],
    most: usize,
    line: impl Fn(&T) -> String,
    weight: impl Fn(&T) -> u64,
    rest: impl Fn(&str) -> String,
) -> String {
    let (mut lines, mut used, mut fitting) = (Vec::new(), 0, 0);
    for thing in things {
        let line = line(thing);
        used += units(&line) + 1;
        if used > most {
            lines.truncate(fitting);
            let left = things.iter().skip(fitting).map(weight).fold(0, u64::saturating_add);
            lines.push(rest(&count(left)));
            break;
        }
        lines.push(line);
        if used + TAIL <= most {
            fitting = lines.len();
        }
    }
    lines.join("\n")
}

/// Text of which lines are copied: as many whole ones as fit, and how many are left out. Half a command is worse than none.
pub(super) fn whole_lines(text: &str, most: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let shown = |line: &&str| match units(line) {
        long if long > most / 2 && !line.starts_with("aws ") => line_within(line, most / 2, as_plain),
        _ => (*line).to_owned(),
    };
    folded(&lines, most, shown, |_| 1, |left| format!("… and {left} more in the history"))
}

/// Things as a list with bullets, folded to fit.
pub(super) fn bullets(things: &[String], most: usize) -> String {
    let line = |thing: &String| format!("• {}", line_within(thing, LINE - 2, as_plain));
    folded(things, most, line, |_| 1, |left| format!("• and {left} more"))
}

#[cfg(test)]
mod tests {
    use super::{as_code, as_markup, as_plain, bullets, folded, line_within, units, whole_lines, within};

    #[test]
    fn a_cut_text_fits_ends_in_an_ellipsis_and_halves_no_entity() {
        for (text, most, expected) in [
            ("short", 5, "short"),
            ("short \n", 5, "short"),
            ("longer", 5, "long…"),
            ("a<b", 5, "a…"),
            ("a<b", 6, "a&lt;b"),
            ("🎉🎉🎉", 4, "🎉…"),
            ("\u{200b} \u{202e}", 9, "(empty)"),
            (" a\n\n b ", 9, "a\n\n b"),
        ] {
            let cut = within(text, most, as_markup);
            assert_eq!(cut, expected);
            assert!(units(&cut) <= most);
        }
        assert_eq!(within("a`b", 9, as_code), "a'b");
        assert_eq!(within("a\u{202e}<`b", 9, as_plain), "a<`b");
        assert_eq!(line_within(" a\n\n b\u{2028}c ", 9, as_plain), "a b c");
    }

    #[test]
    fn a_list_is_shown_whole_where_it_fits_and_else_says_how_much_is_left_out() {
        let numbers: Vec<u64> = (1..=100).collect();
        let fold = |numbers: &[u64], most| {
            let line = |number: &u64| format!("line {number}");
            folded(numbers, most, line, |number| *number, |left| format!("and {left} more"))
        };
        assert_eq!(fold(&numbers[..3], 21), "line 1\nline 2\nline 3");
        assert_eq!(fold(&numbers[..3], 20), "and 6 more");
        assert_eq!(fold(&numbers, 80), "line 1\nline 2\nline 3\nline 4\nand 5,040 more");
        let text = format!("theirs is new\naws iam one\naws iam {}\naws iam three", "x".repeat(99));
        assert_eq!(whole_lines(&text, 200), text);
        let cut = "theirs is new\naws iam one\n… and 2 more in the history";
        assert_eq!(whole_lines(&text, 120), cut, "no command is cut");
        assert!(units(&whole_lines(&"what ".repeat(99), 120)) <= 120);
        assert_eq!(bullets(&["a\nb".to_owned(), "c".to_owned()], 100), "• a b\n• c");
    }
}
