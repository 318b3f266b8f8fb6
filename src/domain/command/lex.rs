//! Words of a line as a person typed it: quoting, and what phones and Slack make of it on the way.
//!
//! A quote opens at the beginning of a word only, so that the apostrophe of "it's" is just a letter.

use std::borrow::Cow;

/// One word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// What it says, without its quotes.
    pub text: String,
    /// Whether it began with a quote or a backslash, and so is no flag whatever it begins with.
    pub quoted: bool,
}

/// A quote was opened and never closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unclosed<'a> {
    /// The quote.
    pub quote: char,
    /// All that follows it.
    pub rest: &'a str,
}

/// Reads words off a line, one by one.
#[derive(Debug, Clone)]
pub(super) struct Words<'a> {
    rest: &'a str,
}

/// Quotes that close each other. Phones and word processors put typographic ones, of any language, for straight ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quote {
    Double,
    Single,
    Back,
}

impl Quote {
    fn of(c: char) -> Option<Self> {
        match c {
            '"' | '\u{201c}'..='\u{201f}' | '«' | '»' | '\u{2033}' | '\u{ff02}' => Some(Self::Double),
            '\'' | '\u{2018}'..='\u{201b}' | '‹' | '›' | '\u{2032}' => Some(Self::Single),
            '`' => Some(Self::Back),
            _ => None,
        }
    }
}

/// Dashes that begin a flag. Phones make one long dash of two hyphens.
fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

impl<'a> Words<'a> {
    pub fn new(line: &'a str) -> Self {
        Self { rest: line }
    }

    /// What wasn't read yet, without blanks around it.
    pub fn rest(&self) -> &'a str {
        self.rest.trim()
    }

    /// The next word, or none at the end of the line.
    pub fn next(&mut self) -> Result<Option<Word>, Unclosed<'a>> {
        let line = self.rest.trim_start();
        let mut chars = line.char_indices();
        let Some(first) = line.chars().next() else {
            self.rest = "";
            return Ok(None);
        };
        let mut word = Word { text: String::new(), quoted: first == '\\' || Quote::of(first).is_some() };
        let mut may_open = true;
        let mut end = line.len();
        while let Some((at, c)) = chars.next() {
            if c.is_whitespace() {
                end = at;
                break;
            }
            let quote = Quote::of(c).filter(|_| may_open);
            may_open = false;
            if let Some(quote) = quote {
                let opened = Unclosed { quote: c, rest: &line[at + c.len_utf8()..] };
                quoted(quote, &mut chars, &mut word.text).ok_or(opened)?;
                may_open = true;
            } else if c == '\\' {
                word.text.push(chars.next().map_or('\\', |(_, next)| next));
            } else {
                word.text.push(c);
                may_open = c == '=' && !word.quoted && first_is_dash(&word.text);
            }
        }
        self.rest = &line[end..];
        Ok(Some(word))
    }
}

/// Reads up to the closing quote; none where there is none.
fn quoted(quote: Quote, chars: &mut std::str::CharIndices<'_>, into: &mut String) -> Option<()> {
    loop {
        let (_, c) = chars.next()?;
        if Quote::of(c) == Some(quote) {
            return Some(());
        }
        into.push(if c == '\\' && quote == Quote::Double { chars.next()?.1 } else { c });
    }
}

fn first_is_dash(text: &str) -> bool {
    text.chars().next().is_some_and(is_dash)
}

impl Word {
    /// Its name and value, as far as it has one, if it is a flag.
    pub fn as_flag(&self) -> Option<(&str, Option<&str>)> {
        if self.quoted || !first_is_dash(&self.text) {
            return None;
        }
        let flag = self.text.trim_start_matches(is_dash);
        Some(match flag.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (flag, None),
        })
    }
}

