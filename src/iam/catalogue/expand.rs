//! Wildcard patterns to the exact set of actions they stand for.

use std::ops::Range;

use memchr::memmem;

use super::format::END;
use super::tables::column;
use super::{ActionId, Catalogue};
use crate::iam::actions::ActionSet;

impl Catalogue {
    /// The actions that a pattern such as `s3:Get*` or `*` stands for.
    pub fn expand(&self, pattern: &str) -> ActionSet {
        let mut set = ActionSet::empty();
        self.expand_into(pattern, &mut set);
        set
    }

    /// Adds the actions that a pattern stands for.
    pub fn expand_into(&self, pattern: &str, set: &mut ActionSet) {
        self.runs(pattern, |run| set.insert_range(ActionId::at(run.start), ActionId::at(run.end)));
    }

    /// The actions that a pattern stands for, as a list in the catalogue's order.
    pub fn list(&self, pattern: &str) -> Vec<ActionId> {
        let mut list = Vec::new();
        self.runs(pattern, |run| list.extend(run.map(ActionId::at)));
        list
    }

    /// Whether some action matches a pattern.
    pub fn matches_any(&self, pattern: &str) -> bool {
        let mut any = false;
        self.runs(pattern, |run| any |= !run.is_empty());
        any
    }

    /// Calls `found` for each run of places that a pattern matches, in order.
    fn runs(&self, pattern: &str, mut found: impl FnMut(Range<usize>)) {
        let pattern = pattern.to_ascii_lowercase();
        let Some((service, name)) = pattern.split_once(':') else {
            return self.runs_across(pattern.as_bytes(), found);
        };
        let name = Name::of(name.as_bytes());
        if is_literal(service.as_bytes()) {
            if let Some(service) = self.service(service) {
                self.runs_within(self.span(service), &name, &mut found);
            }
            return;
        }
        for (place, row) in self.tables.services.iter().enumerate() {
            if matches(service.as_bytes(), self.tables.bytes(column(row, 0))) {
                self.runs_within(self.span(place), &name, &mut found);
            }
        }
    }

    /// A pattern without a colon has to stretch over the one in every action's name.
    fn runs_across(&self, pattern: &[u8], mut found: impl FnMut(Range<usize>)) {
        if is_literal(pattern) {
            return;
        }
        if pattern.iter().all(|byte| *byte == b'*') {
            return found(0..self.len());
        }
        for action in self.actions() {
            if matches(pattern, self.full_name(action).as_bytes()) {
                let place = usize::from(action.0);
                found(place..place + 1);
            }
        }
    }

    fn runs_within(&self, places: Range<usize>, name: &Name<'_>, found: &mut impl FnMut(Range<usize>)) {
        let from = self.first_from(places.clone(), name.prefix);
        let places = from..self.last_with(from..places.end, name.prefix);
        if name.rest == b"*" {
            return found(places);
        }
        let mut tried = |place: usize| {
            if matches(name.rest, &self.tables.lower(place)[name.prefix.len()..]) {
                found(place..place + 1);
            }
        };
        let needle = name.needle();
        if needle.is_empty() {
            return places.for_each(tried);
        }
        let first = self.tables.starts_at(places.start);
        let mut next = places.start;
        for hit in memmem::find_iter(self.tables.searched(places.clone()), &needle) {
            let ahead = (next..places.end).take_while(|place| self.tables.starts_at(*place) <= first + hit);
            let place = next + ahead.count();
            // The name that the hit lies in, unless an earlier hit lay there too.
            if place > next {
                next = place;
                tried(place - 1);
            }
        }
    }

    /// The first place, or the end, whose name isn't below `text` in lower case.
    pub(super) fn first_from(&self, places: Range<usize>, text: &[u8]) -> usize {
        let (mut from, mut to) = (places.start, places.end);
        while from < to {
            let middle = usize::midpoint(from, to);
            if self.tables.lower(middle) < text {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        from
    }

    /// The end of the run of names that begin with a prefix. Most runs are short, so the search starts near.
    fn last_with(&self, places: Range<usize>, prefix: &[u8]) -> usize {
        let (mut inside, mut step) = (places.start, 1);
        while inside + step <= places.end && self.tables.lower(inside + step - 1).starts_with(prefix) {
            inside += step;
            step *= 2;
        }
        let (mut from, mut to) = (inside, places.end.min(inside + step - 1));
        while from < to {
            let middle = usize::midpoint(from, to);
            if self.tables.lower(middle).starts_with(prefix) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        from
    }
}

/// A pattern of names, in lower case, cut before its first wildcard.
struct Name<'p> {
    prefix: &'p [u8],
    rest: &'p [u8],
}

impl<'p> Name<'p> {
    fn of(pattern: &'p [u8]) -> Self {
        let wild = pattern.iter().position(|byte| is_wild(*byte)).unwrap_or(pattern.len());
        let (prefix, rest) = pattern.split_at(wild);
        Self { prefix, rest }
    }

    /// Text that every name holds which the pattern matches: what it ends in, else its longest literal part.
    fn needle(&self) -> Vec<u8> {
        let mut parts = self.rest.split(|byte| is_wild(*byte)).rev();
        match parts.next() {
            Some(end) if !end.is_empty() || self.rest.is_empty() => [end, &[END]].concat(),
            _ => parts.max_by_key(|part| part.len()).unwrap_or_default().to_vec(),
        }
    }
}

fn is_wild(byte: u8) -> bool {
    matches!(byte, b'*' | b'?')
}

fn is_literal(pattern: &[u8]) -> bool {
    !pattern.iter().any(|byte| is_wild(*byte))
}

/// Whether a pattern in lower case matches the whole of an ASCII text in any case.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let Some(first) = pattern.iter().position(|byte| *byte == b'*') else { return fits(pattern, text) };
    let last = pattern.iter().rposition(|byte| *byte == b'*').unwrap_or(first);
    let (start, end) = (&pattern[..first], &pattern[last + 1..]);
    let Some(free) = text.len().checked_sub(start.len() + end.len()) else { return false };
    let (head, rest) = text.split_at(start.len());
    let (mut rest, tail) = rest.split_at(free);
    if !fits(start, head) || !fits(end, tail) {
        return false;
    }
    // Between the outer stars each part is taken where it is found first.
    for part in pattern[first..=last].split(|byte| *byte == b'*').filter(|part| !part.is_empty()) {
        let Some(at) = rest.windows(part.len()).position(|window| fits(part, window)) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

/// Whether a pattern without `*` matches the whole of a text.
fn fits(part: &[u8], text: &[u8]) -> bool {
    part.len() == text.len()
        && part.iter().zip(text).all(|(own, theirs)| *own == b'?' || *own == theirs.to_ascii_lowercase())
}
