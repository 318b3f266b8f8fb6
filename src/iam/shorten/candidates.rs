//! The patterns that could stand for some wanted names of a service without matching any other name of it.

use std::collections::HashMap;

use memchr::memmem::Finder;

use crate::iam::catalogue::words::boundaries;

/// The fewest letters between two wildcards: a shorter text is found within other words too (`Get` in `Target`), if not
/// today then in an action to come.
const LEAST_INFIX: usize = 4;

/// A name of an action, with its words.
pub(super) struct Name {
    pub text: &'static str,
    pub lower: String,
    /// Where its words begin, both ends included.
    pub cuts: Vec<usize>,
}

impl Name {
    pub fn of(text: &'static str) -> Self {
        Self { text, lower: text.to_ascii_lowercase(), cuts: boundaries(text) }
    }

    fn words(&self) -> usize {
        self.cuts.len() - 1
    }
}

/// A pattern of names. The order is that of readability, the most readable first.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Shape {
    /// `Get*`
    Prefix(String),
    /// `*Tagging`
    Suffix(String),
    /// `Get*Tagging`
    Both(String, String),
    /// `*Version*`
    Infix(String),
}

impl Shape {
    fn of(prefix: &str, suffix: &str) -> Self {
        match (prefix, suffix) {
            (prefix, "") => Self::Prefix(prefix.into()),
            ("", suffix) => Self::Suffix(suffix.into()),
            (prefix, suffix) => Self::Both(prefix.into(), suffix.into()),
        }
    }

    /// How many names a pattern has to stand for. One between two wildcards says little of what it matches, and has to
    /// save more.
    pub fn worth(&self) -> usize {
        if matches!(self, Self::Infix(_)) { 3 } else { 2 }
    }

    /// Ready to be matched with names.
    pub fn matcher(&self) -> Matcher {
        let lower = |text: &str| text.to_ascii_lowercase();
        match self {
            Self::Prefix(prefix) => Matcher::Ends(lower(prefix), String::new()),
            Self::Suffix(suffix) => Matcher::Ends(String::new(), lower(suffix)),
            Self::Both(prefix, suffix) => Matcher::Ends(lower(prefix), lower(suffix)),
            Self::Infix(infix) => Matcher::Inside(Box::new(Finder::new(&lower(infix)).into_owned())),
        }
    }

    /// The pattern, without its service.
    pub fn written(&self) -> String {
        match self {
            Self::Prefix(prefix) => format!("{prefix}*"),
            Self::Suffix(suffix) => format!("*{suffix}"),
            Self::Both(prefix, suffix) => format!("{prefix}*{suffix}"),
            Self::Infix(infix) => format!("*{infix}*"),
        }
    }

    /// The narrowest pattern of this kind that still matches all of `names`, at the words that they share. It has to
    /// match them at their words already.
    pub fn narrowed(&self, names: &[&Name]) -> Self {
        let (prefix, suffix) = match self {
            Self::Infix(_) => return self.clone(),
            Self::Prefix(prefix) => (prefix.len(), 0),
            Self::Suffix(suffix) => (0, suffix.len()),
            Self::Both(prefix, suffix) => (prefix.len(), suffix.len()),
        };
        let Some(first) = names.first() else { return self.clone() };
        let head = shared(names, |name, count| {
            name.cuts
                .get(count + 1)
                .filter(|cut| **cut + suffix <= name.text.len())
                .map(|cut| &name.lower[..*cut])
        });
        let head = first.cuts[head].max(prefix);
        let tail = shared(names, |name, count| {
            let cut = name.words().checked_sub(count + 1).map(|word| name.cuts[word]);
            cut.filter(|cut| *cut >= head).map(|cut| &name.lower[cut..])
        });
        let tail = first.cuts[first.words() - tail].min(first.text.len() - suffix);
        Self::of(&first.text[..head], &first.text[tail..])
    }
}

/// How many words in a row all names share, `part` being the text of the first `count + 1` of them.
fn shared<'n>(names: &[&'n Name], part: impl Fn(&'n Name, usize) -> Option<&'n str>) -> usize {
    let mut count = 0;
    while let Some(text) = names.first().and_then(|first| part(first, count)) {
        if names.iter().any(|name| part(name, count) != Some(text)) {
            break;
        }
        count += 1;
    }
    count
}

