//! Filling the slots of a file: `{{name}}`, within strings only, each replaced once.
//!
//! What a slot is filled with says what it is, and where it stands says how it is written: anybody's text is escaped
//! within a code span where Slack reads mark-up, and stripped where it doesn't. Mark-up never gets into plain text, nor
//! anybody's text into identifiers. A value is never looked through for slots.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::cut::{as_code, as_markup, as_plain, line_within, within};
use super::markup::Markup;

/// What a slot is filled with.
#[derive(Debug, Clone)]
enum Fill {
    /// Anybody's text, on one line of at most so many characters.
    Line(String, usize),
    /// Anybody's text, of several lines.
    Lines(String, usize),
    /// Mark-up.
    Markup(Markup),
    /// A number.
    Number(u64),
    /// A word of ours.
    Word(&'static str),
    /// What only programs read.
    Code(String),
    /// Nothing to be seen: the slot marks a part of the message that is there.
    There,
    /// The part of the message that the slot stands in is left out: a block, a field, or an element of a row.
    LeftOut,
}

/// What the slots of one file are filled with.
#[derive(Debug, Clone, Default)]
pub(super) struct Values(BTreeMap<&'static str, Fill>);

impl Values {
    /// None yet.
    pub(super) fn new() -> Self {
        Self::default()
    }

    fn with(mut self, slot: &'static str, fill: Fill) -> Self {
        self.0.insert(slot, fill);
        self
    }

    /// Anybody's text, on one line.
    pub(super) fn line(self, slot: &'static str, text: &str, most: usize) -> Self {
        self.with(slot, Fill::Line(text.to_owned(), most))
    }

    /// Anybody's text, on one line, where there is any.
    pub(super) fn line_if(self, slot: &'static str, text: Option<&str>, most: usize) -> Self {
        match text {
            Some(text) => self.line(slot, text, most),
            None => self.with(slot, Fill::LeftOut),
        }
    }

    /// Anybody's text, of several lines.
    pub(super) fn lines(self, slot: &'static str, text: &str, most: usize) -> Self {
        self.with(slot, Fill::Lines(text.to_owned(), most))
    }

    /// Anybody's text, where there is any.
    pub(super) fn lines_if(self, slot: &'static str, text: Option<&str>, most: usize) -> Self {
        match text.filter(|text| !text.trim().is_empty()) {
            Some(text) => self.lines(slot, text, most),
            None => self.with(slot, Fill::LeftOut),
        }
    }

    /// Mark-up.
    pub(super) fn markup(self, slot: &'static str, markup: Markup) -> Self {
        self.with(slot, Fill::Markup(markup))
    }

    /// Mark-up, where there is any.
    pub(super) fn markup_if(self, slot: &'static str, markup: Option<Markup>) -> Self {
        self.with(slot, markup.map_or(Fill::LeftOut, Fill::Markup))
    }

    /// A number.
    pub(super) fn number(self, slot: &'static str, number: impl Into<u64>) -> Self {
        self.with(slot, Fill::Number(number.into()))
    }

    /// A word of ours.
    pub(super) fn word(self, slot: &'static str, word: &'static str) -> Self {
        self.with(slot, Fill::Word(word))
    }

    /// What only programs read.
    pub(super) fn code(self, slot: &'static str, code: String) -> Self {
        self.with(slot, Fill::Code(code))
    }

    /// Whether the part of the message that the slot stands in is there.
    pub(super) fn when(self, slot: &'static str, there: bool) -> Self {
        self.with(slot, if there { Fill::There } else { Fill::LeftOut })
    }
}

/// Why a file could not be filled: a mistake in the file or beside it, which a test finds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum FillError {
    /// The file has a slot that nothing fills.
    #[error("nothing fills the slot {0}")]
    Unfilled(String),
    /// Something is given for a slot that the file doesn't have.
    #[error("there is no slot {0}")]
    Unused(String),
    /// What is given can't stand there.
    #[error("the slot {0} stands where that can't be written")]
    Misplaced(String),
    /// Two opening braces that are no slot.
    #[error("{0} is no slot")]
    Malformed(String),
    /// Nothing would be left.
    #[error("nothing of it is left")]
    Empty,
}

/// Fills a file.
pub(super) fn fill(template: &Value, values: &Values) -> Result<Value, FillError> {
    let mut filler = Filler { values, used: BTreeSet::new() };
    let filled = filler.value(template, Place::Fixed)?.ok_or(FillError::Empty)?;
    match values.0.keys().find(|slot| !filler.used.contains(*slot)) {
        Some(slot) => Err(FillError::Unused((*slot).to_owned())),
        None => Ok(filled),
    }
}

/// Where a string stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The text of a message beside its blocks, for notifications and screen readers.
    Notice,
    /// Where mark-up is read.
    Marked,
    /// Where people read it as it is.
    Plain,
    /// Where only programs read it.
    Code,
    /// Where nothing is filled in.
    Fixed,
}