/// A line as it was typed, from what Slack made of it: `&`, `<` and `>` are written as entities, and what looks like an
/// address becomes a link, with the text as its label. Mentions stay, without their labels.
pub(super) fn as_typed(line: &str) -> Cow<'_, str> {
    if !line.contains(['&', '<']) {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(['&', '<']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = if rest.starts_with('<') { link(rest, &mut out) } else { entity(rest, &mut out) };
        rest = &rest[taken..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Writes what the entity at the beginning stands for, and says how long it was.
fn entity(text: &str, out: &mut String) -> usize {
    for (entity, c) in [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>')] {
        if text.starts_with(entity) {
            out.push(c);
            return entity.len();
        }
    }
    out.push('&');
    1
}

/// Writes what the link at the beginning shows, and says how long it was.
fn link(text: &str, out: &mut String) -> usize {
    let Some(inner) = text[1..].split('>').next().filter(|inner| inner.len() + 1 < text.len()) else {
        out.push('<');
        return 1;
    };
    let (address, label) = inner.split_once('|').unwrap_or((inner, ""));
    if address.starts_with(['@', '#', '!']) {
        out.extend(["<", address, ">"]);
    } else {
        let shown = if label.is_empty() { address } else { label };
        // A label has no links in it, so that this goes no deeper than once.
        out.push_str(&shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"));
    }
    inner.len() + 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        let mut words = Words::new(line);
        std::iter::from_fn(|| words.next().unwrap().map(|word| word.text)).collect()
    }

    #[test]
    fn words_are_split_at_blanks_and_quotes_hold_them_together() {
        for (line, expected) in [
            ("", vec![]),
            ("   \t ", vec![]),
            ("a  b\u{a0}c", vec!["a", "b", "c"]),
            (r#"a "b c" d"#, vec!["a", "b c", "d"]),
            ("a 'b c' d", vec!["a", "b c", "d"]),
            ("a “b c” d", vec!["a", "b c", "d"]),
            ("„b c“ «d e» ‚f g‘ ‹h i›", vec!["b c", "d e", "f g", "h i"]),
            ("`ci-deployer`", vec!["ci-deployer"]),
            ("```ci-deployer```", vec!["ci-deployer"]),
            (r"a\ b \-c \\", vec!["a b", "-c", r"\"]),
            (r#""a \"b\"" 'c\'"#, vec![r#"a "b""#, r"c\"]),
            ("it's don’t", vec!["it's", "don’t"]),
            (r#"--days="30" --x='a b'"#, vec!["--days=30", "--x=a b"]),
            (r#""""#, vec![""]),
            ("trailing\\", vec!["trailing\\"]),
        ] {
            assert_eq!(words(line), expected, "{line}");
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_is_shown_with_what_follows() {
        let mut words = Words::new("analyze “ci deployer");
        words.next().unwrap();
        assert_eq!(words.next(), Err(Unclosed { quote: '“', rest: "ci deployer" }));
    }

    #[test]
    fn dashes_of_all_lengths_begin_a_flag_unless_quoted() {
        for (text, quoted, expected) in [
            ("--days", false, Some(("days", None))),
            ("—days", false, Some(("days", None))),
            ("–days=3", false, Some(("days", Some("3")))),
            ("-days", false, Some(("days", None))),
            ("--days=a=b", false, Some(("days", Some("a=b")))),
            ("--days", true, None),
            ("days", false, None),
        ] {
            let word = Word { text: text.to_owned(), quoted };
            assert_eq!(word.as_flag(), expected, "{text}");
        }
    }

    #[test]
    fn what_slack_made_of_a_line_is_undone() {
        for (line, expected) in [
            ("analyze a", "analyze a"),
            ("a &amp; b &lt;c&gt; &amp;lt; &copy; &", "a & b <c> &lt; &copy; &"),
            ("analyze <http://web.app|web.app>", "analyze web.app"),
            ("<https://example.com/a>", "https://example.com/a"),
            ("<mailto:a@b.com|a@b.com>", "a@b.com"),
            ("<@U1|ann smith> <#C1|x> <!here>", "<@U1> <#C1> <!here>"),
            ("<http://x|a&amp;b>", "a&b"),
            ("a < b", "a < b"),
            ("<", "<"),
            ("<>", ""),
        ] {
            assert_eq!(as_typed(line), expected, "{line}");
        }
    }
}