/// A pattern of names in lower case.
pub(super) enum Matcher {
    Ends(String, String),
    Inside(Box<Finder<'static>>),
}

impl Matcher {
    /// Whether the pattern matches, as IAM matches.
    pub fn matches(&self, name: &Name) -> bool {
        match self {
            Self::Ends(prefix, suffix) => {
                name.lower.len() >= prefix.len() + suffix.len()
                    && name.lower.starts_with(prefix.as_str())
                    && name.lower.ends_with(suffix.as_str())
            }
            Self::Inside(infix) => infix.find(name.lower.as_bytes()).is_some(),
        }
    }

    /// Whether the pattern matches and its wildcards stand for whole words of the name: `*Register` matches
    /// `Deregister` in the middle of a word.
    pub fn matches_words(&self, name: &Name) -> bool {
        let cut = |at: usize| name.cuts.binary_search(&at).is_ok();
        match self {
            Self::Ends(prefix, suffix) => {
                self.matches(name) && cut(prefix.len()) && cut(name.text.len() - suffix.len())
            }
            Self::Inside(infix) => infix
                .find_iter(name.lower.as_bytes())
                .any(|start| cut(start) && cut(start + infix.needle().len())),
        }
    }
}

/// All patterns worth trying for the wanted names: the widest that match none of the others, each once, the most
/// readable first.
pub(super) fn candidates(wanted: &[Name], others: &[Name]) -> Vec<Shape> {
    let mut forbidden = Forbidden { others, known: HashMap::new() };
    let mut found = Vec::new();
    for name in wanted {
        forbidden.widest_ends(name, &mut found);
        forbidden.widest_infixes(name, &mut found);
    }
    found.sort();
    found.dedup();
    found
}

/// The names that no pattern may match, sorted in lower case, with what is known of the patterns asked for so far.
struct Forbidden<'n> {
    others: &'n [Name],
    known: HashMap<(String, String), bool>,
}

impl Forbidden<'_> {
    /// For each number of words kept at the end, the fewest that have to be kept at the beginning.
    fn widest_ends(&mut self, name: &Name, found: &mut Vec<Shape>) {
        let words = name.words();
        let mut kept = words + 1;
        for at_end in 0..=words {
            let before = kept;
            let suffix = name.cuts[words - at_end];
            kept = kept.min(words - at_end + 1);
            while kept > 0 && self.allows(&name.lower[..name.cuts[kept - 1]], &name.lower[suffix..]) {
                kept -= 1;
            }
            if kept < before.min(words - at_end + 1) {
                found.push(Shape::of(&name.text[..name.cuts[kept]], &name.text[suffix..]));
            }
            if kept == 0 {
                break;
            }
        }
    }

    /// For each word, the fewest from there that no other name holds.
    fn widest_infixes(&self, name: &Name, found: &mut Vec<Shape>) {
        let mut shortest_end = usize::MAX;
        for start in (0..name.words()).rev() {
            let long_enough = |end: &usize| name.cuts[*end] - name.cuts[start] >= LEAST_INFIX;
            let end = (start + 1..=name.words()).filter(long_enough).find(|end| {
                let infix = Finder::new(&name.lower[name.cuts[start]..name.cuts[*end]]);
                !self.others.iter().any(|other| infix.find(other.lower.as_bytes()).is_some())
            });
            // One that holds a shorter one matches nothing more.
            if let Some(end) = end.filter(|end| *end < shortest_end) {
                shortest_end = end;
                found.push(Shape::Infix(name.text[name.cuts[start]..name.cuts[end]].into()));
            }
        }
    }

    /// Whether no other name begins and ends so.
    fn allows(&mut self, prefix: &str, suffix: &str) -> bool {
        let key = (prefix.to_owned(), suffix.to_owned());
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let from = self.others.partition_point(|other| other.lower.as_str() < prefix);
        let clash = self.others[from..]
            .iter()
            .take_while(|other| other.lower.starts_with(prefix))
            .any(|other| other.lower.len() >= prefix.len() + suffix.len() && other.lower.ends_with(suffix));
        self.known.insert(key, !clash);
        !clash
    }
}