impl Place {
    /// Where the string of a key stands, in an object of a type.
    fn of(kind: Option<&str>, key: &str) -> Self {
        match (kind, key) {
            (None, "text") => Self::Notice,
            (Some("mrkdwn"), "text") => Self::Marked,
            (Some("plain_text" | "text"), "text") => Self::Plain,
            (_, "value" | "block_id" | "private_metadata") => Self::Code,
            _ => Self::Fixed,
        }
    }
}

struct Filler<'a> {
    values: &'a Values,
    used: BTreeSet<&'a str>,
}

impl Filler<'_> {
    /// The value filled; none where it is left out.
    fn value(&mut self, value: &Value, place: Place) -> Result<Option<Value>, FillError> {
        match value {
            Value::String(text) => Ok(self.string(text, place)?.map(Value::String)),
            Value::Object(object) => Ok(self.object(object)?.map(Value::Object)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => Ok(Some(value.clone())),
        }
    }

    fn object(&mut self, object: &Map<String, Value>) -> Result<Option<Map<String, Value>>, FillError> {
        let kind = object.get("type").and_then(Value::as_str);
        // Rich text is one piece: without one part of it the rest would say something else.
        let whole = kind.is_some_and(|kind| kind.starts_with("rich_text"));
        let mut filled = Map::new();
        let mut there = true;
        for (key, value) in object {
            let value = match value {
                Value::Array(values) => self.array(values, whole)?,
                value => self.value(value, Place::of(kind, key))?,
            };
            match value {
                Some(value) => {
                    filled.insert(key.clone(), value);
                }
                None => there = false,
            }
        }
        Ok(there.then_some(filled))
    }

    /// A list without what is left out of it; itself left out where nothing stays, or where it has to stay whole.
    fn array(&mut self, values: &[Value], whole: bool) -> Result<Option<Value>, FillError> {
        let mut filled = Vec::with_capacity(values.len());
        for value in values {
            filled.extend(self.value(value, Place::Fixed)?);
        }
        let missing = values.len() - filled.len();
        let there = missing == 0 || (!whole && !filled.is_empty());
        Ok(there.then_some(Value::Array(filled)))
    }

    fn string(&mut self, text: &str, place: Place) -> Result<Option<String>, FillError> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        let mut there = true;
        while let Some((before, after)) = rest.split_once("{{") {
            let malformed = || FillError::Malformed(format!("{{{{{after}"));
            let (name, after) = after.split_once("}}").ok_or_else(malformed)?;
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
                return Err(malformed());
            }
            out.push_str(before);
            there &= self.slot(name, place, &mut out)?;
            rest = after;
        }
        out.push_str(rest);
        let out = if place == Place::Notice { out.trim_end().to_owned() } else { out };
        Ok(there.then_some(out))
    }

    /// Writes what a slot is filled with; false where its surroundings are left out.
    fn slot(&mut self, name: &str, place: Place, out: &mut String) -> Result<bool, FillError> {
        let Some((slot, fill)) = self.values.0.get_key_value(name) else {
            return Err(FillError::Unfilled(name.to_owned()));
        };
        self.used.insert(slot);
        let misplaced = || Err(FillError::Misplaced(name.to_owned()));
        match (fill, place) {
            (Fill::LeftOut, Place::Marked | Place::Plain) => return Ok(false),
            // A message always says something beside its blocks: there only the slot itself goes.
            (Fill::LeftOut, Place::Notice) | (Fill::There, Place::Marked | Place::Plain) => {}
            (Fill::Line(text, most), Place::Notice | Place::Marked) => {
                out.push('`');
                out.push_str(&line_within(text, *most, as_code));
                out.push('`');
            }
            (Fill::Line(text, most), Place::Plain) => out.push_str(&line_within(text, *most, as_plain)),
            // Read out or shown in a notification, where several lines of code would be a nuisance. Nothing in it can
            // ping; the message itself has it in plain text.
            (Fill::Lines(text, most), Place::Notice) => out.push_str(&within(text, *most, as_markup)),
            (Fill::Lines(text, most), Place::Plain) => out.push_str(&within(text, *most, as_plain)),
            (Fill::Markup(markup), Place::Notice | Place::Marked) => out.push_str(markup.as_str()),
            (Fill::Number(number), Place::Notice | Place::Marked | Place::Plain | Place::Code) => {
                out.push_str(&number.to_string());
            }
            (Fill::Word(word), Place::Notice | Place::Marked | Place::Plain) => out.push_str(word),
            (Fill::Code(code), Place::Code) => out.push_str(code),
            (
                Fill::LeftOut
                | Fill::There
                | Fill::Lines(..)
                | Fill::Line(..)
                | Fill::Markup(_)
                | Fill::Number(_)
                | Fill::Word(_)
                | Fill::Code(_),
                Place::Notice | Place::Marked | Place::Plain | Place::Code | Place::Fixed,
            ) => return misplaced(),
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::markup::Markup;
    use super::{FillError, Values, fill};

    fn message(element: Value) -> Value {
        json!({"text": "x", "blocks": [{"type": "section", "text": element}, {"type": "divider"}]})
    }

    #[test]
    fn anybody_s_text_is_written_as_its_place_needs_it() {
        let template = json!({"text": "{{a}}", "blocks": [
            {"type": "mrkdwn", "text": "*{{a}}*"}, {"type": "plain_text", "text": "{{a}}"},
            {"type": "text", "text": "{{a}}"},
        ]});
        let filled = fill(&template, &Values::new().line("a", "*b* <!here> `c`\n&", 99)).unwrap();
        let expected = json!({"text": "`*b* &lt;!here&gt; 'c' &amp;`", "blocks": [
            {"type": "mrkdwn", "text": "*`*b* &lt;!here&gt; 'c' &amp;`*"},
            {"type": "plain_text", "text": "*b* <!here> `c` &"}, {"type": "text", "text": "*b* <!here> `c` &"},
        ]});
        assert_eq!(filled, expected);
    }

    #[test]
    fn a_value_that_looks_like_a_slot_is_not_filled_again() {
        let template = message(json!({"type": "plain_text", "text": "{{a}} {{b}}"}));
        let filled = fill(&template, &Values::new().line("a", "{{b}}", 99).line("b", "{{a}}", 99)).unwrap();
        assert_eq!(filled["blocks"][0]["text"]["text"], "{{b}} {{a}}");
    }

    #[test]
    fn slots_and_values_have_to_match() {
        let template = message(json!({"type": "plain_text", "text": "{{a}}"}));
        let error = |values| fill(&template, &values).unwrap_err();
        assert_eq!(error(Values::new()), FillError::Unfilled("a".to_owned()));
        let unused = Values::new().line("a", "x", 9).line("b", "x", 9);
        assert_eq!(error(unused), FillError::Unused("b".to_owned()));
        let markup = Values::new().markup("a", Markup::ours("x"));
        assert_eq!(error(markup), FillError::Misplaced("a".to_owned()));
        assert_eq!(error(Values::new().code("a", "x".to_owned())), FillError::Misplaced("a".to_owned()));
        for broken in ["{{", "{{a", "{{A}}", "{{}}", "{{a b}}"] {
            let template = message(json!({"type": "plain_text", "text": broken}));
            assert!(matches!(fill(&template, &Values::new()), Err(FillError::Malformed(_))), "{broken}");
        }
    }

    #[test]
    fn anybody_s_text_never_becomes_an_identifier() {
        let template = json!({"text": "x", "blocks": [{"type": "actions", "block_id": "{{a}}"}]});
        let error = fill(&template, &Values::new().line("a", "x", 9)).unwrap_err();
        assert_eq!(error, FillError::Misplaced("a".to_owned()));
        let template = json!({"text": "x", "blocks": [{"type": "{{a}}"}]});
        let error = fill(&template, &Values::new().code("a", "x".to_owned())).unwrap_err();
        assert_eq!(error, FillError::Misplaced("a".to_owned()));
    }

    #[test]
    fn what_has_nothing_to_say_is_left_out_whole() {
        let template = json!({"text": "x", "blocks": [
            {"type": "section", "fields": [
                {"type": "mrkdwn", "text": "{{when_there}}a"}, {"type": "mrkdwn", "text": "b"},
            ]},
            {"type": "context", "elements": [{"type": "mrkdwn", "text": "{{when_there}}c"}]},
            {"type": "rich_text", "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "title"}]},
                {"type": "rich_text_quote", "elements": [{"type": "text", "text": "{{when_there}}d"}]},
            ]},
        ]});
        let gone = fill(&template, &Values::new().when("when_there", false)).unwrap();
        let left = json!([{"type": "section", "fields": [{"type": "mrkdwn", "text": "b"}]}]);
        assert_eq!(gone["blocks"], left);
        let there = fill(&template, &Values::new().when("when_there", true)).unwrap();
        assert_eq!(there["blocks"].as_array().unwrap().len(), 3);
        assert_eq!(there["blocks"][0]["fields"][0]["text"], "a");
    }
}
