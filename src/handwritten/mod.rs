//! TOML files that people write by hand: where each thing stands, which keys there are, and what was meant instead.
//!
//! It never shows a line of the file: what stands there may be a secret. All faults of a file are gathered, so that a
//! person mends it once.

mod alike;
mod place;

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub use alike::{did_you_mean, nearest};
pub use place::Place;

/// The most bytes that such a file may have; a larger one is something else.
pub const MAX_BYTES: u64 = 1024 * 1024;

/// One thing that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Where it stands.
    pub place: Place,
    /// What is wrong, and what was expected.
    pub text: String,
}

/// A value, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    /// Where.
    pub place: Place,
    /// What.
    pub value: T,
}

/// Reads the text of one file, and gathers what is wrong with it.
#[derive(Debug)]
pub struct Reader<'s> {
    text: &'s str,
    faults: Vec<Fault>,
}

impl<'s> Reader<'s> {
    /// For a text.
    pub fn new(text: &'s str) -> Self {
        Self { text, faults: Vec::new() }
    }

    /// The whole file as a table; nothing but faults where it is no TOML.
    pub fn table(&mut self) -> Option<DeTable<'s>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            self.fault(error.span().unwrap_or_default(), error.message().to_owned());
        }
        errors.is_empty().then(|| table.into_inner())
    }

    /// Where a span begins.
    pub fn place(&self, span: &Range<usize>) -> Place {
        Place::of(self.text, span.start)
    }

    /// Notes that something is wrong.
    pub fn fault(&mut self, span: Range<usize>, text: String) {
        let place = self.place(&span);
        self.fault_at(place, text);
    }

    /// Notes that something is wrong.
    pub fn fault_at(&mut self, place: Place, text: String) {
        self.faults.push(Fault { place, text });
    }

    /// Refuses keys that don't exist. `whose` says of what they are keys, such as `a grant`.
    pub fn known(&mut self, table: &DeTable<'_>, whose: &str, keys: &[&str]) {
        for (key, _) in table.iter().filter(|(key, _)| !keys.contains(&key.get_ref().as_ref())) {
            let meant = did_you_mean(key.get_ref(), keys.iter().copied());
            self.fault(
                key.span(),
                format!("{whose} has no key {:?}{meant}; its keys are {}", key.get_ref(), keys.join(", ")),
            );
        }
    }

    /// The text of a value, without white space around it.
    pub fn word(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<At<String>> {
        let Some(text) = value.get_ref().as_str() else {
            self.fault(value.span(), expected(key, "a text in quotation marks", value.get_ref()));
            return None;
        };
        Some(At { place: self.place(&value.span()), value: text.trim().to_owned() })
    }

    /// The texts of a list, each without white space around it.
    pub fn words(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Vec<At<String>>> {
        let Some(list) = value.get_ref().as_array() else {
            self.fault(value.span(), expected(key, "a list of texts, such as [\"one\"]", value.get_ref()));
            return None;
        };
        list.iter().map(|item| self.word(key, item)).collect()
    }

    /// Whether nothing is wrong so far.
    pub fn is_good(&self) -> bool {
        self.faults.is_empty()
    }

    /// What is wrong, in the order of the file.
    pub fn into_faults(mut self) -> Vec<Fault> {
        self.faults.sort();
        self.faults
    }
}

fn expected(key: &str, what: &str, found: &DeValue<'_>) -> String {
    let kind = found.type_str();
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{key} is {article} {kind}; expected {what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str, read: impl FnOnce(&mut Reader<'_>)) -> Vec<String> {
        let mut reader = Reader::new(text);
        read(&mut reader);
        reader.into_faults().into_iter().map(|fault| format!("{}: {}", fault.place, fault.text)).collect()
    }

    #[test]
    fn what_is_no_toml_is_told_with_its_place_and_without_its_text() {
        let found = faults("a = 1\nsecret = xoxb-very-secret\n", |reader| assert!(reader.table().is_none()));
        assert!(!found.is_empty());
        assert!(found.iter().all(|fault| fault.starts_with("2:") && !fault.contains("very")), "{found:?}");
    }

    #[test]
    fn an_unknown_key_is_told_with_the_one_that_was_meant() {
        let found = faults("listen = 1\n\nlitsen = 2\n", |reader| {
            let table = reader.table().unwrap();
            reader.known(&table, "the file", &["listen", "store"]);
        });
        assert_eq!(
            found,
            ["3:1: the file has no key \"litsen\" (did you mean listen?); its keys are listen, store"]
        );
    }

    #[test]
    fn a_value_of_another_kind_is_told_by_kind() {
        let found = faults("a = 1\nb = [\"x\", true]\n", |reader| {
            let table = reader.table().unwrap();
            assert_eq!(reader.word("a", &table["a"]), None);
            assert_eq!(reader.words("b", &table["b"]), None);
            assert_eq!(reader.words("a", &table["a"]), None);
        });
        assert_eq!(found.len(), 3);
        assert!(found.iter().any(|fault| fault.contains("a is an integer; expected a text")), "{found:?}");
        assert!(found.iter().any(|fault| fault.starts_with("2:11: b is a boolean")), "{found:?}");
    }
}
